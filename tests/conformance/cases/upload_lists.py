"""ListMultipartUploads."""

from harness import MIB, case
from harness.checks import INVALID, NOT_FOUND


def begin(t, vault, size=MIB, **more):
    return t.glacier.initiate_multipart_upload(vaultName=vault, partSize=str(size), **more)["uploadId"]


def listed(t, vault, **more):
    return t.glacier.list_multipart_uploads(vaultName=vault, **more)


@case("ListMultipartUploads")
def none(t):
    "a vault without uploads has an empty list"
    got = listed(t, t.vault())
    t.equal((got["ResponseMetadata"]["HTTPStatusCode"], got["UploadsList"], got.get("Marker")), (200, [], None), "status, uploads, marker")


@case("ListMultipartUploads")
def items(t):
    "an item has id, ARN, description, part size and creation date"
    vault = t.vault()
    upload = begin(t, vault, 8 * MIB, archiveDescription="described")
    (item,) = listed(t, vault)["UploadsList"]
    t.equal((item["MultipartUploadId"], item["VaultARN"]), (upload, t.arn(vault)), "id and ARN")
    t.equal((item["ArchiveDescription"], item["PartSizeInBytes"]), ("described", 8 * MIB), "description and part size")
    t.equal(item["CreationDate"], t.glacier.list_parts(vaultName=vault, uploadId=upload)["CreationDate"], "creation date")


@case("ListMultipartUploads")
def without_description(t):
    "an upload without a description has none"
    vault = t.vault()
    begin(t, vault)
    (item,) = listed(t, vault)["UploadsList"]
    t.among(item.get("ArchiveDescription"), (None, ""), "description")


@case("ListMultipartUploads")
def of_this_vault(t):
    "the uploads of another vault are not listed"
    here, there = t.vault(), t.vault()
    mine = begin(t, here)
    begin(t, there)
    t.equal([u["MultipartUploadId"] for u in listed(t, here)["UploadsList"]], [mine], "uploads")


@case("ListMultipartUploads")
def pages(t):
    "limit and marker page through the uploads; boto3's paginator too; a page has 50 without a limit"
    vault = t.vault()
    made = [begin(t, vault) for _ in range(53)]
    found, token, sizes = [], {}, []
    while True:
        page = listed(t, vault, limit="20", **token)
        found += [u["MultipartUploadId"] for u in page["UploadsList"]]
        sizes.append(len(page["UploadsList"]))
        if not page.get("Marker"):
            break
        token = {"marker": page["Marker"]}
    t.equal(sizes, [20, 20, 13], "sizes of the pages")
    t.equal(sorted(found), sorted(made), "uploads")
    first = listed(t, vault)
    t.equal((len(first["UploadsList"]), bool(first.get("Marker"))), (50, True), "uploads and marker without a limit")
    result = t.glacier.get_paginator("list_multipart_uploads").paginate(vaultName=vault, PaginationConfig={"PageSize": 25}).build_full_result()
    t.equal(sorted(u["MultipartUploadId"] for u in result["UploadsList"]), sorted(made), "uploads of the paginator")
    for upload in made[5:]:
        t.glacier.abort_multipart_upload(vaultName=vault, uploadId=upload)


@case("ListMultipartUploads", "AbortMultipartUpload")
def marker_of_a_gone_upload(t):
    "a listing continues when the upload at its marker is gone"
    vault = t.vault()
    made = [begin(t, vault) for _ in range(6)]
    page = listed(t, vault, limit="2")
    seen = [u["MultipartUploadId"] for u in page["UploadsList"]]
    t.glacier.abort_multipart_upload(vaultName=vault, uploadId=seen[-1])
    rest = listed(t, vault, marker=page["Marker"])["UploadsList"]
    t.equal(sorted(u["MultipartUploadId"] for u in rest), sorted(set(made) - set(seen)), "the rest")


@case("ListMultipartUploads")
def order(t):
    "uploads come in the order in which they were initiated"
    vault = t.vault()
    made = [begin(t, vault) for _ in range(5)]
    t.equal([u["MultipartUploadId"] for u in listed(t, vault)["UploadsList"]], made, "uploads")


@case("ListMultipartUploads")
def bad_limits(t):
    "a limit is a number from 1 to 50, a marker one that was issued"
    vault = t.vault()
    for limit in ("0", "51", "-1", "abc"):
        with t.each(f"limit {limit}"):
            t.fails(INVALID, listed, t=t, vault=vault, limit=limit)
    with t.each("marker"):
        t.fails(INVALID, listed, t=t, vault=vault, marker="nosuch")


@case("ListMultipartUploads")
def unknown_vault(t):
    "the list needs a vault"
    t.fails(NOT_FOUND, listed, t=t, vault=t.name())
