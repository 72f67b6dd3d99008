"""Tests of the test tools: they find the errors that they are meant to find."""

import tempfile
from pathlib import Path

import budget
import qemu
import records
import sntp
import faults
from bench import DEVICE, REGION, VAULT, Bench
from fault_proxy import Fault, Proxy
from glacier import environment, glacier
from image import Card
from report import equal
from verifier import Keys, Verifier


def run(report):
    for case in (console, damaged_record, card, broken_file_system, symbols, time_server, lost_log, proxy_and_verifier):
        report.case(case.__doc__, case)


def fails(run, *args):
    try:
        run(*args)
    except AssertionError as error:
        return str(error)
    raise AssertionError(f"{run.__name__} did not fail")


def console():
    "console lines are parsed"
    text = 'boot board=x dev=d-1 boot=7\nTimer with period zero, disabling\nkept file=A.BIN why="it said \\"no\\" = \\\\"\n'
    text += 'inventory items=3\n'
    text += 'item archive=-a_b bytes=1 description=""\nretry attempt=1 wait_ms=49 why="reset"\nstopped why="one log was kept"\n'
    run = qemu.Run(1, text, 0)
    equal(run.one("kept").why, 'it said "no" = \\', "a text in quotes")
    equal(run.one("boot").number("boot"), 7, "a number")
    equal((run.one("item").archive, run.one("item").description), ("-a_b", ""), "an item")
    equal(run.one("inventory").items, "3", "a count")
    equal(run.all("Timer"), [], "lines that are not the device's")
    equal(run.stopped("KEPT"), "one log was kept", "the reason")
    fails(run.done)
    fails(run.stopped, "nosuch")
    fails(run.one, "done")


def damaged_record():
    "a flipped bit anywhere in a record is found"
    data = records.log(320, first=5)
    equal([record.sequence for record in records.read(data)], list(range(5, 15)), "sequences")
    for at in range(0, len(data), 7):
        fails(records.read, data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :])
    fails(records.read, data[:-1])


def card():
    "files put on a card are read back"
    files = {"A.BIN": records.log(100_000), "EMPTY": b"", "SUB/B.TXT": b"b"}
    with tempfile.TemporaryDirectory() as name:
        made = Card.make(Path(name) / "sd.img", files)
        equal(made.files() == files, True, "files")
        made.check()
        equal(Card.make(Path(name) / "sd.img", {}).files(), {}, "files of an empty card")


def broken_file_system():
    "a broken cluster chain is found"
    with tempfile.TemporaryDirectory() as name:
        made = Card.make(Path(name) / "sd.img", {"A.BIN": records.log(100_000)})
        with made.path.open("r+b") as image:
            image.seek((2048 + 32) * 512 + 4 * 20)  # an entry of the first FAT, in the middle of the file
            image.write(b"\0\0\0\0")
        return fails(made.check).splitlines()[-1]


def symbols():
    "the crate of a function is found in both manglings, and an allocator's functions"
    for name, crate in {
        "_ZN12glacier_core4sign6Signer4sign17h0123456789abcdefE": "glacier_core",
        "_ZN68_$LT$glacier_core..range..ByteRange$u20$as$u20$core..fmt..Display$GT$3fmt17h0123456789abcdefE": "glacier_core",
        "_ZN4core3ptr45drop_in_place$LT$glacier_core..client..Client$GT$17h0123456789abcdefE": "core",
        "_ZN3app6upload17h0123456789abcdefE": "app",
        "_RNvMs_NtCs1234_12glacier_core4signNtB4_6Signer4sign": "glacier_core",
        "_RNvXNtCs99_12glacier_core5rangeNtB2_9ByteRangeNtNtCsab_4core3fmt7Display3fmt": "glacier_core",
        "_RINvNtCsab_4core3ptr13drop_in_placeNtNtCs99_12glacier_core6client6ClientE": "core",
        "_RNvCs99_3app4main": "app",
        "SysTick": "SysTick",
    }.items():
        equal(budget.of_crate(name), crate, name)
    v0, legacy = "_RNvNtCs1_5alloc5alloc18handle_alloc_error", "_ZN5alloc5alloc18handle_alloc_error17hE"
    for name in ("__rust_alloc", "malloc", v0, legacy):
        assert budget.HEAP.search(name), name
    for name in ("main", "_RNvNtCs1_4core5panic", "mallocation"):
        assert not budget.HEAP.search(name), name


