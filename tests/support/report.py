"""Runs cases one after the other, goes on after a failure, and ends with the closing line."""

import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor


class Report:
    def __init__(self):
        self.passed = 0
        self.failed = 0
        self._one_speaks = threading.Lock()

    def case(self, name, run, *args):
        """Runs `run(*args)`; an exception is a failure, a returned text is printed beside the name."""
        started = time.monotonic()
        try:
            note = run(*args)
        except Exception:  # a case may fail in any way; the others still run
            text = f"FAILED  {name}  ({time.monotonic() - started:.1f} s)\n"
            text += "        " + traceback.format_exc().replace("\n", "\n        ").rstrip()
            with self._one_speaks:
                self.failed += 1
                print(text, flush=True)
        else:
            text = f"ok      {name}  ({time.monotonic() - started:.1f} s)" + (f": {note}" if note else "")
            with self._one_speaks:
                self.passed += 1
                print(text, flush=True)

    def side_by_side(self, cases, at_once=2):
        """The same for several (name, run, *args), a few at a time: those that mostly wait need not wait for each other."""
        with ThreadPoolExecutor(at_once) as pool:
            for done in [pool.submit(self.case, *case) for case in cases]:
                done.result()

    def close(self):
        """Prints the closing line; returns the exit status."""
        if self.passed + self.failed == 0:
            self.failed = 1
            print("FAILED  no case ran")
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed else 0


def equal(got, wanted, what):
    assert got == wanted, f"{what}: got {got!r}, wanted {wanted!r}"
