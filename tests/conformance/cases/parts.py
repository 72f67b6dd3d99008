"""UploadMultipartPart and ListParts."""

import hashlib

from harness import MIB, case, sample, tree_hash
from harness.checks import INVALID, MISSING, NOT_FOUND, SIGNATURE


def begun(t, size=MIB, description=""):
    vault = t.vault()
    made = t.glacier.initiate_multipart_upload(vaultName=vault, partSize=str(size), archiveDescription=description)
    return vault, made["uploadId"]


def put(t, vault, upload, body, span, **headers):
    hashes = {"x-amz-content-sha256": hashlib.sha256(body).hexdigest(), "x-amz-sha256-tree-hash": tree_hash(body), "content-range": span}
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return t.raw().call("PUT", f"/-/vaults/{vault}/multipart-uploads/{upload}", headers=hashes | given, body=body)


def listed(t, vault, upload):
    return [(p["RangeInBytes"], p["SHA256TreeHash"]) for p in t.glacier.list_parts(vaultName=vault, uploadId=upload)["Parts"]]


@case("UploadMultipartPart", "ListParts")
def upload_part(t):
    "status 204 and the part's tree hash"
    vault, upload = begun(t, 2 * MIB)
    body = sample(2 * MIB)
    made = t.part(vault, upload, 0, body)
    t.equal((made["ResponseMetadata"]["HTTPStatusCode"], made["checksum"]), (204, tree_hash(body)), "status and checksum")
    t.equal(listed(t, vault, upload), [(f"0-{2 * MIB - 1}", tree_hash(body))], "parts")


@case("ListParts")
def description_of_the_upload(t):
    "the list says what was initiated, also before the first part"
    vault, upload = begun(t, 4 * MIB, "described")
    got = t.glacier.list_parts(vaultName=vault, uploadId=upload)
    t.equal(got["ResponseMetadata"]["HTTPStatusCode"], 200, "status")
    t.equal((got["MultipartUploadId"], got["VaultARN"]), (upload, t.arn(vault)), "id and ARN")
    t.equal((got["ArchiveDescription"], got["PartSizeInBytes"]), ("described", 4 * MIB), "description and part size")
    t.true(got["CreationDate"].endswith("Z"), f"creation date: {got['CreationDate']}")
    t.equal((got["Parts"], got.get("Marker")), ([], None), "parts and marker")


