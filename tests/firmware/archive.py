"""Closed logs are uploaded and deleted from the card; the archives equal the files."""

import time

import records
import treehash
from bench import VAULT, Bench
from images import stack_within
from report import equal

MIB = 1 << 20
CLUSTERS = 127_006  # of 512 bytes, on a card of 64 MiB, by `fsck.vfat`
LARGE, SMALL = 3_460_300 // records.SIZE * records.SIZE, 300 << 10  # 3.3 MiB and 300 KiB


def run(report):
    cases = (two_logs, own_records, in_order, edges, not_whole, nothing_to_do, no_card, full_card, uploads_only)
    report.side_by_side([(case.__doc__, case) for case in cases])


def stamp(time_ms):
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time_ms // 1000)) if time_ms else "-"


def description(content, dev="bench-1"):
    """The description that the archive of a log must have, from its first and last record."""
    first, last = records.read(content[: records.SIZE])[0], records.read(content[-records.SIZE :])[0]
    return f"dev={dev} boot={first.boot} seq={first.sequence} t0={stamp(first.time_ms)} t1={stamp(last.time_ms)}"


def archived_whole(bench, run):
    """Every log was uploaded once, with the right description, and deleted; the console reports what is in the vault."""
    fates = bench.nothing_lost()
    equal(fates, {name: (False, 1) for name in bench.logs}, "(on the card, copies in the vault)")
    stored = {data: item for item, data in bench.archives().values()}
    reported = {event.file: event for event in run.all("archived")}
    for name, content in bench.logs.items():
        item, event = stored[content], reported[name]
        equal(item["ArchiveDescription"], description(content), f"description of {name}")
        equal((event.archive, event.tree), (item["ArchiveId"], treehash.of_bytes(content)), f"reported id and tree hash of {name}")
        equal(event.number("bytes"), len(content), f"reported size of {name}")
    equal([event.file for event in run.all("deleted")], [event.file for event in run.all("archived")], "deleted files")
    equal(run.all("kept"), [], "kept files")
    equal(bench.rest.open_uploads(VAULT), [], "open uploads")
    return fates


def two_logs():
    "a 3.3 MiB log and one of 300 KiB; the archives equal the files"
    logs = {"LOG00001.BIN": records.log(LARGE), "LOG00002.BIN": records.log(SMALL, first=200_000, boot=2)}
    with Bench("two", logs) as bench:
        run = bench.run().done()
        archived_whole(bench, run)
        started = [(event.file, event.number("bytes"), event.parts) for event in run.all("uploading")]
        equal(started, [("LOG00001.BIN", LARGE, "4"), ("LOG00002.BIN", SMALL, "1")], "uploads")
        equal([part.index for part in run.all("part")][:4], ["0", "1", "2", "3"], "parts of the first log")
        equal((run.one("boot").board, run.one("boot").dev), (bench.board, "bench-1"), "the board")
        equal(run.all("retry"), [], "retries")
        return f"{run.seconds:.1f} s, stack {stack_within(run)} B; {description(logs['LOG00001.BIN'])!r}"


def own_records():
    "the device's own records have valid CRCs, sequence numbers, times and boots over two starts and a rotation"
    with Bench("own", {}) as bench:
        began = int(time.time() * 1000)
        first = bench.run(records=2500, rotate=65536).done()
        closed = [event.file for event in first.all("closed")]
        equal(closed, ["LOG00001.BIN"], "logs closed at 65536 bytes")
        equal(len(bench.card.files()["SENSOR.LOG"]), 2500 * records.SIZE - 65536, "bytes in the open log")
        second = bench.run(records=500, rotate=65536).done()
        ended = int(time.time() * 1000)
        parts = [data for _, data in sorted(bench.archives().values(), key=lambda found: records.read(found[1])[0][:3])]
        rest = bench.card.files().get("SENSOR.LOG", b"")
        reported = [run.one("recorded").number("records") for run in (first, second)]
        equal(reported, [2500, 500], "reported records")
        found = records.read(b"".join(parts) + rest)
        wanted = [(1, n) for n in range(2500)] + [(2, n) for n in range(500)]
        equal([(r.boot, r.sequence) for r in found], wanted, "boots and sequences")
        # The host's clock has a resolution of one second.
        assert all(began - 1000 <= r.time_ms <= ended + 2_000_000 for r in found), (began, found[0], found[-1], ended)
        times = [r.time_ms for r in found[:2500]]
        assert times == sorted(times), "times go back within a boot"
        assert len({r.value for r in found}) > 1 and len({r.sensor for r in found}) > 0, "all values are the same"
        for item, data in bench.archives().values():
            equal(item["ArchiveDescription"], description(data), "description")
        bench.card.check()
        return f"{len(found)} records in {len(parts)} archives and the open log"


