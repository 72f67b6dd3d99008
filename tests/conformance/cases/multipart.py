"""InitiateMultipartUpload, CompleteMultipartUpload, AbortMultipartUpload."""

from harness import MIB, case, sample, tree_hash
from harness.checks import INVALID, MISSING, NOT_FOUND
from harness.clock import HOUR


@case("InitiateMultipartUpload")
def initiate(t):
    "status 201; an id and its path"
    vault = t.vault()
    made = t.glacier.initiate_multipart_upload(vaultName=vault, partSize=str(MIB), archiveDescription="parts")
    t.equal(made["ResponseMetadata"]["HTTPStatusCode"], 201, "status")
    t.true(made.get("uploadId"), "no upload id")
    t.equal(made.get("location"), f"/{t.account()}/vaults/{vault}/multipart-uploads/{made['uploadId']}", "location")
    again = t.glacier.initiate_multipart_upload(vaultName=vault, partSize=str(MIB))
    t.true(again["uploadId"] != made["uploadId"], "each upload has an id of its own")


@case("InitiateMultipartUpload")
def part_sizes(t):
    "a part size is 1 MiB times a power of two, up to 4 GiB"
    vault = t.vault()
    for exponent in range(13):
        with t.each(f"{1 << exponent} MiB"):
            upload = t.glacier.initiate_multipart_upload(vaultName=vault, partSize=str(MIB << exponent))["uploadId"]
            t.equal(t.glacier.list_parts(vaultName=vault, uploadId=upload)["PartSizeInBytes"], MIB << exponent, "part size")


@case("InitiateMultipartUpload")
def illegal_part_sizes(t):
    "another part size is refused, and none is missing"
    vault = t.vault()
    for size in ("0", "1", "-1048576", str(MIB - 1), str(MIB + 1), str(3 * MIB), str(MIB << 13), "1MiB", "1048576.0", "9" * 30):
        with t.each(size):
            t.fails(INVALID, t.glacier.initiate_multipart_upload, vaultName=vault, partSize=size)
    with t.each("none"):
        t.fails(MISSING, t.glacier.initiate_multipart_upload, vaultName=vault)


@case("InitiateMultipartUpload")
def illegal_descriptions(t):
    "a description has up to 1,024 printable ASCII characters"
    vault = t.vault()
    t.true(t.glacier.initiate_multipart_upload(vaultName=vault, partSize=str(MIB), archiveDescription="d" * 1024)["uploadId"], "no id")
    for text in ("d" * 1025, "a\tb", "caf\u00e9"):
        with t.each(repr(text[:5])):
            headers = {"x-amz-part-size": str(MIB), "x-amz-archive-description": text}
            t.refused(INVALID, t.raw().call("POST", f"/-/vaults/{vault}/multipart-uploads", headers=headers))


@case("CompleteMultipartUpload", "GetJobOutput")
def complete(t):
    "status 201, with archive id, path and tree hash; the archive is what the parts were, whatever their order"
    vault, body = t.vault(), sample(3 * MIB + 17)
    upload = t.glacier.initiate_multipart_upload(vaultName=vault, partSize=str(MIB), archiveDescription="in parts")["uploadId"]
    for at in (3 * MIB, MIB, 0, 2 * MIB):
        t.part(vault, upload, at, body[at : at + MIB])
    done = t.complete(vault, upload, body)
    t.equal(done["ResponseMetadata"]["HTTPStatusCode"], 201, "status")
    t.equal(len(done["archiveId"]), 138, "length of the id")
    t.equal(done.get("location"), f"/{t.account()}/vaults/{vault}/archives/{done['archiveId']}", "location")
    t.among(done.get("checksum"), (None, tree_hash(body)), "checksum")
    got = t.output(vault, t.retrieved(vault, done["archiveId"]))
    t.true(got["body"].read() == body, "the bytes differ")
    t.equal((got.get("checksum"), got.get("archiveDescription")), (tree_hash(body), "in parts"), "checksum and description")


@case("CompleteMultipartUpload")
def complete_again(t):
    "repeating it gives the same archive"
    vault, body = t.vault(), sample(MIB + 1)
    upload = t.upload_in_parts(vault, body, MIB)
    first = t.complete(vault, upload, body)
    t.equal(t.complete(vault, upload, body)["archiveId"], first["archiveId"], "archive id")


@case("CompleteMultipartUpload", "ListParts", "ListMultipartUploads", "UploadMultipartPart")
def completed_is_gone(t):
    "a completed upload is not listed, has no parts, takes none, and cannot be aborted"
    vault, body = t.vault(), sample(MIB + 1)
    upload = t.upload_in_parts(vault, body, MIB)
    t.complete(vault, upload, body)
    t.equal(t.glacier.list_multipart_uploads(vaultName=vault)["UploadsList"], [], "uploads")
    with t.each("ListParts"):
        t.fails(NOT_FOUND, t.glacier.list_parts, vaultName=vault, uploadId=upload)
    with t.each("UploadMultipartPart"):
        t.fails(NOT_FOUND, t.part, vault=vault, upload=upload, at=0, piece=body[:MIB])
    with t.each("AbortMultipartUpload"):
        t.fails((NOT_FOUND, INVALID), t.glacier.abort_multipart_upload, vaultName=vault, uploadId=upload)


