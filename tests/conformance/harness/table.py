"""The result as tables of text, and as JSON."""

from botocore.session import Session

from harness.runner import ABSENT, FAILED, PASSED


def operations():
    return sorted(Session().get_service_model("glacier").operation_names)


def rows(results, keys_of, order):
    """{key: [passed, failed, not implemented, assertions]} for the keys that a result has."""
    table = {key: [0, 0, 0, 0] for key in order}
    for result in results:
        for key in keys_of(result):
            row = table.setdefault(key, [0, 0, 0, 0])
            row[(PASSED, FAILED, ABSENT).index(result.outcome)] += 1
            row[3] += result.assertions
    return table


def by_operation(results):
    return rows(results, lambda r: r.case.operations, operations())


def by_behaviour(results):
    return rows(results, lambda r: [r.case.group], [])


def text(title, table):
    width = max(len(key) for key in [title, *table])
    lines = [f"{title:{width}}  passed  failed  not implemented  assertions"]
    for key, (passed, failed, absent, assertions) in table.items():
        lines.append(f"{key:{width}}  {passed:6}  {failed:6}  {absent:15}  {assertions:10}")
    return "\n".join(lines)


def totals(results):
    count = lambda outcome: sum(result.outcome == outcome for result in results)
    return {
        "passed": count(PASSED),
        "failed": count(FAILED),
        "notImplemented": count(ABSENT),
        "assertions": sum(result.assertions for result in results),
    }


def document(settings, results, elsewhere, left):
    """Everything, for --output json."""
    name = lambda row: dict(zip(("passed", "failed", "notImplemented", "assertions"), row))
    return {
        "endpoint": settings.endpoint,
        "time": settings.clock.text,
        "seed": settings.seed,
        "totals": totals(results),
        "operations": {key: name(row) for key, row in by_operation(results).items()},
        "behaviours": {key: name(row) for key, row in by_behaviour(results).items()},
        "notImplemented": sorted({result.absent for result in results if result.absent}),
        "notInThisMode": [case.title for case in elsewhere],
        "vaultsLeft": left,
        "cases": [
            {
                "case": result.case.title,
                "about": result.case.about,
                "operations": result.case.operations,
                "outcome": result.outcome,
                "assertions": result.assertions,
                "seconds": round(result.seconds, 3),
                "failures": result.failures,
            }
            for result in results
        ],
    }


def summary(results, elsewhere, left):
    counted = totals(results)
    lines = ["", text("operation", by_operation(results)), "", text("behaviour", by_behaviour(results)), ""]
    if absent := sorted({result.absent for result in results if result.absent}):
        lines.append(f"not implemented: {' '.join(absent)}")
    if elsewhere:
        lines.append(f"not in this mode, not counted: {' '.join(case.title for case in elsewhere)}")
    if left:
        lines.append(f"vaults that the endpoint did not delete: {' '.join(left)}")
    lines.append(
        f"{counted['passed']} passed, {counted['failed']} failed, {counted['notImplemented']} not implemented; {counted['assertions']} assertions"
    )
    return "\n".join(lines)
