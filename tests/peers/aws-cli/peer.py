"""The README's commands for a local server and the AWS CLI, typed as they stand there. Traffic stays on the loopback."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))

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
    listed = json.loads(done.stdout[done.stdout.index("{") :])
    assert [vault["VaultName"] for vault in listed["VaultList"]] == ["photos"], listed
    return f"{len(rest)} commands"


report = Report()
report.case(as_they_stand.__doc__, as_they_stand)
sys.exit(report.close())
