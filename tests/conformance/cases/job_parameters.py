"""InitiateJob: which parameters are accepted."""

import json

from harness import MIB, case, sample
from harness.checks import INVALID, MISSING

EITHER = (INVALID, MISSING)


def start(t, vault, body):
    return t.raw().call("POST", f"/-/vaults/{vault}/jobs", body=json.dumps(body).encode())


@case("InitiateJob")
def types(t):
    "Type is required, and archive-retrieval or inventory-retrieval"
    vault = t.vault()
    for body in ({}, {"Description": "x"}):
        with t.each(str(body)):
            t.refused(EITHER, start(t, vault, body))
    for name in ("guess", "ArchiveRetrieval", "Archive-Retrieval", ""):
        with t.each(name or "empty"):
            t.fails(EITHER, t.job, vault=vault, Type=name)


@case("InitiateJob")
def archive_id(t):
    "an archive retrieval needs an ArchiveId, an inventory retrieval has none"
    vault = t.vault()
    archive = t.upload(vault)
    t.fails(EITHER, t.job, vault=vault, Type="archive-retrieval")
    t.fails(INVALID, t.job, vault=vault, Type="inventory-retrieval", ArchiveId=archive)


@case("InitiateJob")
def range_of_an_inventory(t):
    "an inventory retrieval has no byte range"
    vault = t.vault()
    t.upload(vault)
    t.fails(INVALID, t.job, vault=vault, Type="inventory-retrieval", RetrievalByteRange=f"0-{MIB - 1}")


@case("InitiateJob")
def tiers(t):
    "a tier is Expedited, Standard or Bulk"
    vault = t.vault()
    archive = t.upload(vault)
    for tier in ("Expedited", "Standard", "Bulk"):
        with t.each(tier):
            t.true(t.job(vault, Type="archive-retrieval", ArchiveId=archive, Tier=tier), "no job id")
    for tier in ("Fast", "standard"):
        with t.each(tier):
            t.fails(INVALID, t.job, vault=vault, Type="archive-retrieval", ArchiveId=archive, Tier=tier)


@case("InitiateJob")
def misaligned_ranges(t):
    "a range begins and ends at a MiB, or ends with the archive, and lies within it"
    vault, size = t.vault(), 3 * MIB + 100
    archive = t.upload(vault, size)
    for span in (
        "1-1048575",
        "0-1048574",
        "0-1000",
        f"1-{size - 1}",
        f"0-{size - 2}",
        f"{MIB}-{MIB}",
        f"{2 * MIB}-{MIB - 1}",
        f"{4 * MIB}-{5 * MIB - 1}",
        "0",
        "0-",
        "-5",
        "a-b",
        "bytes=0-1048575",
        "0-1048575,2097152-3145727",
    ):
        with t.each(span):
            t.fails(INVALID, t.job, vault=vault, Type="archive-retrieval", ArchiveId=archive, RetrievalByteRange=span)


@case("InitiateJob", "DescribeJob")
def legal_ranges(t):
    "a MiB-aligned range is accepted, and described"
    vault, size = t.vault(), 3 * MIB + 100
    archive = t.upload(vault, size)
    for first, last in ((0, MIB - 1), (MIB, 3 * MIB - 1), (2 * MIB, size - 1), (3 * MIB, size - 1), (0, size - 1)):
        with t.each(f"{first}-{last}"):
            job = t.job(vault, Type="archive-retrieval", ArchiveId=archive, RetrievalByteRange=f"{first}-{last}", Tier="Expedited")
            got = t.done(vault, job, "Expedited")
            t.equal((got["RetrievalByteRange"], got["ArchiveSizeInBytes"]), (f"{first}-{last}", size), "range and size of the archive")
            t.true(t.output(vault, job)["body"].read() == sample(size)[first : last + 1], "the bytes differ")


@case("InitiateJob", "DescribeJob")
def descriptions(t):
    "a description has up to 1,024 printable ASCII characters"
    vault = t.vault()
    archive = t.upload(vault)
    for text in ("d" * 1024, "".join(map(chr, range(0x20, 0x7F)))):
        with t.each(text[:10]):
            job = t.job(vault, Type="archive-retrieval", ArchiveId=archive, Description=text)
            t.equal(t.glacier.describe_job(vaultName=vault, jobId=job)["JobDescription"], text, "description")
    for text in ("d" * 1025, "a\tb", "a\x7f", "é"):
        with t.each(repr(text[:5])):
            t.fails(INVALID, t.job, vault=vault, Type="archive-retrieval", ArchiveId=archive, Description=text)


@case("InitiateJob")
def formats(t):
    "the format of an inventory is CSV or JSON"
    vault = t.vault()
    t.upload(vault)
    for name in ("XML", "csv", "Json"):
        with t.each(name):
            t.fails(INVALID, t.job, vault=vault, Type="inventory-retrieval", Format=name)


@case("InitiateJob")
def inventory_parameters(t):
    "an inventory's limit is a number from 1, its dates are ISO 8601, its marker is one that was issued"
    vault = t.vault()
    t.upload(vault)
    for wrong in (
        {"Limit": "0"},
        {"Limit": "-1"},
        {"Limit": "many"},
        {"StartDate": "yesterday"},
        {"EndDate": "2013-13-01T00:00:00Z"},
        {"Marker": "nosuch"},
    ):
        with t.each(str(wrong)):
            t.fails(INVALID, t.job, vault=vault, Type="inventory-retrieval", InventoryRetrievalParameters=wrong)


@case("InitiateJob")
def nulls(t):
    "members that are null are absent"
    vault = t.vault()
    body = {"Type": "archive-retrieval", "ArchiveId": t.upload(vault), "Description": None, "Tier": None, "SNSTopic": None, "RetrievalByteRange": None}
    t.equal(start(t, vault, body).status, 202, "status")


@case("InitiateJob")
def select(t):
    "select jobs, which the service has withdrawn, are refused"
    vault = t.vault()
    csv = {"csv": {}}
    select = {"InputSerialization": csv, "ExpressionType": "SQL", "Expression": "select * from archive", "OutputSerialization": csv}
    t.fails(INVALID, t.job, vault=vault, Type="select", ArchiveId=t.upload(vault), SelectParameters=select)
