"""ListJobs: filters, pages, order."""

from harness import case
from harness.checks import INVALID
from harness.clock import TIERS


def jobs(t, count, tier="Expedited"):
    vault = t.vault()
    archive = t.upload(vault)
    return vault, [t.job(vault, Type="archive-retrieval", ArchiveId=archive, Tier=tier) for _ in range(count)]


def listed(t, vault, **more):
    return [job["JobId"] for job in t.glacier.list_jobs(vaultName=vault, **more)["JobList"]]


@case("ListJobs")
def none(t):
    "a vault without jobs has an empty list"
    got = t.glacier.list_jobs(vaultName=t.vault())
    t.equal((got["ResponseMetadata"]["HTTPStatusCode"], got["JobList"], got.get("Marker")), (200, [], None), "status, jobs, marker")


@case("ListJobs", "DescribeJob")
def items(t):
    "an item is what DescribeJob returns"
    vault, (job,) = jobs(t, 1)
    described = t.done(vault, job, "Expedited")
    del described["ResponseMetadata"]
    t.equal(t.glacier.list_jobs(vaultName=vault)["JobList"], [described], "jobs")


@case("ListJobs")
def order(t):
    "jobs come in the order in which they were initiated"
    vault, made = jobs(t, 6)
    t.equal(listed(t, vault), made, "jobs")


@case("ListJobs")
def filters(t):
    "completed and statuscode choose, alone and together"
    vault, made = jobs(t, 2)
    for job in made:
        t.done(vault, job, "Expedited")
    for more, wanted in (
        ({"completed": "true"}, made),
        ({"completed": "false"}, []),
        ({"statuscode": "Succeeded"}, made),
        ({"statuscode": "Failed"}, []),
        ({"statuscode": "InProgress"}, []),
        ({"statuscode": "Succeeded", "completed": "true"}, made),
        ({"statuscode": "Succeeded", "completed": "false"}, []),
    ):
        with t.each(str(more)):
            t.equal(listed(t, vault, **more), wanted, "jobs")


@case("ListJobs", mode="scaled", days=1)
def filters_in_progress(t):
    "scaled: a job in progress and one that is done are told apart"
    vault, (slow,) = jobs(t, 1, "Bulk")
    quick = t.job(vault, Type="archive-retrieval", ArchiveId=t.upload(vault, 5), Tier="Expedited")
    t.clock.until(lambda: t.glacier.describe_job(vaultName=vault, jobId=quick)["Completed"], "the job is done", TIERS["Expedited"])
    for more, wanted in (
        ({"completed": "true"}, [quick]),
        ({"completed": "false"}, [slow]),
        ({"statuscode": "Succeeded"}, [quick]),
        ({"statuscode": "InProgress"}, [slow]),
        ({"statuscode": "InProgress", "completed": "true"}, []),
        ({}, [slow, quick]),
    ):
        with t.each(str(more)):
            t.equal(listed(t, vault, **more), wanted, "jobs")


@case("ListJobs")
def bad_filters(t):
    "another status, another truth value, a limit outside 1 to 50 and an unknown marker are refused"
    vault = t.vault()
    for more in (
        {"statuscode": "Done"},
        {"statuscode": "succeeded"},
        {"completed": "yes"},
        {"completed": "1"},
        {"limit": "0"},
        {"limit": "51"},
        {"limit": "-1"},
        {"limit": "abc"},
        {"marker": "nosuch"},
    ):
        with t.each(str(more)):
            t.fails(INVALID, t.glacier.list_jobs, vaultName=vault, **more)


@case("ListJobs", seconds=90)
def pages(t):
    "limit and marker page through the jobs; boto3's paginator too, and it repeats the filters; a page has 50 without a limit"
    vault, made = jobs(t, 53)
    for job in made:
        t.done(vault, job, "Expedited")
    found, token = [], {}
    while True:
        page = t.glacier.list_jobs(vaultName=vault, limit="20", **token)
        found += [job["JobId"] for job in page["JobList"]]
        if not page.get("Marker"):
            break
        t.equal(len(page["JobList"]), 20, "jobs on a page")
        token = {"marker": page["Marker"]}
    t.equal(found, made, "jobs over all pages")
    first = t.glacier.list_jobs(vaultName=vault)
    t.equal((len(first["JobList"]), bool(first.get("Marker"))), (50, True), "jobs and marker without a limit")
    paginate = t.glacier.get_paginator("list_jobs").paginate
    result = paginate(vaultName=vault, completed="true", PaginationConfig={"PageSize": 25}).build_full_result()
    t.equal([job["JobId"] for job in result["JobList"]], made, "jobs of the paginator")
    none = paginate(vaultName=vault, statuscode="Failed", PaginationConfig={"PageSize": 25}).build_full_result()
    t.equal(none["JobList"], [], "failed jobs of the paginator")


@case("ListJobs")
def paginator_resumes(t):
    "MaxItems cuts, and its token continues where it was cut"
    vault, made = jobs(t, 5)
    paginate = t.glacier.get_paginator("list_jobs").paginate
    first = paginate(vaultName=vault, PaginationConfig={"MaxItems": 3, "PageSize": 2}).build_full_result()
    t.true(first.get("NextToken"), "no token")
    rest = paginate(vaultName=vault, PaginationConfig={"PageSize": 2, "StartingToken": first["NextToken"]}).build_full_result()
    t.equal([job["JobId"] for part in (first, rest) for job in part["JobList"]], made, "jobs")
