"""Vaults, describe and inventory: what the device reads is what the service says."""

import records
from bench import VAULT, Bench
from faults import refuse, truncate_body
from front import Fault, Front
from images import stack_within
from report import equal


def run(report):
    cases = (vaults, describe, inventory, empty_inventory, cut_inventory)
    report.side_by_side([(case.__doc__, case) for case in cases])


def described(bench, name):
    vault = bench.rest.call("GET", ["-", "vaults", name]).json
    return {"name": name, "archives": vault["NumberOfArchives"] or 0, "bytes": vault["SizeInBytes"] or 0}


def told(event):
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
        equal([told(event) for event in run.all("vault")], [described(bench, name) for name in names], "vaults")
        return f"{len(names)} vaults, stack {stack_within(run)} B"


def describe():
    "a vault with two archives; one that is not there"
    with Bench("describe") as bench:
        for size in (10, 100_000):
            bench.rest.upload_archive(VAULT, bytes(size))
        run = bench.run(task="describe").done()
        equal(told(run.one("vault")), described(bench, VAULT), "the vault")
        bench.run(task="describe", vault="nosuch").stopped("nosuch")
        return f"{told(run.one('vault'))}, stack {stack_within(run)} B"


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
        shown = {(archive, size, fits(text, wanted)) for archive, size, text in items}
        equal(len(items), 300, "items")
        equal(shown - wanted, set(), "items that are not in the inventory")
        equal(run.one("inventory").number("items"), 300, "items counted")
        states = [event.status for event in run.all("job")]
        equal(states[-1], "Succeeded", f"the job's states {states}")
        return f"{len(items)} items, stack {stack_within(run)} B, the job was {', '.join(dict.fromkeys(states))}"


def fits(text, wanted):
    """A description that the console has shortened, visibly, stands for the only one that begins so."""
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


def cut_inventory():
    "an inventory whose answer is cut short, and a vault list that is: read again or told, never taken for whole"
    with Bench("cut") as bench:
        for n in range(20):
            bench.rest.upload_archive(VAULT, bytes(n + 1), f"number {n}")
        with Front(bench.serve.url, Fault(r"^GET \S*/output", truncate_body)) as front:
            run = bench.run(front.server, task="inventory", poll=1)
        if run.code == 0:
            equal(run.one("inventory").number("items"), 20, "items of an inventory that was read again")
        else:
            run.stopped()
            equal(run.all("inventory"), [], "a cut inventory taken for whole")
        with Front(bench.serve.url, Fault(r"^GET \S*/vaults", truncate_body)) as front:
            again = bench.run(front.server, task="vaults", vault=None)
        names = {event.name for event in again.all("vault")}
        assert again.code == 1 or names == {VAULT}, again.text
        return f"inventory: status {run.code}; vault list: status {again.code}"
