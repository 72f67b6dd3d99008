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


@case("SetVaultAccessPolicy", "DeleteArchive")
def the_error_says_what_denies(t):
    "AccessDeniedException names the principal, the action, the vault and that the deny is explicit, as the IAM user guide has it"
    vault = t.vault()
    t.glacier.set_vault_access_policy(vaultName=vault, policy=denying(t, vault, "glacier:DeleteArchive"))
    error = t.fails(DENIED, t.glacier.delete_archive, vaultName=vault, archiveId="x" * 138)
    message = error.response["Error"]["Message"]
    for words in ("User: arn:", "is not authorized to perform: glacier:DeleteArchive", f"on resource: {t.arn(vault)}", "with an explicit deny"):
        with t.each(words):
            t.true(words in message, message)


@case("SetVaultAccessPolicy", "DescribeVault", "ListJobs", "InitiateJob", "InitiateMultipartUpload", "ListTagsForVault", "GetVaultLock")
def each_operation(t):
    "a policy that denies one operation on a vault denies that one"
    g = t.glacier
    topic = {"SNSTopic": f"arn:aws:sns:{t.region}:{t.account()}:t", "Events": ["ArchiveRetrievalCompleted"]}
    for action, call in (
        ("DescribeVault", lambda v: g.describe_vault(vaultName=v)),
        ("ListJobs", lambda v: g.list_jobs(vaultName=v)),
        ("InitiateJob", lambda v: g.initiate_job(vaultName=v, jobParameters={"Type": "inventory-retrieval"})),
        ("InitiateMultipartUpload", lambda v: g.initiate_multipart_upload(vaultName=v, partSize="1048576")),
        ("ListMultipartUploads", lambda v: g.list_multipart_uploads(vaultName=v)),
        ("AddTagsToVault", lambda v: g.add_tags_to_vault(vaultName=v, Tags={"a": "b"})),
        ("ListTagsForVault", lambda v: g.list_tags_for_vault(vaultName=v)),
        ("SetVaultNotifications", lambda v: g.set_vault_notifications(vaultName=v, vaultNotificationConfig=topic)),
        ("GetVaultAccessPolicy", lambda v: g.get_vault_access_policy(vaultName=v)),
        ("GetVaultLock", lambda v: g.get_vault_lock(vaultName=v)),
        ("InitiateVaultLock", lambda v: g.initiate_vault_lock(vaultName=v, policy=denying(t, v, "glacier:ListParts"))),
        ("DeleteVault", lambda v: g.delete_vault(vaultName=v)),
    ):
        with t.each(action):
            vault = t.vault()
            g.set_vault_access_policy(vaultName=vault, policy=denying(t, vault, f"glacier:{action}"))
            t.fails(DENIED, lambda: call(vault))
            if action != "DescribeVault":
                t.equal(g.describe_vault(vaultName=vault)["VaultName"], vault, "DescribeVault")


@case("SetVaultAccessPolicy", "ListJobs", "ListParts")
def wildcards(t):
    "an action may have wildcards, and NotAction means all others"
    vault = t.vault()
    t.glacier.set_vault_access_policy(vaultName=vault, policy=denying(t, vault, "glacier:List*"))
    t.fails(DENIED, t.glacier.list_jobs, vaultName=vault)
    t.true(t.glacier.get_vault_access_policy(vaultName=vault)["policy"], "a policy")
    rule = {"Effect": "Deny", "Principal": "*", "NotAction": ["glacier:*AccessPolicy", "glacier:ListJobs", "glacier:DeleteVault"], "Resource": t.arn(vault)}
    document = {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [rule]})}
    t.glacier.set_vault_access_policy(vaultName=vault, policy=document)
    t.equal(t.glacier.list_jobs(vaultName=vault)["JobList"], [], "jobs")
    t.fails(DENIED, t.glacier.describe_vault, vaultName=vault)


@case("SetVaultAccessPolicy", "DescribeVault")
def principals(t):
    "a statement is about the principals that it names: the account's are, another account's are not"
    vault = t.vault()
    for principal, denied in ((t.account(), True), (f"arn:aws:iam::{t.account()}:root", True), ("999999999999", False)):
        with t.each(principal):
            rule = denying(t, vault, "glacier:DescribeVault", Principal={"AWS": principal})
            t.glacier.set_vault_access_policy(vaultName=vault, policy=rule)
            if denied:
                t.fails(DENIED, t.glacier.describe_vault, vaultName=vault)
            else:
                t.equal(t.glacier.describe_vault(vaultName=vault)["VaultName"], vault, "name")


