"""Wrong credentials, a missing vault, invalid settings: the device stops with a clear message and loses nothing."""

import re

import records
from archive import archived_whole
from bench import DEVICE, VAULT, Bench
from fault_proxy import Proxy
from report import equal
from verifier import Keys, Verifier

LOGS = {"LOG00001.BIN": records.log((1 << 20) + 64_000), "LOG00002.BIN": records.log(32_000, first=70_000)}
SESSION = Keys("ASIASESSION", "sEcReT-of-the-session-9876543210", "tOkEn-of-the-session/with+signs==")

# name | changed settings | pattern that the reason must match
CASES = [
    ("a wrong secret", {"secret": "sEcReT-of-somebody-else"}, "signature"),
    ("an unknown access key", {"key": "AKIANOBODY"}, "UnrecognizedClient"),
    ("a session token for a long-term key", {"token": "tOkEn-made-up"}, "UnrecognizedClient"),
    ("a vault that does not exist", {"vault": "nosuch"}, "ResourceNotFound.*nosuch"),
    ("an invalid character in the vault's name", {"vault": "a/b"}, "vault"),
    ("no vault", {"vault": None}, "vault"),
    ("no secret", {"secret": ""}, "secret"),
    ("an invalid address", {"server": "nowhere"}, "server"),
    ("an unknown setting", {"colour": "blue"}, "unknown setting"),
    ("an invalid number", {"records": "many"}, "records"),
]


def run(report):
    cases = [(name, rejected, settings, words) for name, settings, words in CASES]
    cases += [(case.__doc__, case) for case in (session, session_expired, session_without_token)]
    report.side_by_side(cases)


def rejected(settings, words):
    with Bench("rejected", LOGS) as bench:
        run = bench.run(**settings)
        reasons = " | ".join(event.why for event in [*run.all("kept"), *run.all("stopped")])
        run.stopped()
        assert re.search(words, reasons, re.I), f"{words!r} is not in {reasons!r}"
        equal(bench.nothing_lost(), dict.fromkeys(LOGS, (True, 0)), "(on the card, copies in the vault)")
        equal(run.all("deleted"), [], "deleted files")
        equal(bench.rest.open_uploads(VAULT), [], "open uploads")
        archived_whole(bench, bench.run().done())
        return reasons.split(" | ")[-1]


def session():
    "session credentials: the token is sent with every request and is signed"
    with Bench("session", LOGS) as bench, Proxy(bench.serve.url, verifier=Verifier(SESSION, DEVICE)) as proxy:
        run = bench.run(proxy.server, key=SESSION.id, secret=SESSION.secret, token=SESSION.token).done()
        archived_whole(bench, run)
        equal(run.all("retry"), [], "retries")
        return f"{len(proxy.seen)} requests, all signatures verified"


def session_without_token():
    "a session's keys without its token"
    with Bench("session", LOGS) as bench, Proxy(bench.serve.url, verifier=Verifier(SESSION, DEVICE)) as proxy:
        run = bench.run(proxy.server, key=SESSION.id, secret=SESSION.secret)
        run.stopped()
        equal(bench.nothing_lost(), dict.fromkeys(LOGS, (True, 0)), "(on the card, copies in the vault)")
        return run.one("stopped").why


def session_expired():
    "a session that has expired"
    with Bench("session", LOGS) as bench, Proxy(bench.serve.url, verifier=Verifier(SESSION, DEVICE, expired=1_000)) as proxy:
        run = bench.run(proxy.server, key=SESSION.id, secret=SESSION.secret, token=SESSION.token)
        run.stopped("ExpiredToken|expired|kept")
        equal(bench.nothing_lost(), dict.fromkeys(LOGS, (True, 0)), "(on the card, copies in the vault)")
        return run.one("stopped").why
