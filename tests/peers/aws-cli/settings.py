"""What belongs to a vault or an account besides archives, and the waiters."""

import json

from archives import ABSENT, INVALID, MIB, PHOTOS, arn, data
from glacier import REGION, wait_until
from report import equal

DENIED, LIMIT = "AccessDeniedException", "LimitExceededException"


def policy(**statement):
    """A policy with one statement about the vault `photos`."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Resource": arn("photos")} | statement]})


def tags(aws):
    "tags are added, listed and removed, 50 at most"
    equal(aws.good("list-tags-for-vault", *PHOTOS)["Tags"], {}, "no tags")
    aws.good("add-tags-to-vault", *PHOTOS, "--tags", "project=moon,empty=,who=Zoë")
    aws.good("add-tags-to-vault", *PHOTOS, "--tags", json.dumps({"project": "mars", "a/b = c": "x"}))
    equal(aws.good("list-tags-for-vault", *PHOTOS)["Tags"], {"project": "mars", "empty": "", "who": "Zoë", "a/b = c": "x"}, "tags")
    aws.good("remove-tags-from-vault", *PHOTOS, "--tag-keys", "empty", "never there", "who", "a/b = c")
    equal(aws.good("list-tags-for-vault", *PHOTOS)["Tags"], {"project": "mars"}, "the tags that are left")
    for start in range(0, 40, 10):
        aws.good("add-tags-to-vault", *PHOTOS, "--tags", json.dumps({f"key {n}": "" for n in range(start, start + 10)}))
    aws.fails(LIMIT, 400, "add-tags-to-vault", *PHOTOS, "--tags", json.dumps({f"more {n}": "" for n in range(10)}))
    equal(len(aws.good("list-tags-for-vault", *PHOTOS)["Tags"]), 41, "a command that fails adds none of its tags")
    aws.fails(ABSENT, 404, "list-tags-for-vault", "--vault-name", "nosuch")


def notifications(aws):
    "the notification configuration is set, shown and deleted"
    aws.fails(ABSENT, 404, "get-vault-notifications", *PHOTOS)
    topic, events = f"arn:aws:sns:{REGION}:000000000000:done", ["ArchiveRetrievalCompleted", "InventoryRetrievalCompleted"]
    words = ("--vault-notification-config", f"SNSTopic={topic},Events={','.join(events)}")
    aws.good("set-vault-notifications", *PHOTOS, *words)
    config = aws.good("get-vault-notifications", *PHOTOS)["vaultNotificationConfig"]
    equal(config, {"SNSTopic": topic, "Events": events}, "configuration")
    aws.fails(INVALID, 400, "set-vault-notifications", *PHOTOS, "--vault-notification-config", f"SNSTopic={topic},Events=Guess")
    for _ in range(2):
        aws.good("delete-vault-notifications", *PHOTOS)
    aws.fails(ABSENT, 404, "get-vault-notifications", *PHOTOS)


def access_policy(aws):
    "the access policy is set, shown and deleted"
    aws.fails(ABSENT, 404, "get-vault-access-policy", *PHOTOS)
    text = policy(Effect="Allow", Principal={"AWS": "arn:aws:iam::111122223333:root"}, Action="glacier:InitiateJob")
    aws.good("set-vault-access-policy", *PHOTOS, "--policy", json.dumps({"Policy": text}))
    equal(aws.good("get-vault-access-policy", *PHOTOS)["policy"], {"Policy": text}, "the policy as it was sent")
    aws.fails(INVALID, 400, "set-vault-access-policy", *PHOTOS, "--policy", json.dumps({"Policy": "{"}))
    for _ in range(2):
        aws.good("delete-vault-access-policy", *PHOTOS)
    aws.fails(ABSENT, 404, "get-vault-access-policy", *PHOTOS)


def lock(aws):
    "a lock that is aborted can be initiated again; completed it stays for ever"
    age = {"NumericLessThan": {"glacier:ArchiveAgeInDays": "365"}}
    text = policy(Sid="keep", Effect="Deny", Principal="*", Action="glacier:DeleteArchive", Condition=age)
    words = (*PHOTOS, "--policy", json.dumps({"Policy": text}))
    aws.fails(ABSENT, 404, "get-vault-lock", *PHOTOS)
    first = aws.good("initiate-vault-lock", *words)["lockId"]
    aws.fails(DENIED, 403, "initiate-vault-lock", *words)
    state = aws.good("get-vault-lock", *PHOTOS)
    equal((state["Policy"], state["State"], bool(state["ExpirationDate"])), (text, "InProgress", True), "a lock in progress")
    for _ in range(2):
        aws.good("abort-vault-lock", *PHOTOS)
    aws.fails(ABSENT, 404, "get-vault-lock", *PHOTOS)
    second = aws.good("initiate-vault-lock", *words)["lockId"]
    aws.fails(INVALID, 400, "complete-vault-lock", *PHOTOS, f"--lock-id={first}")
    for _ in range(2):
        aws.good("complete-vault-lock", *PHOTOS, f"--lock-id={second}")
    state = aws.good("get-vault-lock", *PHOTOS)
    equal((state["Policy"], state["State"], state.get("ExpirationDate")), (text, "Locked", None), "a locked vault")
    aws.fails(DENIED, 403, "abort-vault-lock", *PHOTOS)
    aws.fails(DENIED, 403, "complete-vault-lock", *PHOTOS, f"--lock-id={first}")
    aws.fails(DENIED, 403, "initiate-vault-lock", *words)


def retrieval_policy(aws):
    "what is beyond the data retrieval policy is refused, Bulk is not limited"
    get = lambda: aws.good("get-data-retrieval-policy")["Policy"]["Rules"]
    set_to = lambda **rule: aws.good("set-data-retrieval-policy", "--policy", json.dumps({"Rules": [rule]}))
    equal(get(), [{"Strategy": "None"}], "the policy at first")
    archive = aws.good("upload-archive", *PHOTOS, "--body", aws.file("up", data(MIB)))["archiveId"]
    job = lambda tier: (*PHOTOS, "--job-parameters", json.dumps({"Type": "archive-retrieval", "ArchiveId": archive, "Tier": tier}))
    for rule in ({"Strategy": "FreeTier"}, {"Strategy": "BytesPerHour", "BytesPerHour": 1}):
        set_to(**rule)
        equal(get(), [rule], "the policy")
    aws.fails("PolicyEnforcedException", 400, "initiate-job", *job("Standard"))
    assert aws.good("initiate-job", *job("Bulk"))["jobId"], "a job"
    set_to(Strategy="None")
    assert aws.good("initiate-job", *job("Standard"))["jobId"], "a job"


def capacity(aws):
    "two units of provisioned capacity are purchased and listed; there is no third"
    equal(aws.good("list-provisioned-capacity")["ProvisionedCapacityList"], [], "no units")
    bought = {aws.good("purchase-provisioned-capacity")["capacityId"] for _ in range(2)}
    listed = aws.good("list-provisioned-capacity")["ProvisionedCapacityList"]
    equal(({unit["CapacityId"] for unit in listed}, len(bought)), (bought, 2), "units")
    aws.fails(LIMIT, 400, "purchase-provisioned-capacity")


class Waiters:
    """Both waiters of the CLI. They look every 3 seconds, which is time for other commands."""

    def begin(self, aws):
        "the waiters wait: for a vault, and for its end"
        late, old = ("--vault-name", "late"), ("--vault-name", "old")
        aws.good("create-vault", *old)
        self.waiting = aws.start("wait vault-exists", *late), aws.start("wait vault-not-exists", *old)
        for running, status in zip(self.waiting, (404, 200)):
            wait_until(lambda: running.calls() == [("DescribeVault", status)], "the first look of a waiter")
        aws.good("create-vault", *late)
        aws.good("delete-vault", *old)

    def end(self, aws):
        "the waiters have noticed"
        for running, last in zip(self.waiting, (200, 404)):
            ran = running.end()
            equal((ran.code, ran.err), (0, ""), "a waiter")
            equal((ran.calls[-1], len(ran.calls)), (("DescribeVault", last), 2), "its last look")


CASES = [tags, notifications, access_policy, lock, retrieval_policy, capacity]
