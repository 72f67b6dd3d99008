"""Runs an image in QEMU and parses the device's console.

The console has one line per event: a word, then `key=value` pairs; values with spaces are quoted.
"""

import re
import subprocess
import threading
import time
from typing import NamedTuple

# Board: the model of its Ethernet controller, and the options that attach the card. QEMU cannot attach one to mps2-an386: its image opens
# `sd.img` in QEMU's working directory.
BOARDS = {"lm3s6965evb": ("stellaris", ("-drive", "if=sd,file=sd.img,format=raw")), "mps2-an386": ("lan9118", ())}
PAIR = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|\S*)')


class Event:
    def __init__(self, word, fields):
        self.word, self.fields = word, fields

    def __getattr__(self, name):
        try:
            return self.fields[name]
        except KeyError:
            raise AttributeError(f"no field {name} in {self.word} {self.fields}") from None

    def number(self, name):
        return int(self.fields[name])


def event(line):
    """Parses a console line; `None` if it is not one."""
    word, _, rest = line.strip().partition(" ")
    pairs = PAIR.findall(rest)
    if not re.fullmatch("[a-z]+", word) or PAIR.sub("", rest).strip() and word != "inventory":
        return None
    return Event(word, {key: unquoted(value) for key, value in pairs})


def unquoted(value):
    if not value.startswith('"'):
        return value
    return re.sub(r"\\(.)", r"\1", value[1:-1])


class Run(NamedTuple):
    """The result of a run. `code` is 0 if the device ended with `done`, 1 if it stopped."""

    code: int
    text: str
    seconds: float

    def all(self, word):
        return [found for line in self.text.splitlines() if (found := event(line)) and found.word == word]

    def one(self, word):
        found = self.all(word)
        assert len(found) == 1, f"{len(found)} times {word!r}\n{self.text}"
        return found[0]

    def done(self):
        """Checks that the run ended with `done`."""
        assert self.code == 0 and self.all("done"), f"the run did not end with `done` (status {self.code})\n{self.text}"
        return self

    def stopped(self, *patterns):
        """Checks that the run ended with `stopped` and a reason that matches; returns the reason."""
        assert self.code == 1 and self.all("stopped"), f"the run did not end with `stopped` (status {self.code})\n{self.text}"
        why = self.one("stopped").why
        for pattern in patterns:
            assert re.search(pattern, why, re.I), f"{pattern!r} is not in {why!r}\n{self.text}"
        return why


def run(board, image, settings, card=None, seconds=60, hidden=()):
    """Runs `image` with these settings until it exits; a run that takes longer than `seconds` is killed and fails.

    `hidden` are texts that must not be printed.
    """
    nic, drive = BOARDS[board]
    words = ["fw", *(f"{key}={value}" for key, value in settings.items())]
    arguments = ",".join("arg=" + word.replace(",", ",,") for word in words)
    line = ["qemu-system-arm", "-M", board, "-nographic", "-monitor", "none", "-serial", "null", "-kernel", str(image)]
    line += ["-semihosting-config", f"enable=on,target=native,{arguments}", "-nic", f"user,model={nic}"]
    folder = "/"
    if card:
        assert card.path.name == "sd.img", card.path
        folder, line = card.path.parent, [*line, *drive]
    started = time.monotonic()
    process = subprocess.Popen(line, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    late = threading.Timer(seconds, process.kill)
    late.start()
    try:
        text = process.stdout.read().decode("utf-8", "replace")
        code = process.wait()
    finally:
        late.cancel()
        process.kill()
        process.wait()
    result = Run(code, text, time.monotonic() - started)
    assert code != -9, f"still running after {seconds} s\n{text}"
    assert "panicked" not in text, text
    for secret in hidden:
        assert secret not in text, f"the device printed a secret:\n{text.replace(secret, '***')}"
    return result
