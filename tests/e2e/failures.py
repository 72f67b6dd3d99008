"""Failures are reported in one message with the right exit code, and no files are left."""

import os
import re
import subprocess
from contextlib import contextmanager
from pathlib import Path

from glacier import CommandResult, Local, Served, environment, glacier, scratch, start
from proxy import Proxy
from report import equal
from rest import Rest
from roundtrip import make_file

MIB = 1 << 20
# The exit codes of the aws command.
USAGE, CONFIG, SERVICE, OTHER = 252, 253, 254, 255


def run(report, long):
    for form in (Local, Served):
        with scratch("failures") as folder, form(Path(folder) / "data") as vault:
            vault.good("vault", "create", "photos")
            for case in BOTH_FORMS:
                report.case(f"{form.name}: {case.__doc__}", case, vault, Path(folder))
    for case in ALONE:
        report.case(case.__doc__, case)


def failed(result, code, *patterns):
    """Asserts that a run failed with this code and said why on stderr, printed no result and did not panic."""
    equal(result.code, code, f"exit code ({result.err.strip()!r})")
    equal(result.out, "", "stdout")
    assert "panicked" not in result.err and "RUST_BACKTRACE" not in result.err, result.err
    for pattern in patterns:
        assert re.search(pattern, result.err, re.I), f"{pattern!r} not in {result.err!r}"
    assert "test" not in re.findall(r"secret\S*", result.err, re.I), result.err
    return result.err.strip().splitlines()[0]


# ------------------------------------------------------------------ with --local and through a server


def missing_vault(vault, folder):
    "a vault that does not exist"
    file = make_file(folder / "f", 10)
    return failed(vault.run("upload", "nosuch", file), SERVICE, "nosuch", "ResourceNotFound|not found", "create")


def missing_archive(vault, folder):
    "an archive id that begins with - and does not exist"
    for archive in ("-" + "x" * 137, "--" + "y" * 136):
        message = failed(vault.run("restore", "photos", archive, "-o", folder / "t"), SERVICE, "not found")
    assert not (folder / "t").exists()
    return message


def delete_leading_dash(vault, folder):
    "deleting an archive id that begins with -"
    equal(vault.run("archive", "delete", "photos", "-" + "x" * 137).code, 0, "exit code, deletes are idempotent")


def empty_file(vault, folder):
    "an empty file"
    return failed(vault.run("upload", "photos", make_file(folder / "f", 0)), USAGE, "empty|0 bytes")


def empty_stdin(vault, folder):
    "an empty stdin"
    return failed(vault.run("upload", "photos", "-"), USAGE, "empty|0 bytes")


def directory(vault, folder):
    "a directory"
    return failed(vault.run("upload", "photos", folder), USAGE, "director|folder")


def missing_file(vault, folder):
    "a file that does not exist"
    return failed(vault.run("upload", "photos", folder / "nosuch"), OTHER, "nosuch", "no such file")


def bad_vault_names(vault, folder):
    "invalid vault names"
    file = make_file(folder / "f", 10)
    for name in ("", ".", "..", "a b", "a/b", "é", "x" * 256):
        message = failed(vault.run("upload", name, file), USAGE, "vault")
        failed(vault.run("vault", "create", name), USAGE, "vault")
    return message


def bad_part_sizes(vault, folder):
    "invalid part sizes"
    file = make_file(folder / "f", 10)
    for size in ("0", "3MiB", "512K", "8GiB", "1.5M", "-1", "99999999999999999999", "x"):
        message = failed(vault.run("upload", "photos", file, f"--part-size={size}"), USAGE, "part.size|SIZE")
    return message


def bad_description(vault, folder):
    "an invalid description"
    file = make_file(folder / "f", 10)
    failed(vault.run("upload", "photos", file, "--description", "x" * 1025), USAGE, "1,?024")
    return failed(vault.run("upload", "photos", file, "--description", "café"), USAGE, "ASCII")