@case("CompleteMultipartUpload")
def wrong_size_or_hash(t):
    "a wrong size or tree hash is refused; the upload stays open and completes with the right ones"
    vault, body = t.vault(), sample(2 * MIB + 9)
    upload = t.upload_in_parts(vault, body, MIB)
    right = dict(vaultName=vault, uploadId=upload, archiveSize=str(len(body)), checksum=tree_hash(body))
    for wrong in (
        {"archiveSize": str(len(body) - 1)},
        {"archiveSize": str(len(body) + 1)},
        {"archiveSize": "0"},
        {"archiveSize": "many"},
        {"archiveSize": "-1"},
        {"checksum": tree_hash(body[:-1])},
        {"checksum": "0" * 63},
        {"checksum": "g" * 64},
    ):
        with t.each(str(wrong)[:40]):
            t.fails(INVALID, t.glacier.complete_multipart_upload, **(right | wrong))
    for absent in ("archiveSize", "checksum"):
        with t.each(f"no {absent}"):
            t.fails(MISSING, t.glacier.complete_multipart_upload, **{k: v for k, v in right.items() if k != absent})
    t.equal(len(t.glacier.complete_multipart_upload(**right)["archiveId"]), 138, "length of the id")


@case("CompleteMultipartUpload")
def gap(t):
    "a missing part is refused, whatever size is claimed; once it is sent, the upload completes"
    vault, body = t.vault(), sample(3 * MIB)
    upload = t.glacier.initiate_multipart_upload(vaultName=vault, partSize=str(MIB))["uploadId"]
    for at in (0, 2 * MIB):
        t.part(vault, upload, at, body[at : at + MIB])
    t.fails(INVALID, t.complete, vault=vault, upload=upload, body=body)
    t.fails(INVALID, t.complete, vault=vault, upload=upload, body=body[:MIB] + body[2 * MIB :])
    t.part(vault, upload, MIB, body[MIB : 2 * MIB])
    t.equal(len(t.complete(vault, upload, body)["archiveId"]), 138, "length of the id")


@case("CompleteMultipartUpload", "UploadMultipartPart")
def short_middle_part(t):
    "a part that is short and not the last is accepted, but the upload does not complete until it is replaced"
    vault, body = t.vault(), sample(2 * MIB)
    upload = t.glacier.initiate_multipart_upload(vaultName=vault, partSize=str(MIB))["uploadId"]
    t.part(vault, upload, 0, body[:1000])
    t.part(vault, upload, MIB, body[MIB:])
    t.fails(INVALID, t.complete, vault=vault, upload=upload, body=body)
    t.fails(INVALID, t.complete, vault=vault, upload=upload, body=body[:1000] + body[MIB:])
    t.part(vault, upload, 0, body[:MIB])
    t.equal(len(t.complete(vault, upload, body)["archiveId"]), 138, "length of the id")


@case("CompleteMultipartUpload")
def no_parts(t):
    "an upload without parts does not complete"
    vault = t.vault()
    upload = t.glacier.initiate_multipart_upload(vaultName=vault, partSize=str(MIB))["uploadId"]
    t.fails(INVALID, t.complete, vault=vault, upload=upload, body=b"")
    t.fails(INVALID, t.complete, vault=vault, upload=upload, body=b"x")


@case("AbortMultipartUpload", "ListMultipartUploads")
def abort(t):
    "status 204; the upload is gone, and does not complete"
    vault, body = t.vault(), sample(MIB)
    upload = t.upload_in_parts(vault, body, MIB)
    gone = t.glacier.abort_multipart_upload(vaultName=vault, uploadId=upload)
    t.equal(gone["ResponseMetadata"]["HTTPStatusCode"], 204, "status")
    t.equal(t.glacier.list_multipart_uploads(vaultName=vault)["UploadsList"], [], "uploads")
    t.fails(NOT_FOUND, t.glacier.list_parts, vaultName=vault, uploadId=upload)
    t.fails(NOT_FOUND, t.part, vault=vault, upload=upload, at=0, piece=body)
    t.fails(NOT_FOUND, t.complete, vault=vault, upload=upload, body=body)


@case("InitiateMultipartUpload", "AbortMultipartUpload", "CompleteMultipartUpload")
def unknown(t):
    "an unknown vault or upload: ResourceNotFoundException"
    vault, name = t.vault(), t.name()
    t.fails(NOT_FOUND, t.glacier.initiate_multipart_upload, vaultName=name, partSize=str(MIB))
    for label, v in (("upload", vault), ("vault", name)):
        with t.each(f"abort: unknown {label}"):
            t.fails(NOT_FOUND, t.glacier.abort_multipart_upload, vaultName=v, uploadId="nosuch")
        with t.each(f"complete: unknown {label}"):
            t.fails(NOT_FOUND, t.complete, vault=v, upload="nosuch", body=b"x")


@case("CompleteMultipartUpload", "ListParts", mode="scaled", days=3)
def idle(t):
    "scaled: an upload without activity for 24 hours is dropped; each part begins them anew"
    vault, body = t.vault(), sample(2 * MIB)
    idle, busy = (t.glacier.initiate_multipart_upload(vaultName=vault, partSize=str(MIB))["uploadId"] for _ in range(2))
    t.part(vault, idle, 0, body[:MIB])
    t.clock.sleep(14 * HOUR)
    t.part(vault, busy, 0, body[:MIB])
    t.clock.sleep(14 * HOUR)
    t.equal(len(t.glacier.list_parts(vaultName=vault, uploadId=busy)["Parts"]), 1, "parts of the upload that had activity")
    t.fails(NOT_FOUND, t.glacier.list_parts, vaultName=vault, uploadId=idle)
    t.fails(NOT_FOUND, t.part, vault=vault, upload=idle, at=MIB, piece=body[MIB:])
    listed = [u["MultipartUploadId"] for u in t.glacier.list_multipart_uploads(vaultName=vault)["UploadsList"]]
    t.equal(listed, [busy], "uploads")
