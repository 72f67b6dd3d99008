"""What belongs to a vault or an account besides archives, the lists page by page, and the waiters."""

import json

from botocore.exceptions import WaiterError

import bench
from bench import MIB, REGION
from catalogue import OPERATIONS
from report import equal

INVALID, MISSING, ABSENT = "InvalidParameterValueException", "MissingParameterValueException", "ResourceNotFoundException"
DENIED, LIMIT = "AccessDeniedException", "LimitExceededException"
ARN = f"arn:aws:glacier:{REGION}:000000000000:vaults/photos"
TOPIC = f"arn:aws:sns:{REGION}:000000000000:done"

# Another account may retrieve.
ACCESS = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
            "Action": ["glacier:InitiateJob", "glacier:GetJobOutput"],
            "Resource": ARN,
        }
    ],
}
# Archives are kept for a year, as in the developer guide's first example.
LOCK = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "deny-based-on-archive-age",
            "Principal": "*",
            "Effect": "Deny",
            "Action": "glacier:DeleteArchive",
            "Resource": ARN,
            "Condition": {"NumericLessThan": {"glacier:ArchiveAgeInDays": "365"}},
        }
    ],
}


def tags():
    "boto3 adds, lists and removes tags, 50 at most"
    with bench.bench() as b:
        boto, vault = b.boto, {"vaultName": "photos"}
        equal(boto.list_tags_for_vault(**vault)["Tags"], {}, "no tags")
        boto.add_tags_to_vault(**vault, Tags={"project": "moon", "empty": "", "Zoë": "a/b = c"})
        boto.add_tags_to_vault(**vault, Tags={"project": "mars"})
        equal(boto.list_tags_for_vault(**vault)["Tags"], {"project": "mars", "empty": "", "Zoë": "a/b = c"}, "tags")
        boto.remove_tags_from_vault(**vault, TagKeys=["empty", "never there", "Zoë"])
        equal(boto.list_tags_for_vault(**vault)["Tags"], {"project": "mars"}, "tags that are left")
        for start in range(0, 40, 10):
            boto.add_tags_to_vault(**vault, Tags={f"key {n}": str(n) for n in range(start, start + 10)})
        b.fails(LIMIT, 400, boto.add_tags_to_vault, **vault, Tags={f"more {n}": "" for n in range(10)})
        equal(len(boto.list_tags_for_vault(**vault)["Tags"]), 41, "a call that fails adds none of its tags")
        b.fails(INVALID, 400, boto.add_tags_to_vault, **vault, Tags={"aws:reserved": "x"})
        b.fails(ABSENT, 404, boto.list_tags_for_vault, vaultName="nosuch")


def notifications():
    "boto3 sets, gets and deletes the notification configuration"
    with bench.bench() as b:
        boto, vault = b.boto, {"vaultName": "photos"}
        b.fails(ABSENT, 404, boto.get_vault_notifications, **vault)
        config = {"SNSTopic": TOPIC, "Events": ["ArchiveRetrievalCompleted", "InventoryRetrievalCompleted"]}
        boto.set_vault_notifications(**vault, vaultNotificationConfig=config)
        equal(boto.get_vault_notifications(**vault)["vaultNotificationConfig"], config, "configuration")
        b.fails(INVALID, 400, boto.set_vault_notifications, **vault, vaultNotificationConfig=config | {"Events": ["Guess"]})
        for _ in range(2):
            boto.delete_vault_notifications(**vault)
        b.fails(ABSENT, 404, boto.get_vault_notifications, **vault)


def access_policy():
    "boto3 sets, gets and deletes the access policy"
    with bench.bench() as b:
        boto, vault = b.boto, {"vaultName": "photos"}
        b.fails(ABSENT, 404, boto.get_vault_access_policy, **vault)
        text = json.dumps(ACCESS, indent=4)
        boto.set_vault_access_policy(**vault, policy={"Policy": text})
        equal(boto.get_vault_access_policy(**vault)["policy"], {"Policy": text}, "the policy as it was sent")
        b.fails(INVALID, 400, boto.set_vault_access_policy, **vault, policy={"Policy": "{"})
        for _ in range(2):
            boto.delete_vault_access_policy(**vault)
        b.fails(ABSENT, 404, boto.get_vault_access_policy, **vault)


