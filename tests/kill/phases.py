"""Which requests are open at the service, and in which phase: from the output of `serve -vv` and the responses that arrived."""

import re
import threading
from collections import Counter

PHASES = ("body", "fsync", "commit", "reply")
# A request id, the operation, and the phase that begins.
LINE = re.compile(r"(?P<id>[A-Za-z0-9_-]{40,}) (?P<operation>\w+) (?P<phase>body|fsync|commit|reply)$")


class Phases:
    """Fed by two threads: the reader of the service's stderr (`line`) and the proxy (`responded`).

    `reply_is_response`: the service is in the process of its client, so a reply that begins has arrived.
    """

    def __init__(self, reply_is_response=False):
        self.reply_is_response = reply_is_response
        self.others = []  # other lines, shown when something goes wrong
        self._lock = threading.RLock()
        self._latest = {}  # request id -> phase
        self._responded = set()
        self._awaited = None  # (phase, how many more, what to call then)

    def line(self, text):
        match = LINE.search(text)
        if not match:
            self.others.append(text)
            return
        with self._lock:
            self._latest[match["id"]] = match["phase"]
            if self.reply_is_response and match["phase"] == "reply":
                self._responded.add(match["id"])
            if self._awaited and self._awaited[0] == match["phase"]:
                phase, more, act = self._awaited
                self._awaited = (phase, more - 1, act) if more > 1 else None
                if more == 1:
                    act()

    def responded(self, request):
        with self._lock:
            self._responded.add(request)

    def when(self, phase, nth, act):
        """Calls `act` when `phase` begins for the nth time from now, without delay: in the thread that reads the line; never for `None`."""
        with self._lock:
            self._awaited = (phase, nth, act)

    def open(self):
        """The phases of the requests that have begun and whose response has not arrived."""
        with self._lock:
            return Counter(phase for request, phase in self._latest.items() if request not in self._responded)
