"""Runs the parts of the firmware tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import archive
import boards
import clocks
import harness
import images
import large
import links
import rejections
import tasks
from report import Report

PARTS = {
    "harness": harness.run,
    "budget": images.run,
    "archive": archive.run,
    "links": links.run,
    "rejections": rejections.run,
    "clocks": clocks.run,
    "tasks": tasks.run,
    "large": large.run,
    "second": boards.run,
}


def main(names):
    report = Report()
    for name in names or list(PARTS):
        print(f"-- {name}: {sys.modules[PARTS[name].__module__].__doc__.splitlines()[0]}", flush=True)
        PARTS[name](report)
    return report.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
