"""The tree hash of ranges: granted exactly when the retrieved and the downloaded range are nodes of the tree."""

from harness import MIB, aligned, case, chunks, sample, tree_hash

SIZE = 6 * MIB + MIB // 2  # seven chunks, as in the guide's examples


def spans(size):
    """Every MiB-aligned range of so many bytes."""
    for first in range(0, size, MIB):
        for end in range(chunks(first + 1), chunks(size) + 1):
            yield first, min(end * MIB, size) - 1


def check(t, vault, job, part, granted, **arguments):
    got = t.output(vault, job, **arguments)
    body = got["body"].read()
    t.true(body == part, "the bytes differ")
    t.equal(got.get("checksum"), tree_hash(part) if granted else None, "checksum")


@case("GetJobOutput", seconds=120)
def of_a_whole_archive(t):
    "each MiB-aligned range of the output of a whole archive: 28 ranges, of which 13 are nodes of the tree"
    vault, body = t.vault(), sample(SIZE)
    archive = t.upload(vault, SIZE)
    job = t.retrieved(vault, archive)
    for first, last in spans(SIZE):
        with t.each(f"[{first // MIB}, {chunks(last + 1)})"):
            check(t, vault, job, body[first : last + 1], aligned(SIZE, first, last), range=f"bytes={first}-{last}")


@case("GetJobOutput")
def not_at_a_mib(t):
    "a range that does not begin and end at a MiB has no tree hash"
    vault, body = t.vault(), sample(SIZE)
    job = t.retrieved(vault, t.upload(vault, SIZE))
    for first, last in ((1, MIB - 1), (0, MIB - 2), (MIB, MIB), (0, MIB), (SIZE - MIB, SIZE - 1), (4 * MIB, SIZE - 2)):
        with t.each(f"{first}-{last}"):
            check(t, vault, job, body[first : last + 1], False, range=f"bytes={first}-{last}")


@case("InitiateJob", "DescribeJob", "GetJobOutput", seconds=180)
def retrieved(t):
    "each MiB-aligned retrieved range: SHA256TreeHash and the header are there exactly when it is a node of the tree"
    vault, body = t.vault(), sample(SIZE)
    archive = t.upload(vault, SIZE)
    for first, last in spans(SIZE):
        with t.each(f"[{first // MIB}, {chunks(last + 1)})"):
            job = t.job(vault, Type="archive-retrieval", ArchiveId=archive, Tier="Expedited", RetrievalByteRange=f"{first}-{last}")
            got = t.done(vault, job, "Expedited")
            part, granted = body[first : last + 1], aligned(SIZE, first, last)
            t.equal(got.get("SHA256TreeHash"), tree_hash(part) if granted else None, "SHA256TreeHash")
            t.equal(got.get("ArchiveSHA256TreeHash"), tree_hash(body), "ArchiveSHA256TreeHash")
            check(t, vault, job, part, granted)


@case("GetJobOutput", "InitiateJob")
def of_an_aligned_range(t):
    "ranges of the output of an aligned range are aligned within the output"
    vault, body = t.vault(), sample(SIZE)
    start = 4 * MIB  # [4, 7), three chunks
    job = t.retrieved(vault, t.upload(vault, SIZE), RetrievalByteRange=f"{start}-{SIZE - 1}")
    output = body[start:]
    for first, last in spans(len(output)):
        with t.each(f"[{first // MIB}, {chunks(last + 1)})"):
            check(t, vault, job, output[first : last + 1], aligned(len(output), first, last), range=f"bytes={first}-{last}")


@case("GetJobOutput", "InitiateJob")
def of_a_range_that_is_not_aligned(t):
    "the output of a range that is no node of the tree has no tree hash, whole or in part"
    vault, body = t.vault(), sample(SIZE)
    job = t.retrieved(vault, t.upload(vault, SIZE), RetrievalByteRange=f"{MIB}-{3 * MIB - 1}")
    output = body[MIB : 3 * MIB]
    check(t, vault, job, output, False)
    for first, last in spans(len(output)):
        with t.each(f"[{first // MIB}, {chunks(last + 1)})"):
            check(t, vault, job, output[first : last + 1], False, range=f"bytes={first}-{last}")
