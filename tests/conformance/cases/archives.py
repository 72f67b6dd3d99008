"""UploadArchive, DeleteArchive."""

import hashlib

from harness import MIB, case, sample, tree_hash
from harness.checks import INVALID, MISSING, NOT_FOUND, SIGNATURE


def upload(t, vault, body=b"abc", **headers):
    """A signed upload with these headers beside, or in place of, the two hashes; None leaves one out."""
    hashes = {"x-amz-content-sha256": hashlib.sha256(body).hexdigest(), "x-amz-sha256-tree-hash": tree_hash(body)}
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return t.raw().call("POST", f"/-/vaults/{vault}/archives", headers=hashes | given, body=body)


@case("UploadArchive")
def upload_one(t):
    "status 201; an id of 138 characters, its path, and the tree hash"
    vault = t.vault()
    made = t.glacier.upload_archive(vaultName=vault, archiveDescription="a description", body=b"abc")
    t.equal(made["ResponseMetadata"]["HTTPStatusCode"], 201, "status")
    t.equal(len(made["archiveId"]), 138, "length of the id")
    t.true(all(c.isalnum() and c.isascii() or c in "-_" for c in made["archiveId"]), f"characters of the id: {made['archiveId']}")
    t.equal(made.get("location"), f"/{t.account()}/vaults/{vault}/archives/{made['archiveId']}", "location")
    t.equal(made["checksum"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "tree hash of abc")


@case("UploadArchive")
def tree_hashes(t):
    "the tree hash is the root over chunks of 1 MiB"
    vault = t.vault()
    for size in (1, MIB - 1, MIB, MIB + 1, 2 * MIB, 3 * MIB + 5, 5 * MIB):
        with t.each(f"{size} bytes"):
            body = sample(size)
            t.equal(t.glacier.upload_archive(vaultName=vault, body=body)["checksum"], tree_hash(body), "checksum")


@case("UploadArchive", "InitiateJob")
def equal_archives(t):
    "the same bytes uploaded twice are two archives"
    vault = t.vault()
    one, two = t.upload(vault), t.upload(vault)
    t.true(one != two, "the ids are equal")
    t.glacier.delete_archive(vaultName=vault, archiveId=one)
    t.true(t.job(vault, Type="archive-retrieval", ArchiveId=two), "the second is gone with the first")


@case("UploadArchive")
def empty(t):
    "an archive has at least one byte"
    t.fails(INVALID, t.glacier.upload_archive, vaultName=t.vault(), body=b"")


@case("UploadArchive")
def wrong_tree_hash(t):
    "a tree hash that is not the body's is refused, and nothing is stored"
    vault = t.vault()
    t.fails(INVALID, t.glacier.upload_archive, vaultName=vault, body=b"abc", checksum=tree_hash(b"abd"))
    t.fails(INVALID, t.glacier.upload_archive, vaultName=vault, body=sample(MIB + 1), checksum=hashlib.sha256(sample(MIB + 1)).hexdigest())
    t.equal(t.glacier.delete_vault(vaultName=vault)["ResponseMetadata"]["HTTPStatusCode"], 204, "the vault is empty")


@case("UploadArchive")
def malformed_tree_hash(t):
    "a tree hash has 64 hexadecimal digits"
    vault = t.vault()
    for wrong in ("abc", "g" * 64, "0" * 63, "0" * 65):
        with t.each(wrong[:5]):
            t.refused(INVALID, upload(t, vault, x_amz_sha256_tree_hash=wrong))


@case("UploadArchive")
def wrong_content_hash(t):
    "a content hash that is signed but not the body's is refused"
    vault = t.vault()
    t.refused((INVALID, SIGNATURE), upload(t, vault, x_amz_content_sha256=hashlib.sha256(b"abd").hexdigest()))
    t.equal(t.glacier.delete_vault(vaultName=vault)["ResponseMetadata"]["HTTPStatusCode"], 204, "the vault is empty")


@case("UploadArchive")
def missing_hashes(t):
    "both hashes are required"
    vault = t.vault()
    with t.each("tree hash"):
        t.refused(MISSING, upload(t, vault, x_amz_sha256_tree_hash=None))
    with t.each("content hash"):
        t.refused(MISSING, upload(t, vault, x_amz_content_sha256=None))


@case("UploadArchive", "GetJobOutput")
def descriptions(t):
    "a description has up to 1,024 printable ASCII characters, and comes back with the archive"
    vault = t.vault()
    for text in ("x", "".join(map(chr, range(0x21, 0x7F))), "d" * 1024, "two words"):
        with t.each(text[:20]):
            job = t.retrieved(vault, t.upload(vault, description=text))
            got = t.output(vault, job)
            got["body"].read()
            t.equal(got.get("archiveDescription"), text, "description")


@case("UploadArchive")
def illegal_descriptions(t):
    "a longer description, or one with another character, is refused"
    vault = t.vault()
    for text in ("d" * 1025, "a\tb", "caf\u00e9"):
        with t.each(repr(text[:10])):
            t.refused(INVALID, upload(t, vault, x_amz_archive_description=text))
    # No header of HTTP has this one: a server may refuse it before the service sees it.
    t.equal(upload(t, vault, x_amz_archive_description="a\x7fb").status, 400, "status")


@case("UploadArchive")
def without_description(t):
    "a description may be absent"
    vault = t.vault()
    t.true(t.glacier.upload_archive(vaultName=vault, body=b"x")["archiveId"], "no id")
    t.equal(upload(t, vault).status, 201, "status")


@case("UploadArchive")
def unknown_vault(t):
    "an upload needs a vault"
    t.fails(NOT_FOUND, t.glacier.upload_archive, vaultName=t.name(), body=b"x")


@case("UploadArchive")
def chunked(t):
    "an upload says its length: chunked transfer is refused"
    vault, body = t.vault(), b"abc"
    raw = t.raw()
    headers = {"x-amz-content-sha256": hashlib.sha256(body).hexdigest(), "x-amz-sha256-tree-hash": tree_hash(body)}
    request = raw.request("POST", f"/-/vaults/{vault}/archives", headers, body)
    raw.signer().add_auth(request)
    reply = raw.send(request, b"3\r\nabc\r\n0\r\n\r\n", extra=[("Transfer-Encoding", "chunked")], length=False)
    t.true(400 <= reply.status < 500, f"status {reply.status}")


@case("DeleteArchive", "InitiateJob")
def delete(t):
    "status 204, and again 204; no job retrieves it any more"
    vault = t.vault()
    archive = t.upload(vault)
    for _ in range(2):
        gone = t.glacier.delete_archive(vaultName=vault, archiveId=archive)
        t.equal(gone["ResponseMetadata"]["HTTPStatusCode"], 204, "status")
    t.fails(NOT_FOUND, t.job, vault=vault, Type="archive-retrieval", ArchiveId=archive)


@case("DeleteArchive")
def delete_never_there(t):
    "an id that no vault of the region has is no error"
    gone = t.glacier.delete_archive(vaultName=t.vault(), archiveId="x" * 138)
    t.equal(gone["ResponseMetadata"]["HTTPStatusCode"], 204, "status")


@case("DeleteArchive")
def delete_of_another_vault(t):
    "an archive of another vault is refused and stays"
    here, there = t.vault(), t.vault()
    archive = t.upload(there)
    t.fails(INVALID, t.glacier.delete_archive, vaultName=here, archiveId=archive)
    t.true(t.job(there, Type="archive-retrieval", ArchiveId=archive), "it is gone")


@case("DeleteArchive")
def delete_unknown_vault(t):
    "DeleteArchive needs a vault"
    t.fails(NOT_FOUND, t.glacier.delete_archive, vaultName=t.name(), archiveId="x" * 138)
