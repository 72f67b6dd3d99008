"""All that the service stores, changed by many connections while vault time flies, until the service is killed.

After a kill the folder is opened with vault time standing still: everything that was acknowledged and everything that
becomes due is known exactly, and each job that is done has one line in the file of notifications. Then a copy is opened
that waits for nothing, and its inventory lists all archives.
"""

import collections
import contextlib
import json
import os
import random
import re
import shutil
import threading
import time

from account import Account
from actors import DAY, VaultTime
from archives import Archives, Uploads
from glacier import Serve, start
from jobs import Jobs
from ledger import Ledger
from phases import Phases
from proxy import Proxy
from report import equal
from rest import Rest
from settings import Settings

VAULT = "mixed"
# A day of vault time is a second and a half, some kills long: jobs are done, jobs, locks and uploads end, and inventories are
# taken, while the load is on and between.
FACTOR = 60_000
# The one thing that opening the folder may report after a kill.
EXPECTED = re.compile(r"glacier: \d+ files of uploads that were not acknowledged, or of deleted archives, were left by an unclean end and are removed")


class Mixed:
    def __init__(self, folder, seed, killer):
        self.data, self.killer = folder / "mixed", killer
        self.rng = random.Random(f"{seed} mixed")
        self.time, self.ledger = VaultTime(), Ledger(VAULT)
        actor = lambda kind, name, *more: kind(name, seed, self.time, *more)
        self.settings = [actor(Settings, name) for name in ("ash", "elm")]
        self.account = actor(Account, "account")
        self.archives = [actor(Archives, name, self.ledger) for name in ("writer", "other writer")]
        self.uploads = actor(Uploads, "uploads", self.ledger)
        self.jobs = [actor(Jobs, name, self.ledger) for name in ("retriever", "reader")]
        self.actors = [*self.settings, self.account, *self.archives, self.uploads, *self.jobs]
        self.requests = self.found = self.opening = 0
        self.probes, self.begun = 0, None
        self.told, self.read = collections.Counter(), 0  # notifications by job, and how many bytes of them were read
        with self._serve("instant") as server:
            assert Rest(server.url).call("PUT", ["-", "vaults", VAULT]).status == 201

    def _serve(self, mode, *args, **options):
        return Serve(self.data, "--time", mode, *args, **options)

    # One round: load, kill, check.

    def round(self):
        self.kill()
        if self.rng.random() < 0.2:
            self.kill_while_opening()
        self.check()

    def kill(self):
        phases, errors, stopped = Phases(), [], threading.Event()
        server = self._serve(f"scaled:{FACTOR}", "-vv", on_stderr=phases.line)
        with Proxy(server.url, watch=phases.responded) as proxy:
            threads = [threading.Thread(target=act, args=(actor, Rest(proxy.url), stopped, errors)) for actor in self.actors]
            for thread in threads:
                thread.start()
            killed, _ = self.killer.kill(server.process, phases, most=40, longest=0.8, also=lambda: (proxy.mute(), stopped.set()))
            server.kill()  # reads its stderr to the end
            for thread in threads:
                thread.join(timeout=130)
                assert not thread.is_alive(), "an actor did not end"
        assert not errors, f"while the service was up: {errors[0]!r}" + "".join(phases.others)
        assert killed, f"serve ended by itself: {phases.others}"
        assert not phases.others, phases.others
        self.requests = sum(actor.count for actor in self.actors)
        self.killer.count("serve, mixed", phases.open())

    def kill_while_opening(self):
        """A service that is killed before it has mended what the kill before left."""
        process = start("serve", "--data", self.data, "--listen", "127.0.0.1:0", "--time", f"scaled:{FACTOR}")
        time.sleep(self.rng.uniform(0, 0.03))
        process.kill()
        _, err = process.communicate()
        for line in err.decode().splitlines():
            self._expected(line)
        self.opening += 1

    def _expected(self, line):
        assert EXPECTED.fullmatch(line), f"unexpected: {line}"
        self.found += 1

    def check(self):
        with self._serve("manual") as server:
            self.check_records(Rest(server.url))
        for line in server.stderr:
            self._expected(line)
        with self._copied() as server:
            self.check_archives(Rest(server.url))
        assert not server.stderr, server.stderr
        # The output of a job stays when its archive is deleted.
        bodies = self.prepared | self.ledger.kept.keys()
        equal(self.bytes_found, self.bytes_besides + sum(map(self.ledger.size, bodies)), "bytes of all files")

    @contextlib.contextmanager
    def _copied(self):
        """A server on a copy, for which no time has to pass; what it does to the copy does not matter."""
        copy = self.data.with_name("copy")
        shutil.copytree(self.data, copy, copy_function=lambda of, to: (os.link if "/blobs/" in to else shutil.copy)(of, to))
        try:
            with Serve(copy, "--time", "instant") as server:
                yield server
        finally:
            shutil.rmtree(copy)

    def now(self, rest):
        """Vault time, which stands still: the creation of a new vault."""
        self.probes += 1
        vault = ["-", "vaults", f"probe-{self.probes}"]
        assert rest.call("PUT", vault).status == 201
        latest = self.time.latest
        now = self.time.saw(rest.call("GET", vault).json["CreationDate"])
        assert latest <= now, f"vault time has gone back from {latest} to {now}"
        assert rest.call("DELETE", vault).status == 204
        return now

    def check_records(self, rest):
        now = self.now(rest)
        for actor in [*self.settings, self.account, *self.archives, self.uploads]:
            actor.check(rest, now)
        listed = rest.jobs(VAULT)
        self.check_files(rest, listed)
        jobs = {job["JobId"]: job for job in listed}
        self.read_notifications()
        for actor in self.jobs:
            actor.check_jobs(jobs, now, self.told)
        assert not jobs, f"jobs that had ended, or were never begun: {jobs}"
        wanted = {VAULT} | {name for actor in self.settings for name, vault in actor.vaults.items() if vault}
        equal({vault["VaultName"] for vault in rest.listed(["-", "vaults"], "VaultList")}, wanted, "vaults")
        self.begun = self.begun if self.begun is not None else now
        self.now_checked = now

    def read_notifications(self):
        """Counts the lines about each job since the last time. The service has completed what a kill had left."""
        file = self.data / "notifications.jsonl"
        if file.exists():
            with open(file, "rb") as lines:
                lines.seek(self.read)
                self.told.update(json.loads(line)["message"]["JobId"] for line in lines)
                self.read = lines.tell()
        assert max(self.told.values(), default=1) == 1, "a job has two lines"

    def check_archives(self, rest):
        listed = rest.inventory(VAULT)
        found = self.ledger.check(listed)
        sizes = [item["Size"] for item in listed.values()]
        vault = rest.call("GET", ["-", "vaults", VAULT]).json
        equal((vault["NumberOfArchives"], vault["SizeInBytes"]), (len(sizes), sum(sizes)), "archives of the vault and their bytes")
        for archive in {*found, *self.rng.sample(list(self.ledger.kept), min(2, len(self.ledger.kept)))}:
            self.restore(rest, archive)

    def restore(self, rest, archive):
        body = rest.job_output(VAULT, {"Type": "archive-retrieval", "ArchiveId": archive})
        assert body == self.ledger.content(self.ledger.names[archive]), f"wrong bytes of {self.ledger.names[archive]}"

    def check_files(self, rest, jobs):
        """The files in the folder are those of archives, of parts of open uploads, and of outputs, to the byte; here all but the archives,
        which are known when they are listed."""
        wanted = 0
        for upload in rest.open_uploads(VAULT):
            wanted += sum(last - first + 1 for first, (last, _) in rest.parts(VAULT, upload).items())
        wanted += sum(job["InventorySizeInBytes"] or 0 for job in jobs)
        self.bytes_besides = wanted
        self.prepared = {job["ArchiveId"] for job in jobs if job["ArchiveId"]}
        self.bytes_found = sum(path.stat().st_size for path in (self.data / "blobs").iterdir())
        assert not list((self.data / "staged").iterdir()), list((self.data / "staged").iterdir())
        assert not (self.data / "lost+found").exists(), "a file that no record explains"

    # The end: everything that was begun ends.

    def wind_up(self):
        with self._serve("scaled:1000000") as server:
            rest, until = Rest(server.url), time.monotonic() + 0.4
            while time.monotonic() < until:
                rest.call("GET", ["-", "vaults"])
        with self._serve("manual") as server:
            rest = Rest(server.url)
            self.check_records(rest)
            equal((rest.jobs(VAULT), rest.open_uploads(VAULT)), ([], []), "jobs and uploads after four days")
            self.check_load(rest)
        with self._copied() as server:
            rest = Rest(server.url)
            self.check_archives(rest)
            equal(self.bytes_found + 1, sum(map(self.ledger.size, self.ledger.kept)), "bytes of all files and of one archive since")
            for archive in self.ledger.kept:
                self.restore(rest, archive)
        return (
            f"{self.requests} requests acknowledged; {len(self.ledger.kept)} archives, {len(self.ledger.gone)} deleted, "
            f"{self.uploads.completed} multipart uploads, {sum(jobs.downloads for jobs in self.jobs)} downloads, {self.told.total()} notifications; "
            f"{self.opening} more kills while the folder was opened; files left by kills were reported {self.found} times; "
            f"vault time went on by {(self.now_checked - self.begun) // DAY} days"
        )

    def check_load(self, rest):
        """No retrieval is counted any more: one of 1 byte an hour is within a policy of 1 byte an hour, and a second is not."""
        name = self.ledger.name(1)
        archive = rest.upload_archive(VAULT, self.ledger.content(name), name).headers["x-amz-archive-id"]
        self.ledger.acknowledged(archive, name)
        rule = {"Strategy": "BytesPerHour", "BytesPerHour": 1}
        set_rule = lambda rule: rest.call("PUT", ["-", "policies", "data-retrieval"], body=json.dumps({"Policy": {"Rules": [rule]}}).encode())
        assert set_rule(rule).status == 204
        body = json.dumps({"Type": "archive-retrieval", "ArchiveId": archive, "Tier": "Standard"}).encode()
        retrieve = lambda: rest.call("POST", ["-", "vaults", VAULT, "jobs"], body=body)
        first, second = retrieve(), retrieve()
        assert first.status == 202, f"a retrieval is still counted: {first}"
        equal((second.status, second.code), (400, "PolicyEnforcedException"), "a second retrieval")
        assert set_rule({"Strategy": "None"}).status == 204


def act(actor, rest, stopped, errors):
    """Lets an actor send requests until the service is killed."""
    try:
        while not stopped.is_set():
            actor.step(rest)
    except Exception as error:
        broken = isinstance(error, (OSError, EOFError)) or "http.client" in type(error).__module__
        if not broken or not stopped.wait(5):
            errors.append(error)