def time_server():
    "the time server's reply has the layout of the standard"
    request = bytes([0x23]) + bytes(39) + b"12345678"
    reply = sntp.reply(request, 1_700_000_000.5)
    equal(len(reply), 48, "bytes")
    equal((reply[0], reply[1]), (0x24, 1), "leap 0, version 4, mode 4; stratum")
    equal(reply[24:32], b"12345678", "the originate timestamp")
    equal(reply[40:48].hex(), f"{1_700_000_000 + 2_208_988_800:08x}80000000", "the transmit timestamp")


def lost_log():
    "a lost log is found, and one that has changed"
    logs = {"LOG00001.BIN": records.log(3200), "LOG00002.BIN": records.log(6400, first=500)}
    with Bench("lost", logs) as bench:
        equal(bench.nothing_lost(), dict.fromkeys(logs, (True, 0)), "(on the card, copies in the vault)")
        bench.rest.upload_archive(VAULT, logs["LOG00001.BIN"])
        equal(bench.nothing_lost()["LOG00001.BIN"], (True, 1), "an archived log that is still on the card")
        bench.logs["LOG00003.BIN"] = b"never there"
        assert "lost" in fails(bench.nothing_lost)
        del bench.logs["LOG00003.BIN"]
        bench.logs["LOG00002.BIN"] = b"something else"
        assert "changed" in fails(bench.nothing_lost)


def proxy_and_verifier():
    "the proxy forwards requests, the verifier accepts only valid ones, and the faults happen"
    session = Keys("ASIASESSION", "hush", "token+/=")
    with Bench("proxy") as bench:
        file = bench.folder / "f"
        file.write_bytes(records.log(2 << 20) + b"some more")

        def upload(verifier=None, *injected, token=session.token, key=session):
            env = environment(AWS_ACCESS_KEY_ID=key.id, AWS_SECRET_ACCESS_KEY=key.secret, AWS_REGION=REGION)
            env |= {"AWS_SESSION_TOKEN": token} if token else {}
            with Proxy(bench.serve.url, *injected, verifier=verifier) as proxy:
                url = "http://" + proxy.server.replace("10.0.2.2", "127.0.0.1")
                return glacier("--endpoint-url", url, "upload", VAULT, file, "--part-size", "1MiB", env=env, seconds=60), proxy

        part = r"^PUT \S*/multipart-uploads/"
        result, proxy = upload(Verifier(session, DEVICE))
        equal((result.code, proxy.count(part), len(proxy.seen)), (0, 3, 5), f"an upload in three parts: {result.err}")
        for verifier, token, key in (
            (Verifier(session, DEVICE), "another", session),
            (Verifier(session, DEVICE), None, session),
            (Verifier(session, DEVICE), session.token, session._replace(secret="wrong")),
            (Verifier(session, DEVICE, expired=1000), session.token, session),
        ):
            result, proxy = upload(verifier, token=token, key=key)
            equal((result.code, {status for _, status in proxy.seen} <= {400, 403}), (254, True), result.err)
        result, proxy = upload(Verifier(session, DEVICE, ahead=7200))
        equal((result.code, [status for _, status in proxy.seen].count(403)), (0, 1), f"a wrong clock: {result.err}")
        equal(len(bench.archives()), 2, "archives")

        plain = {"token": None, "key": DEVICE}
        unavailable = faults.error(500, "ServiceUnavailableException")
        for action in (faults.lose_response, faults.reset(1000), unavailable, faults.truncate_head):
            result, proxy = upload(None, Fault(part, action, skip=1), **plain)
            equal((result.code, proxy.count(part)), (0, 4), f"one part again after {action.__name__}: {result.err}")
        early = faults.early_error(403, "AccessDeniedException", "keep out")
        for action, words in ((early, "keep out"), (faults.alter_tree, "hash")):
            result, proxy = upload(None, Fault(part, action, skip=1, forever=True), **plain)
            assert result.code != 0 and words in result.err, (words, result, proxy.seen)
        assert "no request matched" in fails(upload, None, Fault("^PATCH ", faults.lose_response))
