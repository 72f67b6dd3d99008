"""Memory does not grow with the archive: peak resident set sizes, as the kernel reports them."""

import subprocess
from pathlib import Path

import treehash
from glacier import Local, Served, scratch
from report import equal
from roundtrip import make_file

MIB = 1 << 20
GIB = 1 << 30
LIMIT = 32 * 1024  # KiB


def run(report, long):
    for form in (Local, Served):
        report.case(f"{form.name}: a 4 GiB file is uploaded and restored", big_file, form)
        report.case(f"{form.name}: 200 MiB of unknown length from a pipe", long_pipe, form)
        report.case(f"{form.name}: 100 MiB in one request", one_request, form)


def below(result, what):
    assert 0 < result.peak_kib < LIMIT, f"{what} used {result.peak_kib} KiB, the limit is {LIMIT} KiB"
    return f"{what} {result.peak_kib / 1024:.1f} MiB"


def server_too(vault, notes):
    if isinstance(vault, Served):
        peak = vault.server.peak_kib()
        assert peak < LIMIT, f"serve used {peak} KiB, the limit is {LIMIT} KiB"
        notes.append(f"serve {peak / 1024:.1f} MiB")
    return ", ".join(notes)


def big_file(form):
    with scratch("big") as name, form(Path(name) / "data") as vault:
        file = Path(name) / "sparse"
        with file.open("wb") as out:
            out.truncate(4 * GIB)
            for mark in (0, 1 * GIB + 12345, 4 * GIB - 7):  # not only zeros, or swapped parts would go unnoticed
                out.seek(mark)
                out.write(mark.to_bytes(7, "little"))
        tree, linear, _ = treehash.of_file(file)
        up = vault.good("--output", "json", "upload", "big", file, "--create-vault")
        equal(up.json["checksum"], tree, "tree hash")
        down, got = restored(vault, "big", up.json["archiveId"])
        equal(got, linear, "SHA-256 of the restored archive")
        return server_too(vault, [below(up, "upload"), below(down, "restore")])


def restored(vault, name, archive):
    """Restores through a pipe into sha256sum, so that no second copy is on the disk. Returns the run and the SHA-256."""
    digester = subprocess.Popen(["sha256sum"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    result = vault.good("restore", name, archive, "-o", "-", stdout=digester.stdin)
    digester.stdin.close()
    digest = digester.stdout.read().split()[0].decode()
    digester.wait()
    return result, digest


def long_pipe(form):
    with scratch("pipe") as name, form(Path(name) / "data") as vault:
        file = make_file(Path(name) / "f", 200 * MIB)
        source = subprocess.Popen(["cat", file], stdout=subprocess.PIPE)
        up = vault.good("--output", "json", "upload", "pipes", "-", "--create-vault", stdin=source.stdout)
        source.stdout.close()
        equal(source.wait(), 0, "cat")
        tree, linear, _ = treehash.of_file(file)
        equal(up.json["checksum"], tree, "tree hash")
        _, got = restored(vault, "pipes", up.json["archiveId"])
        equal(got, linear, "SHA-256 of the restored archive")
        return server_too(vault, [below(up, "upload")])


def one_request(form):
    with scratch("one") as name, form(Path(name) / "data") as vault:
        file = make_file(Path(name) / "f", 100 * MIB)
        up = vault.good("--output", "json", "upload", "one", file, "--create-vault", "--part-size", "128MiB")
        equal(up.json["checksum"], treehash.of_file(file)[0], "tree hash")
        down = vault.good("restore", "one", up.json["archiveId"], "-o", Path(name) / "t")
        equal(treehash.of_file(Path(name) / "t"), treehash.of_file(file), "the restored archive")
        return server_too(vault, [below(up, "upload"), below(down, "restore")])
