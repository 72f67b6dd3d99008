"""The rest of the command line: lists, tree hashes, credentials, `serve`."""

import os
import signal
import socket
import ssl
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import treehash
from glacier import Local, Serve, Served, environment, glacier, good, scratch, start
from report import equal
from roundtrip import make_file, same

MIB = 1 << 20


def run(report, long):
    for case in CASES:
        report.case(case.__doc__, case)


def treehash_prints():
    "treehash prints the hashes that Python computes, and -c checks them"
    with scratch("treehash") as name:
        folder = Path(name)
        files = [make_file(folder / f"f{size}", size) for size in (0, 1, MIB, MIB + 1, 7 * MIB + 12345)]
        out = good("treehash", *files).out
        equal(out, "".join(f"{treehash.of_file(f)[0]}  {f}\n" for f in files), "output")
        (folder / "sums").write_text(out)
        checked = good("treehash", "-c", folder / "sums").out
        equal(checked.count("OK"), len(files), "files that are OK")
        with files[-1].open("r+b") as file:
            file.seek(3 * MIB)
            file.write(b"damage")
        result = glacier("treehash", "-c", folder / "sums")
        equal((result.code, result.out.count("OK"), result.out.count("FAILED")), (1, len(files) - 1, 1), "after damage")


def lists():
    "vaults and jobs are listed under the member names of the Glacier API"
    with scratch("lists") as name, Served(Path(name) / "data") as vault:
        file = make_file(Path(name) / "f", 1000)
        for n in range(23):  # more than two pages of the service's ten
            vault.good("vault", "create", f"v{n:02}")
        listed = vault.good("--output", "json", "vault", "list").json
        listed = listed["VaultList"] if isinstance(listed, dict) else listed
        equal([v["VaultName"] for v in listed], [f"v{n:02}" for n in range(23)], "names")
        equal({v["VaultARN"].split(":")[4] for v in listed}, {"000000000000"}, "account")
        info = vault.good("--output", "json", "vault", "info", "v00").json
        equal(info["VaultARN"], listed[0]["VaultARN"], "VaultARN")
        text = vault.good("--output", "text", "vault", "list").out
        assert all(f"v{n:02}" in text for n in range(23)), text
        archive = vault.good("--output", "text", "upload", "v00", file).out.strip()
        vault.good("restore", "v00", archive, "-o", Path(name) / "t")
        jobs = vault.good("--output", "json", "job", "list", "v00").json
        jobs = jobs["JobList"] if isinstance(jobs, dict) else jobs
        equal([(j["Action"], j["ArchiveId"], j["StatusCode"]) for j in jobs], [("ArchiveRetrieval", archive, "Succeeded")], "jobs")
        job = vault.good("--output", "json", "job", "info", "v00", jobs[0]["JobId"]).json
        equal((job["JobId"], job["ArchiveSizeInBytes"]), (jobs[0]["JobId"], 1000), "job")
        failed = vault.run("vault", "delete", "v00")
        equal((failed.code, "not empty" in failed.err), (254, True), f"deleting a vault with an archive ({failed.err})")
        vault.good("archive", "delete", "v00", archive)
        vault.good("vault", "delete", "v22")
        equal(vault.run("vault", "info", "v22").code, 254, "exit code for a deleted vault")


def leading_dash_ids():
    "archive ids that begin with - need no quoting"
    with scratch("dash") as name:
        vault = Local(Path(name) / "data")
        file = make_file(Path(name) / "f", 1)
        vault.good("vault", "create", "v")
        seen = 0
        for _ in range(1500):  # one id in 64 does
            archive = vault.good("--output", "text", "upload", "v", file).out.strip()
            if archive.startswith("-"):
                seen += 1
                vault.good("restore", "v", archive, "-o", Path(name) / "t")
                vault.good("archive", "delete", "v", archive)
                if seen == 2:
                    return f"{archive[:12]}..."
        raise AssertionError("no two ids of 1500 began with -")


def shared_files():
    "credentials, region and endpoint come from a profile of the shared files"
    with scratch("profile") as name, Serve(Path(name) / "data") as server:
        folder = Path(name)
        (folder / "config").write_text(f"[profile lab]\nregion = us-west-2\nendpoint_url = {server.url}\n")
        (folder / "credentials").write_text("[lab]\naws_access_key_id = test\naws_secret_access_key = test\n")
        env = environment(
            AWS_CONFIG_FILE=str(folder / "config"),
            AWS_SHARED_CREDENTIALS_FILE=str(folder / "credentials"),
            AWS_ACCESS_KEY_ID=None,
            AWS_SECRET_ACCESS_KEY=None,
            AWS_REGION=None,
        )
        good("--profile", "lab", "vault", "create", "v", env=env)
        arn = good("--profile", "lab", "--output", "json", "vault", "info", "v", env=env).json["VaultARN"]
        assert ":us-west-2:" in arn, arn
        equal(glacier("--profile", "nosuch", "vault", "list", env=env).code, 253, "exit code for a missing profile")


