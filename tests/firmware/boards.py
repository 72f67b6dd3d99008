"""The second board, mps2-an386: the same application with other drivers."""

import records
from archive import archived_whole
from bench import Bench
from images import stack_within
from report import equal


def run(report):
    report.case("mps2-an386: a log in parts and one in a single request; the archives equal the files", small)


def small():
    logs = {"LOG00001.BIN": records.log((1 << 20) + 64_000), "LOG00002.BIN": records.log(64_000, first=70_000)}
    with Bench("second", logs, board="mps2-an386") as bench:
        run = bench.run().done()
        archived_whole(bench, run)
        equal(run.one("boot").board, "mps2-an386", "the board")
        return f"{run.seconds:.1f} s, stack {stack_within(run)} B"
