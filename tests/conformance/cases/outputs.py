"""GetJobOutput of an archive retrieval: headers, ranges of the output."""

from harness import MIB, case, sample, tree_hash
from harness.checks import INVALID

SIZE = 2 * MIB + 1000


def prepared(t, size=SIZE):
    vault = t.vault()
    return vault, t.retrieved(vault, t.upload(vault, size, description="out")), sample(size)


@case("GetJobOutput")
def whole(t):
    "status 200, octets, the tree hash, the description, and that ranges are accepted"
    vault, job, body = prepared(t)
    got = t.output(vault, job)
    t.equal((got["status"], got.get("contentType")), (200, "application/octet-stream"), "status and content type")
    t.true(got["body"].read() == body, "the bytes differ")
    t.equal((got.get("checksum"), got.get("archiveDescription")), (tree_hash(body), "out"), "checksum and description")
    t.among(got.get("acceptRanges"), ("bytes", None), "Accept-Ranges")
    t.equal(got["ResponseMetadata"]["HTTPHeaders"].get("content-length"), str(len(body)), "Content-Length")


@case("GetJobOutput")
def ranges(t):
    "status 206 and Content-Range with the bytes asked for"
    vault, job, body = prepared(t)
    for first, last in ((1, 1), (100, 299), (MIB - 1, MIB), (SIZE - 10, SIZE - 1), (1, SIZE - 1)):
        with t.each(f"{first}-{last}"):
            got = t.output(vault, job, range=f"bytes={first}-{last}")
            t.true(got["body"].read() == body[first : last + 1], "the bytes differ")
            t.equal((got["status"], got.get("contentRange")), (206, f"bytes {first}-{last}/{SIZE}"), "status and range")
            t.equal(got.get("checksum"), None, "checksum of a range that is not aligned")


@case("GetJobOutput")
def range_from_zero(t):
    "a range that begins at 0 has its bytes, with 206 or 200"
    vault, job, body = prepared(t)
    for last in (0, 99, SIZE - 1):
        with t.each(f"0-{last}"):
            got = t.output(vault, job, range=f"bytes=0-{last}")
            t.true(got["body"].read() == body[: last + 1], "the bytes differ")
            t.among(got["status"], (200, 206), "status")
            t.among(got.get("contentRange"), (f"bytes 0-{last}/{SIZE}", None), "range")


@case("GetJobOutput")
def range_past_the_end(t):
    "a range that begins past the end is refused with status 400"
    vault, job, _ = prepared(t)
    for first in (SIZE, SIZE + 5, 10**12):
        with t.each(str(first)):
            t.fails(INVALID, t.output, vault=vault, job=job, range=f"bytes={first}-{first + 9}")


@case("GetJobOutput")
def ignored_ranges(t):
    "a malformed range is ignored: the whole output, with status 200"
    vault, job, body = prepared(t, 1000)
    for text in (f"bytes 0-9/{len(body)}", "bytes 0-9/*", "octets=0-9", "0-9", "bytes=a-b", "bytes"):
        with t.each(text):
            got = t.output(vault, job, range=text)
            t.equal(got["status"], 200, "status")
            t.true(got["body"].read() == body, "the bytes differ")
            t.equal(got.get("checksum"), tree_hash(body), "checksum")


@case("GetJobOutput")
def open_ranges(t):
    "an open range or a suffix is honoured or ignored, but never wrong"
    vault, job, body = prepared(t, 1000)
    for text, part in (("bytes=900-", body[900:]), ("bytes=-50", body[-50:]), ("bytes=900-5000", body[900:])):
        with t.each(text):
            got = t.output(vault, job, range=text)
            t.among(got["status"], (200, 206), "status")
            t.true(got["body"].read() == (part if got["status"] == 206 else body), "the bytes differ")


@case("GetJobOutput", "InitiateJob")
def relative_to_the_output(t):
    "a range is of the job's output, not of the archive"
    vault, size = t.vault(), 3 * MIB
    job = t.retrieved(vault, t.upload(vault, size), RetrievalByteRange=f"{MIB}-{3 * MIB - 1}")
    got = t.output(vault, job, range="bytes=10-19")
    t.equal((got["status"], got.get("contentRange")), (206, f"bytes 10-19/{2 * MIB}"), "status and range")
    t.equal(got["body"].read(), sample(size)[MIB + 10 : MIB + 20], "bytes")


@case("GetJobOutput")
def again_and_in_pieces(t):
    "an output can be read many times, and its pieces make the whole"
    vault, job, body = prepared(t)
    t.true(t.output(vault, job)["body"].read() == body, "the bytes differ")
    step, pieces = 700_000, []
    for at in range(0, SIZE, step):
        pieces.append(t.output(vault, job, range=f"bytes={at}-{min(at + step, SIZE) - 1}")["body"].read())
    t.true(b"".join(pieces) == body, "the pieces differ")


@case("GetJobOutput")
def without_description(t):
    "an archive without a description has an output without one"
    vault = t.vault()
    archive = t.glacier.upload_archive(vaultName=vault, body=b"abc")["archiveId"]
    got = t.output(vault, t.retrieved(vault, archive))
    got["body"].read()
    t.among(got.get("archiveDescription"), (None, ""), "description")