def endpoint_variables():
    "endpoint variables are used in order of precedence, after the option"
    with scratch("endpoint") as name, Serve(Path(name) / "data") as server:
        dead = "http://127.0.0.1:9"
        good("vault", "list", env=environment(AWS_ENDPOINT_URL=server.url))
        good("vault", "list", env=environment(AWS_ENDPOINT_URL=dead, AWS_ENDPOINT_URL_GLACIER=server.url))
        good("--endpoint-url", server.url, "vault", "list", env=environment(AWS_ENDPOINT_URL_GLACIER=dead))


def tls():
    "serve speaks TLS 1.3, and only --ca-bundle or AWS_CA_BUNDLE makes the client trust it"
    with scratch("tls") as name:
        folder = Path(name)
        cert, key = folder / "cert.pem", folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
             "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", key, "-out", cert],
            check=True, capture_output=True,
        )  # fmt: skip
        with Serve(folder / "data", "--tls-cert", cert, "--tls-key", key) as server:
            assert server.url.startswith("https://"), server.url
            file = make_file(folder / "f", 3 * MIB + 1)
            options = ("--endpoint-url", server.url)
            up = good(*options, "--ca-bundle", cert, "--output", "json", "upload", "v", file, "--create-vault", "--part-size", "1MiB")
            env = environment(AWS_CA_BUNDLE=str(cert))
            good(*options, "restore", "v", up.json["archiveId"], "-o", folder / "t", env=env)
            same(file, folder / "t")
            untrusted = glacier(*options, "vault", "list")
            assert untrusted.code in (253, 255) and "certificate" in untrusted.err.lower(), untrusted
            port = urlsplit(server.url).port
            context = ssl.create_default_context(cafile=cert)
            with context.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname="127.0.0.1") as wrapped:
                equal(wrapped.version(), "TLSv1.3", "protocol")


def ends_cleanly():
    "serve exits with 0 on SIGTERM and on Ctrl-C, and frees its port"
    with scratch("signals") as name:
        for number in (signal.SIGTERM, signal.SIGINT):
            server = Serve(Path(name) / "data")
            server.process.send_signal(number)
            equal(server.process.wait(timeout=20), 0, f"status after signal {number}")
            port = urlsplit(server.url).port
            try:
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
            except ConnectionRefusedError:
                continue
            raise AssertionError("the port still accepts connections")


def other_keys():
    "serve accepts only the configured key"
    with scratch("keys") as name:
        secret = environment(GLACIER_SERVE_SECRET_KEY="hush")
        with Serve(Path(name) / "data", "--access-key", "AKIDOTHER", env=secret) as server:
            options = ("--endpoint-url", server.url, "vault", "list")
            good(*options, env=environment(AWS_ACCESS_KEY_ID="AKIDOTHER", AWS_SECRET_ACCESS_KEY="hush"))
            equal(glacier(*options).code, 254, "exit code with test and test")


def help_is_quiet():
    "help goes to stdout with exit code 0 and shows no secret; invalid usage is 252"
    env = environment(AWS_SECRET_ACCESS_KEY="s3cret-value", AWS_SESSION_TOKEN="t0ken-value")
    for words in (["--help"], ["upload", "--help"], ["restore", "--help"], ["serve", "--help"], ["treehash", "--help"]):
        result = good(*words, env=env)
        assert "s3cret" not in result.out + result.err and "t0ken" not in result.out + result.err
    assert good("--version").out.startswith("glacier ")
    for words in ([], ["nosuch"], ["upload"], ["--output", "xml", "vault", "list"]):
        result = glacier(*words)
        equal((result.code, result.out), (252, ""), f"glacier {' '.join(words)}")


def closed_pipe():
    "a reader that closes the pipe early causes no panic"
    read, write = os.pipe()
    os.close(read)
    with scratch("pipe") as name:
        file = make_file(Path(name) / "f", 1000)
        process = start("treehash", *[file] * 500, stdout=write)
        os.close(write)
        _, err = process.communicate(timeout=30)
        assert b"panic" not in err, err


CASES = [
    treehash_prints,
    lists,
    leading_dash_ids,
    shared_files,
    endpoint_variables,
    tls,
    ends_cleanly,
    other_keys,
    help_is_quiet,
    closed_pipe,
]
