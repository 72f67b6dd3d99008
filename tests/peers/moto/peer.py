"""Our client against moto, a server on the loopback: the driver, the command, and what moto gets wrong, as the wire shows it."""

import logging
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "support"))

from moto.server import ThreadedMotoServer

import treehash
from faults import FAULTS, Moto
from glacier import glacier, good, scratch
from report import Report, equal

MIB = 1 << 20
# Those that moto has, and two that our client has to take well.
DRIVEN = """CreateVault UploadArchive DescribeVault ListVaults InitiateJob DescribeJob ListJobs GetJobOutput DeleteArchive DeleteVault
a_wrong_tree_hash_is_no_success an_operation_that_is_not_there_is_a_refusal""".split()


def drive(report, driver, url):
    """glacier-core over glacier-std's transport; a case for each line it has to print."""
    ran = subprocess.run([driver, url], capture_output=True, text=True, timeout=180)
    lines = ran.stdout.splitlines()

    def case(name):
        said = [line for line in lines if line.removeprefix("ok ").removeprefix("FAILED ").startswith(name)]
        equal(said, [f"ok {name}"], f"the driver, which ended with {ran.returncode} {lines[-1:]} {ran.stderr[-500:]}")

    for name in DRIVEN:
        report.case(f"glacier-core: {name.replace('_', ' ')}", case, name.replace("_", " "))


class Command:
    """The `glacier` command in a region of its own; the cases go one after the other."""

    def __init__(self, folder, url):
        self.folder, self.options = folder, ("--endpoint-url", url, "--output", "json")
        self.file = folder / "file"
        self.file.write_bytes(b"abc")

    def good(self, *args):
        return good(*self.options, *args).json

    def refused(self, *args):
        answer = glacier(*self.options, *args)
        assert answer.code not in (0, 1, 101), f"{args}: {answer}"
        return answer

    def vaults(self):
        "glacier vault create, list, info"
        self.good("vault", "create", "photos")
        equal([v["VaultName"] for v in self.good("vault", "list")["VaultList"]], ["photos"], "vaults")
        equal(self.good("vault", "info", "photos")["NumberOfArchives"], 0, "archives")

    def upload(self):
        "glacier upload, of a file up to 1 MiB"
        up = self.good("upload", "photos", self.file, "--description", "by glacier")
        equal(up["checksum"], treehash.of_bytes(b"abc"), "checksum")
        equal(self.good("vault", "info", "photos")["SizeInBytes"], 3, "bytes in the vault")
        self.archive = up["archiveId"]

    def large_upload(self):
        "glacier upload, of more than 1 MiB: moto's wrong tree hash is noticed"
        large = self.folder / "large"
        large.write_bytes(bytes(MIB + 1))
        answer = self.refused("upload", "photos", large)
        assert "tree hash" in answer.err, answer

    def restore(self):
        "glacier restore: refused, as moto has no tree hash to verify it with; the job is listed and shown"
        target = self.folder / "target"
        answer = self.refused("restore", "photos", self.archive, "-o", target, "--tier", "Expedited")
        assert "no tree hash" in answer.err and not target.exists(), answer
        (listed,) = self.good("job", "list", "photos")["JobList"]
        shown = self.good("job", "info", "photos", listed["JobId"])
        equal((shown["ArchiveId"], shown["StatusCode"], shown["Tier"]), (self.archive, "Succeeded", "Expedited"), "job")

    def delete(self):
        "glacier archive delete, vault delete"
        self.good("archive", "delete", "photos", self.archive)
        self.good("vault", "delete", "photos")
        equal(self.good("vault", "list")["VaultList"], [], "vaults")

    cases = (vaults, upload, large_upload, restore, delete)


def faults(report, url):
    """Every row of the README's table is looked at on the wire; one that no longer holds is a failure, to be taken out."""
    rows = [line.split(" | ")[0][2:] for line in (HERE / "README.md").read_text().splitlines() if line.startswith("| ")][1:]
    names = [fault.__doc__ for fault in FAULTS]
    report.case("the README's table and what is looked at are the same", equal, rows, names, "rows")
    for number, fault in enumerate(FAULTS):
        # A vault each, so that none finds what another made.
        report.case(f"moto still: {fault.__doc__}", fault, Moto(url, vault=f"vault-{number}"))


def main():
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    report = Report()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    try:
        drive(report, sys.argv[1], url)
        with scratch("moto") as folder:
            command = Command(Path(folder), url)
            for case in Command.cases:
                report.case(case.__doc__, case, command)
        faults(report, url)
    finally:
        server.stop()
    return report.close()


sys.exit(main())
