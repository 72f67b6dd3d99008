"""Inventory retrieval in JSON: what it lists, its dates, limit and marker."""

import json
import time
from datetime import datetime, timedelta, timezone

from harness import MIB, case, sample, tree_hash


def listed(t, vault, job):
    got = t.output(vault, job)
    return json.loads(got["body"].read())["ArchiveList"]


def ids(t, vault, job):
    return sorted(item["ArchiveId"] for item in listed(t, vault, job))


def select(t, vault, **parameters):
    """The sorted archive ids of an inventory with these parameters, and the description of its job."""
    job, described = t.inventory(vault, InventoryRetrievalParameters=parameters)
    return ids(t, vault, job), described


@case("InitiateJob", "GetJobOutput", days=3)
def document(t):
    "ARN, date, and each archive with id, description, creation date, size and tree hash"
    vault, sizes = t.vault(), (1, 1000, MIB + 1)
    made = {t.upload(vault, size, description=f"no. {size}"): size for size in sizes}
    job, _ = t.inventory(vault)
    got = t.output(vault, job)
    t.equal(got["contentType"].split(";")[0], "application/json", "content type")
    body = json.loads(got["body"].read())
    t.equal(set(body), {"VaultARN", "InventoryDate", "ArchiveList"}, "members")
    t.equal(body["VaultARN"], t.arn(vault), "ARN")
    t.equal({item["ArchiveId"]: item["Size"] for item in body["ArchiveList"]}, made, "archives and sizes")
    for item in body["ArchiveList"]:
        t.equal(set(item), {"ArchiveId", "ArchiveDescription", "CreationDate", "Size", "SHA256TreeHash"}, "members of an archive")
        t.equal(item["SHA256TreeHash"], tree_hash(sample(item["Size"])), "tree hash")
        t.equal(item["ArchiveDescription"], f"no. {item['Size']}", "description")
        t.true(item["CreationDate"].endswith("Z"), f"creation date: {item['CreationDate']}")


@case("DescribeJob", "InitiateJob", days=3)
def job(t):
    "the members of a done inventory retrieval"
    vault = t.vault()
    t.upload(vault)
    job, got = t.inventory(vault, Description="what is there")
    body = t.output(vault, job)["body"].read()
    wanted = {
        "JobId": job,
        "JobDescription": "what is there",
        "Action": "InventoryRetrieval",
        "VaultARN": t.arn(vault),
        "Completed": True,
        "StatusCode": "Succeeded",
        "InventorySizeInBytes": len(body),
    }
    for member, value in wanted.items():
        with t.each(member):
            t.equal(got.get(member), value, member)
    for member in ("ArchiveId", "ArchiveSizeInBytes", "SHA256TreeHash", "ArchiveSHA256TreeHash", "RetrievalByteRange"):
        with t.each(member):
            t.equal(got.get(member), None, member)
    t.equal(got["InventoryRetrievalParameters"].get("Format"), "JSON", "format")


@case("InitiateJob", "GetJobOutput", mode="instant")
def of_an_empty_vault(t):
    "instant: the inventory of a vault without archives is an empty list"
    vault = t.vault()
    job, _ = no_wait(t, vault)
    t.equal(listed(t, vault, job), [], "archives")


def no_wait(t, vault):
    job = t.job(vault, Type="inventory-retrieval")
    return job, t.done(vault, job)


@case("InitiateJob", "GetJobOutput", mode="instant")
def at_once(t):
    "instant: an inventory lists what is there, and not what was deleted"
    vault = t.vault()
    one, two = t.upload(vault, 1), t.upload(vault, 2)
    t.equal(ids(t, vault, no_wait(t, vault)[0]), sorted([one, two]), "archives")
    t.glacier.delete_archive(vaultName=vault, archiveId=one)
    t.equal(ids(t, vault, no_wait(t, vault)[0]), [two], "archives after DeleteArchive")


