"""Runs cases in threads, each bounded in time and on its own; a crash of a case is its failure."""

import queue
import threading
import time
import traceback
from typing import NamedTuple

from botocore.exceptions import BotoCoreError

from harness.checks import NotImplementedByEndpoint
from harness.clock import DAY
from harness.context import Context, deleted

PASSED, FAILED, ABSENT = "passed", "failed", "not implemented"


class Result(NamedTuple):
    case: object
    outcome: str
    assertions: int
    seconds: float
    failures: list
    absent: str | None


def run_case(settings, case, number, leftovers):
    context, started, absent, failures = Context(settings, case, number), time.monotonic(), None, []
    try:
        with context.running():
            case.run(context)
    except NotImplementedByEndpoint as error:
        absent = str(error) if "/" not in str(error) else case.operations[0]  # a request by hand does not know its operation
    except AssertionError as error:
        failures = [str(error) or traceback.format_exc().strip()]
    except Exception as error:  # a case may fail in any way; the others run anyway
        at = traceback.extract_tb(error.__traceback__)
        own = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in at if "/conformance/" in frame.filename]
        failures = [f"{type(error).__name__}: {error} (at {' '.join(own)})"]
    finally:
        context.deadline = time.monotonic() + 60
        try:
            with context.running():
                leftovers.extend(context.clean())
        except Exception as error:
            failures.append(f"cleaning up: {type(error).__name__}: {error}")
    failures = context.failures + failures
    outcome = FAILED if failures else ABSENT if absent else PASSED
    return Result(case, outcome, context.assertions, time.monotonic() - started, failures, absent)


def run_all(settings, cases, workers, report):
    """Runs them all; `report(result)` as each ends. Cases that wait longest come first."""
    numbered = sorted(enumerate(cases), key=lambda pair: -pair[1].days)
    waiting, done, leftovers = queue.SimpleQueue(), queue.SimpleQueue(), []
    for number, case in numbered:
        settings.region_of(case), settings.lock_of(case)  # chosen in one thread, in one order
        waiting.put((number, case))

    def work():
        while True:
            try:
                number, case = waiting.get_nowait()
            except queue.Empty:
                return
            if case.region is None:
                done.put(run_case(settings, case, number, leftovers))
            else:
                with settings.lock_of(case):
                    done.put(run_case(settings, case, number, leftovers))

    for _ in range(min(workers, len(cases))):
        threading.Thread(target=work, daemon=True).start()
    results = []
    # Each case ends by its own deadline, at the latest when its last request times out; a thread that does not is abandoned.
    longest = max((case.seconds + settings.clock.seconds(case.days * DAY) for case in cases), default=0) + 180
    while len(results) < len(cases):
        try:
            results.append(done.get(timeout=longest))
        except queue.Empty:
            ended = {result.case for result in results}
            results += [Result(c, FAILED, 0, longest, ["the case did not end"], None) for c in cases if c not in ended]
            break
        report(corrected(settings, results[-1]))
    results = [corrected(settings, result) for result in results]
    return sorted(results, key=lambda result: cases.index(result.case)), clean_up(settings, leftovers)


def corrected(settings, result):
    """A page of HTML does not mean that an operation is missing when it succeeded elsewhere."""
    if result.absent not in settings.seen:
        return result
    failure = f"{result.absent}: the response is a page of HTML, or says that the operation is missing"
    return result._replace(outcome=FAILED, absent=None, failures=[*result.failures, failure])


def clean_up(settings, leftovers):
    """Deletes the vaults that wait for their next inventory; returns the names of those that stay."""
    end = time.monotonic() + min(120, settings.clock.seconds(1.5 * DAY) + 5)
    left = leftovers
    while left:
        try:
            left = [entry for entry in left if not deleted(*entry[:2])]
        except BotoCoreError:
            break
        if not left or settings.clock.instant or time.monotonic() > end:
            break
        time.sleep(1)
    return sorted(vault for _, vault, _ in left)