def in_order():
    "logs are uploaded in ascending order, and a new one gets the next number"
    logs = {f"LOG{n:05}.BIN": records.log(2048 + n, first=n) for n in (41, 3, 20, 7)}
    with Bench("order", logs) as bench:
        run = bench.run(records=64, rotate=2048).done()
        equal([event.file for event in run.all("closed")], ["LOG00042.BIN"], "closed")
        wanted = ["LOG00003.BIN", "LOG00007.BIN", "LOG00020.BIN", "LOG00041.BIN", "LOG00042.BIN"]
        equal([event.file for event in run.all("archived")], wanted, "order")
        own = [data for _, data in bench.archives().values() if data not in logs.values()]
        equal([len(records.read(data)) for data in own], [64], "records of the device's own log")


def edges():
    "sizes at the limits: one record, 1 MiB in one request, 1 MiB and a record in two parts, whole parts"
    sizes = {"LOG00001.BIN": 32, "LOG00002.BIN": MIB, "LOG00003.BIN": MIB + 32, "LOG00004.BIN": 2 * MIB}
    with Bench("edges", {name: records.log(size, first=size) for name, size in sizes.items()}) as bench:
        run = bench.run().done()
        archived_whole(bench, run)
        equal([event.parts for event in run.all("uploading")], ["1", "1", "2", "2"], "parts")


def not_whole():
    "a file that is not a log, or is empty, is not lost and does not stop the others"
    logs = {"LOG00001.BIN": b"by hand\n", "LOG00002.BIN": b"", "LOG00003.BIN": records.log(640)}
    with Bench("strange", logs) as bench:
        run = bench.run()
        fates = bench.nothing_lost()
        equal((fates["LOG00001.BIN"], fates["LOG00003.BIN"]), ((False, 1), (False, 1)), f"(on the card, copies in the vault)\n{run.text}")
        found = {data: item["ArchiveDescription"] for item, data in bench.archives().values()}
        equal(found[b"by hand\n"].split()[-2:], ["t0=-", "t1=-"], "times of a file without records")
        equal(found[logs["LOG00003.BIN"]], description(logs["LOG00003.BIN"]), "description")
        return f"status {run.code}; the empty one: {fates['LOG00002.BIN']}"


def nothing_to_do():
    "a card without closed logs is unchanged except for the boot counter"
    with Bench("nothing", {}) as bench:
        for boot in (1, 2, 3):
            run = bench.run().done()
            equal(run.one("boot").number("boot"), boot, "boot")
        equal(int(bench.card.files()["BOOT.CNT"]), 3, "boot counter")
        equal(bench.nothing_lost(), {}, "logs")
        equal(bench.rest.inventory(VAULT), {}, "archives")


def no_card():
    "without a card the device stops and says why"
    with Bench("no-card") as bench:
        return bench.run().stopped("card")


def full_card():
    "a full card: records that fit are written, logs are archived, and then there is room again"
    room = 100_000
    used = {"FILL.DAT": bytes(CLUSTERS * 512 - room - 2 * MIB)}
    with Bench("full", {"LOG00001.BIN": records.log(2 * MIB)}, others=used) as bench:
        why = bench.run(records=10_000, rotate=4 * MIB).stopped("space|full")
        equal(bench.nothing_lost(), {"LOG00001.BIN": (False, 1)}, "(on the card, copies in the vault)")
        found = records.read(bench.card.files()["SENSOR.LOG"])
        equal([record.sequence for record in found], list(range(len(found))), "sequences")
        assert 0.9 * room < len(found) * records.SIZE <= room, f"{len(found)} records"
        bench.run(records=10_000, rotate=4 * MIB).done()
        equal(len(records.read(bench.card.files()["SENSOR.LOG"])), len(found) + 10_000, "records after another start")
        bench.card.check()
        return f"{len(found)} of 10000 records: {why}"


def uploads_only():
    "the --uploads-only image archives logs, and reports tasks it does not have"
    logs = {"LOG00001.BIN": records.log(MIB + 3200), "LOG00002.BIN": records.log(SMALL, first=50_000)}
    with Bench("uploads", logs, build=("--uploads-only",)) as bench:
        run = bench.run().done()
        archived_whole(bench, run)
        return f"stack {stack_within(run)} B; {bench.run(task='vaults').stopped()}"