def lock():
    "boto3 locks a vault: aborted it can be initiated again, completed it stays for ever"
    with bench.bench() as b:
        boto, vault, text = b.boto, {"vaultName": "photos"}, json.dumps(LOCK)
        b.fails(ABSENT, 404, boto.get_vault_lock, **vault)
        first = boto.initiate_vault_lock(**vault, policy={"Policy": text})["lockId"]
        b.fails(DENIED, 403, boto.initiate_vault_lock, **vault, policy={"Policy": text})
        state = boto.get_vault_lock(**vault)
        equal((state["Policy"], state["State"], bool(state["ExpirationDate"])), (text, "InProgress", True), "a lock in progress")
        for _ in range(2):
            boto.abort_vault_lock(**vault)
        b.fails(ABSENT, 404, boto.get_vault_lock, **vault)
        second = boto.initiate_vault_lock(**vault, policy={"Policy": text})["lockId"]
        assert first != second, "another lock has another id"
        b.fails(INVALID, 400, boto.complete_vault_lock, **vault, lockId=first)
        for _ in range(2):
            boto.complete_vault_lock(**vault, lockId=second)
        state = boto.get_vault_lock(**vault)
        equal((state["Policy"], state["State"], state.get("ExpirationDate")), (text, "Locked", None), "a locked vault")
        b.fails(DENIED, 403, boto.abort_vault_lock, **vault)
        b.fails(DENIED, 403, boto.complete_vault_lock, **vault, lockId=first)
        b.fails(DENIED, 403, boto.initiate_vault_lock, **vault, policy={"Policy": text})


def retrieval_policy():
    "boto3 limits retrievals: what is beyond the policy is refused, Bulk is not limited"
    with bench.bench() as b:
        boto = b.boto
        equal(boto.get_data_retrieval_policy()["Policy"], {"Rules": [{"Strategy": "None"}]}, "the policy at first")
        archive = boto.upload_archive(vaultName="photos", body=b.data(MIB))["archiveId"]
        job = lambda tier: dict(vaultName="photos", jobParameters={"Type": "archive-retrieval", "ArchiveId": archive, "Tier": tier})
        for rule in ({"Strategy": "FreeTier"}, {"Strategy": "BytesPerHour", "BytesPerHour": 1}):
            boto.set_data_retrieval_policy(Policy={"Rules": [rule]})
            equal(boto.get_data_retrieval_policy()["Policy"], {"Rules": [rule]}, "the policy")
        b.fails("PolicyEnforcedException", 400, boto.initiate_job, **job("Standard"))
        boto.initiate_job(**job("Bulk"))
        b.fails(INVALID, 400, boto.set_data_retrieval_policy, Policy={"Rules": [{"Strategy": "None", "BytesPerHour": 1}]})
        boto.set_data_retrieval_policy(Policy={"Rules": [{"Strategy": "None"}]})
        boto.initiate_job(**job("Standard"))


def capacity():
    "boto3 purchases two units of provisioned capacity and lists them; there is no third"
    with bench.bench() as b:
        equal(b.boto.list_provisioned_capacity()["ProvisionedCapacityList"], [], "no units")
        bought = {b.boto.purchase_provisioned_capacity()["capacityId"] for _ in range(2)}
        listed = b.boto.list_provisioned_capacity()["ProvisionedCapacityList"]
        equal(({unit["CapacityId"] for unit in listed}, len(bought)), (bought, 2), "units")
        for unit in listed:
            assert unit["StartDate"][:19] < unit["ExpirationDate"][:19], unit
        b.fails(LIMIT, 400, b.boto.purchase_provisioned_capacity)


