"""Tags, policies, locks, notifications, retrieval policy and capacity of the fake."""

import json
import re

from units.fake_error import ABSENT, DENIED, INVALID, NOT_FOUND, Refused

DAY = 86400
LEGAL = re.compile(r"[\w /.=+@-]*")


def need(value, message):
    if not value:
        raise Refused(INVALID, message)
    return value


def respond(fake, r, vault, rest):
    kind = {"tags": tags, "access-policy": access_policy, "lock-policy": lock_policy, "notification-configuration": notifications}
    if rest[0] not in kind:
        raise Refused(ABSENT, rest[0])
    return kind[rest[0]](fake, r, vault, rest[1:])


def tags(_, r, vault, rest):
    have = vault.setdefault("tags", {})
    if r.method == "GET":
        return 200, {}, {"Tags": have}
    if r.query == "operation=add":
        new = need(r.json().get("Tags"), "no tags")
        need(isinstance(new, dict) and len(new) <= 10, "tags are a map of up to 10")
        for key, value in new.items():
            need(isinstance(value, str) and len(value) <= 256 and LEGAL.fullmatch(value), "value")
            need(0 < len(key) <= 128 and LEGAL.fullmatch(key) and "\t" not in key and not key.startswith("aws:"), "key")
        if len(have | new) > 50:
            raise Refused("LimitExceededException", "50 tags")
        have.update(new)
    elif r.query == "operation=remove":
        keys = need(r.json().get("TagKeys"), "no keys")
        need(isinstance(keys, list) and len(keys) <= 10 and all(isinstance(k, str) for k in keys), "keys are a list of up to 10 strings")
        for key in keys:
            have.pop(key, None)
    else:
        raise Refused(INVALID, "operation")
    return 204, {}, None


def policy_in(r):
    text = need(r.json().get("Policy"), "no policy")
    need(isinstance(text, str) and len(text.encode()) <= 20480, "a policy is a string of at most 20 KB")
    try:
        json.loads(text)
    except ValueError:
        raise Refused(INVALID, "the policy is not JSON") from None
    return text


def stored(_, r, vault, member, read):
    if r.method == "PUT":
        vault[member] = read(r)
        return 204, {}, None
    if r.method == "DELETE":
        vault.pop(member, None)
        return 204, {}, None
    if member not in vault:
        raise Refused(NOT_FOUND, f"no {member}")
    return 200, {}, vault[member]


def access_policy(fake, r, vault, _):
    return stored(fake, r, vault, "access policy", lambda r: {"Policy": policy_in(r)})


def notifications(fake, r, vault, _):
    def read(r):
        got, known = r.json(), {"ArchiveRetrievalCompleted", "InventoryRetrievalCompleted"}
        need(got.get("SNSTopic") and got.get("Events") and set(got["Events"]) <= known, "topic and events")
        return {"SNSTopic": got["SNSTopic"], "Events": got["Events"]}

    return stored(fake, r, vault, "notifications", read)


def lock_policy(fake, r, vault, rest):
    lock = vault.get("lock")
    if lock and lock["expires"] and lock["expires"] <= fake.now:
        lock = vault["lock"] = None
    if r.method == "GET":
        if not lock:
            raise Refused(NOT_FOUND, "no lock")
        expires = lock["expires"] and fake.date(lock["expires"])
        state = "InProgress" if expires else "Locked"
        return 200, {}, {"Policy": lock["policy"], "State": state, "CreationDate": fake.date(lock["created"]), "ExpirationDate": expires}
    if r.method == "DELETE":
        if lock and not lock["expires"]:
            raise Refused(DENIED, "locked")
        vault["lock"] = None
        return 204, {}, None
    if not rest:
        if lock:
            raise Refused(DENIED, "there is a lock")
        text, now, lock_id = policy_in(r), fake.now, fake.new_id(32)
        vault["lock"] = {"policy": text, "created": now, "expires": now + DAY, "id": lock_id}
        return 201, {"x-amz-lock-id": lock_id}, None
    if not lock:
        raise Refused(NOT_FOUND, "no lock")
    if lock["id"] != rest[0]:
        raise Refused(INVALID if lock["expires"] else DENIED, "another id")
    lock["expires"] = None
    return 204, {}, None


def retrieval_policy(fake, r):
    if r.method == "GET":
        return 200, {}, {"Policy": {"Rules": [fake.policies.get(r.region, {"Strategy": "None"})]}}
    policy = r.json().get("Policy")
    rules = need(isinstance(policy, dict) and policy.get("Rules"), "no rules")
    (rule,) = rules if len(rules) == 1 else [{}]
    strategy, rate = rule.get("Strategy"), rule.get("BytesPerHour")
    need(strategy in ("BytesPerHour", "FreeTier", "None"), "strategy")
    need((strategy == "BytesPerHour") == (rate is not None), "rate")
    need(rate is None or isinstance(rate, int) and rate > 0, "rate")
    fake.policies[r.region] = rule
    return 204, {}, None


def capacity(fake, r):
    units = [unit for unit in fake.units.get(r.region, []) if unit["ends"] > fake.now]
    if r.method == "POST":
        if len(units) == 2:
            raise Refused("LimitExceededException", "two units")
        units.append({"id": fake.new_id(32), "starts": fake.now, "ends": fake.month_later(fake.now)})
        fake.units[r.region] = units
        return 201, {"x-amz-capacity-id": units[-1]["id"]}, None
    shown = [{"CapacityId": u["id"], "StartDate": fake.date(u["starts"]), "ExpirationDate": fake.date(u["ends"])} for u in units]
    return 200, {}, {"ProvisionedCapacityList": shown}
