"""PurchaseProvisionedCapacity, ListProvisionedCapacity."""

from calendar import monthrange
from datetime import datetime

from harness import case
from harness.checks import LIMIT
from harness.clock import DAY

BOTH = ("PurchaseProvisionedCapacity", "ListProvisionedCapacity")


def units(t):
    return t.glacier.list_provisioned_capacity()["ProvisionedCapacityList"]


def next_month(date):
    """The same time a month later, on the month's last day if it is shorter."""
    year, month = (date.year, date.month + 1) if date.month < 12 else (date.year + 1, 1)
    return date.replace(year=year, month=month, day=min(date.day, monthrange(year, month)[1]))


@case("ListProvisionedCapacity", region="fresh")
def none(t):
    "an account without units has an empty list"
    got = t.glacier.list_provisioned_capacity()
    t.equal((got["ResponseMetadata"]["HTTPStatusCode"], got["ProvisionedCapacityList"]), (200, []), "status and units")


@case(*BOTH, region="capacity")
def purchase(t):
    "status 201 and an id; a unit lasts to the same day of the next month; there are at most two, then LimitExceededException"
    before = {unit["CapacityId"] for unit in units(t)}
    for _ in range(2 - len(before)):
        made = t.glacier.purchase_provisioned_capacity()
        t.equal(made["ResponseMetadata"]["HTTPStatusCode"], 201, "status")
        t.true(made["capacityId"] not in before, "the id is not new")
        before.add(made["capacityId"])
        t.equal({unit["CapacityId"] for unit in units(t)}, before, "units")
    t.fails(LIMIT, t.glacier.purchase_provisioned_capacity)
    t.equal(len(units(t)), 2, "units")
    for unit in units(t):
        starts, ends = (datetime.fromisoformat(unit[member]) for member in ("StartDate", "ExpirationDate"))
        t.true(abs((next_month(starts) - ends).total_seconds()) <= 1, f"from {starts} to {ends}")


@case("InitiateJob", "ListProvisionedCapacity", region="capacity")
def expedited_with_units(t):
    "an Expedited retrieval is accepted with provisioned capacity"
    if not units(t):
        t.glacier.purchase_provisioned_capacity()
    t.true(units(t), "no unit")
    vault = t.vault()
    t.true(t.retrieved(vault, t.upload(vault)), "no job")


@case("InitiateJob")
def expedited_without_units(t):
    "an Expedited retrieval is accepted without provisioned capacity"
    vault = t.vault()
    t.true(t.retrieved(vault, t.upload(vault)), "no job")


@case(*BOTH, region="expiring", mode="scaled", days=33)
def expires(t):
    "scaled: a unit is gone after its month"
    made = t.glacier.purchase_provisioned_capacity()["capacityId"]
    t.true(made in {unit["CapacityId"] for unit in units(t)}, "the unit is not listed")
    t.clock.sleep(20 * DAY)
    t.true(made in {unit["CapacityId"] for unit in units(t)}, "the unit is gone after 20 days")
    t.clock.sleep(12 * DAY)
    t.true(made not in {unit["CapacityId"] for unit in units(t)}, "the unit is there after 32 days")
