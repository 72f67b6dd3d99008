"""Sources of the time: the host, the Date of a response, SNTP, the application; and what happens while the clock is not set."""

import functools
import time

import records
import sntp
from archive import archived_whole, description
from bench import DEVICE, Bench
from fault_proxy import Proxy
from report import equal
from verifier import Verifier

LOGS = {"LOG00001.BIN": records.log((1 << 20) + 64_000), "LOG00002.BIN": records.log(32_000, first=70_000)}
HOUR = 3600


def run(report):
    cases = (no_clock, hour_off, service_ahead, service_slow, time_by_sntp, silent_time_server)
    invalid = [(f"{name} does not set the clock", not_used, maker) for name, maker in INVALID.items()]
    report.side_by_side([(case.__doc__, case) for case in cases] + invalid)


def seconds(stamp):
    return time.mktime(time.strptime(stamp, "%Y%m%dT%H%M%SZ")) - time.timezone


def is_now(event, ahead=0, within=20):
    off = seconds(event.time) - time.time() - ahead
    assert abs(off) < within, f"the device's clock says {event.time}, {off:.0f} s off"
    return event.fields["from"]


def no_clock():
    "a clock that is not set is set from the Date of a response, and earlier records have no time"
    with Bench("no-clock", LOGS) as bench:
        run = bench.run(clock="none", records=200, rotate=4096).done()
        equal(is_now(run.all("clock")[-1]), "date", "source of the time")
        own = [(item, data) for item, data in bench.archives().values() if data not in LOGS.values()]
        found = records.read(b"".join(data for _, data in own) + bench.card.files()["SENSOR.LOG"])
        equal({r.time_ms for r in found}, {0}, "times of earlier records: not 1970")
        for item, data in own:
            equal(item["ArchiveDescription"], description(data), "description")
            assert "t0=- t1=-" in item["ArchiveDescription"], item
        return own[0][0]["ArchiveDescription"]


def hour_off():
    "a clock that the application set an hour wrong is corrected from the service's date"
    with Bench("hour-off", LOGS) as bench:
        run = bench.run(clock=int(time.time()) - HOUR).done()
        archived_whole(bench, run)
        first, *rest = run.all("clock")
        is_now(first, -HOUR)
        equal([is_now(event) for event in rest], ["date"], "corrections")


def service_off(ahead):
    with Bench("service-off", LOGS) as bench, Proxy(bench.serve.url, verifier=Verifier(DEVICE, DEVICE, ahead)) as proxy:
        run = bench.run(proxy.server).done()
        archived_whole(bench, run)
        equal([is_now(event, ahead) for event in run.all("clock")[1:]], ["date"], "corrections")
        rejected = [status for _, status in proxy.seen if status == 403]
        equal(len(rejected), 1, "requests rejected for their time")


def service_ahead():
    "a service whose clock is an hour ahead: the device follows it after one rejected request"
    service_off(HOUR)


def service_slow():
    "a service whose clock is an hour slow"
    service_off(-HOUR)


def time_by_sntp():
    "the clock is set by SNTP"
    with Bench("sntp", LOGS) as bench, sntp.Sntp() as server:
        run = bench.run(clock=f"sntp:{server.server}", records=100, rotate=3200).done()
        equal([is_now(event) for event in run.all("clock")], ["sntp"], "source of the time")
        own = [data for _, data in bench.archives().values() if data not in LOGS.values()]
        assert all(abs(r.time_ms / 1000 - time.time()) < 60 for r in records.read(b"".join(own))), "times of the records"
        return f"{server.requests} requests"


def silent_time_server():
    "a time server that never replies: the service's date sets the clock"
    with Bench("sntp-silent", LOGS) as bench, sntp.Sntp(lambda request, now: None) as server:
        run = bench.run(clock=f"sntp:{server.server}", timeout=2).done()
        assert server.requests, "the time server got no request"
        archived_whole(bench, run)
        equal(is_now(run.all("clock")[-1]), "date", "source of the time")


false_time = functools.partial(sntp.reply, now=1_000_000_000)
INVALID = {
    "a kiss of death": lambda request, _: false_time(request, stratum=0),
    "the reply of a server that is not synchronized": lambda request, _: false_time(request, leap=3),
    "the reply to another request": lambda request, _: false_time(request, originate=b"another!"),
    "a request from the server": lambda request, _: false_time(request, mode=3),
    "a truncated reply": lambda request, _: false_time(request)[:40],
}


def not_used(maker):
    with Bench("sntp-invalid", LOGS) as bench, sntp.Sntp(maker) as server:
        run = bench.run(clock=f"sntp:{server.server}", timeout=2).done()
        assert server.requests, "the time server got no request"
        archived_whole(bench, run)
        events = run.all("clock")
        equal(is_now(events[-1]), "date", "source of the time")
        equal([event.fields["from"] for event in events[:-1]], ["none"], "clock events before that")
        return events[0].why
