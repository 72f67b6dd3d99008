"""Bad links and bad responses: the device succeeds or says why, and a log is deleted only when the vault has it."""

import re
import socket

import records
from archive import archived_whole
from bench import VAULT, Bench
from faults import (
    alter_tree,
    close_after,
    early_error,
    early_error_then_stall,
    error,
    html_page,
    long_header,
    lose_response,
    not_http,
    reset,
    stall,
    truncate_head,
    truncated_error,
)
from fault_proxy import HOST, Fault, Proxy
from report import equal

ONE, INITIATE, COMPLETE = r"^POST \S*/archives ", r"^POST \S*/multipart-uploads ", r"^POST \S*/multipart-uploads/"
PART = r"^PUT \S*/multipart-uploads/"
MIB = 1 << 20
LOGS = {"LOG00001.BIN": records.log(2 * MIB + 64_000), "LOG00002.BIN": records.log(64_000, first=70_000)}

# The fate of a log: (on the card, copies in the vault).
ARCHIVED, KEPT, BOTH = (False, 1), (True, 0), (True, 1)

SLOW_DOWN = error(400, "ThrottlingException", "Rate exceeded")
TIMED_OUT = error(408, "RequestTimeoutException", "Request timed out.")
UNAVAILABLE = error(500, "ServiceUnavailableException", "try later")
FORBIDDEN = (403, "AccessDeniedException", "a policy forbids it")

# name | (requests, the faults of one after the other, how many succeed before) ... | fates of the log in three parts and of the one in a
# single request | pattern that the reported reasons must match
CASES = [
    (
        "throttling, 408, 500 and an HTML page with 503, all for one part",
        [(PART, [SLOW_DOWN, TIMED_OUT, UNAVAILABLE, html_page(503)], 1)],
        (ARCHIVED, ARCHIVED),
        "Throttling.*408.*500.*503",
    ),
    (
        "throttling and 408 for an archive in one request",
        [(ONE, [SLOW_DOWN, TIMED_OUT])],
        (ARCHIVED, ARCHIVED),
        "Throttling.*408",
    ),
    (
        "500 for an archive in one request, for initiating and for completing an upload",
        [(ONE, [UNAVAILABLE]), (INITIATE, [UNAVAILABLE]), (COMPLETE, [UNAVAILABLE])],
        (ARCHIVED, ARCHIVED),
        "500.*500.*500",
    ),
    (
        "two resets within the body of a part, and the lost response to another",
        [(PART, [reset(300_000), reset(0), lose_response], 1)],
        (ARCHIVED, ARCHIVED),
        "connection.*connection.*connection",
    ),
    (
        "a stall within the body of a part, and one before its response",
        [(PART, [stall(300_000), stall(MIB)], 1)],
        (ARCHIVED, ARCHIVED),
        "timed out.*timed out",
    ),
    ("a response to a part that ends within its head", [(PART, [truncate_head], 2)], (ARCHIVED, ARCHIVED), "closed"),
    ("a lost response to completing an upload", [(COMPLETE, [lose_response])], (ARCHIVED, ARCHIVED), "connection"),
    ("a lost response to initiating an upload", [(INITIATE, [lose_response])], (KEPT, ARCHIVED), "connection"),
    ("a lost response to an archive in one request", [(ONE, [lose_response])], (ARCHIVED, BOTH), "connection"),
    ("a reset within the body of an archive in one request", [(ONE, [reset(20_000)])], (ARCHIVED, KEPT), "connection"),
    ("a stall within the body of an archive in one request", [(ONE, [stall(20_000)])], (ARCHIVED, KEPT), "timed out"),
    ("a response to an archive in one request that ends within its head", [(ONE, [truncate_head])], (ARCHIVED, BOTH), "closed"),
    (
        "an error response with a truncated body",
        [(ONE, [truncated_error(404, "ResourceNotFoundException")])],
        (ARCHIVED, KEPT),
        "404",
    ),
    ("a response to a part that is not HTTP", [(PART, [not_http], 1)], (ARCHIVED, ARCHIVED), "HTTP"),
    ("a connection that is closed after the response to each part", [(PART, [close_after, close_after, close_after])], (ARCHIVED, ARCHIVED), ""),
    ("an oversized header in the response to an archive in one request", [(ONE, [long_header(20_000)])], (ARCHIVED, BOTH), "head"),
    ("an oversized header in the response to a part", [(PART, [long_header(20_000)], 1)], (ARCHIVED, ARCHIVED), "head"),
    ("a harmless header of 300 bytes", [(PART, [long_header(300)], 1), (ONE, [long_header(300)])], (ARCHIVED, ARCHIVED), ""),
    ("a wrong tree hash in the response to an archive in one request", [(ONE, [alter_tree])], (ARCHIVED, BOTH), "tree hash"),
    ("a wrong tree hash in the response to a part", [(PART, [alter_tree], 1)], (KEPT, ARCHIVED), "tree hash"),
    ("a wrong tree hash in the response to completing", [(COMPLETE, [alter_tree])], (BOTH, ARCHIVED), "tree hash"),
    ("a 403 while a part is being sent", [(PART, [early_error(*FORBIDDEN)], 1)], (KEPT, KEPT), "403 AccessDenied"),
    (
        "a 403 while a part is being sent, after which the peer reads no more",
        [(PART, [early_error_then_stall(*FORBIDDEN)])],
        (KEPT, KEPT),
        "403 AccessDenied",
    ),
    ("a 403 while an archive is being sent", [(ONE, [early_error(*FORBIDDEN)])], (ARCHIVED, KEPT), "403 AccessDenied"),
]


