"""A pseudo-terminal with the `glacier` command in it, and what its screen shows."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

from glacier import BINARY, TARGET, environment


class Terminal:
    """Runs `glacier ARGS` with all of its streams on a terminal of this many columns, but those that are given."""

    def __init__(self, *args, columns=80, term="xterm", stdin=None, stdout=None):
        self.columns = columns
        self.raw = b""
        self.master, slave = pty.openpty()
        self.resize(columns)
        self.process = subprocess.Popen(
            [str(BINARY), *map(str, args)],
            env=environment(TERM=term),
            stdin=slave if stdin is None else stdin,
            stdout=slave if stdout is None else stdout,
            stderr=slave,
            cwd=TARGET,
            start_new_session=True,
            # Ctrl-C reaches only what has the terminal as its own.
            preexec_fn=lambda: fcntl.ioctl(2, termios.TIOCSCTTY, 0),
        )
        os.close(slave)

    def resize(self, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def type(self, keys):
        os.write(self.master, keys)

    def read(self, seconds):
        """Reads for at most so long; `False` at the end."""
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.master, 65536)
        except OSError:  # how Linux reports that the other side is closed
            data = b""
        self.raw += data
        return bool(data)

    def until(self, text, seconds=30):
        """Reads until the terminal has been sent `text`."""
        end = time.monotonic() + seconds
        while text.encode() not in self.raw:
            assert self.read(0.1) and time.monotonic() < end, f"{text!r} is not in {self.raw!r}"

    def end(self, seconds=60):
        """Reads to the end; returns the exit code."""
        end = time.monotonic() + seconds
        while self.read(0.1):
            if time.monotonic() > end:
                self.process.kill()
                raise AssertionError(f"did not end within {seconds} s: {self.raw!r}")
        os.close(self.master)
        return self.process.wait(timeout=10)

    def drawn(self):
        """The texts that were drawn over one another, without the blanks after them."""
        text = self.raw.decode().replace("\r\n", "\n")
        return [piece.rstrip(" ") for piece in text.split("\r") if piece.strip() and "\n" not in piece]

    def screen(self):
        """The lines on the screen, as a terminal of this width shows them."""
        lines, column = [[]], 0
        for c in self.raw.decode():
            if c == "\n":
                lines.append([])
            elif c == "\r":
                column = 0
            else:
                assert c.isprintable(), f"{c!r} was sent to the terminal: {self.raw!r}"
                if column == self.columns:
                    lines.append([])
                    column = 0
                line = lines[-1]
                line.extend(" " * (column + 1 - len(line)))
                line[column] = c
                column += 1
        return [text for line in lines if (text := "".join(line).rstrip())]