@case("SetVaultAccessPolicy", "ListJobs")
def conditions(t):
    "a statement with a condition denies if it holds: time, address, TLS, user agent, region"
    vault = t.vault()
    secure = str(t.settings.endpoint.startswith("https:")).lower()
    for condition, denied in (
        ({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, True),
        ({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, False),
        ({"NumericGreaterThan": {"aws:EpochTime": "1577836800"}}, True),
        ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, True),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
        ({"Bool": {"aws:SecureTransport": secure}}, True),
        ({"Bool": {"aws:SecureTransport": "false" if secure == "true" else "true"}}, False),
        ({"StringLike": {"aws:UserAgent": "*Boto3*"}}, True),
        ({"StringEquals": {"aws:RequestedRegion": t.region}}, True),
        ({"StringEquals": {"aws:PrincipalAccount": t.account()}}, True),
        ({"StringNotEquals": {"aws:PrincipalAccount": t.account()}}, False),
        ({"Null": {"glacier:ArchiveAgeInDays": "false"}}, False),
    ):
        with t.each(json.dumps(condition)):
            t.glacier.set_vault_access_policy(vaultName=vault, policy=denying(t, vault, "glacier:ListJobs", Condition=condition))
            if denied:
                t.fails(DENIED, t.glacier.list_jobs, vaultName=vault)
            else:
                t.equal(t.glacier.list_jobs(vaultName=vault)["JobList"], [], "jobs")


@case("InitiateVaultLock", "AddTagsToVault", "DeleteArchive")
def legal_hold(t):
    "the guide's lock policy of a legal hold denies DeleteArchive while the vault has the tag, and no longer"
    vault = t.vault()
    archive = t.upload(vault)
    hold = {"StringLike": {"glacier:ResourceTag/LegalHold": ["true", ""]}}
    t.glacier.initiate_vault_lock(vaultName=vault, policy=denying(t, vault, "glacier:DeleteArchive", Condition=hold))
    for value in ("true", ""):
        t.glacier.add_tags_to_vault(vaultName=vault, Tags={"LegalHold": value})
        t.fails(DENIED, t.glacier.delete_archive, vaultName=vault, archiveId=archive)
    t.glacier.add_tags_to_vault(vaultName=vault, Tags={"LegalHold": "false"})
    gone = t.glacier.delete_archive(vaultName=vault, archiveId=archive)
    t.equal(gone["ResponseMetadata"]["HTTPStatusCode"], 204, "status")


@case("SetVaultAccessPolicy", "InitiateJob", days=2)
def age_of_a_retrieval(t):
    "glacier:ArchiveAgeInDays applies to the retrieval of an archive, and not to that of an inventory"
    vault = t.vault()
    archive = t.upload(vault)
    t.inventoried(vault)
    age = {"NumericLessThan": {"glacier:ArchiveAgeInDays": "30"}}
    t.glacier.set_vault_access_policy(vaultName=vault, policy=denying(t, vault, "glacier:InitiateJob", Condition=age))
    t.fails(DENIED, t.job, vault=vault, Type="archive-retrieval", ArchiveId=archive)
    t.true(t.job(vault, Type="inventory-retrieval"), "a job")
    t.glacier.delete_vault_access_policy(vaultName=vault)
    t.true(t.job(vault, Type="archive-retrieval", ArchiveId=archive), "a job")


@case("InitiateVaultLock", "SetVaultAccessPolicy")
def an_allow_does_not_undo_a_deny(t):
    "an Allow in the access policy does not undo a Deny in the lock policy"
    vault = t.vault()
    t.glacier.initiate_vault_lock(vaultName=vault, policy=denying(t, vault, "glacier:ListJobs"))
    t.glacier.set_vault_access_policy(vaultName=vault, policy=denying(t, vault, "glacier:*", Effect="Allow"))
    t.fails(DENIED, t.glacier.list_jobs, vaultName=vault)
    t.equal(t.glacier.describe_vault(vaultName=vault)["VaultName"], vault, "name")


@case("SetVaultAccessPolicy", "UploadMultipartPart", "CompleteMultipartUpload")
def parts_denied(t):
    "UploadMultipartPart is denied for an upload that is open already; without the policy the upload goes on"
    vault, body = t.vault(), b"a part"
    upload = t.glacier.initiate_multipart_upload(vaultName=vault, partSize="1048576")["uploadId"]
    t.glacier.set_vault_access_policy(vaultName=vault, policy=denying(t, vault, "glacier:UploadMultipartPart"))
    t.fails(DENIED, t.part, vault=vault, upload=upload, at=0, piece=body)
    t.equal(t.glacier.list_parts(vaultName=vault, uploadId=upload)["Parts"], [], "parts")
    t.glacier.delete_vault_access_policy(vaultName=vault)
    t.part(vault, upload, 0, body)
    t.true(t.complete(vault, upload, body)["archiveId"], "an archive")


@case("SetVaultAccessPolicy", "GetJobOutput")
def output_denied(t):
    "GetJobOutput is denied for a job that is done"
    vault = t.vault()
    job = t.retrieved(vault, t.upload(vault))
    t.glacier.set_vault_access_policy(vaultName=vault, policy=denying(t, vault, "glacier:GetJobOutput"))
    t.fails(DENIED, t.output, vault=vault, job=job)
    t.glacier.delete_vault_access_policy(vaultName=vault)
    t.equal(len(t.output(vault, job)["body"].read()), 100, "bytes")


@case("SetVaultAccessPolicy", "UploadArchive", "DeleteArchive", needs="other")
def another_account_uploads(t):
    "the guide's cross-account policy: another account may do what a statement allows it, with the owner's account in the path, and no more"
    vault, account = t.vault(), t.account()
    t.fails(DENIED, t.other.upload_archive, accountId=account, vaultName=vault, body=b"x")
    t.fails(DENIED, t.other.describe_vault, accountId=account, vaultName=t.name())
    principal = {"AWS": ["123456789012", other_account(t)]}
    actions = ["glacier:UploadArchive", "glacier:InitiateMultipartUpload", "glacier:AbortMultipartUpload"]
    rule = denying(t, vault, actions, Effect="Allow", Principal=principal)
    t.glacier.set_vault_access_policy(vaultName=vault, policy=rule)
    made = t.other.upload_archive(accountId=account, vaultName=vault, body=b"x")
    t.equal(made.get("location"), f"/{account}/vaults/{vault}/archives/{made['archiveId']}", "location")
    t.keep(t.glacier, vault).add(made["archiveId"])
    upload = t.other.initiate_multipart_upload(accountId=account, vaultName=vault, partSize="1048576")["uploadId"]
    gone = t.other.abort_multipart_upload(accountId=account, vaultName=vault, uploadId=upload)
    t.equal(gone["ResponseMetadata"]["HTTPStatusCode"], 204, "status")
    t.fails(DENIED, t.other.delete_archive, accountId=account, vaultName=vault, archiveId=made["archiveId"])
    t.fails(DENIED, t.other.describe_vault, accountId=account, vaultName=vault)


@case("SetVaultAccessPolicy", "AddTagsToVault", "GetVaultLock", needs="other")
def what_is_the_owners(t):
    "no policy of a vault allows another account its tags or its lock"
    vault, account = t.vault(), t.account()
    rule = denying(t, vault, "glacier:*", Effect="Allow", Principal={"AWS": other_account(t)})
    t.glacier.set_vault_access_policy(vaultName=vault, policy=rule)
    t.equal(t.other.describe_vault(accountId=account, vaultName=vault)["VaultARN"], t.arn(vault), "ARN")
    for label, call in (
        ("AddTagsToVault", lambda: t.other.add_tags_to_vault(accountId=account, vaultName=vault, Tags={"a": "b"})),
        ("ListTagsForVault", lambda: t.other.list_tags_for_vault(accountId=account, vaultName=vault)),
        ("GetVaultLock", lambda: t.other.get_vault_lock(accountId=account, vaultName=vault)),
        ("AbortVaultLock", lambda: t.other.abort_vault_lock(accountId=account, vaultName=vault)),
        ("CreateVault", lambda: t.other.create_vault(accountId=account, vaultName=t.name())),
    ):
        with t.each(label):
            t.fails(DENIED, call)


def other_account(t):
    """The other account, as the Location of a vault of its own shows it."""
    name = t.name()
    account = t.other.create_vault(vaultName=name)["location"].split("/")[1]
    t.other.delete_vault(vaultName=name)
    return account
