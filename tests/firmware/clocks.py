"""Where the time comes from: the host, an answer's Date, SNTP, the application; and what happens while there is none."""

import functools
import time

import records
import sntp
from archive import archived_whole, description
from bench import DEVICE, Bench
from front import Front
from gate import Gate
from report import equal

LOGS = {"LOG00001.BIN": records.log((1 << 20) + 64_000), "LOG00002.BIN": records.log(32_000, first=70_000)}
HOUR = 3600


def run(report):
    cases = (no_clock, hour_off, service_ahead, service_behind, time_by_sntp, deaf_time_server)
    liars = [(f"{name} is not believed", not_believed, maker) for name, maker in LIES.items()]
    report.side_by_side([(case.__doc__, case) for case in cases] + liars)


def seconds(stamp):
    return time.mktime(time.strptime(stamp, "%Y%m%dT%H%M%SZ")) - time.timezone


def is_now(event, ahead=0, within=20):
    off = seconds(event.time) - time.time() - ahead
    assert abs(off) < within, f"the device takes it to be {event.time}, {off:.0f} s off"
    return event.fields["from"]


def no_clock():
    "a clock that is not set: the Date of an answer sets it, and records from before have no time"
    with Bench("no-clock", LOGS) as bench:
        run = bench.run(clock="none", records=200, rotate=4096).done()
        equal(is_now(run.all("clock")[-1]), "date", "where the time is from")
        own = [(item, data) for item, data in bench.archives().values() if data not in LOGS.values()]
        found = records.read(b"".join(data for _, data in own) + bench.card.files()["SENSOR.LOG"])
        equal({r.time_ms for r in found}, {0}, "times of records from before: never 1970")
        for item, data in own:
            equal(item["ArchiveDescription"], description(data), "description")
            assert "t0=- t1=-" in item["ArchiveDescription"], item
        return own[0][0]["ArchiveDescription"]


def hour_off():
    "a clock that the application has set an hour wrong is corrected by the service"
    with Bench("hour-off", LOGS) as bench:
        run = bench.run(clock=int(time.time()) - HOUR).done()
        archived_whole(bench, run)
        first, *rest = run.all("clock")
        is_now(first, -HOUR)
        equal([is_now(event) for event in rest], ["date"], "corrections")


def service_off(ahead):
    with Bench("service-off", LOGS) as bench, Front(bench.serve.url, gate=Gate(DEVICE, DEVICE, ahead)) as front:
        run = bench.run(front.server).done()
        archived_whole(bench, run)
        equal([is_now(event, ahead) for event in run.all("clock")[1:]], ["date"], "corrections")
        refused = [status for _, status in front.seen if status == 403]
        equal(len(refused), 1, "requests refused for their time")


def service_ahead():
    "a service whose clock is an hour ahead: the device follows it after one refusal"
    service_off(HOUR)


def service_behind():
    "a service whose clock is an hour behind"
    service_off(-HOUR)


def time_by_sntp():
    "a clock by SNTP"
    with Bench("sntp", LOGS) as bench, sntp.Sntp() as server:
        run = bench.run(clock=f"sntp:{server.server}", records=100, rotate=3200).done()
        equal([is_now(event) for event in run.all("clock")], ["sntp"], "where the time is from")
        own = [data for _, data in bench.archives().values() if data not in LOGS.values()]
        assert all(abs(r.time_ms / 1000 - time.time()) < 60 for r in records.read(b"".join(own))), "times of the records"
        return f"{server.asked} requests"


def deaf_time_server():
    "a time server that never answers: the service's Date sets the clock"
    with Bench("sntp-deaf", LOGS) as bench, sntp.Sntp(lambda asked, now: None) as server:
        run = bench.run(clock=f"sntp:{server.server}", silence=2).done()
        assert server.asked, "the time server was never asked"
        archived_whole(bench, run)
        equal(is_now(run.all("clock")[-1]), "date", "where the time is from")


lie = functools.partial(sntp.reply, now=1_000_000_000)
LIES = {
    "a time server that refuses (a kiss of death)": lambda asked, _: lie(asked, stratum=0),
    "a time server that is not synchronised": lambda asked, _: lie(asked, leap=3),
    "a time server that answers another request": lambda asked, _: lie(asked, originate=b"another!"),
    "a time server that sends a request": lambda asked, _: lie(asked, mode=3),
    "a time server whose answer is cut short": lambda asked, _: lie(asked)[:40],
}


def not_believed(maker):
    with Bench("sntp-lies", LOGS) as bench, sntp.Sntp(maker) as server:
        run = bench.run(clock=f"sntp:{server.server}", silence=2).done()
        assert server.asked, "the time server was never asked"
        archived_whole(bench, run)
        told = run.all("clock")
        equal(is_now(told[-1]), "date", "where the time is from")
        equal([event.fields["from"] for event in told[:-1]], ["none"], "what it says before")
        return told[0].why
