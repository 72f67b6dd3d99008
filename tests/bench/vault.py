"""The local vault as a service: what it costs to receive, to store durably, to open and to list."""

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import noise, table

ROOT = Path(__file__).resolve().parents[2]
GIB = 1 << 30


class Service:
    """A process that prints where it listens; afterwards its CPU seconds, its peak memory in MiB and how long it took to be ready."""

    def __init__(self, *command):
        begin = time.monotonic()
        self.process = subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"it did not start: {' '.join(map(str, command))}")
        self.ready = time.monotonic() - begin
        # The reference ends by itself, after one request.
        self.stops = line.startswith("{")
        self.address = json.loads(line)["url"].split("//")[1] if self.stops else line.strip()

    def used(self):
        """CPU seconds so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak_mib(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.stops:
            self.process.send_signal(signal.SIGTERM)
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        if self.process.returncode:
            sys.exit(f"status {self.process.returncode} of a service")
        self.cpu = usage.ru_utime + usage.ru_stime


class Vault:
    """`glacier serve` on a new folder, and the clients of it."""

    def __init__(self, programs, parent):
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="vault-", dir=parent))

    def serve(self):
        return Service(self.programs / "glacier", "serve", "--data", self.folder / "data", "--listen", "127.0.0.1:0")

    def load(self, service, *words):
        done = subprocess.run([self.programs / "bench-load", service.address, *map(str, words)], check=True, capture_output=True, text=True)
        return json.loads(done.stdout)

    def remove(self):
        shutil.rmtree(self.folder)


def ingest(programs, parent, rounds):
    """One upload of 1 GiB: CPU seconds of the service alone, against services that do nothing else."""
    file, floor = noise(programs.parent / "bench/1gib", GIB), programs / "bench-floor"
    seen = {"glacier serve": [], "accept": [], "accept FILE": []}
    peak = 0
    for count in range(rounds + 1):
        vault = Vault(programs, parent)
        with vault.serve() as service:
            vault.load(service, "vault", "v")
            before = service.used()
            vault.load(service, "file", "v", file)
            ours = service.used() - before
            peak = max(peak, service.peak_mib())
        for name, words in (("accept", []), ("accept FILE", [vault.folder / "floor"])):
            with Service(floor, "accept", *words) as service:
                vault.load(service, "file", "v", file)
            if count:
                seen[name].append(service.cpu)
        vault.remove()
        if count:
            seen["glacier serve"].append(ours)
    ours = statistics.median(seen["glacier serve"])
    rows = []
    for name, what in (("accept FILE", "receive, both hashes in one pass, write, fsync"), ("accept", "receive, both hashes in one pass")):
        ratios = [one / other for one, other in zip(seen["glacier serve"], seen[name])]
        rows.append(["1 GiB in one request", f"{ours:.2f}", f"`{name}` {statistics.median(seen[name]):.2f}: {what}",
                     f"**{statistics.median(ratios):.2f}** ({min(ratios):.2f} to {max(ratios):.2f})", f"{peak:.0f}"])
    table(["ingest", "CPU s", "reference, CPU s", "ratio", "peak MiB"], rows)


def small(programs, parent, rounds, count=2000):
    """Archives of 4 KiB, each durable before it is acknowledged; and files that are made durable without a service or an index."""
    rows = {(name): [] for name in ("1 connection", "16 connections", "floor sync")}
    for _ in range(rounds):
        for connections in (1, 16):
            vault = Vault(programs, parent)
            with vault.serve() as service:
                before = service.used()
                did = vault.load(service, "fill", "v", count, 4096, connections)
                rows[f"{connections} connection{'s' if connections > 1 else ''}"].append((count / did["seconds"], (service.used() - before) / count))
            vault.remove()
        vault = Vault(programs, parent)
        begin = time.monotonic()
        before = os.times()
        subprocess.run([programs / "bench-floor", "sync", vault.folder / "floor", str(count), "4096"], check=True)
        after = os.times()
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        rows["floor sync"].append((count / (time.monotonic() - begin), cpu / count))
        vault.remove()
    shown = []
    reference = statistics.median(rate for rate, _ in rows["floor sync"])
    for name, got in rows.items():
        rate, cpu = (statistics.median(column) for column in zip(*got))
        shown.append([name, f"{rate:.0f}", f"{rate / reference:.2f}", f"{cpu * 1e6:.0f}"])
    table(["archives of 4 KiB, durable", "a second", "relative to `sync`", "CPU µs each"], shown)


def million(programs, parent, archives):
    """A vault with many archives: filling it, opening it, an inventory of all."""
    vault = Vault(programs, parent)
    with vault.serve() as service:
        filled = vault.load(service, "fill", "v", archives, 512, 16)
        peak = service.peak_mib()
    rows = [["fill, 16 connections", f"{service.cpu:.1f}", f"{service.cpu / archives * 1e6:.0f}", f"{filled['seconds']:.0f}", f"{peak:.1f}"]]
    with vault.serve() as service:
        rows.append(["open", f"{service.used():.2f}", "", f"{service.ready:.2f}", f"{service.peak_mib():.1f}"])
        for turn in ("first", "second"):
            before = service.used()
            listed = vault.load(service, "inventory", "v")
            cpu = service.used() - before
            if any(listed[name] != filled[name] for name in ("archives", "bytes", "fold")):
                sys.exit(f"the inventory lists {listed}, acknowledged were {filled}")
            title = f"inventory in JSON, {listed['output'] / 1e6:.0f} MB, {turn}"
            rows.append([title, f"{cpu:.2f}", f"{cpu / archives * 1e6:.1f}", f"{listed['seconds']:.1f}", f"{service.peak_mib():.1f}"])
    vault.remove()
    table([f"a vault of {archives:,} archives", "CPU s", "µs an archive", "wall s", "peak MiB"], rows)


def run(target, args, build):
    build("floor", "load")
    subprocess.run(["cargo", "build", "--release", "--locked", "--quiet", "-p", "glacier-std", "--features", "cli"], cwd=ROOT, check=True)
    programs, parent = target / "release", args.folder or target / "bench"
    Path(parent).mkdir(parents=True, exist_ok=True)
    ingest(programs, parent, args.rounds)
    small(programs, parent, min(args.rounds, 5))
    million(programs, parent, args.archives)
