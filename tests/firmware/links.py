"""Bad links and bad answers: the device ends right or says why, and a log leaves the card only when the vault has it."""

import re
import socket

import records
from archive import archived_whole
from bench import VAULT, Bench
from faults import (
    alter_tree,
    babble,
    hang_up,
    lose_answer,
    page,
    refuse,
    refuse_cut,
    refuse_deaf,
    refuse_early,
    reset,
    stall,
    swell,
    truncate_head,
)
from front import HOST, Fault, Front
from report import equal

ONE, BEGIN, COMPLETE = r"^POST \S*/archives ", r"^POST \S*/multipart-uploads ", r"^POST \S*/multipart-uploads/"
PART = r"^PUT \S*/multipart-uploads/"
MIB = 1 << 20
LOGS = {"LOG00001.BIN": records.log(2 * MIB + 64_000), "LOG00002.BIN": records.log(64_000, first=70_000)}

# What became of a log: (on the card, how often in the vault).
ARCHIVED, KEPT, BOTH = (False, 1), (True, 0), (True, 1)

SLOW_DOWN = refuse(400, "ThrottlingException", "Rate exceeded")
TIMED_OUT = refuse(408, "RequestTimeoutException", "Request timed out.")
UNAVAILABLE = refuse(500, "ServiceUnavailableException", "try later")
FORBIDDEN = (403, "AccessDeniedException", "a policy forbids it")

# name | (requests, what happens to them one after the other, how many go well before) ... | what became of the log in three parts
# and of the one in a single request | what the device says of it
CASES = [
    (
        "throttling, 408, 500 and a page with 503, all for one part",
        [(PART, [SLOW_DOWN, TIMED_OUT, UNAVAILABLE, page(503)], 1)],
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
        "500 for an archive in one request, for beginning and for completing an upload",
        [(ONE, [UNAVAILABLE]), (BEGIN, [UNAVAILABLE]), (COMPLETE, [UNAVAILABLE])],
        (ARCHIVED, ARCHIVED),
        "500.*500.*500",
    ),
    (
        "two resets in mid-body of a part, and a lost answer to another",
        [(PART, [reset(300_000), reset(0), lose_answer], 1)],
        (ARCHIVED, ARCHIVED),
        "connection.*connection.*connection",
    ),
    (
        "a stall in mid-body of a part and one before its answer",
        [(PART, [stall(300_000), stall(MIB)], 1)],
        (ARCHIVED, ARCHIVED),
        "silent.*silent",
    ),
    ("an answer to a part that ends within its head", [(PART, [truncate_head], 2)], (ARCHIVED, ARCHIVED), "closed"),
    ("a lost answer to completing an upload", [(COMPLETE, [lose_answer])], (ARCHIVED, ARCHIVED), "connection"),
    ("a lost answer to beginning an upload", [(BEGIN, [lose_answer])], (KEPT, ARCHIVED), "connection"),
    ("a lost answer to an archive in one request", [(ONE, [lose_answer])], (ARCHIVED, BOTH), "connection"),
    ("a reset in mid-body of an archive in one request", [(ONE, [reset(20_000)])], (ARCHIVED, KEPT), "connection"),
    ("a stall in mid-body of an archive in one request", [(ONE, [stall(20_000)])], (ARCHIVED, KEPT), "in time|silent"),
    ("an answer to an archive in one request that ends within its head", [(ONE, [truncate_head])], (ARCHIVED, BOTH), "closed"),
    (
        "a refusal that ends within its words",
        [(ONE, [refuse_cut(404, "ResourceNotFoundException")])],
        (ARCHIVED, KEPT),
        "404",
    ),
    ("an answer to a part that is not HTTP", [(PART, [babble], 1)], (ARCHIVED, ARCHIVED), "HTTP"),
    ("a connection that is closed behind each part's answer", [(PART, [hang_up, hang_up, hang_up])], (ARCHIVED, ARCHIVED), ""),
    ("an oversized header in the answer to an archive in one request", [(ONE, [swell(20_000)])], (ARCHIVED, BOTH), "head"),
    ("an oversized header in the answer to a part", [(PART, [swell(20_000)], 1)], (ARCHIVED, ARCHIVED), "head"),
    ("a header of 300 bytes, which does no harm", [(PART, [swell(300)], 1), (ONE, [swell(300)])], (ARCHIVED, ARCHIVED), ""),
    ("a wrong tree hash in the answer to an archive in one request", [(ONE, [alter_tree])], (ARCHIVED, BOTH), "tree hash"),
    ("a wrong tree hash in the answer to a part", [(PART, [alter_tree], 1)], (KEPT, ARCHIVED), "tree hash"),
    ("a wrong tree hash in the answer to completing", [(COMPLETE, [alter_tree])], (BOTH, ARCHIVED), "tree hash"),
    ("a 403 while a part is being sent", [(PART, [refuse_early(*FORBIDDEN)], 1)], (KEPT, KEPT), "403 AccessDenied"),
    (
        "a 403 while a part is being sent, from a peer that then takes no more",
        [(PART, [refuse_deaf(*FORBIDDEN)])],
        (KEPT, KEPT),
        "403 AccessDenied",
    ),
    ("a 403 while an archive is being sent", [(ONE, [refuse_early(*FORBIDDEN)])], (ARCHIVED, KEPT), "403 AccessDenied"),
]


