"""InitiateJob and DescribeJob: how a job goes."""

from datetime import datetime

from harness import MIB, case, sample, tree_hash
from harness.checks import INVALID, NOT_FOUND
from harness.clock import HOUR


def describe(t, vault, job):
    return t.glacier.describe_job(vaultName=vault, jobId=job)


@case("InitiateJob")
def initiate(t):
    "status 202; an id and its path"
    vault = t.vault()
    archive = t.upload(vault)
    made = t.glacier.initiate_job(vaultName=vault, jobParameters={"Type": "archive-retrieval", "ArchiveId": archive})
    t.equal(made["ResponseMetadata"]["HTTPStatusCode"], 202, "status")
    t.equal(made.get("location"), f"/{t.account()}/vaults/{vault}/jobs/{made['jobId']}", "location")
    t.true(t.job(vault, Type="archive-retrieval", ArchiveId=archive) != made["jobId"], "a repeat starts another job")


@case("DescribeJob", "InitiateJob")
def archive_job(t):
    "the members of a done archive retrieval"
    vault, body = t.vault(), sample(2 * MIB + 3)
    archive = t.upload(vault, len(body))
    topic = f"arn:aws:sns:{t.region}:{t.account()}:topic"
    job = t.job(vault, Type="archive-retrieval", ArchiveId=archive, Description="why", Tier="Expedited", SNSTopic=topic)
    got = t.done(vault, job, "Expedited")
    wanted = {
        "JobId": job,
        "JobDescription": "why",
        "Action": "ArchiveRetrieval",
        "ArchiveId": archive,
        "VaultARN": t.arn(vault),
        "Completed": True,
        "StatusCode": "Succeeded",
        "ArchiveSizeInBytes": len(body),
        "SNSTopic": topic,
        "SHA256TreeHash": tree_hash(body),
        "ArchiveSHA256TreeHash": tree_hash(body),
        "RetrievalByteRange": f"0-{len(body) - 1}",
        "Tier": "Expedited",
    }
    for member, value in wanted.items():
        with t.each(member):
            t.equal(got.get(member), value, member)
    for member in ("InventorySizeInBytes", "InventoryRetrievalParameters"):
        with t.each(member):
            t.equal(got.get(member), None, member)
    t.true(got["CreationDate"] <= got["CompletionDate"], f"created {got['CreationDate']}, completed {got['CompletionDate']}")


@case("DescribeJob", "InitiateJob", days=1)
def defaults(t):
    "without a tier it is Standard; without description and topic it has none"
    vault = t.vault()
    got = t.done(vault, t.job(vault, Type="archive-retrieval", ArchiveId=t.upload(vault)))
    t.equal(got.get("Tier"), "Standard", "tier")
    t.among(got.get("JobDescription"), (None, ""), "description")
    t.equal(got.get("SNSTopic"), None, "topic")


@case("DescribeJob", "InitiateJob", mode="instant")
def done_at_the_next_look(t):
    "instant: a job of every tier is done when it is first described"
    vault = t.vault()
    archive = t.upload(vault)
    for tier in ("Expedited", "Standard", "Bulk"):
        with t.each(tier):
            got = describe(t, vault, t.job(vault, Type="archive-retrieval", ArchiveId=archive, Tier=tier))
            t.equal((got["Completed"], got["StatusCode"], got["Tier"]), (True, "Succeeded", tier), "completed, status, tier")


@case("GetJobOutput", "InitiateJob", mode="instant")
def output_at_the_next_look(t):
    "instant: the output can be read without describing the job first"
    vault = t.vault()
    job = t.job(vault, Type="archive-retrieval", ArchiveId=t.upload(vault, 500))
    t.equal(t.output(vault, job)["body"].read(), sample(500), "bytes")


@case("DescribeJob", "GetJobOutput", mode="scaled", days=1)
def in_progress(t):
    "scaled: a job is InProgress at first; it has no completion date, and its output is refused"
    vault = t.vault()
    job = t.job(vault, Type="archive-retrieval", ArchiveId=t.upload(vault), Tier="Bulk")
    got = describe(t, vault, job)
    t.equal((got["Completed"], got["StatusCode"], got.get("CompletionDate")), (False, "InProgress", None), "completed, status, date")
    t.fails(INVALID, t.output, vault=vault, job=job)


