"""Wrong credentials, a missing vault, wrong settings: the device stops with a clear message and loses nothing."""

import re

import records
from archive import archived_whole
from bench import DEVICE, VAULT, Bench
from front import Front
from gate import Gate, Keys
from report import equal

LOGS = {"LOG00001.BIN": records.log((1 << 20) + 64_000), "LOG00002.BIN": records.log(32_000, first=70_000)}
SESSION = Keys("ASIASESSION", "sEcReT-of-the-session-9876543210", "tOkEn-of-the-session/with+signs==")

# name | settings that differ | what the device has to say
CASES = [
    ("a wrong secret", {"secret": "sEcReT-of-somebody-else"}, "signature"),
    ("an unknown access key", {"key": "AKIANOBODY"}, "UnrecognizedClient"),
    ("a session token that the key has not", {"token": "tOkEn-made-up"}, "UnrecognizedClient"),
    ("a vault that is not there", {"vault": "nosuch"}, "ResourceNotFound.*nosuch"),
    ("a vault's name with an illegal character", {"vault": "a/b"}, "vault"),
    ("no vault", {"vault": None}, "vault"),
    ("no secret", {"secret": ""}, "secret"),
    ("an address that is none", {"server": "nowhere"}, "server"),
    ("a setting that is none", {"colour": "blue"}, "not known"),
    ("a number that is none", {"records": "many"}, "records"),
]


def run(report):
    cases = [(name, refused, settings, words) for name, settings, words in CASES]
    cases += [(case.__doc__, case) for case in (session, session_expired, session_without_token)]
    report.side_by_side(cases)


def refused(settings, words):
    with Bench("refused", LOGS) as bench:
        run = bench.run(**settings)
        said = " | ".join(event.why for event in [*run.all("kept"), *run.all("stopped")])
        run.stopped()
        assert re.search(words, said, re.I), f"{words!r} is not in {said!r}"
        equal(bench.nothing_lost(), dict.fromkeys(LOGS, (True, 0)), "(on the card, how often in the vault)")
        equal(run.all("deleted"), [], "files deleted")
        equal(bench.rest.open_uploads(VAULT), [], "uploads left open")
        archived_whole(bench, bench.run().done())
        return said.split(" | ")[-1]


def session():
    "session credentials: the token goes with every request and is signed"
    with Bench("session", LOGS) as bench, Front(bench.serve.url, gate=Gate(SESSION, DEVICE)) as front:
        run = bench.run(front.server, key=SESSION.id, secret=SESSION.secret, token=SESSION.token).done()
        archived_whole(bench, run)
        equal(run.all("retry"), [], "retries")
        return f"{len(front.seen)} requests, every signature judged by Python"


def session_without_token():
    "a session's key without its token"
    with Bench("session", LOGS) as bench, Front(bench.serve.url, gate=Gate(SESSION, DEVICE)) as front:
        run = bench.run(front.server, key=SESSION.id, secret=SESSION.secret)
        run.stopped()
        equal(bench.nothing_lost(), dict.fromkeys(LOGS, (True, 0)), "fates")
        return run.one("stopped").why


def session_expired():
    "a session that has expired"
    with Bench("session", LOGS) as bench, Front(bench.serve.url, gate=Gate(SESSION, DEVICE, expired=1_000)) as front:
        run = bench.run(front.server, key=SESSION.id, secret=SESSION.secret, token=SESSION.token)
        run.stopped("ExpiredToken|expired|kept")
        equal(bench.nothing_lost(), dict.fromkeys(LOGS, (True, 0)), "fates")
        return run.one("stopped").why