@case("UploadMultipartPart", "ListParts")
def sorted_by_range(t):
    "parts are listed in the order of their ranges"
    vault, upload = begun(t)
    body = sample(12 * MIB + 5)
    starts = [11, 2, 12, 0, 9, 10, 1]
    for n in starts:
        t.part(vault, upload, n * MIB, body[n * MIB : (n + 1) * MIB])
    got = [int(span.split("-")[0]) // MIB for span, _ in listed(t, vault, upload)]
    t.equal(got, sorted(starts), "starts in MiB")


@case("UploadMultipartPart", "ListParts")
def last_wins(t):
    "a part that is sent again replaces the first"
    vault, upload = begun(t)
    first, second = sample(MIB, 1), sample(MIB, 2)
    for body in (first, second):
        t.part(vault, upload, 0, body)
    t.equal(listed(t, vault, upload), [(f"0-{MIB - 1}", tree_hash(second))], "parts")
    got = t.output(vault, t.retrieved(vault, t.complete(vault, upload, second)["archiveId"]))
    t.true(got["body"].read() == second, "the bytes differ")


@case("UploadMultipartPart")
def illegal_ranges(t):
    "a part begins at a multiple of the part size, is not longer, and is what its range says"
    vault, upload = begun(t)
    body = sample(MIB)
    for span, piece in (
        (f"bytes 1-{MIB}/*", body),
        (f"bytes 1000-{MIB + 999}/*", body),
        (f"bytes 0-{MIB}/*", sample(MIB + 1)),
        (f"bytes 0-{2 * MIB - 1}/*", sample(2 * MIB)),
        (f"bytes 0-{MIB - 2}/*", body),
        (f"bytes 0-{MIB}/*", body),
        (f"bytes {MIB - 1}-0/*", body),
    ):
        with t.each(f"{span} with {len(piece)} bytes"):
            t.refused(INVALID, put(t, vault, upload, piece, span))
    t.equal(listed(t, vault, upload), [], "parts")


@case("UploadMultipartPart")
def content_range_syntax(t):
    "Content-Range is exactly bytes A-B/*"
    vault, upload = begun(t)
    body = sample(MIB)
    for span in (f"0-{MIB - 1}/*", f"bytes=0-{MIB - 1}/*", f"bytes 0-{MIB - 1}", f"bytes 0-{MIB - 1}/{MIB}", f"octets 0-{MIB - 1}/*", "bytes */*"):
        with t.each(span):
            t.refused(INVALID, put(t, vault, upload, body, span))
    with t.each("none"):
        t.refused(MISSING, put(t, vault, upload, body, None))


@case("UploadMultipartPart")
def beyond_ten_thousand(t):
    "an upload has at most 10,000 parts"
    vault, upload = begun(t)
    t.equal(put(t, vault, upload, b"x", f"bytes {9999 * MIB}-{9999 * MIB}/*").status, 204, "status of the 10,000th")
    t.refused(INVALID, put(t, vault, upload, b"x", f"bytes {10000 * MIB}-{10000 * MIB}/*"))


@case("UploadMultipartPart")
def hashes(t):
    "both hashes are required and compared; a part that is refused is not there"
    vault, upload = begun(t)
    body, span = b"abc", "bytes 0-2/*"
    other = tree_hash(b"abd")
    with t.each("wrong tree hash"):
        t.refused(INVALID, put(t, vault, upload, body, span, x_amz_sha256_tree_hash=other))
    with t.each("wrong content hash"):
        t.refused((INVALID, SIGNATURE), put(t, vault, upload, body, span, x_amz_content_sha256=other))
    with t.each("no tree hash"):
        t.refused(MISSING, put(t, vault, upload, body, span, x_amz_sha256_tree_hash=None))
    with t.each("no content hash"):
        t.refused(MISSING, put(t, vault, upload, body, span, x_amz_content_sha256=None))
    t.equal(listed(t, vault, upload), [], "parts")


@case("UploadMultipartPart")
def empty(t):
    "a part has at least one byte"
    vault, upload = begun(t)
    t.refused(INVALID, put(t, vault, upload, b"", "bytes 0-0/*"))


@case("ListParts", "UploadMultipartPart")
def pages(t):
    "limit and marker page through the parts, without a gap or a repetition; boto3's paginator too"
    vault, upload = begun(t)
    starts = [n * MIB for n in range(7)]
    for at in starts:
        t.part(vault, upload, at, b"x" if at == starts[-1] else sample(MIB))
    first = t.glacier.list_parts(vaultName=vault, uploadId=upload, limit="3")
    t.equal(len(first["Parts"]), 3, "parts on the first page")
    t.true(first.get("Marker"), "no marker")
    second = t.glacier.list_parts(vaultName=vault, uploadId=upload, limit="50", marker=first["Marker"])
    got = [int(p["RangeInBytes"].split("-")[0]) for p in first["Parts"] + second["Parts"]]
    t.equal((got, second.get("Marker")), (starts, None), "starts and last marker")
    pages = list(t.glacier.get_paginator("list_parts").paginate(vaultName=vault, uploadId=upload, PaginationConfig={"PageSize": 2}))
    t.equal([len(page["Parts"]) for page in pages], [2, 2, 2, 1], "sizes of the pages")
    t.equal([int(p["RangeInBytes"].split("-")[0]) for page in pages for p in page["Parts"]], starts, "starts")
    t.equal({page["MultipartUploadId"] for page in pages}, {upload}, "upload id of each page")


@case("ListParts")
def bad_limits(t):
    "a limit is a number from 1 to 50, a marker one that was issued"
    vault, upload = begun(t)
    for limit in ("0", "51", "-1", "abc"):
        with t.each(f"limit {limit}"):
            t.fails(INVALID, t.glacier.list_parts, vaultName=vault, uploadId=upload, limit=limit)
    with t.each("marker"):
        t.fails(INVALID, t.glacier.list_parts, vaultName=vault, uploadId=upload, marker="nosuch")


@case("UploadMultipartPart", "ListParts")
def unknown(t):
    "an unknown vault or upload, or an upload of another vault: ResourceNotFoundException"
    (vault, upload), other, name = begun(t), t.vault(), t.name()
    for label, v, u in (("upload", vault, "nosuch"), ("vault", name, upload), ("another vault", other, upload)):
        with t.each(f"part: {label}"):
            t.fails(NOT_FOUND, t.part, vault=v, upload=u, at=0, piece=b"x")
        with t.each(f"list: {label}"):
            t.fails(NOT_FOUND, t.glacier.list_parts, vaultName=v, uploadId=u)
