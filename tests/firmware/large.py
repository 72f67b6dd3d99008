"""An archive far larger than the card: 100 MiB in 100 parts over one connection, in no more memory than 3 parts."""

import hashlib
from functools import cache

import treehash
from bench import VAULT, Bench
from front import Front
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
    """(stack used, seconds, parts): the archive came over one connection and is what it should be."""
    with Bench("large") as bench:
        with Front(bench.serve.url) as front:
            run = bench.run(front.server, task="generated", size=size, silence=20, seconds=150).done()
            equal(front.connections, 1, "connections")
            parts = front.count(r"^PUT \S*/multipart-uploads/")
        equal(parts, -(-size // MIB), "parts")
        equal(len(run.all("part")), parts, "parts told")
        equal(run.all("retry"), [], "retries")
        tree = treehash.of_bytes(generated(size))
        (item,) = bench.rest.inventory(VAULT).values()
        equal((item["Size"], item["SHA256TreeHash"]), (size, tree), "size and tree hash of the archive")
        equal((run.one("archived").archive, run.one("archived").tree), (item["ArchiveId"], tree), "what the console says")
        target = bench.folder / "restored"
        bench.glacier("restore", VAULT, item["ArchiveId"], "-o", target)
        digest = lambda data: hashlib.sha256(data).hexdigest()
        equal(digest(target.read_bytes()), digest(generated(size)), "SHA-256 of what came back")
        return stack_within(run), run.seconds, parts


def hundred_parts():
    few, _, _ = upload(3 * MIB)
    many, seconds, parts = upload(100 * MIB)
    # Where an interrupt falls, the stack is a little deeper: a frame of it is no growth with the archive.
    assert abs(many - few) <= 256, f"the stack took {few} B with 3 parts and {many} B with {parts}"
    return f"{parts} parts in {seconds:.1f} s; stack {many} B, with 3 parts {few} B; the static RAM is the same image's"
