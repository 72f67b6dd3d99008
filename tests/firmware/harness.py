"""The judge is judged first: what is used below finds the faults that it is there to find."""

import tempfile
from pathlib import Path

import budget
import qemu
import records
import sntp
import faults
from bench import DEVICE, REGION, VAULT, Bench
from front import Fault, Front
from gate import Gate, Keys
from glacier import environment, glacier
from image import Card
from report import equal


def run(report):
    for case in (console, damaged_record, card, broken_file_system, symbols, time_server, lost_log, front_and_gate):
        report.case(case.__doc__, case)


def fails(run, *args):
    try:
        run(*args)
    except AssertionError as error:
        return str(error)
    raise AssertionError(f"{run.__name__} found nothing wrong")


def console():
    "lines of the console are read"
    text = 'boot board=x dev=d-1 boot=7\nTimer with period zero, disabling\nkept file=A.BIN why="it said \\"no\\" = \\\\"\n'
    text += 'inventory items=3\n'
    text += 'item archive=-a_b bytes=1 description=""\nretry attempt=1 wait_ms=49 why="reset"\nstopped why="one log was kept"\n'
    run = qemu.Run(1, text, 0)
    equal(run.one("kept").why, 'it said "no" = \\', "a text in quotes")
    equal(run.one("boot").number("boot"), 7, "a number")
    equal((run.one("item").archive, run.one("item").description), ("-a_b", ""), "an item")
    equal(run.one("inventory").items, "3", "a count")
    equal(run.all("Timer"), [], "what is not the device's")
    equal(run.stopped("KEPT"), "one log was kept", "the reason")
    fails(run.done)
    fails(run.stopped, "nosuch")
    fails(run.one, "done")


def damaged_record():
    "a flipped bit in a record is found, wherever it is"
    data = records.log(320, first=5)
    equal([record.sequence for record in records.read(data)], list(range(5, 15)), "sequences")
    for at in range(0, len(data), 7):
        fails(records.read, data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :])
    fails(records.read, data[:-1])


def card():
    "what is put on a card is read back"
    files = {"A.BIN": records.log(100_000), "EMPTY": b"", "SUB/B.TXT": b"b"}
    with tempfile.TemporaryDirectory() as name:
        made = Card.make(Path(name) / "sd.img", files)
        equal(made.files() == files, True, "files")
        made.check()
        equal(Card.make(Path(name) / "sd.img", {}).files(), {}, "files of an empty card")


def broken_file_system():
    "a file system with a broken chain is found"
    with tempfile.TemporaryDirectory() as name:
        made = Card.make(Path(name) / "sd.img", {"A.BIN": records.log(100_000)})
        with made.path.open("r+b") as image:
            image.seek((2048 + 32) * 512 + 4 * 20)  # an entry of the first FAT, in the middle of the file
            image.write(b"\0\0\0\0")
        return fails(made.check).splitlines()[-1]


def symbols():
    "the crate of a function is told, in both manglings; and an allocator's functions"
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
    "the time server's answer has the standard's layout"
    asked = bytes([0x23]) + bytes(39) + b"12345678"
    answer = sntp.reply(asked, 1_700_000_000.5)
    equal(len(answer), 48, "bytes")
    equal((answer[0], answer[1]), (0x24, 1), "leap 0, version 4, mode 4; stratum")
    equal(answer[24:32], b"12345678", "the originate timestamp")
    equal(answer[40:48].hex(), f"{1_700_000_000 + 2_208_988_800:08x}80000000", "the transmit timestamp")


def lost_log():
    "a log that is neither on the card nor in the vault is found, and one that has changed"
    logs = {"LOG00001.BIN": records.log(3200), "LOG00002.BIN": records.log(6400, first=500)}
    with Bench("lost", logs) as bench:
        equal(bench.nothing_lost(), dict.fromkeys(logs, (True, 0)), "fates")
        bench.rest.upload_archive(VAULT, logs["LOG00001.BIN"])
        equal(bench.nothing_lost()["LOG00001.BIN"], (True, 1), "fate of an archived log that is still there")
        bench.logs["LOG00003.BIN"] = b"never there"
        assert "lost" in fails(bench.nothing_lost)
        del bench.logs["LOG00003.BIN"]
        bench.logs["LOG00002.BIN"] = b"something else"
        assert "changed" in fails(bench.nothing_lost)


def front_and_gate():
    "the front passes requests on; the gate lets in who has key, token and time right; faults do what they say"
    session = Keys("ASIASESSION", "hush", "token+/=")
    with Bench("front") as bench:
        file = bench.folder / "f"
        file.write_bytes(records.log(2 << 20) + b"some more")

        def upload(gate=None, *taken, token=session.token, key=session):
            env = environment(AWS_ACCESS_KEY_ID=key.id, AWS_SECRET_ACCESS_KEY=key.secret, AWS_REGION=REGION)
            env |= {"AWS_SESSION_TOKEN": token} if token else {}
            with Front(bench.serve.url, *taken, gate=gate) as front:
                url = "http://" + front.server.replace("10.0.2.2", "127.0.0.1")
                return glacier("--endpoint-url", url, "upload", VAULT, file, "--part-size", "1MiB", env=env, seconds=60), front

        part = r"^PUT \S*/multipart-uploads/"
        answer, front = upload(Gate(session, DEVICE))
        equal((answer.code, front.count(part), len(front.seen)), (0, 3, 5), f"an upload in three parts: {answer.err}")
        for gate, token, key in (
            (Gate(session, DEVICE), "another", session),
            (Gate(session, DEVICE), None, session),
            (Gate(session, DEVICE), session.token, session._replace(secret="wrong")),
            (Gate(session, DEVICE, expired=1000), session.token, session),
        ):
            answer, front = upload(gate, token=token, key=key)
            equal((answer.code, {status for _, status in front.seen} <= {400, 403}), (254, True), answer.err)
        answer, front = upload(Gate(session, DEVICE, ahead=7200))
        equal((answer.code, [status for _, status in front.seen].count(403)), (0, 1), f"a clock that is off: {answer.err}")
        equal(len(bench.archives()), 2, "archives")

        plain = {"token": None, "key": DEVICE}
        unavailable = faults.refuse(500, "ServiceUnavailableException")
        for act in (faults.lose_answer, faults.reset(1000), unavailable, faults.truncate_head):
            answer, front = upload(None, Fault(part, act, skip=1), **plain)
            equal((answer.code, front.count(part)), (0, 4), f"one part again after {act.__name__}: {answer.err}")
        early = faults.refuse_early(403, "AccessDeniedException", "keep out")
        for act, words in ((early, "keep out"), (faults.alter_tree, "hash")):
            answer, front = upload(None, Fault(part, act, skip=1, for_good=True), **plain)
            assert answer.code != 0 and words in answer.err, (words, answer, front.seen)
        assert "never came" in fails(upload, None, Fault("^PATCH ", faults.lose_answer))
