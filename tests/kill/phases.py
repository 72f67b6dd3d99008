"""Which requests are open at the service, and in which phase: from the lines of `serve -v` and the answers that arrived."""

import re
import threading
from collections import Counter

PHASES = ("body", "fsync", "commit", "reply")
# A request's id, its operation, and the phase that begins.
LINE = re.compile(r"(?P<id>[A-Za-z0-9_-]{40,}) (?P<operation>\w+) (?P<phase>body|fsync|commit|reply)$")


class Phases:
    """Fed by two threads: the reader of the service's stderr (`line`) and the proxy (`answered`).

    `reply_is_answer`: the service is in the process of its client, so that there is nothing between the two.
    """

    def __init__(self, reply_is_answer=False):
        self.reply_is_answer = reply_is_answer
        self.others = []  # lines that are no phase: shown when something goes wrong
        self._lock = threading.RLock()
        self._latest = {}  # request id -> phase
        self._answered = set()
        self._awaited = None  # (phase, how many more, what to do then)

    def line(self, text):
        match = LINE.search(text)
        if not match:
            self.others.append(text)
            return
        with self._lock:
            self._latest[match["id"]] = match["phase"]
            if self.reply_is_answer and match["phase"] == "reply":
                self._answered.add(match["id"])
            if self._awaited and self._awaited[0] == match["phase"]:
                phase, more, act = self._awaited
                self._awaited = (phase, more - 1, act) if more > 1 else None
                if more == 1:
                    act()

    def answered(self, request):
        with self._lock:
            self._answered.add(request)

    def when(self, phase, nth, act):
        """Calls `act` as soon as `phase` begins for the nth time from now, in the thread that reads it: at once."""
        with self._lock:
            self._awaited = (phase, nth, act)

    def open(self):
        """The phases of the requests that began and whose answer has not arrived."""
        with self._lock:
            return Counter(phase for request, phase in self._latest.items() if request not in self._answered)
