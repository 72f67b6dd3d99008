"""Our client against moto, a server on the loopback: the driver, the command, and what moto does wrong on the wire."""

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
# The operations of moto, and two failures that our client must report.
DRIVEN = """CreateVault UploadArchive DescribeVault ListVaults InitiateJob DescribeJob ListJobs GetJobOutput DeleteArchive DeleteVault
a_wrong_tree_hash_is_an_error an_unknown_operation_is_a_service_error""".split()


def drive(report, driver, url):
    """glacier-core over glacier-std's transport; a case for each line that it must print."""
    ran = subprocess.run([driver, url], capture_output=True, text=True, timeout=180)
    lines = ran.stdout.splitlines()

    def case(name):
        printed = [line for line in lines if line.removeprefix("ok ").removeprefix("FAILED ").startswith(name)]
        equal(printed, [f"ok {name}"], f"the driver, which ended with {ran.returncode} {lines[-1:]} {ran.stderr[-500:]}")

    for name in DRIVEN:
        report.case(f"glacier-core: {name.replace('_', ' ')}", case, name.replace("_", " "))


class Command:
    """The `glacier` command in a region of its own; the cases depend on each other, in this order."""

    def __init__(self, folder, url):
        self.folder, self.options = folder, ("--endpoint-url", url, "--output", "json")
        self.file = folder / "file"
        self.file.write_bytes(b"abc")

    def good(self, *args):
        return good(*self.options, *args).json

    def failed(self, *args):
        result = glacier(*self.options, *args)
        assert result.code not in (0, 1, 101), f"{args}: {result}"
        return result

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
        "glacier upload, of more than 1 MiB: moto's wrong tree hash is detected"
        large = self.folder / "large"
        large.write_bytes(bytes(MIB + 1))
        result = self.failed("upload", "photos", large)
        assert "tree hash" in result.err, result

    def restore(self):
        "glacier restore fails, as moto returns no tree hash to verify with; the job is listed and described"
        target = self.folder / "target"
        result = self.failed("restore", "photos", self.archive, "-o", target, "--tier", "Expedited")
        assert "no tree hash" in result.err and not target.exists(), result
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
    """Checks every row of the README's table on the wire; one that no longer holds is a failure, and is to be removed."""
    rows = [line.split(" | ")[0][2:] for line in (HERE / "README.md").read_text().splitlines() if line.startswith("| ")][1:]
    names = [fault.__doc__ for fault in FAULTS]
    report.case("the README's table has the rows that are checked", equal, rows, names, "rows")
    for number, fault in enumerate(FAULTS):
        # Each has its own vault, so that they do not affect each other.
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
