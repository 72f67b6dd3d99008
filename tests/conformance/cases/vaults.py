"""CreateVault, DescribeVault, DeleteVault."""

import re

from harness import case
from harness.checks import INVALID, NOT_FOUND
from harness.clock import HOUR

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@case("CreateVault")
def create(t):
    "status 201, and Location is the path of the vault with the number of the account"
    name = t.name()
    made = t.glacier.create_vault(vaultName=name)
    t.equal(made["ResponseMetadata"]["HTTPStatusCode"], 201, "status")
    t.equal(made.get("location"), f"/{t.account()}/vaults/{name}", "location")
    t.true(made["ResponseMetadata"]["HTTPHeaders"].get("x-amzn-requestid"), "the response has no x-amzn-RequestId")


@case("CreateVault", "DescribeVault")
def create_again(t):
    "repeating CreateVault changes nothing"
    vault = t.vault()
    before = t.glacier.describe_vault(vaultName=vault)
    again = t.glacier.create_vault(vaultName=vault)
    t.equal(again["ResponseMetadata"]["HTTPStatusCode"], 201, "status")
    t.equal(again.get("location"), f"/{t.account()}/vaults/{vault}", "location")
    t.equal(t.glacier.describe_vault(vaultName=vault)["CreationDate"], before["CreationDate"], "creation date")


@case("CreateVault", "DescribeVault")
def create_again_keeps(t):
    "repeating CreateVault keeps tags and archives"
    vault = t.vault()
    archive = t.upload(vault)
    t.glacier.create_vault(vaultName=vault)
    t.true(t.job(vault, Type="archive-retrieval", ArchiveId=archive), "the archive is gone")
    t.glacier.add_tags_to_vault(vaultName=vault, Tags={"a": "b"})
    t.glacier.create_vault(vaultName=vault)
    t.equal(t.glacier.list_tags_for_vault(vaultName=vault)["Tags"], {"a": "b"}, "tags")


@case("CreateVault", "DescribeVault", "DeleteVault")
def legal_names(t):
    "a name has 1 to 255 letters, digits, underscores, hyphens and periods"
    longest = t.prefix + "x" * (255 - len(t.prefix))
    for name in (longest, f"{t.prefix}.A_b-9", f"{t.prefix}-", f"_{t.prefix}", f"-{t.prefix}", f".{t.prefix}", f"..{t.prefix}"):
        with t.each(name[:30]):
            t.vault(name=name)
            t.equal(t.glacier.describe_vault(vaultName=name)["VaultName"], name, "name")
            t.glacier.delete_vault(vaultName=name)


@case("CreateVault")
def illegal_names(t):
    "a name with another character, or of 256 characters, is refused"
    for name in ("a b", "a/b", "é", "a:b", "a@b", "a+b", "a%20b", "a,b", "a*b", "a\\b", "日本", "x" * 256):
        with t.each(repr(name[:20])):
            t.fails(INVALID, t.glacier.create_vault, vaultName=name)


@case("CreateVault")
def create_with_a_body(t):
    "CreateVault has no body: one is refused"
    reply = t.raw().call("PUT", f"/-/vaults/{t.name()}", body=b"{}")
    t.equal(reply.status, 400, "status")


@case("DescribeVault")
def describe_new(t):
    "a new vault has name, ARN and creation date; its counts are null or 0, and it has no inventory"
    vault = t.vault()
    got = t.glacier.describe_vault(vaultName=vault)
    t.equal(got["ResponseMetadata"]["HTTPStatusCode"], 200, "status")
    t.equal((got["VaultName"], got["VaultARN"]), (vault, t.arn(vault)), "name and ARN")
    t.true(DATE.fullmatch(got["CreationDate"]), f"creation date: {got['CreationDate']}")
    t.among(got.get("NumberOfArchives"), (None, 0), "archives")
    t.among(got.get("SizeInBytes"), (None, 0), "size")
    t.equal(got.get("LastInventoryDate"), None, "last inventory")


@case("DescribeVault")
def describe_unknown(t):
    "an unknown vault is ResourceNotFoundException, a typed error"
    error = t.fails(NOT_FOUND, t.glacier.describe_vault, vaultName=t.name())
    t.true(isinstance(error, t.glacier.exceptions.ResourceNotFoundException), f"{type(error)} is not typed")


@case("DescribeVault")
def headers(t):
    "a response has JSON, its length, Date and x-amzn-RequestId, and each request has an id of its own"
    vault, ids = t.vault(), set()
    for _ in range(3):
        reply = t.raw().call("GET", f"/-/vaults/{vault}")
        t.equal(reply.status, 200, "status")
        t.true(reply.headers.get("content-type", "").startswith("application/json"), f"Content-Type: {reply.headers.get('content-type')}")
        t.equal(reply.headers.get("content-length"), str(len(reply.body)), "Content-Length")
        t.true(reply.headers.get("date"), "no Date")
        ids.add(reply.headers.get("x-amzn-requestid"))
    t.equal((len(ids), None in ids), (3, False), "request ids")


