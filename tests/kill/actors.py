"""What all actors have in common: one request at a time, and what is known of vault time."""

import datetime
import random
import threading

DAY = 24 * 3_600_000  # every time here is in milliseconds
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def millis(date):
    """A date of the service, such as 2026-01-02T03:04:05.678Z."""
    return round((datetime.datetime.fromisoformat(date.replace("Z", "+00:00")) - EPOCH) / datetime.timedelta(milliseconds=1))


class VaultTime:
    """The latest date that the service has told: vault time is at least that, also after a kill."""

    def __init__(self):
        self._lock = threading.Lock()
        self.latest = 0

    def saw(self, date):
        """Takes note of a date in a response; the same in milliseconds."""
        at = millis(date)
        with self._lock:
            self.latest = max(self.latest, at)
        return at


class Actor:
    """Sends requests one after the other, over a connection each, and remembers what was acknowledged.

    The request whose response did not arrive is `pending`: it was done whole or not at all, which `check` finds out.
    """

    def __init__(self, name, seed, time):
        self.name, self.time = name, time
        self.rng = random.Random(f"{seed} {name}")
        self.pending = None
        self.count = 0  # requests that were responded to

    def step(self, rest):
        raise NotImplementedError

    def send(self, pending, statuses, call, *args, **options):
        """`call` is a method of Rest. Its response has one of `statuses`; without a response, `pending` stays."""
        self.pending = pending
        response = call(*args, **options)
        assert response.status in statuses, f"{self.name}: {call.__name__}{args[:2]} {pending}: {response}"
        self.pending = None
        self.count += 1
        return response


def within(first, at, last, what):
    assert first <= at <= last, f"{what}: {at} is not from {first} to {last}"