def run(report):
    cases = [(name, no_log_lost, faults, fates, words) for name, faults, fates, words in CASES]
    report.side_by_side([*cases, *((case.__doc__, case) for case in (nobody_there, down_for_good, portal))])


def no_log_lost(faults, fates, words):
    """Runs the device with the faults, checks the fates of the logs, and runs it again without faults, which must archive the rest."""
    with Bench("links", LOGS) as bench:
        injected = (Fault(what, *actions, skip=sum(skip)) for what, actions, *skip in faults)
        with Proxy(bench.serve.url, *injected) as proxy:
            run = bench.run(proxy.server, timeout=2)
        got = bench.nothing_lost()
        equal(got, dict(zip(LOGS, fates)), f"(on the card, copies in the vault)\n{run.text}")
        why = reasons(run)
        assert re.search(words, " | ".join(why)), f"{words!r} is not in the reported reasons\n{run.text}"
        kept = [name for name, (on_card, _) in got.items() if on_card]
        # If the run stopped early, the logs after that are kept without a line.
        reported = {event.file for event in run.all("kept")}
        assert reported <= set(kept) and bool(reported) == bool(kept), f"kept {kept}, reported {reported}\n{run.text}"
        if kept:
            run.stopped()
            why = [event.why for event in run.all("kept")]
            result = f"{len(kept)} kept"
        else:
            run.done()
            result = f"{len(run.all('retry'))} retries"
        orphans = sum(what == INITIATE and lose_response in actions for what, actions, *_ in faults)
        equal(len(bench.rest.open_uploads(VAULT)), orphans, "open uploads")
        if kept:
            bench.run().done()
            after = bench.nothing_lost()
            equal([on_card for on_card, _ in after.values()], [False, False], f"logs on the card after another run: {after}")
        return f"{result}: {why[-1] if why else 'no reason reported'}"


def reasons(run):
    """The reported reasons of retries, of stopping and of keeping logs."""
    return [event.why for word in ("retry", "stopped", "kept") for event in run.all(word)]


def nobody_there():
    "no server at the address"
    with Bench("nobody", LOGS) as bench, socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
        unused.close()
        run = bench.run(f"{HOST}:{port}", timeout=2, attempts=2)
        run.stopped()
        assert re.search("connect", " | ".join(reasons(run))), run.text
        equal(bench.nothing_lost(), dict.fromkeys(LOGS, KEPT), "(on the card, copies in the vault)")
        archived_whole(bench, bench.run().done())
        return reasons(run)[-1]


def down_for_good():
    "a service that responds with 500 to everything"
    with Bench("down", LOGS) as bench:
        with Proxy(bench.serve.url, Fault("", UNAVAILABLE, forever=True)) as proxy:
            run = bench.run(proxy.server, attempts=3)
        why = run.stopped("500|kept")
        equal(bench.nothing_lost(), dict.fromkeys(LOGS, KEPT), "(on the card, copies in the vault)")
        archived_whole(bench, bench.run().done())
        return f"{len(run.all('retry'))} retries: {why}"


def portal():
    "a captive portal that responds with 200 and a login page to everything"
    with Bench("portal", LOGS) as bench:
        with Proxy(bench.serve.url, Fault("", html_page(200), forever=True)) as proxy:
            run = bench.run(proxy.server, timeout=2, attempts=2)
        run.stopped()
        equal(run.all("deleted"), [], "deleted files")
        equal(bench.nothing_lost(), dict.fromkeys(LOGS, KEPT), "(on the card, copies in the vault)")
        archived_whole(bench, bench.run().done())
        return reasons(run)[-1]
