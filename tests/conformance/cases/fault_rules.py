"""Which requests meet a fault, by the rules of a script. Expected values are those of the project's README."""

from botocore.exceptions import ClientError

from cases.faults import fault, rule
from harness.checks import NOT_FOUND


def outcomes(t, vault, times, call="describe_vault"):
    """Which of so many calls met an error, from 1."""
    met = []
    for number in range(1, times + 1):
        try:
            getattr(t.glacier, call)(vaultName=vault)
        except ClientError:
            met.append(number)
    return met


@fault("DescribeVault")
def nth_and_times(t):
    "nth is the first match that is hit, times how many are; without times it is one, without both all are"
    vault = t.vault()
    for members, hit in [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"nth": 2}, [2]),
        ({"nth": 2, "times": 3}, [2, 3, 4]),
        ({"times": 2}, [1, 2]),
        ({"percent": 0}, []),
        ({"percent": 100}, [1, 2, 3, 4, 5, 6]),
    ]:
        with t.each(str(members)), t.control.faults(rule(vault, "DescribeVault", "throttle", **members)) as hits:
            t.equal(outcomes(t, vault, 6), hit, "requests that met the fault")
        t.equal(hits, [len(hit)], "hits")


@fault("DescribeVault", "ListTagsForVault")
def operation_and_vault(t):
    "a rule is about its operation and its vault alone; * is every operation; the first rule that fires decides"
    vault, other = t.vault(), t.vault()
    t.glacier.add_tags_to_vault(vaultName=vault, Tags={"a": "b"})
    with t.control.faults(rule(vault, "DescribeVault", "throttle")):
        t.equal((outcomes(t, vault, 1), outcomes(t, vault, 1, "list_tags_for_vault"), outcomes(t, other, 1)), ([1], [], []), "one operation")
    with t.control.faults(rule(vault, "*", "throttle")):
        t.equal((outcomes(t, vault, 1), outcomes(t, vault, 1, "list_tags_for_vault"), outcomes(t, other, 1)), ([1], [1], []), "all operations")
    first, second = rule(vault, "*", "error", nth=2, status=404, code=NOT_FOUND), rule(vault, "DescribeVault", "throttle", nth=2, times=2)
    with t.control.faults(first, second) as hits:
        t.glacier.describe_vault(vaultName=vault)
        t.fails(NOT_FOUND, t.glacier.describe_vault, vaultName=vault)
        t.fails("ThrottlingException", t.glacier.describe_vault, vaultName=vault)
        t.glacier.describe_vault(vaultName=vault)
    t.equal(hits, [1, 1], "hits")


@fault("DescribeVault")
def percent_repeats(t):
    "what percent draws follows from the seed: the same seed gives the same run, another seed another one"
    vault, runs = t.vault(), []
    for seed in (11, 11, 12):
        with t.control.faults(rule(vault, "DescribeVault", "throttle", percent=40), seed=seed):
            runs.append(outcomes(t, vault, 60))
    t.true(8 <= len(runs[0]) <= 40, f"{len(runs[0])} of 60 at 40 percent")
    t.equal(runs[1], runs[0], "the same seed")
    t.true(runs[2] != runs[0], "another seed gives the same run")


@fault("DescribeVault")
def scripts(t):
    "a script that is not valid is refused whole, and the one before stays; GET tells the script as it is"
    vault = t.vault()
    good = rule(vault, "DescribeVault", "throttle", nth=3)
    with t.control.faults(good):
        for wrong in [
            {**good, "operation": "FreezeVault"},
            {**good, "fault": {"kind": "explode"}},
            {**good, "fault": {"kind": "throttle", "often": 1}},
            {**good, "fault": {"kind": "delay"}},
            {**good, "nth": 0},
            {**good, "percent": 101},
            {**good, "when": "now"},
        ]:
            with t.each(str(wrong)):
                status, error = t.control.call("POST", "faults", {"seed": 1, "rules": [good, wrong]})
                t.equal((status, sorted(error)), (400, ["code", "message"]), "response")
        (kept,) = t.control.done("GET", "faults")["rules"]
        t.equal({name: kept[name] for name in good}, good, "the rule")
        t.equal(outcomes(t, vault, 3), [3], "it still counts")
