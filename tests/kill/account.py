"""What is set for an account in a region: the data retrieval policy, and provisioned capacity."""

import json

from actors import DAY, Actor, millis, within
from rest import Rest

REGIONS = ["eu-north-1", "us-east-1", "ap-southeast-2"]
UNITS = 2  # at a time


class Account(Actor):
    """In regions of its own, so that its policies limit no one else."""

    def __init__(self, name, seed, time):
        super().__init__(name, seed, time)
        self.policies = {region: {"Strategy": "None"} for region in REGIONS}
        self.units = {region: [] for region in REGIONS}  # each: {"id", "earliest", "start", "end"}

    def step(self, rest):
        region = self.rng.choice(REGIONS)
        rest = in_region(rest, region)
        units = self.units[region]
        if len(units) < UNITS and self.rng.random() < 0.3:
            pending = ("unit", region, self.time.latest)
            response = self.send(pending, (201,), rest.call, "POST", ["-", "provisioned-capacity"])
            units.append({"id": response.headers["x-amz-capacity-id"], "earliest": pending[2], "start": None, "end": None})
            return
        strategy = self.rng.choice(["None", "FreeTier", "BytesPerHour"])
        rule = {"Strategy": strategy} | ({"BytesPerHour": self.rng.randint(1, 10**12)} if strategy == "BytesPerHour" else {})
        body = json.dumps({"Policy": {"Rules": [rule]}}).encode()
        self.send(("policy", region, rule), (204,), rest.call, "PUT", ["-", "policies", "data-retrieval"], body=body)
        self.policies[region] = rule

    def check(self, rest, now):
        for region in REGIONS:
            there = in_region(rest, region)
            kind, _, new = self.pending if self.pending and self.pending[1] == region else (None, None, None)
            found = there.call("GET", ["-", "policies", "data-retrieval"]).json["Policy"]["Rules"]
            allowed = [self.policies[region]] + ([new] if kind == "policy" else [])
            assert len(found) == 1 and found[0] in allowed, f"{region}: retrieval policy {found}, wanted {allowed}"
            self.policies[region] = found[0]
            found = there.call("GET", ["-", "provisioned-capacity"]).json["ProvisionedCapacityList"]
            self._check_units(region, {unit["CapacityId"]: unit for unit in found}, new if kind == "unit" else None, now)
        self.pending = None

    def _check_units(self, region, found, pending, now):
        for unit in list(self.units[region]):
            item = found.pop(unit["id"], None)
            if item is None:
                last = unit["end"] or unit["earliest"] + 28 * DAY
                assert last <= now, f"{region}: capacity is lost: {unit} at {now}"
                self.units[region].remove(unit)
                continue
            start, end = millis(item["StartDate"]), millis(item["ExpirationDate"])
            within(unit["start"] or unit["earliest"], start, unit["start"] or now, "StartDate")
            within(start + 28 * DAY, end, start + 31 * DAY, "ExpirationDate")
            assert now < end and unit["end"] in (None, end), f"{region}: {item} at {now}, known as {unit}"
            unit |= {"start": start, "end": end}
        assert len(found) <= (0 if pending is None else 1), f"{region}: capacity that was never bought: {found}"
        for id, item in found.items():
            within(pending, millis(item["StartDate"]), now, "StartDate")
            self.units[region].append({"id": id, "earliest": pending, "start": None, "end": None})


def in_region(rest, region):
    return Rest(f"http://{rest.host}:{rest.port}", region=region)