@case("InitiateJob", "GetJobOutput", "DescribeVault", mode="scaled", days=5)
def lags(t):
    "scaled: an inventory is a snapshot: it lists what was there then, until the next; its date is LastInventoryDate"
    vault = t.vault()
    old = t.upload(vault, 1)
    taken = t.inventoried(vault)
    new = t.upload(vault, 2)
    t.glacier.delete_archive(vaultName=vault, archiveId=old)
    job = t.job(vault, Type="inventory-retrieval")
    t.done(vault, job)
    body = json.loads(t.output(vault, job)["body"].read())
    t.equal(sorted(item["ArchiveId"] for item in body["ArchiveList"]), [old], "archives as of the first inventory")
    t.equal(body["InventoryDate"][:19], taken[:19], "date")
    t.inventoried(vault, after=taken)
    t.equal(ids(t, vault, no_wait(t, vault)[0]), [new], "archives as of the second")


@case("InitiateJob", "GetJobOutput", "DescribeJob", days=5)
def dates(t):
    "StartDate is inclusive and EndDate is not; both are described"
    vault = t.vault()
    first = t.upload(vault, 1)
    time.sleep(2.1)
    second = t.upload(vault, 2)
    job, _ = t.inventory(vault)
    created = {item["ArchiveId"]: item["CreationDate"] for item in listed(t, vault, job)}
    at = datetime.fromisoformat(created[second])
    middle, later = (when.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") for when in (at, at + timedelta(seconds=1)))
    for parameters, wanted in (
        ({"StartDate": middle}, [second]),
        ({"EndDate": middle}, [first]),
        ({"StartDate": later}, []),
        ({"StartDate": "2013-03-20T17:03:43Z"}, [first, second]),
        ({"EndDate": "2013-03-20T17:03:43Z"}, []),
        ({"StartDate": middle, "EndDate": later}, [second]),
    ):
        with t.each(str(parameters)):
            found, described = select(t, vault, **parameters)
            t.equal(found, sorted(wanted), "archives")
            shown = described["InventoryRetrievalParameters"]
            for member, text in parameters.items():
                t.equal(shown[member].replace(".000Z", "Z"), text, member)


@case("InitiateJob", "GetJobOutput", "DescribeJob", days=5)
def limit_and_marker(t):
    "Limit cuts; the marker in the job's description continues; the last page has none"
    vault = t.vault()
    made = sorted(t.upload(vault, size) for size in range(1, 6))
    found, marker = [], {}
    for _ in range(4):
        page, described = select(t, vault, Limit="2", **marker)
        t.true(len(page) <= 2, "more than the limit")
        t.equal(described["InventoryRetrievalParameters"].get("Limit"), "2", "limit")
        found += page
        next_marker = described["InventoryRetrievalParameters"].get("Marker")
        if not next_marker:
            break
        marker = {"Marker": next_marker}
    t.equal(sorted(found), made, "archives over all pages")


@case("InitiateJob", "GetJobOutput", "DescribeJob", days=5)
def large_limit(t):
    "a limit that is not reached cuts nothing and gives no marker"
    vault = t.vault()
    made = sorted(t.upload(vault, size) for size in (1, 2))
    found, described = select(t, vault, Limit="1000")
    t.equal(found, made, "archives")
    t.equal(described["InventoryRetrievalParameters"].get("Marker"), None, "marker")


@case("GetJobOutput", days=3)
def ranges(t):
    "a range of the output, and no tree hash for it nor for the whole"
    vault = t.vault()
    t.upload(vault)
    job, described = t.inventory(vault)
    got = t.output(vault, job)
    body = got["body"].read()
    t.equal((got.get("checksum"), described["InventorySizeInBytes"]), (None, len(body)), "checksum and size")
    part = t.output(vault, job, range="bytes=10-19")
    t.equal((part["status"], part["contentRange"]), (206, f"bytes 10-19/{len(body)}"), "status and range")
    t.equal((part["body"].read(), part.get("checksum")), (body[10:20], None), "bytes and checksum")
