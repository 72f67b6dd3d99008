"""Runs cases one after the other, goes on after a failure, and ends with the closing line."""

import time
import traceback


class Report:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def case(self, name, run, *args):
        """Runs `run(*args)`; an exception is a failure, a returned text is printed beside the name."""
        started = time.monotonic()
        try:
            note = run(*args)
        except Exception:  # a case may fail in any way; the others still run
            self.failed += 1
            print(f"FAILED  {name}  ({time.monotonic() - started:.1f} s)")
            print("        " + traceback.format_exc().replace("\n", "\n        ").rstrip(), flush=True)
        else:
            self.passed += 1
            print(f"ok      {name}  ({time.monotonic() - started:.1f} s)" + (f": {note}" if note else ""), flush=True)

    def close(self):
        """Prints the closing line; returns the exit status."""
        if self.passed + self.failed == 0:
            self.failed = 1
            print("FAILED  no case ran")
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed else 0


def equal(got, wanted, what):
    assert got == wanted, f"{what}: got {got!r}, wanted {wanted!r}"
