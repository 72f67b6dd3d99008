"""What goes wrong is told in one clear message with its own exit code, and nothing half done stays behind."""

import os
import re
import subprocess
from contextlib import contextmanager
from pathlib import Path

from glacier import Answer, Local, Served, environment, glacier, scratch, start
from proxy import Proxy
from report import equal
from rest import Rest
from roundtrip import make_file

MIB = 1 << 20
# The exit codes users of the aws command know.
USAGE, CONFIG, SERVICE, OTHER = 252, 253, 254, 255


def run(report, long):
    for form in (Local, Served):
        with scratch("failures") as folder, form(Path(folder) / "data") as vault:
            vault.good("vault", "create", "photos")
            for case in BOTH_FORMS:
                report.case(f"{form.name}: {case.__doc__}", case, vault, Path(folder))
    for case in ALONE:
        report.case(case.__doc__, case)


def refused(answer, code, *patterns):
    """It failed with this code, said why on stderr, printed no result, and did not panic."""
    equal(answer.code, code, f"exit code ({answer.err.strip()!r})")
    equal(answer.out, "", "stdout")
    assert "panicked" not in answer.err and "RUST_BACKTRACE" not in answer.err, answer.err
    for pattern in patterns:
        assert re.search(pattern, answer.err, re.I), f"{pattern!r} not in {answer.err!r}"
    assert "test" not in re.findall(r"secret\S*", answer.err, re.I), answer.err
    return answer.err.strip().splitlines()[0]


# ------------------------------------------------------------------ over both forms


def missing_vault(vault, folder):
    "a vault that is not there"
    file = make_file(folder / "f", 10)
    return refused(vault.run("upload", "nosuch", file), SERVICE, "nosuch", "ResourceNotFound|not found", "create")


def missing_archive(vault, folder):
    "an archive id that is not there and begins with -"
    for archive in ("-" + "x" * 137, "--" + "y" * 136):
        said = refused(vault.run("restore", "photos", archive, "-o", folder / "t"), SERVICE, "not found")
    assert not (folder / "t").exists()
    return said


def delete_leading_dash(vault, folder):
    "deleting an id that begins with - is understood"
    equal(vault.run("archive", "delete", "photos", "-" + "x" * 137).code, 0, "exit code, deletes are idempotent")


def empty_file(vault, folder):
    "an empty file"
    return refused(vault.run("upload", "photos", make_file(folder / "f", 0)), USAGE, "empty|0 bytes")


def empty_stdin(vault, folder):
    "an empty stdin"
    return refused(vault.run("upload", "photos", "-"), USAGE, "empty|0 bytes")


def directory(vault, folder):
    "a directory"
    return refused(vault.run("upload", "photos", folder), USAGE, "director|folder")


def missing_file(vault, folder):
    "a file that is not there"
    return refused(vault.run("upload", "photos", folder / "nosuch"), OTHER, "nosuch", "no such file")


def bad_vault_names(vault, folder):
    "vault names that break the rules"
    file = make_file(folder / "f", 10)
    for name in ("", ".", "..", "a b", "a/b", "é", "x" * 256):
        said = refused(vault.run("upload", name, file), USAGE, "vault")
        refused(vault.run("vault", "create", name), USAGE, "vault")
    return said


def bad_part_sizes(vault, folder):
    "part sizes that break the rules"
    file = make_file(folder / "f", 10)
    for size in ("0", "3MiB", "512K", "8GiB", "1.5M", "-1", "99999999999999999999", "x"):
        said = refused(vault.run("upload", "photos", file, f"--part-size={size}"), USAGE, "part.size|SIZE")
    return said


def bad_description(vault, folder):
    "a description the service cannot carry"
    file = make_file(folder / "f", 10)
    refused(vault.run("upload", "photos", file, "--description", "x" * 1025), USAGE, "1,?024")
    return refused(vault.run("upload", "photos", file, "--description", "café"), USAGE, "ASCII")


def target_not_writable(vault, folder):
    "a restore into a folder that is not there"
    archive = vault.good("--output", "text", "upload", "photos", make_file(folder / "f", 10)).out.strip()
    return refused(vault.run("restore", "photos", archive, "-o", folder / "no" / "t"), OTHER, "no such file|no/t")


def full_stdout(vault, folder):
    "a restore to a pipe that cannot take it"
    archive = vault.good("--output", "text", "upload", "photos", make_file(folder / "f", MIB)).out.strip()
    with open("/dev/full", "wb") as full:
        return refused(vault.run("restore", "photos", archive, "-o", "-", stdout=full), OTHER, "no space")


def full_target(vault, folder):
    "a restore onto a full disk leaves the target as it was"
    archive = vault.good("--output", "text", "upload", "photos", make_file(folder / "f", 6 * MIB)).out.strip()
    with small_disk(folder / "small", 2 * MIB) as disk:
        (disk / "t").write_text("precious")
        said = refused(vault.run("restore", "photos", archive, "-o", disk / "t"), OTHER, "no space")
        equal([p.name for p in disk.iterdir()], ["t"], "files on the small disk")
        equal((disk / "t").read_text(), "precious", "the target")
    return said


def changed_all_the_time(vault, folder):
    "a file that keeps changing while it is uploaded"
    # A counter of eight bytes near the end, rewritten all the time: the passes over a part cannot both see one value.
    file = make_file(folder / "f", 48 * MIB)
    writer = subprocess.Popen(["python3", "-c", WRITER, str(file)])
    try:
        answer = vault.run("upload", "photos", file, "--part-size", "64MiB")
    finally:
        writer.kill()
        writer.wait()
    return refused(answer, OTHER, "changed")


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

