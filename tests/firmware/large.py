"""An archive larger than the card: 100 MiB in 100 parts over one connection, with the memory of 3 parts."""

import hashlib
from functools import cache

import treehash
from bench import VAULT, Bench
from fault_proxy import Proxy
from images import stack_within
from report import equal

MIB = 1 << 20


def run(report):
    report.case("100 MiB in 100 parts over one connection", hundred_parts)


@cache
def generated(size):
    """Byte i is i mod 251."""
    period = bytes(range(251))
    return (period * (size // 251 + 1))[:size]


def upload(size):
    """(stack used, seconds, parts). Checks that the archive was uploaded over one connection and is right."""
    with Bench("large") as bench:
        with Proxy(bench.serve.url) as proxy:
            run = bench.run(proxy.server, task="generated", size=size, timeout=20, seconds=150).done()
            equal(proxy.connections, 1, "connections")
            parts = proxy.count(r"^PUT \S*/multipart-uploads/")
        equal(parts, -(-size // MIB), "parts")
        equal(len(run.all("part")), parts, "reported parts")
        equal(run.all("retry"), [], "retries")
        tree = treehash.of_bytes(generated(size))
        (item,) = bench.rest.inventory(VAULT).values()
        equal((item["Size"], item["SHA256TreeHash"]), (size, tree), "size and tree hash of the archive")
        equal((run.one("archived").archive, run.one("archived").tree), (item["ArchiveId"], tree), "reported id and tree hash")
        target = bench.folder / "restored"
        bench.glacier("restore", VAULT, item["ArchiveId"], "-o", target)
        digest = lambda data: hashlib.sha256(data).hexdigest()
        equal(digest(target.read_bytes()), digest(generated(size)), "SHA-256 of the restored archive")
        return stack_within(run), run.seconds, parts


def hundred_parts():
    few, _, _ = upload(3 * MIB)
    many, seconds, parts = upload(100 * MIB)
    # The stack depends a little on where interrupts happen; one interrupt frame is not growth with the archive.
    assert abs(many - few) <= 256, f"the stack used {few} B with 3 parts and {many} B with {parts}"
    return f"{parts} parts in {seconds:.1f} s; stack {many} B, with 3 parts {few} B; the static RAM is the same image's"