def target_not_writable(vault, folder):
    "a restore into a directory that does not exist"
    archive = vault.good("--output", "text", "upload", "photos", make_file(folder / "f", 10)).out.strip()
    return failed(vault.run("restore", "photos", archive, "-o", folder / "no" / "t"), OTHER, "no such file|no/t")


def full_stdout(vault, folder):
    "a restore to a device that is full"
    archive = vault.good("--output", "text", "upload", "photos", make_file(folder / "f", MIB)).out.strip()
    with open("/dev/full", "wb") as full:
        return failed(vault.run("restore", "photos", archive, "-o", "-", stdout=full), OTHER, "no space")


def full_target(vault, folder):
    "a restore onto a full disk leaves the existing file as it was"
    archive = vault.good("--output", "text", "upload", "photos", make_file(folder / "f", 6 * MIB)).out.strip()
    with small_disk(folder / "small", 2 * MIB) as disk:
        (disk / "t").write_text("precious")
        message = failed(vault.run("restore", "photos", archive, "-o", disk / "t"), OTHER, "no space")
        equal([p.name for p in disk.iterdir()], ["t"], "files on the small disk")
        equal((disk / "t").read_text(), "precious", "the existing file")
    return message


def changed_all_the_time(vault, folder):
    "a file that keeps changing during the upload"
    # A counter near the end is rewritten all the time: hashing and sending cannot both read the same value.
    file = make_file(folder / "f", 48 * MIB)
    writer = subprocess.Popen(["python3", "-c", WRITER, str(file)])
    try:
        result = vault.run("upload", "photos", file, "--part-size", "64MiB")
    finally:
        writer.kill()
        writer.wait()
    return failed(result, OTHER, "changed")


WRITER = """
import itertools, sys, time
file = open(sys.argv[1], "r+b", buffering=0)
for n in itertools.count():
    file.seek(40 << 20)
    file.write(n.to_bytes(8, "little"))
    time.sleep(0.0002)
"""

BOTH_FORMS = [
    missing_vault,
    missing_archive,
    delete_leading_dash,
    empty_file,
    empty_stdin,
    directory,
    missing_file,
    bad_vault_names,
    bad_part_sizes,
    bad_description,
    target_not_writable,
    full_stdout,
    full_target,
    changed_all_the_time,
]

# ------------------------------------------------------------------ each with its own setup


@contextmanager
def served():
    with scratch("served") as folder, Served(Path(folder) / "data") as vault:
        vault.good("vault", "create", "photos")
        yield vault, Path(folder)