# ------------------------------------------------------------------ each with a set-up of its own


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
    """Uploads through a proxy that stops after the head: the hashes are final, the body is not yet read. Then `change`."""
    with served() as (vault, folder):
        file = make_file(folder / "f", 24 * MIB)
        with Proxy(vault.server.url, hold=rb"^POST /-/vaults/photos/archives .*\r\n\r\n") as proxy:
            upload = start("--endpoint-url", proxy.url, "upload", "photos", file, "--part-size", "32MiB")
            assert proxy.held.wait(60), "the upload never began"
            change(file)
            proxy.release()
            out, err = upload.communicate(timeout=120)
        said = refused(Answer(upload.returncode, out.decode(), err.decode(), 0), OTHER, *patterns)
        equal(Rest(vault.server.url).inventory("photos"), {}, "archives in the vault")
        return said


def changed_between_passes():
    "a file whose last byte changes between the hashing and the sending pass"

    def flip(file):
        with file.open("r+b") as f:
            f.seek(-1, os.SEEK_END)
            last = f.read(1)[0]
            f.seek(-1, os.SEEK_END)
            f.write(bytes([last ^ 1]))

    return changed_while_held(flip, "changed", "/f")


def cut_between_passes():
    "a file that is cut short between the passes"
    return changed_while_held(lambda file: os.truncate(file, 20 * MIB), "changed|short", "/f")


def wrong_secret():
    "a wrong secret"
    with served() as (vault, folder):
        env = environment(AWS_SECRET_ACCESS_KEY="wr0ng-s3cret")
        answer = vault.run("vault", "list", env=env)
        assert "wr0ng" not in answer.err
        return refused(answer, SERVICE, "signature")


def unknown_key():
    "an access key the service does not know"
    with served() as (vault, folder):
        return refused(vault.run("vault", "list", env=environment(AWS_ACCESS_KEY_ID="AKIDNOBODY")), SERVICE, "UnrecognizedClient|key")


def no_credentials():
    "no credentials at all"
    env = environment(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
    return refused(glacier("--endpoint-url", "http://127.0.0.1:9", "vault", "list", env=env), CONFIG, "credentials")


def no_region():
    "no region: there is no silent default"
    env = environment(AWS_REGION=None, AWS_DEFAULT_REGION=None)
    return refused(glacier("vault", "list", env=env), CONFIG, "region")


def unreachable():
    "an endpoint where nobody listens"
    return refused(glacier("--endpoint-url", "http://127.0.0.1:9", "vault", "list"), OTHER, r"127\.0\.0\.1:9", "refused|connect")


def plain_http_to_aws():
    "plain HTTP to an AWS host"
    url = "http://glacier.eu-west-1.amazonaws.com"
    return refused(glacier("--endpoint-url", url, "vault", "list"), CONFIG, "insecure-http|https")


def bad_endpoint():
    "an endpoint that is no URL"
    return refused(glacier("--endpoint-url", "ftp://x", "vault", "list"), CONFIG, "ftp|http")


def full_vault_local():
    "a vault on a full disk, without a server"
    with scratch("full") as folder, small_disk(Path(folder) / "small", 8 * MIB) as disk:
        return full_vault(Local(disk / "data"), Path(folder), OTHER, "no space")


def full_vault_served():
    "a vault on a full disk, behind a server"
    with scratch("full") as folder, small_disk(Path(folder) / "small", 8 * MIB) as disk:
        with Served(disk / "data") as vault:
            return full_vault(vault, Path(folder), SERVICE, "space|ServiceUnavailable|full")


def full_vault(vault, folder, code, pattern):
    """A file too big for the disk is refused; then a small one still fits, and what was stored is whole."""
    small, big = make_file(folder / "s", MIB // 2), make_file(folder / "b", 16 * MIB)
    first = vault.good("--output", "text", "upload", "photos", small, "--create-vault").out.strip()
    said = refused(vault.run("upload", "photos", big, "--part-size", "32MiB"), code, pattern)
    refused(vault.run("upload", "photos", big, "--part-size", "1MiB"), code, pattern)
    for archive in (first,):
        vault.good("restore", "photos", archive, "-o", folder / "t")
        equal((folder / "t").read_bytes(), small.read_bytes(), "what was stored before")
    return said


def folder_in_use():
    "a folder that a server already has open"
    with served() as (vault, folder):
        return refused(glacier("--local", folder / "data", "vault", "list"), OTHER, "use|open|lock")


def interrupted():
    "Ctrl-C ends an upload with 130 and leaves no archive"
    with served() as (vault, folder):
        file = make_file(folder / "f", 24 * MIB)
        with Proxy(vault.server.url, hold=rb"^POST /-/vaults/photos/archives .*\r\n\r\n") as proxy:
            upload = start("--endpoint-url", proxy.url, "upload", "photos", file, "--part-size", "32MiB")
            assert proxy.held.wait(60), "the upload never began"
            upload.send_signal(2)
            out, err = upload.communicate(timeout=60)
        assert upload.returncode in (130, -2), (upload.returncode, err)
        equal(out, b"", "stdout")
        equal(Rest(vault.server.url).inventory("photos"), {}, "archives in the vault")


ALONE = [
    changed_between_passes,
    cut_between_passes,
    wrong_secret,
    unknown_key,
    no_credentials,
    no_region,
    unreachable,
    plain_http_to_aws,
    bad_endpoint,
    full_vault_local,
    full_vault_served,
    folder_in_use,
    interrupted,
]
