"""Nothing that fails verification is accepted: neither a response nor data on the service's disk."""

import http.client
import re
from contextlib import contextmanager
from pathlib import Path

from failures import OTHER, SERVICE, failed
from glacier import Local, Served, glacier, scratch
from proxy import Proxy
from report import equal
from rest import Rest
from roundtrip import make_file

MIB = 1 << 20
# Changes the first digit of the tree hash in a response.
WRONG_HASH = (rb"(?i)(x-amz-sha256-tree-hash: )(.)", lambda m: m[1] + (b"1" if m[2] == b"0" else b"0"))
# The same, only in responses that name an archive.
WRONG_HASH_OF_ARCHIVE = (
    rb"(?is)^HTTP/1\.1 201 .*\r\n\r\n",
    lambda m: re.sub(*WRONG_HASH, m[0]) if b"x-amz-archive-id" in m[0].lower() else m[0],
)


def run(report, long):
    for form in (Local, Served):
        report.case(f"{form.name}: a flipped byte on the service's disk", damaged_blob, form)
    report.case("a download that is cut within its body", cut_download)
    report.case("a service that reports a wrong tree hash for an archive", wrong_hash_of_archive)
    report.case("a service that reports a wrong tree hash for a multipart archive", wrong_hash_of_multipart_archive)
    report.case("a service that reports a wrong tree hash for a part", wrong_hash_of_part)
    report.case("the service rejects a body that is not the one signed", wrong_body)


def damaged_blob(form):
    with scratch("damage") as name:
        folder = Path(name)
        file, target = make_file(folder / "f", 3 * MIB + 9), folder / "target"
        target.write_text("precious")
        with form(folder / "data") as vault:
            archive = vault.good("--output", "text", "upload", "photos", file, "--create-vault").out.strip()
        flip_on_disk(folder / "data", file.read_bytes()[2 * MIB : 2 * MIB + 64])
        with form(folder / "data") as vault:
            code = OTHER if form is Local else SERVICE
            # A service that fails would be waited for.
            result = vault.run("restore", "photos", archive, "-o", target, "--retry-for", "0")
            message = failed(result, code, "stored file blobs/[0-9a-f]{32} is damaged")
            only_precious(target, folder)
        return message


def flip_on_disk(data, content):
    """Finds the file that holds `content`, whatever the vault's file layout, and changes one byte of it."""
    for path in (p for p in data.rglob("*") if p.is_file()):
        at = path.read_bytes().find(content)
        if at >= 0:
            with path.open("r+b") as file:
                file.seek(at)
                file.write(bytes([content[0] ^ 0x40]))
            return
    raise AssertionError("no file of the vault holds the archive's bytes")


def only_precious(target, folder):
    equal(target.read_text(), "precious", "the existing file")
    equal(sorted(p.name for p in folder.iterdir()), ["data", "f", "target"], "files in the directory")


@contextmanager
def stored(size, **proxy):
    """A served vault with one archive, and a proxy to it."""
    with scratch("damage") as name, Served(Path(name) / "data") as vault:
        folder = Path(name)
        file, target = make_file(folder / "f", size), folder / "target"
        target.write_text("precious")
        archive = vault.good("--output", "text", "upload", "photos", file, "--create-vault").out.strip()
        with Proxy(vault.server.url, **proxy) as bad:
            yield vault, bad.url, archive, file, target


def cut_download():
    with stored(6 * MIB, cut=2 * MIB) as (_, url, archive, file, target):
        result = glacier("--endpoint-url", url, "restore", "photos", archive, "-o", target)
        message = failed(result, OTHER, "closed|ended|cut|short|incomplete|connection")
        only_precious(target, target.parent)
        return message


def wrong_hash_of_archive():
    with stored(1000, alter=WRONG_HASH) as (vault, url, archive, file, _):
        result = glacier("--endpoint-url", url, "upload", "photos", file)
        return names_the_archive(result, vault, archive)


def wrong_hash_of_multipart_archive():
    with stored(3 * MIB, alter=WRONG_HASH_OF_ARCHIVE) as (vault, url, archive, file, _):
        result = glacier("--endpoint-url", url, "upload", "photos", file, "--part-size", "1MiB")
        return names_the_archive(result, vault, archive)


def names_the_archive(result, vault, before):
    """The archive exists, so the message must have its id, or nobody can delete it."""
    message = failed(result, OTHER, "tree hash")
    (created,) = set(Rest(vault.server.url).inventory("photos")) - {before}
    assert created in result.err, f"{created} not in {result.err!r}"
    return message


def wrong_hash_of_part():
    with stored(3 * MIB, alter=WRONG_HASH) as (vault, url, archive, file, _):
        message = failed(glacier("--endpoint-url", url, "upload", "photos", file, "--part-size", "1MiB"), OTHER, "hash")
        equal(list(Rest(vault.server.url).inventory("photos")), [archive], "archives in the vault")
        return message


def wrong_body():
    with scratch("damage") as name, Served(Path(name) / "data") as vault:
        rest = Rest(vault.server.url)
        vault.good("vault", "create", "photos")
        response = rest.upload_archive("photos", b"some bytes", tree="0" * 64)
        equal((response.status, response.code), (400, "InvalidParameterValueException"), "a wrong tree hash")
        names, path = rest.signed("POST", ["-", "vaults", "photos", "archives"], {}, {"x-amz-sha256-tree-hash": "0" * 64}, b"signed")
        connection = http.client.HTTPConnection(rest.host, rest.port, timeout=20)
        connection.request("POST", path, body=b"sent!!", headers=names)
        reply = connection.getresponse()
        assert reply.status in (400, 403), reply.read()
        connection.close()
        equal(rest.inventory("photos"), {}, "archives in the vault")
