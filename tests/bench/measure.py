"""CPU time and peak memory of whole processes, measured alternately, and the ratios of them."""

import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Run:
    """One process: its CPU seconds, user and system, and its peak memory in MiB."""

    cpu: float
    user: float
    peak: float
    printed: str


def run(command, env=None):
    """Runs a command to its end, under GNU time: it is a small process, so the peak is that of the command and not of Python."""
    with tempfile.NamedTemporaryFile("r") as report:
        timed = ["/usr/bin/time", "--quiet", "-f", "%M", "-o", report.name, *map(str, command)]
        process = subprocess.Popen(timed, env={**os.environ, **(env or {})}, stdout=subprocess.PIPE, text=True)
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"status {process.returncode}: {' '.join(map(str, command))}")
        return Run(usage.ru_utime + usage.ru_stime, usage.ru_utime, int(report.read()) / 1024, printed.strip())


class Alternating:
    """Several commands, each run in every round, so that other load on the machine affects all of them alike."""

    def __init__(self, rounds, commands):
        for command in commands.values():
            run(*command)
        self.runs = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                self.runs[name].append(run(*command))

    def cpu(self, name):
        return statistics.median(one.cpu for one in self.runs[name])

    def user(self, name):
        return statistics.median(one.user for one in self.runs[name])

    def peak(self, name):
        return max(one.peak for one in self.runs[name])

    def printed(self, name):
        return self.runs[name][0].printed

    def ratio(self, name, reference):
        """The ratio of the medians, and the lowest and the highest of any round."""
        pairs = [one.cpu / other.cpu for one, other in zip(self.runs[name], self.runs[reference])]
        return self.cpu(name) / self.cpu(reference), min(pairs), max(pairs)


class Sink:
    """A sink that runs until the end of the `with` block."""

    def __init__(self, program, *options):
        self.command = [program, *map(str, options)]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()
        if not self.address:
            sys.exit("the sink did not start")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def noise(path, size):
    """A file of random bytes, reused by later runs, which is in the page cache afterwards."""
    path = Path(path)
    if not path.exists() or path.stat().st_size != size:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            for _ in range(size >> 20):
                file.write(os.urandom(1 << 20))
    with path.open("rb") as file:
        while file.read(1 << 20):
            pass
    return path


def table(head, rows):
    """A Markdown table."""
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |", flush=True)
    print(flush=True)