@contextmanager
def small_disk(folder, size):
    """A file system of `size` bytes, in memory; needs root, as the suite has."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def changed_while_held(change, *patterns):
    """Calls `change` while a proxy holds an upload after its head: the file was hashed and is not yet sent."""
    with served() as (vault, folder):
        file = make_file(folder / "f", 24 * MIB)
        with Proxy(vault.server.url, hold=rb"^POST /-/vaults/photos/archives .*\r\n\r\n") as proxy:
            upload = start("--endpoint-url", proxy.url, "upload", "photos", file, "--part-size", "32MiB")
            assert proxy.held.wait(60), "the upload did not start"
            change(file)
            proxy.release()
            out, err = upload.communicate(timeout=120)
        message = failed(CommandResult(upload.returncode, out.decode(), err.decode(), 0), OTHER, *patterns)
        equal(Rest(vault.server.url).inventory("photos"), {}, "archives in the vault")
        return message


def changed_between_passes():
    "a file whose last byte changes between hashing and sending"

    def flip(file):
        with file.open("r+b") as f:
            f.seek(-1, os.SEEK_END)
            last = f.read(1)[0]
            f.seek(-1, os.SEEK_END)
            f.write(bytes([last ^ 1]))

    return changed_while_held(flip, "changed", "/f")


def truncated_between_passes():
    "a file that is truncated between hashing and sending"
    return changed_while_held(lambda file: os.truncate(file, 20 * MIB), "changed|short", "/f")


def wrong_secret():
    "a wrong secret"
    with served() as (vault, folder):
        env = environment(AWS_SECRET_ACCESS_KEY="wr0ng-s3cret")
        result = vault.run("vault", "list", env=env)
        assert "wr0ng" not in result.err
        return failed(result, SERVICE, "signature")


def unknown_key():
    "an access key the service does not know"
    with served() as (vault, folder):
        return failed(vault.run("vault", "list", env=environment(AWS_ACCESS_KEY_ID="AKIDNOBODY")), SERVICE, "UnrecognizedClient|key")


def no_credentials():
    "no credentials"
    env = environment(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
    return failed(glacier("--endpoint-url", "http://127.0.0.1:9", "vault", "list", env=env), CONFIG, "credentials")


def no_region():
    "no region: there is no silent default"
    env = environment(AWS_REGION=None, AWS_DEFAULT_REGION=None)
    return failed(glacier("vault", "list", env=env), CONFIG, "region")


def unreachable():
    "an endpoint where nothing listens"
    return failed(glacier("--endpoint-url", "http://127.0.0.1:9", "vault", "list"), OTHER, r"127\.0\.0\.1:9", "refused|connect")


def plain_http_to_aws():
    "plain HTTP to an AWS host"
    url = "http://glacier.eu-west-1.amazonaws.com"
    return failed(glacier("--endpoint-url", url, "vault", "list"), CONFIG, "insecure-http|https")


def bad_endpoint():
    "an endpoint that is not a valid URL"
    return failed(glacier("--endpoint-url", "ftp://x", "vault", "list"), CONFIG, "ftp|http")


def full_vault_local():
    "a vault on a full disk, without a server"
    with scratch("full") as folder, small_disk(Path(folder) / "small", 8 * MIB) as disk:
        return full_vault(Local(disk / "data"), Path(folder), OTHER, "no space")


def full_vault_served():
    "a vault on a full disk, through a server"
    with scratch("full") as folder, small_disk(Path(folder) / "small", 8 * MIB) as disk:
        with Served(disk / "data") as vault:
            return full_vault(vault, Path(folder), SERVICE, "space|ServiceUnavailable|full")


def full_vault(vault, folder, code, pattern):
    """A file too large for the disk fails, and what was stored before is intact."""
    small, big = make_file(folder / "s", MIB // 2), make_file(folder / "b", 16 * MIB)
    first = vault.good("--output", "text", "upload", "photos", small, "--create-vault").out.strip()
    # A service that says it is not available may be again, and would be waited for.
    message = failed(vault.run("upload", "photos", big, "--part-size", "32MiB", "--retry-for", "0"), code, pattern)
    failed(vault.run("upload", "photos", big, "--part-size", "1MiB", "--retry-for", "0"), code, pattern)
    vault.good("restore", "photos", first, "-o", folder / "t")
    equal((folder / "t").read_bytes(), small.read_bytes(), "what was stored before")
    return message


def directory_in_use():
    "a directory that a server has open"
    with served() as (vault, folder):
        return failed(glacier("--local", folder / "data", "vault", "list"), OTHER, "use|open|lock")


def interrupted():
    "Ctrl-C: an upload exits with 130 and leaves no archive"
    with served() as (vault, folder):
        file = make_file(folder / "f", 24 * MIB)
        with Proxy(vault.server.url, hold=rb"^POST /-/vaults/photos/archives .*\r\n\r\n") as proxy:
            upload = start("--endpoint-url", proxy.url, "upload", "photos", file, "--part-size", "32MiB")
            assert proxy.held.wait(60), "the upload did not start"
            upload.send_signal(2)
            out, err = upload.communicate(timeout=60)
        assert upload.returncode in (130, -2), (upload.returncode, err)
        equal(out, b"", "stdout")
        equal(Rest(vault.server.url).inventory("photos"), {}, "archives in the vault")


ALONE = [
    changed_between_passes,
    truncated_between_passes,
    wrong_secret,
    unknown_key,
    no_credentials,
    no_region,
    unreachable,
    plain_http_to_aws,
    bad_endpoint,
    full_vault_local,
    full_vault_served,
    directory_in_use,
    interrupted,
]
