"""Archives that come and go, and multipart uploads: completed, aborted, or left alone until the service drops them."""

import treehash
from actors import DAY, Actor

MIB = 1 << 20


class Archives(Actor):
    """Uploads and deletes archives. The ledger knows what was acknowledged."""

    def __init__(self, name, seed, time, ledger):
        super().__init__(name, seed, time)
        self.ledger = ledger

    def step(self, rest):
        archive = self.ledger.pick(self.rng) if self.rng.random() < 0.48 else None
        vault = self.ledger.vault
        if archive:
            self.send(("delete", archive), (204,), rest.call, "DELETE", ["-", "vaults", vault, "archives", archive])
            self.ledger.deleted(archive)
            return
        name = self.ledger.name(self.rng.choice([self.rng.randint(1, 4096), self.rng.randint(1, 300_000)]))
        response = self.send(("upload", name), (201,), rest.upload_archive, vault, self.ledger.content(name), name)
        self.ledger.acknowledged(response.headers["x-amz-archive-id"], name)

    def check(self, rest, now):
        self.pending = None  # the ledger looks at the list of archives


class Upload:
    def __init__(self, id, name, earliest):
        self.id, self.name = id, name
        self.parts = {}  # first byte -> (last byte, tree hash), acknowledged
        self.touched = earliest  # its last activity was not before
        self.seen = None  # and not after, once that is known


class Uploads(Actor):
    """Several multipart uploads at a time."""

    def __init__(self, name, seed, time, ledger):
        super().__init__(name, seed, time)
        self.ledger = ledger
        self.open, self.dropped, self.completed = [], [], 0

    def step(self, rest):
        vault, upload = self.ledger.vault, self.rng.choice(self.open) if self.open else None
        if upload is None or len(self.open) < 4 and self.rng.random() < 0.2:
            self._begin(rest, vault)
            return
        if self.rng.random() < 0.7:
            upload = self.open[-1]  # the others may be left alone for a day
        data = self.ledger.content(upload.name)
        missing = [first for first in range(0, len(data), MIB) if first not in upload.parts]
        if missing and self.rng.random() < 0.9:
            self._part(rest, vault, upload, self.rng.choice(missing), data)
        elif missing or self.rng.random() < 0.2:
            self._abort(rest, vault, upload)
        else:
            self._complete(rest, vault, upload, data)

    def _begin(self, rest, vault):
        name, earliest = self.ledger.name(self.rng.randint(MIB + 1, 3 * MIB)), self.time.latest
        response = self.send(("begin", name), (201,), rest.initiate_multipart, vault, MIB, name)
        self.open.append(Upload(response.headers["x-amz-multipart-upload-id"], name, earliest))

    def _part(self, rest, vault, upload, first, data):
        piece, earliest = data[first : first + MIB], self.time.latest
        part = (first + len(piece) - 1, treehash.of_bytes(piece))
        pending = ("part", upload, first, part, earliest)
        if self.send(pending, (204, 404), rest.upload_part, vault, upload.id, first, piece).status == 404:
            self._drop(upload)
        else:
            upload.parts[first] = part
            upload.touched, upload.seen = earliest, None

    def _abort(self, rest, vault, upload):
        status = self.send(("abort", upload), (204, 404), rest.abort_multipart, vault, upload.id).status
        self._drop(upload) if status == 404 else self.open.remove(upload)

    def _complete(self, rest, vault, upload, data):
        response = self.send(("complete", upload), (201, 404), self._completing, rest, vault, upload, data)
        if response.status == 404:
            self._drop(upload)
        else:
            self._is_completed(upload, response)

    @staticmethod
    def _completing(rest, vault, upload, data):
        return rest.complete_multipart(vault, upload.id, len(data), treehash.of_bytes(data))

    def _is_completed(self, upload, response):
        self.ledger.acknowledged(response.headers["x-amz-archive-id"], upload.name)
        self.open.remove(upload)
        self.completed += 1

    def _drop(self, upload):
        """The service says that it does not know the upload: it must have been idle for a day."""
        self.open.remove(upload)
        self.dropped.append(upload)

    # After a kill; vault time stands still at `now`.

    def check(self, rest, now):
        vault, (kind, *pending) = self.ledger.vault, self.pending or (None,)
        there = rest.open_uploads(vault)
        assert len(there) == len(set(there)), there
        for upload in self.dropped:
            assert upload.id not in there and upload.touched + DAY <= now, f"{upload.name} was dropped early, or is back: {now}"
        self.dropped.clear()
        for upload in list(self.open):
            mine = kind if pending and pending[0] is upload else None
            if upload.id in there:
                there.remove(upload.id)
                self._check_parts(rest.parts(vault, upload.id), upload, pending if mine == "part" else None, now)
            else:
                self._check_end(rest, vault, upload, mine, now)
        # What is left may be one that was begun and not acknowledged.
        assert len(there) <= (1 if kind == "begin" else 0), f"uploads that were never begun: {there}"
        for id in there:
            assert rest.abort_multipart(vault, id).status == 204
        self.pending = None

    def _check_parts(self, found, upload, pending, now):
        if pending and found.get(pending[1]) == pending[2]:
            upload.parts[pending[1]] = pending[2]
            upload.touched, upload.seen = pending[3], None
        assert found == upload.parts, f"parts of {upload.name}: {found}, wanted {upload.parts}"
        upload.seen = upload.seen or now
        assert now < upload.seen + DAY, f"{upload.name} was not dropped: {upload.seen} to {now}"

    def _check_end(self, rest, vault, upload, mine, now):
        if mine == "complete":
            # Completing it again tells which archive it has become.
            response = self._completing(rest, vault, upload, self.ledger.content(upload.name))
            if response.status == 201:
                self._is_completed(upload, response)
                return
        gone = mine == "abort" or upload.touched + DAY <= now
        assert gone, f"the multipart upload {upload.name} was lost with {len(upload.parts)} acknowledged parts, at {now}"
        self.open.remove(upload)
