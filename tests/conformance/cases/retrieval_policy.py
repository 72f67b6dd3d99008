"""SetDataRetrievalPolicy, GetDataRetrievalPolicy, and PolicyEnforcedException."""

import json

from harness import MIB, case
from harness.checks import INVALID, MALFORMED, MISSING

BOTH = ("SetDataRetrievalPolicy", "GetDataRetrievalPolicy")
POLICY = "PolicyEnforcedException"


def apply(t, *rules):
    return t.glacier.set_data_retrieval_policy(Policy={"Rules": list(rules)})


def bytes_per_hour(number):
    return {"Strategy": "BytesPerHour", "BytesPerHour": number}


def current(t):
    return t.glacier.get_data_retrieval_policy()["Policy"]["Rules"]


def without_null(rules):
    return [{k: v for k, v in rule.items() if v is not None} for rule in rules]


@case("GetDataRetrievalPolicy", region="fresh")
def default(t):
    "without a policy of one's own, the strategy is None"
    got = t.glacier.get_data_retrieval_policy()
    t.equal(got["ResponseMetadata"]["HTTPStatusCode"], 200, "status")
    t.equal(without_null(got["Policy"]["Rules"]), [{"Strategy": "None"}], "rules")


@case(*BOTH, region="policy")
def strategies(t):
    "status 204; each strategy comes back; BytesPerHour only for its own"
    for rule in (bytes_per_hour(1), bytes_per_hour(10737418240), bytes_per_hour(2**63 - 1), {"Strategy": "FreeTier"}, {"Strategy": "None"}):
        with t.each(str(rule)):
            t.equal(apply(t, rule)["ResponseMetadata"]["HTTPStatusCode"], 204, "status")
            t.equal(without_null(current(t)), [rule], "rules")


@case(*BOTH, region="policy")
def illegal(t):
    "exactly one rule, of a known strategy, with BytesPerHour from 1 for that strategy alone; a refused one changes nothing"
    apply(t, bytes_per_hour(12345))
    none, free = {"Strategy": "None"}, {"Strategy": "FreeTier"}
    for rules in (
        [],
        [none, none],
        [none, free],
        [{"Strategy": "Guess"}],
        [{"Strategy": "none"}],
        [{"Strategy": "BytesPerHour"}],
        [bytes_per_hour(0)],
        [bytes_per_hour(-1)],
        [{"Strategy": "None", "BytesPerHour": 5}],
        [{"Strategy": "FreeTier", "BytesPerHour": 5}],
        [{"BytesPerHour": 5}],
        [{}],
    ):
        with t.each(str(rules)):
            t.fails((INVALID, MISSING), lambda: apply(t, *rules))
    t.equal(without_null(current(t)), [bytes_per_hour(12345)], "rules")
    apply(t, none)


@case("SetDataRetrievalPolicy", region="policy")
def illegal_bodies(t):
    "the policy and its rules are required; a number is a number"
    for body in ({}, {"Policy": {}}, {"Policy": None}):
        with t.each(str(body)):
            t.refused((INVALID, MISSING), t.raw().call("PUT", "/-/policies/data-retrieval", body=json.dumps(body).encode()))
    body = {"Policy": {"Rules": [{"Strategy": "BytesPerHour", "BytesPerHour": "many"}]}}
    t.refused((INVALID, MALFORMED), t.raw().call("PUT", "/-/policies/data-retrieval", body=json.dumps(body).encode()))


@case("InitiateJob", "SetDataRetrievalPolicy", region="policy")
def bytes_per_hour_enforced(t):
    "a Standard retrieval above the rate is PolicyEnforcedException, and starts no job; Bulk and Expedited are not limited"
    vault = t.vault()
    archive = t.upload(vault, MIB)
    apply(t, bytes_per_hour(1))
    try:
        t.fails(POLICY, t.job, vault=vault, Type="archive-retrieval", ArchiveId=archive)
        t.fails(POLICY, t.job, vault=vault, Type="archive-retrieval", ArchiveId=archive, Tier="Standard")
        t.equal(t.glacier.list_jobs(vaultName=vault)["JobList"], [], "jobs")
        for tier in ("Bulk", "Expedited"):
            t.true(t.job(vault, Type="archive-retrieval", ArchiveId=archive, Tier=tier), f"no {tier} job")
    finally:
        apply(t, {"Strategy": "None"})
    t.true(t.job(vault, Type="archive-retrieval", ArchiveId=archive), "no job without a limit")


@case("InitiateJob", "SetDataRetrievalPolicy", region="policy")
def below_the_limit(t):
    "a retrieval within the rate, and a small one within the free tier, are accepted"
    vault = t.vault()
    archive = t.upload(vault, 2 * MIB)
    for rule in (bytes_per_hour(2**40), {"Strategy": "FreeTier"}):
        with t.each(str(rule)):
            apply(t, rule)
            t.true(t.job(vault, Type="archive-retrieval", ArchiveId=archive), "no job")
    apply(t, {"Strategy": "None"})


# Running jobs of other cases would count, too.
@case("InitiateJob", "SetDataRetrievalPolicy", region="running", mode="scaled")
def running_jobs_count(t):
    "scaled: the rate is the sum over running Standard jobs: the first is accepted and the one that exceeds it is not"
    vault = t.vault()
    archive = t.upload(vault, 4 * MIB)
    # One job of 4 MiB in 3 to 5 hours is 0.8 to 1.34 MiB an hour; two are 1.6 at least.
    apply(t, bytes_per_hour(3 * MIB // 2))
    try:
        t.true(t.job(vault, Type="archive-retrieval", ArchiveId=archive), "no job")
        t.fails(POLICY, t.job, vault=vault, Type="archive-retrieval", ArchiveId=archive)
    finally:
        apply(t, {"Strategy": "None"})


@case(*BOTH, region="policy")
def of_the_region(t):
    "the policy is that of a region"
    apply(t, bytes_per_hour(777))
    other = t.client(region=t.another_region())
    t.true(without_null(other.get_data_retrieval_policy()["Policy"]["Rules"]) != [bytes_per_hour(777)], "another region has it too")
    apply(t, {"Strategy": "None"})
