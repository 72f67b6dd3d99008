"""Regions and accounts: what is apart, and which account a path may name."""

from harness import case
from harness.checks import DENIED, NOT_FOUND

STRANGER = "999999999999"


@case("CreateVault", "DescribeVault", "ListVaults")
def regions(t):
    "the same name in two regions is two vaults, each with the ARN of its region"
    here, there = t.glacier, t.client(region=t.another_region())
    vault = t.vault()
    t.fails(NOT_FOUND, there.describe_vault, vaultName=vault)
    t.vault(there, vault)
    t.equal(here.describe_vault(vaultName=vault)["VaultARN"], t.arn(vault), "ARN here")
    t.equal(there.describe_vault(vaultName=vault)["VaultARN"], t.arn(vault, t.another_region()), "ARN there")
    there.delete_vault(vaultName=vault)
    t.equal(here.describe_vault(vaultName=vault)["VaultName"], vault, "the one here stays")


@case("UploadArchive", "InitiateJob", "AddTagsToVault")
def contents_by_region(t):
    "archives and tags belong to the vault of one region"
    there = t.client(region=t.another_region())
    vault = t.vault()
    t.vault(there, vault)
    archive = t.upload(vault)
    t.fails(NOT_FOUND, there.initiate_job, vaultName=vault, jobParameters={"Type": "archive-retrieval", "ArchiveId": archive})
    t.glacier.add_tags_to_vault(vaultName=vault, Tags={"a": "b"})
    t.equal(there.list_tags_for_vault(vaultName=vault)["Tags"], {}, "tags")


@case("CreateVault", "DescribeVault")
def partitions(t):
    "the ARN has the partition of the region"
    for region, partition in (("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")):
        with t.each(region):
            client = t.client(region=region)
            vault = t.vault(client)
            arn = client.describe_vault(vaultName=vault)["VaultARN"]
            t.equal(arn, f"arn:{partition}:glacier:{region}:{t.account()}:vaults/{vault}", "ARN")


@case("CreateVault", "DescribeVault", "ListVaults", "DeleteVault")
def own_account_by_number(t):
    "the account may be - or the signer's own number, which is what Location shows"
    name, account = t.name(), t.account()
    made = t.glacier.create_vault(accountId=account, vaultName=name)
    t.equal(made.get("location"), f"/{account}/vaults/{name}", "location")
    t.equal(t.glacier.describe_vault(accountId="-", vaultName=name)["VaultARN"], t.arn(name), "ARN")
    t.true(t.glacier.list_vaults(accountId=account)["VaultList"], "no vaults")
    gone = t.glacier.delete_vault(accountId=account, vaultName=name)
    t.equal(gone["ResponseMetadata"]["HTTPStatusCode"], 204, "status")


@case("CreateVault", "ListVaults", "AddTagsToVault", "InitiateVaultLock", "SetDataRetrievalPolicy", "ListProvisionedCapacity")
def another_account(t):
    "operations of the account itself refuse another account's number: AccessDeniedException"
    g, vault = t.glacier, t.vault()
    none = {"Rules": [{"Strategy": "None"}]}
    for label, call in (
        ("CreateVault", lambda: g.create_vault(accountId=STRANGER, vaultName=vault)),
        ("ListVaults", lambda: g.list_vaults(accountId=STRANGER)),
        ("AddTagsToVault", lambda: g.add_tags_to_vault(accountId=STRANGER, vaultName=vault, Tags={"a": "b"})),
        ("ListTagsForVault", lambda: g.list_tags_for_vault(accountId=STRANGER, vaultName=vault)),
        ("RemoveTagsFromVault", lambda: g.remove_tags_from_vault(accountId=STRANGER, vaultName=vault, TagKeys=["a"])),
        ("InitiateVaultLock", lambda: g.initiate_vault_lock(accountId=STRANGER, vaultName=vault, policy={"Policy": "{}"})),
        ("CompleteVaultLock", lambda: g.complete_vault_lock(accountId=STRANGER, vaultName=vault, lockId="x")),
        ("AbortVaultLock", lambda: g.abort_vault_lock(accountId=STRANGER, vaultName=vault)),
        ("GetDataRetrievalPolicy", lambda: g.get_data_retrieval_policy(accountId=STRANGER)),
        ("SetDataRetrievalPolicy", lambda: g.set_data_retrieval_policy(accountId=STRANGER, Policy=none)),
        ("ListProvisionedCapacity", lambda: g.list_provisioned_capacity(accountId=STRANGER)),
        ("PurchaseProvisionedCapacity", lambda: g.purchase_provisioned_capacity(accountId=STRANGER)),
    ):
        with t.each(label):
            t.fails(DENIED, call)


@case("DescribeVault", "UploadArchive")
def another_accounts_vault(t):
    "a vault of another account is denied or not found, and is not one's own of that name"
    vault = t.vault()
    for label, call in (
        ("DescribeVault", lambda: t.glacier.describe_vault(accountId=STRANGER, vaultName=vault)),
        ("UploadArchive", lambda: t.glacier.upload_archive(accountId=STRANGER, vaultName=vault, body=b"x")),
        ("DeleteVault", lambda: t.glacier.delete_vault(accountId=STRANGER, vaultName=vault)),
    ):
        with t.each(label):
            t.fails((DENIED, NOT_FOUND), call)
    t.equal(t.glacier.describe_vault(vaultName=vault)["VaultName"], vault, "the vault stays")


@case("ListVaults")
def malformed_accounts(t):
    "an account is - or 12 digits without hyphens"
    for account in ("123", "1234-5678-9012", "abcdefghijkl", "--"):
        with t.each(account):
            reply = t.raw().call("GET", f"/{account}/vaults")
            t.true(400 <= reply.status < 500, f"status {reply.status}")