def lists():
    "boto3 pages through vaults, jobs, uploads and parts, in any page size, and lists nothing that was aborted"
    with bench.bench() as b:
        boto, vault = b.boto, {"vaultName": "photos"}
        names = [f"v{n:02}" for n in range(11)]
        for name in names:
            boto.create_vault(vaultName=name)
        pages = b.pages("list_vaults", 5)
        equal([[v["VaultName"] for v in page] for page in pages], [["photos"] + names[:4], names[4:9], names[9:]], "pages of vaults")

        archive = boto.upload_archive(**vault, body=b"x")["archiveId"]
        jobs = [
            boto.initiate_job(**vault, jobParameters={"Type": "archive-retrieval", "ArchiveId": archive, "Description": f"no. {n}"})["jobId"]
            for n in range(5)
        ]
        pages = b.pages("list_jobs", 2, **vault, statuscode="Succeeded", completed="true")
        equal([[j["JobId"] for j in page] for page in pages], [jobs[:2], jobs[2:4], jobs[4:]], "pages of jobs")
        equal(b.pages("list_jobs", 2, **vault, completed="false"), [[]], "jobs that are not completed")
        b.fails(INVALID, 400, boto.list_jobs, **vault, statuscode="Guess")

        uploads = [
            boto.initiate_multipart_upload(**vault, partSize=str(MIB << n), archiveDescription=f"no. {n}")["uploadId"] for n in range(5)
        ]
        boto.abort_multipart_upload(**vault, uploadId=uploads[1])
        pages = b.pages("list_multipart_uploads", 3, **vault)
        got = {(u["MultipartUploadId"], u["PartSizeInBytes"], u["ArchiveDescription"], u["VaultARN"]) for page in pages for u in page}
        equal(got, {(uploads[n], MIB << n, f"no. {n}", ARN) for n in (0, 2, 3, 4)}, "uploads in progress")
        equal([len(page) for page in pages], [3, 1], "pages of uploads")
        b.fails(ABSENT, 404, boto.list_parts, **vault, uploadId=uploads[1])

        for n in (2, 0, 1):
            piece = b.data(MIB)
            boto.upload_multipart_part(**vault, uploadId=uploads[0], range=f"bytes {n * MIB}-{(n + 1) * MIB - 1}/*", body=piece)
        pages = b.pages("list_parts", 1, **vault, uploadId=uploads[0])
        equal([[p["RangeInBytes"] for p in page] for page in pages], [[f"{n * MIB}-{(n + 1) * MIB - 1}"] for n in range(3)], "pages of parts")


def once(b, act):
    """Acts after the next DescribeVault, as somebody else might while a waiter sleeps."""

    def handler(**_):
        b.boto.meta.events.unregister("after-call.glacier.DescribeVault", handler)
        act()

    b.boto.meta.events.register("after-call.glacier.DescribeVault", handler)


def waiters():
    "boto3 waits until a vault exists, and until it does not"
    with bench.bench() as b:

        def wait(name, attempts):
            b.boto.get_waiter(name).wait(vaultName="late", WaiterConfig={"Delay": 0, "MaxAttempts": attempts})
            bench.waited.add(name)

        def fails(name):
            try:
                wait(name, 2)
            except WaiterError as error:
                assert "Max attempts exceeded" in str(error), error
                bench.waited.discard(name)
            else:
                raise AssertionError(f"{name} ended")

        fails("vault_exists")
        once(b, lambda: b.boto.create_vault(vaultName="late"))
        wait("vault_exists", 2)
        fails("vault_not_exists")
        once(b, lambda: b.boto.delete_vault(vaultName="late"))
        wait("vault_not_exists", 2)


def everything():
    "every operation of the catalogue, every paginator and every waiter of boto3 was used"
    equal(len(OPERATIONS), 33, "operations in the catalogue")
    equal(sorted(bench.succeeded), OPERATIONS, "operations that succeeded")
    boto = bench.client("http://127.0.0.1:9")
    known = {name for name in boto.meta.method_to_api_mapping if boto.can_paginate(name)}
    equal((bench.paged, len(known)), (known, 4), "paginators")
    equal((bench.waited, len(bench.waited)), (set(boto.waiter_names), 2), "waiters")


CASES = [tags, notifications, access_policy, lock, retrieval_policy, capacity, lists, waiters, everything]
