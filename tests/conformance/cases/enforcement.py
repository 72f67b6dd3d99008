"""Policies that deny: AccessDeniedException, as a client meets it. Expected values are those of the guide's examples."""

import json

from harness import case
from harness.checks import DENIED
from harness.clock import DAY


def denying(t, vault, action, **more):
    rule = {"Sid": "no", "Effect": "Deny", "Principal": "*", "Action": action, "Resource": t.arn(vault), **more}
    return {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [rule]})}


@case("SetVaultAccessPolicy", "DeleteArchive")
def access_policy_denies(t):
    "an access policy that denies DeleteArchive denies it and nothing else; without it, it is allowed again"
    vault = t.vault()
    archive = t.upload(vault)
    t.glacier.set_vault_access_policy(vaultName=vault, policy=denying(t, vault, "glacier:DeleteArchive"))
    t.fails(DENIED, t.glacier.delete_archive, vaultName=vault, archiveId=archive)
    t.true(t.upload(vault, seed=1), "an upload")
    t.equal(t.glacier.describe_vault(vaultName=vault)["VaultName"], vault, "DescribeVault")
    t.glacier.delete_vault_access_policy(vaultName=vault)
    gone = t.glacier.delete_archive(vaultName=vault, archiveId=archive)
    t.equal(gone["ResponseMetadata"]["HTTPStatusCode"], 204, "status")


@case("SetVaultAccessPolicy", "UploadArchive")
def upload_denied(t):
    "an upload that is denied stores nothing"
    vault = t.vault()
    t.glacier.set_vault_access_policy(vaultName=vault, policy=denying(t, vault, "glacier:UploadArchive"))
    t.fails(DENIED, t.glacier.upload_archive, vaultName=vault, body=b"x")
    t.equal(t.glacier.delete_vault_access_policy(vaultName=vault)["ResponseMetadata"]["HTTPStatusCode"], 204, "status")
    t.equal(t.glacier.delete_vault(vaultName=vault)["ResponseMetadata"]["HTTPStatusCode"], 204, "the vault is empty")


@case("InitiateVaultLock", "DeleteArchive")
def lock_in_progress_denies(t):
    "a lock policy is in force while it is InProgress, and no more once it is aborted"
    vault = t.vault()
    archive = t.upload(vault)
    age = {"NumericLessThan": {"glacier:ArchiveAgeInDays": "365"}}
    t.glacier.initiate_vault_lock(vaultName=vault, policy=denying(t, vault, "glacier:DeleteArchive", Condition=age))
    t.fails(DENIED, t.glacier.delete_archive, vaultName=vault, archiveId=archive)
    t.glacier.abort_vault_lock(vaultName=vault)
    gone = t.glacier.delete_archive(vaultName=vault, archiveId=archive)
    t.equal(gone["ResponseMetadata"]["HTTPStatusCode"], 204, "status")


@case("CompleteVaultLock", "DeleteArchive", mode="scaled", days=3)
def archive_age(t):
    "scaled: a locked policy denies DeleteArchive of an archive younger than a day, and allows it a day later"
    vault = t.vault()
    archive = t.upload(vault)
    age = {"NumericLessThan": {"glacier:ArchiveAgeInDays": "1"}}
    lock = t.glacier.initiate_vault_lock(vaultName=vault, policy=denying(t, vault, "glacier:DeleteArchive", Condition=age))["lockId"]
    t.glacier.complete_vault_lock(vaultName=vault, lockId=lock)
    t.fails(DENIED, t.glacier.delete_archive, vaultName=vault, archiveId=archive)
    t.clock.sleep(1.1 * DAY)
    gone = t.glacier.delete_archive(vaultName=vault, archiveId=archive)
    t.equal(gone["ResponseMetadata"]["HTTPStatusCode"], 204, "status")
