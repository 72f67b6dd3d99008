"""The AWS CLI, version 1, against `glacier serve`: the README's commands, typed as they stand there, and every operation, paginator and
waiter. Traffic stays on the loopback."""

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from cli import Aws, repeated, succeeded  # also makes tests/support importable

import awscli

import archives
import settings
from catalogue import OPERATIONS
from glacier import BINARY, Serve, environment, scratch
from readme import SDKS, URL, blocks, section
from report import Report, equal

FIRST = "## With another endpoint, or none"


def stranger(lines, url):
    """What these lines print in a shell with `glacier` and `aws`, but without settings of its own. The README's server is at `url`."""
    with scratch("aws-cli") as name:
        (Path(name) / "glacier").symlink_to(BINARY)
        env = environment(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None, AWS_REGION=None)
        env["PATH"] = f"{name}:{os.environ['PATH']}"
        lines = lines.replace(URL, url)
        done = subprocess.run(["bash", "-eux", "-c", lines], env=env, cwd=name, capture_output=True, text=True, timeout=120)
    equal(done.returncode, 0, f"exit code ({done.stdout}{done.stderr})")
    return done.stdout


def as_they_stand():
    "the README's server, its own client and the AWS CLI"
    serve, *rest = re.findall(r"^\$ (.*)$", section(FIRST), re.M)
    assert serve.split()[:2] == ["glacier", "serve"] and any(line.startswith("aws ") for line in rest), rest
    # The port may be taken here, so the server has one of its own.
    with scratch("aws-cli") as name, Serve(Path(name) / "vaults") as server:
        assert '"VaultName": "photos"' in (out := stranger("\n".join(rest), server.url)), out
    return f"{len(rest)} commands"


def in_ci():
    "the README's server for CI, in a shell"
    [lines] = [block for block in blocks(SDKS, "sh") if "glacier serve" in block]
    # Whatever happens, the server does not outlive the shell.
    out = stranger(f"trap 'kill $! || true; wait' EXIT\n{lines}", URL)
    assert '{"status":"ok"}' in out and "/000000000000/vaults/photos" in out, out


def everything():
    "every operation of the catalogue succeeded, the four lists had pages, and both waiters waited"
    equal(len(OPERATIONS), 33, "operations in the catalogue")
    equal(sorted(succeeded), OPERATIONS, "operations that succeeded")
    equal(repeated, {"ListJobs", "ListMultipartUploads", "ListParts", "ListVaults", "DescribeVault"}, "what was called for several pages")


@contextmanager
def served():
    with scratch("aws-cli") as name, Serve(Path(name) / "vaults") as server:
        yield Aws(server.url, Path(name))


def main():
    print(f"AWS CLI {awscli.__version__}, Python {sys.version.split()[0]}")
    report = Report()
    for case in (as_they_stand, in_ci):
        report.case(case.__doc__, case)
    with served() as aws:
        waiters = settings.Waiters()
        for case in [archives.vaults, waiters.begin, *archives.CASES, *settings.CASES, waiters.end]:
            report.case(case.__doc__, case, aws)
    report.case(everything.__doc__, everything)
    return report.close()


sys.exit(main())
