"""Vaults, describe and inventory: the device reads what the service sends."""

import records
from bench import VAULT, Bench
from fault_proxy import Fault, Proxy
from faults import truncate_body
from images import stack_within
from report import equal


def run(report):
    cases = (vaults, describe, inventory, empty_inventory, truncated_inventory)
    report.side_by_side([(case.__doc__, case) for case in cases])


def described(bench, name):
    vault = bench.rest.call("GET", ["-", "vaults", name]).json
    return {"name": name, "archives": vault["NumberOfArchives"] or 0, "bytes": vault["SizeInBytes"] or 0}


def reported(event):
    count = lambda name: 0 if event.fields.get(name) in (None, "-") else event.number(name)
    return {"name": event.name, "archives": count("archives"), "bytes": count("bytes")}


def vaults():
    "25 vaults, in three pages"
    with Bench("vaults") as bench:
        names = sorted([VAULT, *(f"vault-{n}" for n in range(24))])
        for name in names:
            bench.glacier("vault", "create", name)
        bench.rest.upload_archive("vault-7", b"x" * 1234)
        run = bench.run(task="vaults", vault=None).done()
        equal([reported(event) for event in run.all("vault")], [described(bench, name) for name in names], "vaults")
        return f"{len(names)} vaults, stack {stack_within(run)} B"


def describe():
    "a vault with two archives, and one that does not exist"
    with Bench("describe") as bench:
        for size in (10, 100_000):
            bench.rest.upload_archive(VAULT, bytes(size))
        run = bench.run(task="describe").done()
        equal(reported(run.one("vault")), described(bench, VAULT), "the vault")
        bench.run(task="describe", vault="nosuch").stopped("nosuch")
        return f"{reported(run.one('vault'))}, stack {stack_within(run)} B"


def inventory():
    "an inventory of 300 archives, item by item, with awkward descriptions"
    with Bench("inventory") as bench:
        awkward = ["", 'quotes " and \\ backslash', "a=b, c; d", "x" * 1024, "dev=bench-1 boot=1 seq=0 t0=- t1=-"]
        for n in range(300):
            text = awkward[n] if n < len(awkward) else f"number {n}"
            equal(bench.rest.upload_archive(VAULT, records.log(32 * (n + 1), first=n), text).status, 201, "an upload")
        run = bench.run(task="inventory", poll=1).done()
        wanted = {(i["ArchiveId"], i["Size"], i["ArchiveDescription"]) for i in bench.rest.inventory(VAULT).values()}
        items = [(item.archive, item.number("bytes"), item.description) for item in run.all("item")]
        shown = {(archive, size, full(text, wanted)) for archive, size, text in items}
        equal(len(items), 300, "items")
        equal(shown - wanted, set(), "items that are not in the inventory")
        equal(run.one("inventory").number("items"), 300, "items counted")
        states = [event.status for event in run.all("job")]
        equal(states[-1], "Succeeded", f"the job's states {states}")
        return f"{len(items)} items, stack {stack_within(run)} B, the job was {', '.join(dict.fromkeys(states))}"


def full(text, wanted):
    """The full description of one that the console has visibly shortened."""
    whole = {description for _, _, description in wanted}
    if text in whole or not text.endswith("..."):
        return text
    (only,) = [description for description in whole if description.startswith(text[:-3])]
    return only


def empty_inventory():
    "an inventory of an empty vault"
    with Bench("empty") as bench:
        run = bench.run(task="inventory", poll=1).done()
        equal(run.one("inventory").number("items"), 0, "items")


def truncated_inventory():
    "a truncated inventory and a truncated vault list are read again or reported, never taken as complete"
    with Bench("truncated") as bench:
        for n in range(20):
            bench.rest.upload_archive(VAULT, bytes(n + 1), f"number {n}")
        with Proxy(bench.serve.url, Fault(r"^GET \S*/output", truncate_body)) as proxy:
            run = bench.run(proxy.server, task="inventory", poll=1)
        if run.code == 0:
            equal(run.one("inventory").number("items"), 20, "items of an inventory that was read again")
        else:
            run.stopped()
            equal(run.all("inventory"), [], "a truncated inventory taken as complete")
        with Proxy(bench.serve.url, Fault(r"^GET \S*/vaults", truncate_body)) as proxy:
            again = bench.run(proxy.server, task="vaults", vault=None)
        names = {event.name for event in again.all("vault")}
        assert again.code == 1 or names == {VAULT}, again.text
        return f"inventory: status {run.code}; vault list: status {again.code}"