@case("DescribeVault", "UploadArchive", mode="instant")
def counts_at_once(t):
    "instant: the counts and the date of the inventory are there after the first upload, and follow each write"
    vault = t.vault()
    first = t.upload(vault, 1000)
    got = t.glacier.describe_vault(vaultName=vault)
    t.equal(got.get("NumberOfArchives"), 1, "archives")
    t.true(got.get("SizeInBytes", 0) >= 1000, f"size: {got.get('SizeInBytes')}")
    t.true(DATE.fullmatch(got.get("LastInventoryDate") or ""), f"last inventory: {got.get('LastInventoryDate')}")
    t.upload(vault, 500)
    t.equal(t.glacier.describe_vault(vaultName=vault).get("NumberOfArchives"), 2, "archives")
    t.glacier.delete_archive(vaultName=vault, archiveId=first)
    t.equal(t.glacier.describe_vault(vaultName=vault).get("NumberOfArchives"), 1, "archives")


@case("DescribeVault", "UploadArchive", mode="scaled", days=4)
def counts_by_inventory(t):
    "scaled: the counts are those of the last inventory, which is made about daily, the first up to a day after the first upload"
    vault = t.vault()
    t.upload(vault, 1000)
    got = t.glacier.describe_vault(vaultName=vault)
    t.equal(got.get("LastInventoryDate"), None, "last inventory right after the first upload")
    t.among(got.get("NumberOfArchives"), (None, 0), "archives before the first inventory")
    first = t.inventoried(vault)
    got = t.glacier.describe_vault(vaultName=vault)
    t.equal(got["NumberOfArchives"], 1, "archives")
    t.true(got["SizeInBytes"] >= 1000, f"size: {got['SizeInBytes']}")
    t.upload(vault, 500)
    t.equal(t.glacier.describe_vault(vaultName=vault)["NumberOfArchives"], 1, "archives before the next inventory")
    t.inventoried(vault, after=first)
    t.equal(t.glacier.describe_vault(vaultName=vault)["NumberOfArchives"], 2, "archives after it")


@case("DescribeVault", mode="scaled", days=2)
def no_writes_no_inventory(t):
    "scaled: a vault to which nothing was written gets no inventory"
    vault = t.vault()
    t.clock.sleep(36 * HOUR)
    t.equal(t.glacier.describe_vault(vaultName=vault).get("LastInventoryDate"), None, "last inventory")


@case("DeleteVault", "DescribeVault")
def delete(t):
    "an empty vault is deleted with status 204, and again with 204"
    vault = t.vault()
    t.equal(t.glacier.delete_vault(vaultName=vault)["ResponseMetadata"]["HTTPStatusCode"], 204, "status")
    t.fails(NOT_FOUND, t.glacier.describe_vault, vaultName=vault)
    t.equal(t.glacier.delete_vault(vaultName=vault)["ResponseMetadata"]["HTTPStatusCode"], 204, "status of the second")


@case("DeleteVault")
def delete_unknown(t):
    "a vault that never existed is not found"
    t.fails(NOT_FOUND, t.glacier.delete_vault, vaultName=t.name())


@case("DeleteVault", "UploadArchive")
def delete_with_archives(t):
    "a vault with an archive is not deleted, and keeps it"
    vault = t.vault()
    archive = t.upload(vault)
    t.fails(INVALID, t.glacier.delete_vault, vaultName=vault)
    t.true(t.job(vault, Type="archive-retrieval", ArchiveId=archive), "a job")


@case("DeleteVault", "DeleteArchive", mode="instant")
def delete_emptied_at_once(t):
    "instant: a vault can be deleted as soon as its last archive is"
    vault = t.vault()
    t.glacier.delete_archive(vaultName=vault, archiveId=t.upload(vault))
    t.equal(t.glacier.delete_vault(vaultName=vault)["ResponseMetadata"]["HTTPStatusCode"], 204, "status")


@case("DeleteVault", "DeleteArchive", mode="scaled", days=4)
def delete_emptied_after_inventory(t):
    "scaled: a vault that was written to since its last inventory is not deleted; an inventory later it is"
    vault = t.vault()
    archive = t.upload(vault)
    t.glacier.delete_archive(vaultName=vault, archiveId=archive)
    t.fails(INVALID, t.glacier.delete_vault, vaultName=vault)
    t.inventoried(vault)
    t.equal(t.glacier.delete_vault(vaultName=vault)["ResponseMetadata"]["HTTPStatusCode"], 204, "status")


@case("DeleteVault", "CreateVault")
def recreated(t):
    "a vault that is created again after DeleteVault has nothing of the old one"
    vault = t.vault()
    t.glacier.add_tags_to_vault(vaultName=vault, Tags={"a": "b"})
    topic = {"SNSTopic": f"arn:aws:sns:{t.region}:{t.account()}:topic", "Events": ["ArchiveRetrievalCompleted"]}
    t.glacier.set_vault_notifications(vaultName=vault, vaultNotificationConfig=topic)
    t.glacier.delete_vault(vaultName=vault)
    t.glacier.create_vault(vaultName=vault)
    t.equal(t.glacier.list_tags_for_vault(vaultName=vault)["Tags"], {}, "tags")
    t.fails(NOT_FOUND, t.glacier.get_vault_notifications, vaultName=vault)
