"""Which requests are open at the service, and in which phase: from the lines of `serve -v` and the answers that arrived."""

import re
import threading
import time
from collections import Counter

PHASES = ("body", "fsync", "commit", "reply")
LINE = re.compile(r"(?P<id>[A-Za-z0-9_-]{40,})\s+(?P<operation>\w+)\s+(?P<phase>body|fsync|commit|reply)\b")


class Phases:
    """Fed by two threads: the server's stderr (`line`) and the proxy (`answered`)."""

    def __init__(self):
        self._changed = threading.Condition()
        self._latest = {}  # request id -> phase
        self._answered = set()
        self._seen = Counter()
        self.others = []  # lines that are no phase: shown when something goes wrong

    def line(self, text, answered_by_reply=False):
        match = LINE.search(text)
        if not match:
            self.others.append(text)
            return
        with self._changed:
            self._latest[match["id"]] = match["phase"]
            self._seen[match["phase"]] += 1
            if answered_by_reply and match["phase"] == "reply":
                self._answered.add(match["id"])
            self._changed.notify_all()

    def answered(self, request):
        with self._changed:
            self._answered.add(request)

    def wait_for(self, phase, more, seconds):
        """Until `phase` has begun `more` times from now on; False when that takes too long."""
        end = time.monotonic() + seconds
        with self._changed:
            wanted = self._seen[phase] + more
            while self._seen[phase] < wanted:
                if not self._changed.wait(max(0.0, end - time.monotonic())):
                    return False
        return True

    def open(self):
        """The phases of the requests that began and whose answer never arrived."""
        with self._changed:
            return Counter(phase for request, phase in self._latest.items() if request not in self._answered)
