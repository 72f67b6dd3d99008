"""Kills processes with SIGKILL at random moments, and counts the requests that were open."""

import signal
import threading
import time
from collections import Counter

from phases import PHASES


class Killer:
    """Kills processes at random moments, and counts the requests that were open."""

    def __init__(self, rng, kinds):
        self.rng = rng
        self.hits = {kind: Counter() for kind in kinds}

    def kill(self, process, phases, most, longest, also=lambda: None):
        """Kills at a random moment: as a phase begins (up to the `most`th time), shortly after, or within `longest` seconds.

        A phase that does not begin as often within four seconds is not waited for any longer.

        Returns whether the process was killed (it may have ended by then) and the requests that were open.
        """
        moment = threading.Event()
        found = Counter()

        def strike():
            found.update(phases.open())
            also()
            process.kill()
            moment.set()

        phase = self.rng.choice([*PHASES, None, None])
        delay = self.rng.choice([0, self.rng.uniform(0, 0.002), self.rng.uniform(0, 0.02)])
        if phase:
            often = most if phase in ("commit", "reply") else max(1, most // 4)  # only bodies have the others
            phases.when(phase, self.rng.randint(1, often), moment.set if delay else strike)
            until = time.monotonic() + 4
            while not moment.wait(0.01) and process.poll() is None and time.monotonic() < until:
                pass
            phases.when(None, 0, None)
            time.sleep(delay)
        else:
            time.sleep(self.rng.uniform(0, longest))
        if process.poll() is None:
            strike()
        return process.wait() == -signal.SIGKILL, found

    def count(self, kind, open_requests):
        self.hits[kind]["kills"] += 1
        for phase in open_requests:
            self.hits[kind][phase] += 1
        self.hits[kind]["in flight" if open_requests else "idle"] += 1

    def total(self, what):
        return sum(hits[what] for hits in self.hits.values())

    def table(self):
        columns = ["kills", "in flight", *PHASES, "idle"]
        print("\nkills that found a request open in the phase (one kill may find several)")
        print(f"{'':16}" + "".join(f"{column:>10}" for column in columns))
        for kind, hits in self.hits.items():
            print(f"{kind:16}" + "".join(f"{hits[column]:>10}" for column in columns))
        print(f"{'total':16}" + "".join(f"{self.total(column):>10}" for column in columns) + "\n", flush=True)
