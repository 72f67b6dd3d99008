"""Files around leaf and part boundaries are uploaded and restored, with --local, through a server, and across the two."""

import hashlib
import random
import re
import tempfile
from pathlib import Path

import treehash
from glacier import Local, Served, scratch
from report import equal

MIB = 1 << 20
# (name, bytes, options of upload)
SIZES = [
    ("1 B", 1, []),
    ("1 MiB - 1", MIB - 1, []),
    ("1 MiB", MIB, []),
    ("1 MiB + 1", MIB + 1, []),
    ("1 MiB + 1 in 1 MiB parts", MIB + 1, ["--part-size", "1MiB"]),
    ("5.5 MiB in 1 MiB parts", 11 * MIB // 2, ["--part-size", "1MiB"]),
    ("100 MiB", 100 * MIB, []),
    ("100 MiB in 8 MiB parts", 100 * MIB, ["--part-size", "8M"]),
    ("20 MiB + 9 in 1 MiB parts, one at a time", 20 * MIB + 9, ["--part-size", "1M", "--concurrency", "1"]),
    ("20 MiB + 9 in 1 MiB parts, 12 at a time", 20 * MIB + 9, ["--part-size", "1M", "--concurrency", "12"]),
]


def run(report, long):
    for form in (Local, Served):
        with scratch("roundtrip") as folder, form(Path(folder) / "data") as vault:
            vault.good("vault", "create", "trip")
            for name, size, options in SIZES:
                report.case(f"{form.name}: {name}", upload_and_restore, vault, Path(folder), size, options)
            report.case(f"{form.name}: stdin and stdout", through_pipes, vault, Path(folder))
            report.case(f"{form.name}: a restore without -o", default_name, vault, Path(folder))
            report.case(f"{form.name}: a restore over an existing file", replaced, vault, Path(folder))
            report.case(f"{form.name}: stdin larger than one part", long_pipe, vault, Path(folder))
    report.case("archives of --local are restored through a server and vice versa", across_forms)
    report.case("a second upload makes a second archive", twice)


def make_file(path, size, seed=7):
    path.write_bytes(random.Random(seed * 1_000_003 + size).randbytes(size))
    return path


def same(left, right):
    """Asserts that two files have the same SHA-256, as Python computes it."""
    digest = lambda path: hashlib.sha256(path.read_bytes()).hexdigest()
    equal(digest(left), digest(right), f"SHA-256 of {left.name}")


def upload_and_restore(vault, folder, size, options):
    file, target = make_file(folder / "there.bin", size), folder / "back.bin"
    target.unlink(missing_ok=True)
    result = vault.good("--output", "json", "upload", "trip", file, *options)
    up = result.json
    tree, _, _ = treehash.of_file(file)
    summary = rf"glacier: uploaded [^\n]*\b{size} bytes?\b[^\n]* tree hash {tree}\n"
    assert re.fullmatch(summary, result.err), f"stderr without a terminal: {result.err!r}"
    equal(up["checksum"], tree, "tree hash of the upload")
    assert up["location"].endswith(f"/vaults/trip/archives/{up['archiveId']}"), up
    down = vault.good("--output", "json", "restore", "trip", up["archiveId"], "-o", target).json
    equal(down["archiveId"], up["archiveId"], "archiveId")
    equal(down["checksum"], tree, "tree hash of the restore")
    equal(down["bytes"], size, "bytes")
    equal(Path(down["path"]).resolve(), target.resolve(), "path")
    same(file, target)
    equal(sorted(p.name for p in folder.iterdir()), ["back.bin", "data", "there.bin"], "files in the directory")


def through_pipes(vault, folder):
    file = make_file(folder / "there.bin", MIB // 2)
    with file.open("rb") as stdin:
        archive = vault.good("--output", "text", "upload", "trip", "-", stdin=stdin).out.strip()
    with (folder / "back.bin").open("wb") as stdout:
        vault.good("restore", "trip", archive, "-o", "-", stdout=stdout)
    same(file, folder / "back.bin")


def default_name(vault, folder):
    file = make_file(folder / "there.bin", 1000)
    archive = vault.good("upload", "trip", file).out.strip()
    with tempfile.TemporaryDirectory(dir=folder) as empty:
        restored = Path(empty) / vault.good("restore", "trip", archive, cwd=empty).out.strip()
        equal(list(Path(empty).iterdir()), [restored], "files")
        same(file, restored)
        again = vault.run("restore", "trip", archive, cwd=empty)
        equal(again.code, 252, f"exit code when the file exists ({again.err})")


def replaced(vault, folder):
    file, target = make_file(folder / "there.bin", 1000), folder / "back.bin"
    archive = vault.good("upload", "trip", file).out.strip()
    target.write_text("older")
    vault.good("restore", "trip", archive, "-o", target)
    same(file, target)


def long_pipe(vault, folder):
    file = make_file(folder / "there.bin", 5 * MIB + 3)
    with file.open("rb") as stdin:
        up = vault.good("--output", "json", "upload", "trip", "-", "--part-size", "2MiB", stdin=stdin).json
    equal(up["checksum"], treehash.of_file(file)[0], "tree hash")
    with file.open("rb") as stdin:
        note = vault.good("upload", "trip", "-", "-v", stdin=stdin).err
    assert "--expected-size" in note and "671088640000" in note, f"the limit for input of unknown size is not stated: {note}"
    with file.open("rb") as stdin:
        usual = vault.good("upload", "trip", "-", stdin=stdin).err
    assert usual.startswith("glacier: uploaded") and usual.count("\n") == 1, f"stderr of a pipe: {usual!r}"
    with file.open("rb") as stdin:
        equal(vault.good("upload", "trip", "-", "-q", stdin=stdin).err, "", "stderr with --quiet")
    vault.good("restore", "trip", up["archiveId"], "-o", folder / "back.bin")
    same(file, folder / "back.bin")


def across_forms():
    with scratch("across") as name:
        folder = Path(name)
        file, ids = make_file(folder / "there.bin", 3 * MIB + 5), []
        for form in (Local, Served):
            with form(folder / "data") as vault:
                up = vault.good("--output", "json", "upload", "trip", file, "--create-vault", "--part-size", "1MiB").json
                ids.append(up["archiveId"])
        for form in (Local, Served):
            with form(folder / "data") as vault:
                for archive in ids:
                    vault.good("restore", "trip", archive, "-o", folder / "back.bin")
                    same(file, folder / "back.bin")
                    (folder / "back.bin").unlink()


def twice():
    with scratch("twice") as name:
        vault = Local(Path(name) / "data")
        file = make_file(Path(name) / "there.bin", 1000)
        ids = {vault.good("--output", "text", "upload", "trip", file, "--create-vault").out.strip() for _ in range(2)}
        equal(len(ids), 2, "different archive ids")
        info = vault.good("--output", "json", "vault", "info", "trip").json
        assert info["NumberOfArchives"] in (None, 0, 2), info
