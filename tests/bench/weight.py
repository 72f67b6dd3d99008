"""The size of the command, the number of crates that the library depends on, and the CPU time of building them."""

import os
import subprocess
import tempfile
from pathlib import Path

from measure import table

ROOT = Path(__file__).resolve().parents[2]


def run(target, args):
    cargo("build", "--release", "-p", "glacier-std", "--features", "cli", target=target)
    size = (target / "release/glacier").stat().st_size / 1e6
    rows = [["`glacier` with `cli`, stripped, MB", f"{size:.1f}", "≤ 8"], ["crates of glacier-std, default features", str(crates(ROOT, "glacier-std")), "≤ 75"]]
    if "sdk" in args.without:
        print("**aws-sdk-glacier is omitted: --without sdk.**\n")
    else:
        rows.append(["crates of aws-sdk-glacier without its TLS, for comparison", str(crates(ROOT / "tests/bench", "aws-sdk-glacier")), ""])
    with tempfile.TemporaryDirectory(dir=target) as clean:
        before = os.times()
        cargo("build", "--release", "-p", "glacier-std", target=clean)
        after = os.times()
    seconds = after.children_user + after.children_system - before.children_user - before.children_system
    rows.append(["clean release build of those, CPU s", f"{seconds:.0f}", "≤ 120"])
    table(["weight", "", "target"], rows)


def cargo(*words, target):
    subprocess.run(["cargo", *words, "--locked", "--quiet"], cwd=ROOT, env={**os.environ, "CARGO_TARGET_DIR": str(target)}, check=True)


def crates(folder, package):
    """The number of different crates that are linked, including the package itself."""
    command = ["cargo", "tree", "--locked", "-e", "normal", "--prefix", "none", "--no-dedupe", "-p", package]
    lines = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.splitlines()
    return len({line.replace(" (proc-macro)", "") for line in lines if line})