@case("DescribeJob", "InitiateJob", mode="scaled", days=1)
def tiers(t):
    "scaled: Expedited takes 1 to 5 minutes, Standard 3 to 5 hours, Bulk 5 to 12 hours, by the job's own dates"
    vault = t.vault()
    archive = t.upload(vault)
    spans = {"Expedited": (60, 300), "Standard": (3 * HOUR, 5 * HOUR), "Bulk": (5 * HOUR, 12 * HOUR)}
    jobs = {tier: t.job(vault, Type="archive-retrieval", ArchiveId=archive, Tier=tier) for tier in spans}
    for tier, (least, most) in spans.items():
        with t.each(tier):
            got = t.done(vault, jobs[tier], tier)
            took = (datetime.fromisoformat(got["CompletionDate"]) - datetime.fromisoformat(got["CreationDate"])).total_seconds()
            t.true(least - 1 <= took <= most + 1, f"took {took} s, wanted {least} to {most}")


@case("DescribeJob", "GetJobOutput", "ListJobs", mode="scaled", days=2.5)
def expires(t):
    "scaled: a job and its output are there for 24 hours after completion, then gone"
    vault = t.vault()
    job = t.retrieved(vault, t.upload(vault, 700))
    t.clock.sleep(18 * HOUR)
    t.equal(t.output(vault, job)["body"].read(), sample(700), "output at 18 hours")
    t.clock.sleep(9 * HOUR)
    t.fails(NOT_FOUND, describe, t=t, vault=vault, job=job)
    t.fails(NOT_FOUND, t.output, vault=vault, job=job)
    t.equal(t.glacier.list_jobs(vaultName=vault)["JobList"], [], "jobs")


@case("GetJobOutput", "DescribeJob", mode="instant")
def stays_at_once(t):
    "instant: a job and its output stay while the suite looks, and the output can be read again"
    vault = t.vault()
    job = t.retrieved(vault, t.upload(vault, 700))
    for _ in range(3):
        t.equal(t.output(vault, job)["body"].read(), sample(700), "output")
        t.equal(describe(t, vault, job)["StatusCode"], "Succeeded", "status")


@case("GetJobOutput", "DeleteArchive")
def output_survives_its_archive(t):
    "a prepared output can be read after DeleteArchive"
    vault = t.vault()
    archive = t.upload(vault, 1234)
    job = t.retrieved(vault, archive)
    t.glacier.delete_archive(vaultName=vault, archiveId=archive)
    got = t.output(vault, job)
    t.equal((got["body"].read(), got.get("checksum")), (sample(1234), tree_hash(sample(1234))), "bytes and checksum")
    t.equal(describe(t, vault, job)["StatusCode"], "Succeeded", "status")


@case("InitiateJob", "DescribeJob", "GetJobOutput", "ListJobs")
def unknown(t):
    "an unknown vault, archive or job, or a job of another vault: ResourceNotFoundException"
    vault, other, name = t.vault(), t.vault(), t.name()
    archive = t.upload(vault)
    job = t.job(vault, Type="archive-retrieval", ArchiveId=archive)
    retrieval = {"Type": "archive-retrieval", "ArchiveId": archive}
    for label, call in (
        ("initiate: vault", lambda: t.job(name, **retrieval)),
        ("initiate: archive", lambda: t.job(vault, Type="archive-retrieval", ArchiveId="x" * 138)),
        ("initiate: archive of another vault", lambda: t.job(other, **retrieval)),
        ("initiate: inventory of an unknown vault", lambda: t.job(name, Type="inventory-retrieval")),
        ("describe: vault", lambda: describe(t, name, job)),
        ("describe: job", lambda: describe(t, vault, "nosuch")),
        ("describe: job of another vault", lambda: describe(t, other, job)),
        ("output: vault", lambda: t.output(name, job)),
        ("output: job", lambda: t.output(vault, "nosuch")),
        ("output: job of another vault", lambda: t.output(other, job)),
        ("list: vault", lambda: t.glacier.list_jobs(vaultName=name)),
    ):
        with t.each(label):
            t.fails(NOT_FOUND, call)
