"""What was sent, what the service acknowledged, and whether it still has it."""

import hashlib
import random
import re
import threading

import treehash
from report import equal

VAULT = "ledger"


class Ledger:
    """Each archive has a name, sent as its description. Its content is generated from the name, so no content is stored here."""

    def __init__(self, vault=VAULT):
        self.vault = vault
        self.names = {}  # archive id -> name, also of those that are deleted
        self._lock = threading.Lock()
        self._count = 0
        self.kept = {}  # archive id -> name: acknowledged, or found intact in an inventory
        self.deleting = set()  # ids whose deletion was requested and not acknowledged
        self.gone = set()  # ids whose deletion was acknowledged

    def name(self, size):
        with self._lock:
            self._count += 1
            return f"n{self._count}-{size}"

    @staticmethod
    def content(name):
        return random.Random(name).randbytes(int(name.split("-")[1]))

    def acknowledged(self, archive, name):
        with self._lock:
            assert archive not in self.kept and archive not in self.gone, "an archive id was assigned twice"
            self.kept[archive] = self.names[archive] = name

    def any(self, rng):
        """An archive that is there as far as is known; `None` if there is none."""
        with self._lock:
            return rng.choice(list(self.kept)) if self.kept else None

    def size(self, archive):
        return int(self.names[archive].split("-")[1])

    def may_be_gone(self, archive):
        with self._lock:
            return archive in self.deleting or archive in self.gone

    def pick(self, rng):
        """Picks an archive to delete; from now on it may be gone."""
        with self._lock:
            if len(self.kept) < 20:
                return None
            archive = rng.choice(list(self.kept))  # perhaps one that another writer deletes, too
            self.deleting.add(archive)
            return archive

    def deleted(self, archive):
        with self._lock:
            self.kept.pop(archive, None)
            self.deleting.discard(archive)
            self.gone.add(archive)

    def check(self, listed):
        """Compares with an inventory and returns the ids of archives whose acknowledgement was lost.

        Every acknowledged archive is listed, no deleted one is, and whatever else is listed was sent and is intact.
        """
        for archive in self.deleting - listed.keys():
            self.kept.pop(archive, None)
            self.gone.add(archive)
        self.deleting.clear()
        lost = self.kept.keys() - listed.keys()
        assert not lost, f"acknowledged, then lost: {[self.kept[a] for a in lost]}"
        back = self.gone & listed.keys()
        assert not back, f"deleted, then listed again: {back}"
        found = []
        for archive, item in listed.items():
            name = item["ArchiveDescription"]
            assert re.fullmatch(r"n\d+-\d+", name), f"never sent: {item}"
            equal(self.kept.get(archive, name), name, "description")
            data = self.content(name) if archive not in self.kept else None
            equal(item["Size"], int(name.split("-")[1]), f"size of {name}")
            if data is not None:
                equal(item["SHA256TreeHash"], treehash.of_bytes(data), f"tree hash of {name}")
                self.kept[archive] = self.names[archive] = name
                found.append(archive)
        return found

    def restore(self, form, archive, target):
        """Restores an archive with the command and compares it with what was sent."""
        form.good("restore", VAULT, archive, "-o", target)
        digest = lambda data: hashlib.sha256(data).hexdigest()
        equal(digest(target.read_bytes()), digest(self.content(self.kept[archive])), f"SHA-256 of {self.kept[archive]}")
