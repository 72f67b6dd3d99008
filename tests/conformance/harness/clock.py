"""The endpoint's time as the suite knows it: `instant`, or a virtual day of 86400/N seconds."""

import time

HOUR = 3600
DAY = 86400
# The longest a job takes, by tier, in virtual seconds; an inventory takes as long as a Standard retrieval.
TIERS = {"Expedited": 5 * 60, "Standard": 5 * HOUR, "Bulk": 12 * HOUR}
# Real seconds that a loaded machine may add to any wait.
GRACE = 20


class Clock:
    def __init__(self, text):
        name, _, scale = text.partition(":")
        if not (text == "instant" or name == "scaled" and scale.isdigit() and 1 <= int(scale) <= 1_000_000):
            raise ValueError(f"--time is instant or scaled:N with N from 1 to 1000000; {text} is not")
        self.text, self.mode, self.scale = text, name, int(scale or 1)

    @property
    def instant(self):
        return self.mode == "instant"

    def seconds(self, virtual):
        """How many real seconds a virtual duration takes."""
        return 0 if self.instant else virtual / self.scale

    def sleep(self, virtual):
        time.sleep(self.seconds(virtual))

    def until(self, happened, what, virtual):
        """Polls until `happened()` is true; its value is returned. Fails after the virtual duration and the grace."""
        end = time.monotonic() + self.seconds(virtual) + GRACE
        while not (value := happened()):
            if time.monotonic() > end:
                raise AssertionError(f"{what}: not within {virtual / HOUR:g} hours of {self.text} and {GRACE} s")
            time.sleep(0.05 if self.instant else min(0.5, max(0.03, self.seconds(HOUR) / 4)))
        return value
