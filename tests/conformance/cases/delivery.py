"""Notifications as `glacier serve` writes them to a file. Expected values are those of the developer guide, and the form of a line is the README's."""

import json

from harness import case
from harness.clock import HOUR


def lines(t, job):
    """The notifications about a job, as soon as there is one."""

    def found():
        text = t.settings.notifications.read_text() if t.settings.notifications.exists() else ""
        return [line for line in map(json.loads, text.splitlines()) if line["message"]["JobId"] == job]

    return t.clock.until(found, "a notification", HOUR)


def topic(t, name):
    return f"arn:aws:sns:{t.region}:{t.account()}:{name}"


def configured_vault(t):
    """A vault that tells of archives, with one."""
    vault = t.vault()
    t.glacier.set_vault_notifications(
        vaultName=vault, vaultNotificationConfig={"SNSTopic": topic(t, "vault"), "Events": ["ArchiveRetrievalCompleted"]}
    )
    return vault, t.upload(vault)


@case("SetVaultNotifications", "InitiateJob", needs="notifications", days=1)
def configured(t):
    "a job whose event the vault's configuration names is told to its topic, with what DescribeJob says; other events are not told"
    vault, archive = configured_vault(t)
    if not t.clock.instant:
        t.inventoried(vault)
    silent = t.job(vault, Type="inventory-retrieval")
    t.done(vault, silent)
    job = t.retrieved(vault, archive)
    (line,) = lines(t, job)
    t.equal((line["topic"], line["event"]), (topic(t, "vault"), "ArchiveRetrievalCompleted"), "topic and event")
    described = t.glacier.describe_job(vaultName=vault, jobId=job)
    for member in ("Action", "ArchiveId", "ArchiveSizeInBytes", "Completed", "CompletionDate", "JobId", "SHA256TreeHash", "StatusCode", "VaultARN"):
        with t.each(member):
            t.equal(line["message"][member], described[member], member)
    t.equal(line["at"], described["CompletionDate"], "time")
    told = {json.loads(text)["message"]["JobId"] for text in t.settings.notifications.read_text().splitlines()}
    t.true(silent not in told, "an event that is not configured was told")


@case("InitiateJob", needs="notifications", days=1)
def of_the_job(t):
    "a job with a topic of its own is told to it, also without a configuration of the vault"
    vault = t.vault()
    job = t.retrieved(vault, t.upload(vault), SNSTopic=topic(t, "job"))
    (line,) = lines(t, job)
    t.equal((line["topic"], line["event"]), (topic(t, "job"), "ArchiveRetrievalCompleted"), "topic and event")


@case("SetVaultNotifications", "InitiateJob", needs="notifications", days=1)
def both_topics(t):
    "a job with a topic in a vault with a configuration is told to both"
    vault, archive = configured_vault(t)
    job = t.retrieved(vault, archive, SNSTopic=topic(t, "job"))
    t.clock.until(lambda: len(lines(t, job)) == 2, "both notifications", HOUR)
    t.equal(sorted(line["topic"] for line in lines(t, job)), sorted([topic(t, "job"), topic(t, "vault")]), "topics")
