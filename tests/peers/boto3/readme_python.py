"""The README's Python for users of boto3, as it stands."""

import os
import subprocess
import sys
from pathlib import Path

import bench
from glacier import BINARY, environment, scratch
from readme import SDKS, URL, blocks
from report import equal


def run(line, url, **settings):
    """Runs a command as a stranger, who has no settings but these, with the README's server at `url`."""
    env = environment(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None, AWS_REGION=None, **settings)
    done = subprocess.run([part.replace(URL, url) for part in line], env=env, capture_output=True, text=True, timeout=60)
    equal(done.returncode, 0, f"exit code ({done.stdout}{done.stderr})")
    return done.stdout


def program():
    "the README's program for boto3"
    first, _ = blocks(SDKS, "python")
    with bench.bench() as b:
        equal(run([sys.executable, "-c", first], b.url), "b'Hello'\n", "what it prints")


def variables():
    "the README's variables are all that a program with boto3 needs"
    exports = blocks(SDKS, "sh")[0]
    python = "import boto3; print(boto3.client('glacier').create_vault(vaultName='variables')['location'])"
    with bench.bench() as b:
        out = run(["bash", "-euc", f'{exports}\nexec "$0" -c "$1"', sys.executable, python], b.url)
        equal(out, "/000000000000/vaults/variables\n", "what it prints")


def server():
    "the README's server for tests, with a port of its own"
    names = {}
    exec(blocks(SDKS, "python")[1], names)
    path = os.environ["PATH"]
    with scratch("boto3") as name:
        (Path(name) / "glacier").symlink_to(BINARY)
        os.environ["PATH"] = f"{name}:{path}"
        try:
            with names["glacier_url"](f"{name}/vaults") as url:
                equal(bench.client(url).list_vaults()["VaultList"], [], "vaults")
        finally:
            os.environ["PATH"] = path


CASES = [program, variables, server]
