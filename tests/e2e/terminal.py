"""What is seen on a terminal: progress that follows its width, results on lines of their own, and nothing that it would obey."""

import re
import socket
import subprocess
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import treehash
from glacier import Local, Serve, glacier, good, scratch
from pseudo_terminal import Terminal
from report import equal
from roundtrip import make_file, same

MIB = 1 << 20
ID = r"[A-Za-z0-9_-]{138}"


def run(report, long):
    report.side_by_side([(case.__doc__, case) for case in CASES])


class SlowLink:
    """Forwards to `url`, so many bytes a second each way; `stopped` while nothing gets through."""

    def __init__(self, url, rate=6 * MIB):
        self.upstream, self.rate, self.passes = urlsplit(url), rate, threading.Event()
        self.passes.set()
        self.listener = socket.socket()
        # Small buffers, so that little is in transit.
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 10)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(16)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.options = ("--endpoint-url", self.url)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.create_connection((self.upstream.hostname, self.upstream.port))
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self.forward, args=(source, sink), daemon=True).start()

    def forward(self, source, sink):
        try:
            while data := source.recv(64 << 10):
                self.passes.wait()
                sink.sendall(data)
                time.sleep(len(data) / self.rate)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def results_have_a_line_of_their_own():
    "an id and a path are never glued to the progress, which is gone at the end"
    with scratch("lines") as name, Serve(Path(name) / "data") as server:
        link, file = SlowLink(server.url), make_file(Path(name) / "f", 5 * MIB + 1)
        tree, _, _ = treehash.of_file(file)
        up = Terminal(*link.options, "upload", "v", file, "--create-vault", "--part-size", "1MiB", columns=200)
        equal(up.end(), 0, f"exit code ({up.raw!r})")
        assert any(text.startswith("sent ") for text in up.drawn()), f"nothing was drawn: {up.raw!r}"
        summary, archive = up.screen()
        assert re.fullmatch(rf"glacier: uploaded 5\.0 MiB \(5242881 bytes\) in \S+( s)?, .*6 parts, tree hash {tree}", summary), summary
        assert re.fullmatch(ID, archive), archive
        down = Terminal(*link.options, "restore", "v", archive, "-o", Path(name) / "t", columns=200)
        equal(down.end(), 0, f"exit code ({down.raw!r})")
        assert any(text.startswith("received ") for text in down.drawn()), f"nothing was drawn: {down.raw!r}"
        summary, path = down.screen()
        assert summary.startswith("glacier: restored ") and summary.endswith(tree), summary
        equal(path, str(Path(name) / "t"), "path")
        same(file, Path(name) / "t")
        # The result in a pipe, whose reader prints it on the same terminal.
        piped = Terminal(*link.options, "upload", "v", file, columns=200, stdout=subprocess.PIPE)
        out = piped.process.stdout.read().decode()
        equal(piped.end(), 0, "exit code")
        assert re.fullmatch(ID + "\n", out), out
        equal(len(piped.screen()), 1, f"lines on the terminal ({piped.raw!r})")


def widths():
    "a status line is narrower than the terminal, also after that has changed"
    with scratch("widths") as name, Serve(Path(name) / "data") as server:
        link, file = SlowLink(server.url, 3 * MIB), make_file(Path(name) / "f", 16 * MIB)
        for columns in (40, 12):
            up = Terminal(*link.options, "upload", "v", file, "--create-vault", columns=columns)
            equal(up.end(), 0, "exit code")
            drawn = up.drawn()
            assert len(drawn) > 5 and max(map(len, drawn)) < columns, drawn
            equal(up.raw.count(b"\n"), 2, f"line breaks: one after the summary and one after the id ({up.raw!r})")
        assert any(re.fullmatch(r"\d+%, \d:\d\d lef|\d+%", text) for text in drawn), drawn
        up = Terminal(*link.options, "upload", "v", file, columns=80)
        up.until(" left")
        up.resize(20)
        seen = len(up.raw)
        equal(up.end(), 0, "exit code")
        up.raw = up.raw[seen:]
        drawn = up.drawn()[2:]  # one may have been under way
        assert drawn and max(map(len, drawn)) < 20, drawn


def unknown_width():
    "a terminal that does not say its width has 80 columns"
    with scratch("unknown") as name, Serve(Path(name) / "data") as server:
        link, file = SlowLink(server.url, 3 * MIB), make_file(Path(name) / "f", 3 * MIB)
        up = Terminal(*link.options, "upload", "v", file, "--create-vault", columns=0)
        equal(up.end(), 0, "exit code")
        assert up.drawn() and max(map(len, up.drawn())) < 80, up.drawn()


