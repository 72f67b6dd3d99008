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
from glacier import BINARY, REPO, Serve, environment, scratch
from report import Report, equal

SECTION = "## With another endpoint, or none"
# Where the README's server listens.
PORT = "127.0.0.1:4566"


def commands():
    """What stands after each prompt of the section."""
    section = (REPO / "README.md").read_text().split(SECTION)[1].split("\n## ")[0]
    return re.findall(r"^\$ (.*)$", section, re.M)


def as_they_stand():
    "the README's server, its own client and the AWS CLI"
    serve, *rest = commands()
    assert serve.split()[:2] == ["glacier", "serve"] and any(line.startswith("aws ") for line in rest), commands()
    with scratch("aws-cli") as name:
        (Path(name) / "glacier").symlink_to(BINARY)
        # The port may be taken here, so the server has one of its own.
        with Serve(Path(name) / "vaults") as server:
            lines = "\n".join(rest).replace(f"http://{PORT}", server.url)
            # A stranger has no settings but those that the README exports.
            env = environment(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None, AWS_REGION=None)
            env["PATH"] = f"{name}:{os.environ['PATH']}"
            done = subprocess.run(["bash", "-eux", "-c", lines], env=env, cwd=name, capture_output=True, text=True, timeout=120)
    equal(done.returncode, 0, f"exit code ({done.stdout}{done.stderr})")
    assert '"VaultName": "photos"' in done.stdout, done.stdout
    return f"{len(rest)} commands"


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
    report.case(as_they_stand.__doc__, as_they_stand)
    with served() as aws:
        waiters = settings.Waiters()
        for case in [archives.vaults, waiters.begin, *archives.CASES, *settings.CASES, waiters.end]:
            report.case(case.__doc__, case, aws)
    report.case(everything.__doc__, everything)
    return report.close()


sys.exit(main())
