"""Writers that keep the service busy until it is killed."""

import json
import random
import threading

import treehash
from glacier import start
from ledger import VAULT
from rest import Rest

MIB = 1 << 20
# (smallest, largest, options of upload): one request, and several parts.
SIZES = [(1, 64 << 10, ()), (MIB // 2, 4 * MIB, ()), (2 * MIB, 6 * MIB, ("--part-size", "1MiB"))]


class Load:
    """Threads that write through `url` until `stop`. What is acknowledged goes into the ledger."""

    def __init__(self, ledger, url, folder, rng, multipart, commands=2):
        self.ledger, self.url, self.folder, self.multipart = ledger, url, folder, multipart
        self.stopped = threading.Event()
        self.processes = set()
        self.errors = []  # each of them fails the test
        jobs = [self._commands] * commands + [self._requests, self._parts]
        self.threads = [threading.Thread(target=self._run, args=(job, n, random.Random(rng.random()))) for n, job in enumerate(jobs)]
        for thread in self.threads:
            thread.start()

    def _run(self, job, number, rng):
        try:
            job(number, rng)
        except (OSError, EOFError, json.JSONDecodeError) as error:
            if not self.stopped.wait(5):  # connections may break only because the service was killed
                self.errors.append(error)
        except Exception as error:
            if "http.client" not in type(error).__module__ or not self.stopped.wait(5):
                self.errors.append(error)

    def _commands(self, number, rng):
        """Runs `glacier upload` again and again."""
        while not self.stopped.is_set():
            smallest, largest, options = rng.choice(SIZES)
            name = self.ledger.name(rng.randint(smallest, largest))
            file = self.folder / f"load-{number}"
            file.write_bytes(self.ledger.content(name))
            process = start("--endpoint-url", self.url, "--output", "json", "upload", VAULT, file, "--description", name, *options)
            self.processes.add(process)
            if self.stopped.is_set():
                process.kill()
            out, _ = process.communicate(timeout=120)
            self.processes.discard(process)
            if process.returncode == 0:
                result = json.loads(out)
                assert result["checksum"] == treehash.of_bytes(self.ledger.content(name)), result
                self.ledger.acknowledged(result["archiveId"], name)

    def _requests(self, number, rng):
        """Uploads and deletes small archives by signed requests of its own."""
        rest = Rest(self.url)
        while not self.stopped.is_set():
            archive = self.ledger.pick(rng) if rng.random() < 0.3 else None
            if archive:
                response = rest.call("DELETE", ["-", "vaults", VAULT, "archives", archive])
                assert response.status == 204, response
                self.ledger.deleted(archive)
            else:
                name = self.ledger.name(rng.randint(1, 200_000))
                response = rest.upload_archive(VAULT, self.ledger.content(name), name)
                assert response.status == 201, response
                self.ledger.acknowledged(response.headers["x-amz-archive-id"], name)

    def _parts(self, number, rng):
        """Continues the multipart upload that spans the kills."""
        while not self.stopped.is_set():
            self.multipart.step(Rest(self.url), rng)

    def stop(self):
        """Stops the writers: processes by their handles, threads by their flag."""
        self.stopped.set()
        for process in list(self.processes):
            process.kill()
        for thread in self.threads:
            thread.join(timeout=130)
            assert not thread.is_alive(), "a writer did not end"
        if self.errors:
            raise AssertionError(f"a writer failed while the service was up: {self.errors}") from self.errors[0]


class Multipart:
    """A multipart upload, part by part; after every restart the service must still have every acknowledged part."""

    def __init__(self, ledger):
        self.ledger = ledger
        self.completed = 0
        self._forget()

    def _forget(self):
        self.name = self.upload = None
        self.missing, self.sent = [], {}

    def step(self, rest, rng):
        """Sends the next request of the upload; if it is cut off, `resume` finds out what became of it."""
        if self.upload is None:
            self.name = self.ledger.name(rng.randint(MIB + 1, 9 * MIB))
            data = self.ledger.content(self.name)
            response = rest.initiate_multipart(VAULT, MIB, self.name)
            assert response.status == 201, response
            self.missing = list(range(0, len(data), MIB))
            rng.shuffle(self.missing)
            self.upload = response.headers["x-amz-multipart-upload-id"]
        elif self.missing:
            start = self.missing[-1]
            piece = self.ledger.content(self.name)[start : start + MIB]
            response = rest.upload_part(VAULT, self.upload, start, piece)
            assert response.status == 204, response
            self.sent[self.missing.pop()] = (start + len(piece) - 1, treehash.of_bytes(piece))
        else:
            data = self.ledger.content(self.name)
            response = rest.complete_multipart(VAULT, self.upload, len(data), treehash.of_bytes(data))
            assert response.status == 201, response
            self.ledger.acknowledged(response.headers["x-amz-archive-id"], self.name)
            self.completed += 1
            self._forget()

    def resume(self, rest):
        """After a restart: no acknowledged part is missing, and an upload that is gone has become an archive."""
        if self.upload is None:
            return
        response = rest.call("GET", ["-", "vaults", VAULT, "multipart-uploads", self.upload])
        if response.status == 404:
            assert not self.missing, f"the multipart upload {self.name} was lost with {len(self.sent)} acknowledged parts"
            assert self.name in self.ledger.kept.values(), f"{self.name} was completed and does not exist"
            self._forget()
            return
        held = rest.parts(VAULT, self.upload)
        lost = {start for start, part in self.sent.items() if held.get(start) != part}
        assert not lost, f"acknowledged parts lost: {lost}"