def stall():
    "a stall is called one, and afterwards the time left is right again"
    with scratch("stall") as name, Serve(Path(name) / "data") as server:
        link, file = SlowLink(server.url, 2 * MIB), make_file(Path(name) / "f", 16 * MIB)
        up = Terminal(*link.options, "upload", "v", file, "--create-vault")
        first = time.monotonic()
        up.until(" left")
        assert time.monotonic() - first > 2, "a rate was shown before it was known"
        rates = [float(rate) for text in up.drawn() for rate in re.findall(r"([\d.]+) MiB/s, ", text)]
        link.passes.clear()
        up.until("stalled for 0:0")
        seen = len(up.drawn())
        link.passes.set()
        equal(up.end(), 0, "exit code")
        assert rates and max(rates) < 20, rates
        left = [re.findall(r"(\d+):(\d\d) left", text) for text in up.drawn()[seen:]]
        left = [int(minutes) * 60 + int(seconds) for found in left for minutes, seconds in found]
        assert left and max(left) < 60, f"the rest takes 8 s, and {max(left)} s were shown"


def ctrl_c():
    "Ctrl-C wipes the line, and the message stands alone"
    with scratch("ctrl-c") as name, Serve(Path(name) / "data") as server:
        link, file = SlowLink(server.url, MIB), make_file(Path(name) / "f", 16 * MIB)
        up = Terminal(*link.options, "upload", "v", file, "--create-vault", "--part-size", "1MiB", columns=900)
        up.until("\rsent ")
        up.type(b"\x03")
        equal(up.end(), 130, f"exit code ({up.raw!r})")
        assert b"^C" in up.raw, f"the terminal echoes what is typed: {up.raw!r}"
        lines = up.screen()
        equal(len(lines), 1, f"lines ({up.raw!r})")
        assert lines[0].startswith("glacier: interrupted") and "multipart upload" in lines[0], lines


def dumb():
    "a dumb terminal is a log: nothing is drawn"
    with scratch("dumb") as name:
        vault, file = Local(Path(name) / "data"), make_file(Path(name) / "f", 3 * MIB)
        up = Terminal(*vault.options, "upload", "v", file, "--create-vault", term="dumb", columns=300)
        equal(up.end(), 0, "exit code")
        equal((up.drawn(), len(up.screen())), ([], 2), f"drawn, lines ({up.raw!r})")


def quiet():
    "--quiet and --progress none draw nothing"
    with scratch("quiet") as name, Serve(Path(name) / "data") as server:
        link, file = SlowLink(server.url), make_file(Path(name) / "f", 3 * MIB)
        for options, lines in ((["-q"], 1), (["--progress", "none"], 2)):
            up = Terminal(*link.options, "upload", "v", file, "--create-vault", *options, columns=300)
            equal(up.end(), 0, "exit code")
            equal((up.drawn(), len(up.screen())), ([], lines), f"drawn, lines ({up.raw!r})")


def names():
    "a file name with escape sequences is written out on a terminal, and left alone in a pipe, as ls does"
    with scratch("names") as name:
        odd = Path(name) / "a\u009b2J\x1b[31m\u202eb"
        odd.write_bytes(b"x")
        shown = str(odd.parent) + r"/a\u{9b}2J\u{1b}[31m\u{202e}b"
        seen = Terminal("treehash", odd, columns=400)
        equal(seen.end(), 0, "exit code")
        equal(seen.screen(), [f"{treehash.of_file(odd)[0]}  {shown}"], "lines")
        listed = good("treehash", odd).out
        equal(listed, f"{treehash.of_file(odd)[0]}  {odd}\n", "output in a pipe")
        (Path(name) / "sums").write_text(listed)
        good("treehash", "-c", Path(name) / "sums")
        missing = Terminal("treehash", str(odd) + "c", columns=400)
        equal(missing.end(), 1, "exit code")
        equal(missing.screen(), [f"glacier: {shown}c: no such file or directory"], "lines")
        # What is printed on standard error is written out wherever that goes.
        assert f"{shown}c" in glacier("treehash", str(odd) + "c").err
        vault = Local(Path(name) / "data")
        archive = vault.good("upload", "v", odd, "--create-vault").out.strip()
        back = Terminal(*vault.options, "restore", "v", archive, "-o", odd, columns=400)
        equal(back.end(), 0, "exit code")
        equal(back.screen()[-1], shown, "the path")
        equal(vault.good("restore", "v", archive, "-o", odd).out, f"{odd}\n", "the path in a pipe")


CASES = [results_have_a_line_of_their_own, widths, unknown_width, stall, ctrl_c, dumb, quiet, names]
