"""Runs cases one after the other, continues after a failure, and prints a closing line."""

import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor


class Report:
    def __init__(self):
        self.passed = 0
        self.failed = 0
        self._printing = threading.Lock()

    def case(self, name, run, *args):
        """Runs `run(*args)`; an exception is a failure; a returned string is printed after the name."""
        started = time.monotonic()
        try:
            note = run(*args)
        except Exception:  # a case may fail in any way; the others run anyway
            text = f"FAILED  {name}  ({time.monotonic() - started:.1f} s)\n"
            text += "        " + traceback.format_exc().replace("\n", "\n        ").rstrip()
            with self._printing:
                self.failed += 1
                print(text, flush=True)
        else:
            text = f"ok      {name}  ({time.monotonic() - started:.1f} s)" + (f": {note}" if note else "")
            with self._printing:
                self.passed += 1
                print(text, flush=True)

    def side_by_side(self, cases, at_once=2):
        """The same for several (name, run, *args), `at_once` at a time: for cases that mostly wait."""
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