def run(report):
    cases = [(name, survives, faults, fates, words) for name, faults, fates, words in CASES]
    report.side_by_side([*cases, *((case.__doc__, case) for case in (nobody_there, down_for_good, portal))])


def survives(faults, fates, words):
    """Runs the device with the faults, compares with what should have become of the logs, and lets it finish without them."""
    with Bench("links", LOGS) as bench:
        made = (Fault(what, *acts, skip=sum(skip)) for what, acts, *skip in faults)
        with Front(bench.serve.url, *made) as front:
            run = bench.run(front.server, silence=2)
        got = bench.nothing_lost()
        equal(got, dict(zip(LOGS, fates)), f"(on the card, how often in the vault)\n{run.text}")
        said = reasons(run)
        assert re.search(words, " | ".join(said)), f"{words!r} is not in what the device said\n{run.text}"
        kept = [name for name, (on_card, _) in got.items() if on_card]
        # What stops the device keeps all that it had not come to, too.
        told = {event.file for event in run.all("kept")}
        assert told <= set(kept) and bool(told) == bool(kept), f"kept {kept}, and it says {told}\n{run.text}"
        if kept:
            run.stopped()
            said = [event.why for event in run.all("kept")]
            told = f"{len(kept)} kept"
        else:
            run.done()
            told = f"{len(run.all('retry'))} retries"
        begun_in_vain = sum(what == BEGIN and lose_answer in acts for what, acts, *_ in faults)
        equal(len(bench.rest.open_uploads(VAULT)), begun_in_vain, "uploads left open")
        if kept:
            bench.run().done()
            after = bench.nothing_lost()
            equal([on_card for on_card, _ in after.values()], [False, False], f"logs on the card after another start: {after}")
        return f"{told}: {said[-1] if said else 'not a word'}"


def reasons(run):
    """What the device said of its troubles: why it tried again, stopped, and kept logs."""
    return [event.why for word in ("retry", "stopped", "kept") for event in run.all(word)]


def nobody_there():
    "no server where there should be one"
    with Bench("nobody", LOGS) as bench, socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        taken.close()
        run = bench.run(f"{HOST}:{port}", silence=2, tries=2)
        run.stopped()
        assert re.search("connect", " | ".join(reasons(run))), run.text
        equal(bench.nothing_lost(), dict.fromkeys(LOGS, KEPT), "fates")
        archived_whole(bench, bench.run().done())
        return reasons(run)[-1]


def down_for_good():
    "a service that answers 500 to everything"
    with Bench("down", LOGS) as bench:
        with Front(bench.serve.url, Fault("", UNAVAILABLE, for_good=True)) as front:
            run = bench.run(front.server, tries=3)
        why = run.stopped("500|kept")
        equal(bench.nothing_lost(), dict.fromkeys(LOGS, KEPT), "fates")
        archived_whole(bench, bench.run().done())
        return f"{len(run.all('retry'))} retries: {why}"


def portal():
    "a portal between device and service that answers 200 to everything, with a page to log in at"
    with Bench("portal", LOGS) as bench:
        with Front(bench.serve.url, Fault("", page(200), for_good=True)) as front:
            run = bench.run(front.server, silence=2, tries=2)
        run.stopped()
        equal(run.all("deleted"), [], "files deleted")
        equal(bench.nothing_lost(), dict.fromkeys(LOGS, KEPT), "fates")
        archived_whole(bench, bench.run().done())
        return reasons(run)[-1]
