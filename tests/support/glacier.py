"""Runs the `glacier` command and `glacier serve` the way a user does, in a clean environment."""

import json
import os
import select
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

REPO = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", REPO / "target"))
BINARY = Path(os.environ.get("GLACIER", TARGET / "release" / "glacier"))
REGION = "eu-west-1"


def scratch(name):
    """A new folder under the target folder, removed when the caller's `with` ends: /tmp may be small or in memory."""
    parent = TARGET / "scratch"
    parent.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(prefix=f"{name}-", dir=parent)


def environment(**settings):
    """The environment without the user's AWS settings; `None` removes a variable."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_") and not k.lower().endswith("_proxy")}
    nowhere = "/nonexistent"
    env |= {"AWS_CONFIG_FILE": nowhere, "AWS_SHARED_CREDENTIALS_FILE": nowhere, "AWS_EC2_METADATA_DISABLED": "true"}
    env |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION}
    env |= {k: v for k, v in settings.items() if v is not None}
    return {k: v for k, v in env.items() if settings.get(k, v) is not None}


class CommandResult(NamedTuple):
    """How a run of the command ended."""

    code: int
    out: str
    err: str
    peak_kib: int

    @property
    def json(self):
        return json.loads(self.out)


def start(*args, env=None, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd=TARGET, wrap=()):
    """Starts `glacier ARGS`; the caller waits for it."""
    line = [*wrap, str(BINARY), *map(str, args)]
    return subprocess.Popen(line, env=env or environment(), stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, cwd=cwd)


def glacier(*args, seconds=600, **options):
    """Runs `glacier ARGS` to its end. `peak_kib` is its peak resident memory."""
    with tempfile.NamedTemporaryFile("r") as peak:
        # `time` is a small process: measured as a child of this one, Python's own memory would count.
        process = start(*args, wrap=("/usr/bin/time", "--quiet", "-f", "%M", "-o", peak.name), **options)
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        text = peak.read().split()
    decode = lambda b: (b or b"").decode("utf-8", "replace")
    return CommandResult(process.returncode, decode(out), decode(err), int(text[-1]) if text else 0)


def good(*args, **options):
    """Like `glacier`, but the command must succeed."""
    result = glacier(*args, **options)
    assert result.code == 0, f"glacier {' '.join(map(str, args))}: exit {result.code}\n{result.err}{result.out}"
    return result


class Serve:
    """`glacier serve` on a free port of the loopback, or as `listen` says; a context manager that stops it with SIGTERM."""

    def __init__(self, data, *args, listen="127.0.0.1:0", on_stderr=None, env=None):
        self.stderr = []
        self.process = start("serve", "--data", data, "--listen", listen, *args, env=env)
        self._on_stderr = on_stderr or self.stderr.append
        self._reader = threading.Thread(target=self._read_stderr, daemon=True)
        self._reader.start()
        ready, _, _ = select.select([self.process.stdout], [], [], 20)
        line = self.process.stdout.readline() if ready else b""
        if not line:
            self.kill()
            raise AssertionError(f"serve did not report that it is ready: {self.stderr}")
        self.url = json.loads(line)["url"]

    def _read_stderr(self):
        for line in self.process.stderr:
            self._on_stderr(line.decode("utf-8", "replace").rstrip("\n"))

    def peak_kib(self):
        """The peak resident memory of the server so far."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])

    def stop(self):
        """Sends SIGTERM, as a service manager does; the server must exit with status 0."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=20)
        self._reader.join(timeout=20)
        assert code == 0, f"serve ended with {code} after SIGTERM: {self.stderr[-5:]}"

    def kill(self):
        self.process.kill()
        self.process.wait()
        self._reader.join(timeout=20)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.process.poll() is not None:
            return
        if kind:
            self.kill()
        else:
            self.stop()


class Local:
    """A vault without a server: `--local DIR`."""

    name = "local"

    def __init__(self, data):
        self.data = data
        self.options = ("--local", data)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def run(self, *args, **options):
        return glacier(*self.options, *args, **options)

    def good(self, *args, **options):
        return good(*self.options, *args, **options)


class Served(Local):
    """The same folder served by `glacier serve`, over HTTP like any AWS endpoint."""

    name = "serve"

    def __init__(self, data, *serve_args):
        self.server = Serve(data, *serve_args)
        self.data = data
        self.options = ("--endpoint-url", self.server.url)

    def __exit__(self, *error):
        self.server.__exit__(*error)


def wait_until(happened, what, seconds=20):
    """Polls until `happened()` is true; fails after `seconds`."""
    end = time.monotonic() + seconds
    while not (value := happened()):
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.005)
    return value
