"""What is set for vaults: tags, access policy, notifications, lock. The vaults themselves come and go."""

import copy
import json

from actors import DAY, Actor, millis, within

EVENTS = ["ArchiveRetrievalCompleted", "InventoryRetrievalCompleted"]
KEYS = [f"key {n}" for n in range(8)]
NAMES = 3


class Vault:
    """A vault as it should be."""

    def __init__(self, earliest):
        self.earliest, self.created = earliest, None  # created from `earliest` on; the date once it is known
        self.tags, self.policy, self.topic, self.lock = {}, None, None, None


class Lock:
    def __init__(self, id, policy, earliest):
        self.id, self.policy, self.earliest = id, policy, earliest
        self.state, self.created = "InProgress", None


class Settings(Actor):
    """Owns some vaults without archives."""

    def __init__(self, name, seed, time):
        super().__init__(name, seed, time)
        self.vaults = {f"{name}-{n}": None for n in range(NAMES)}
        self.former = set()  # names of vaults whose deletion was acknowledged
        self.lapsed = []  # locks that were not completed in time, by what the service said: since when they were at the earliest

    def step(self, rest):
        name = self.rng.choice(list(self.vaults))
        vault = copy.deepcopy(self.vaults[name])
        if vault is None:
            self._change(rest, name, Vault(self.time.latest), (201,), "PUT")
            return
        act = self.rng.choices(
            [self._add_tags, self._remove_tags, self._set_policy, self._set_topic, self._lock, self._delete], [4, 2, 3, 3, 5, 1]
        )
        act[0](rest, name, vault)

    def _change(self, rest, name, new, statuses, method, *path, query=None, body=None):
        body = b"" if body is None else json.dumps(body).encode()
        response = self.send((name, new), statuses, rest.call, method, ["-", "vaults", name, *path], query=query, body=body)
        if response.status < 300:
            if new is None:
                self.former.add(name)
            self.vaults[name] = new
        return response

    def _add_tags(self, rest, name, vault):
        tags = {key: f"{self.name} {self.rng.randrange(10**6)}" for key in self.rng.sample(KEYS, self.rng.randint(1, 3))}
        vault.tags |= tags
        self._change(rest, name, vault, (204,), "POST", "tags", query={"operation": "add"}, body={"Tags": tags})

    def _remove_tags(self, rest, name, vault):
        keys = self.rng.sample(KEYS, 2)
        vault.tags = {key: value for key, value in vault.tags.items() if key not in keys}
        self._change(rest, name, vault, (204,), "POST", "tags", query={"operation": "remove"}, body={"TagKeys": keys})

    def _set_policy(self, rest, name, vault):
        vault.policy = None if vault.policy and self.rng.random() < 0.4 else policy(name, self.rng.randrange(10**6))
        method, body = ("PUT", {"Policy": vault.policy}) if vault.policy else ("DELETE", None)
        self._change(rest, name, vault, (204,), method, "access-policy", body=body)

    def _set_topic(self, rest, name, vault):
        remove = vault.topic and self.rng.random() < 0.4
        topic = f"arn:aws:sns:eu-west-1:111122223333:t{self.rng.randrange(10**6)}"
        vault.topic = None if remove else {"SNSTopic": topic, "Events": EVENTS[: self.rng.randint(1, 2)]}
        method = "DELETE" if remove else "PUT"
        self._change(rest, name, vault, (204,), method, "notification-configuration", body=vault.topic)

    def _lock(self, rest, name, vault):
        lock = vault.lock
        if lock is None:
            vault.lock = Lock(None, policy(name, self.rng.randrange(10**6)), self.time.latest)
            response = self._change(rest, name, vault, (201,), "POST", "lock-policy", body={"Policy": vault.lock.policy})
            vault.lock.id = response.headers["x-amz-lock-id"]
        elif lock.state == "Locked":
            # It cannot be aborted, and completing it again is no error.
            method, path, statuses = self.rng.choice([("DELETE", (), (403, 400)), ("POST", (lock.id,), (204,))])
            self._change(rest, name, vault, statuses, method, "lock-policy", *path)
        elif lock.id is None or self.rng.random() < 0.4:
            vault.lock = None
            self._change(rest, name, vault, (204,), "DELETE", "lock-policy")
        else:
            lock.state = "Locked"
            response = self._change(rest, name, vault, (204, 404), "POST", "lock-policy", lock.id)
            if response.status == 404:
                self._lapse(name, lock)

    def _lapse(self, name, lock):
        self.lapsed.append(lock.created or lock.earliest)
        self.vaults[name].lock = None

    def _delete(self, rest, name, vault):
        self._change(rest, name, None, (204,), "DELETE")

    # After a kill; vault time stands still at `now`.

    def check(self, rest, now):
        for earliest in self.lapsed:
            assert earliest + DAY <= now, f"{self.name}: a lock ended early: {earliest} to {now}"
        self.lapsed.clear()
        for name, state in self.vaults.items():
            allowed = [state, self.pending[1]] if self.pending and self.pending[0] == name else [state]
            found = self._read(rest, name)
            problems = []
            for vault in allowed:
                try:
                    self._compare(name, vault, found, now)
                except AssertionError as problem:
                    problems.append(str(problem))
                else:
                    self.vaults[name] = vault
                    break
            assert len(problems) < len(allowed), f"{name}: " + "; or ".join(problems)
            if found is None:
                if state is not None:
                    self.former.add(name)  # the deletion that was under way
                again = rest.call("DELETE", ["-", "vaults", name])
                assert (again.status == 204) == (name in self.former), f"{name}: deleting it again: {again}"
            self._check_id(rest, name, now)
        self.pending = None

    @staticmethod
    def _read(rest, name):
        read = lambda *path: rest.call("GET", ["-", "vaults", name, *path])
        vault = read()
        if vault.status == 404:
            return None
        parts = [vault, read("tags"), read("access-policy"), read("notification-configuration"), read("lock-policy")]
        for part in parts:
            assert part.status in (200, 404), part
        return [part.json if part.status == 200 else None for part in parts]

    @staticmethod
    def _compare(name, vault, found, now):
        """Whether the vault is as it should be. What was not known of it yet is taken over."""
        assert (vault is None) == (found is None), "the vault is there" if found else "the vault is lost"
        if found is None:
            return
        described, tags, policy, topic, lock = found
        created = millis(described["CreationDate"])
        within(vault.created or vault.earliest, created, vault.created or now, "CreationDate")
        assert tags["Tags"] == vault.tags, f"tags {tags['Tags']}, wanted {vault.tags}"
        assert (policy or {}).get("Policy") == vault.policy, f"policy {policy}, wanted {vault.policy}"
        topic = topic and {**topic, "Events": sorted(topic["Events"])}
        assert topic == vault.topic, f"notifications {topic}, wanted {vault.topic}"
        if lock is None:
            wanted = vault.lock
            ended = wanted is None or wanted.state == "InProgress" and (wanted.created or wanted.earliest) + DAY <= now
            assert ended, f"the lock is lost: {vars(wanted)} at {now}"
            vault.lock = None
        else:
            wanted = vault.lock
            assert wanted, f"there is a lock: {lock}"
            assert (lock["State"], lock["Policy"]) == (wanted.state, wanted.policy), f"lock {lock}, wanted {vars(wanted)}"
            at = millis(lock["CreationDate"])
            within(wanted.created or wanted.earliest, at, wanted.created or now, "CreationDate of the lock")
            if wanted.state == "InProgress":
                assert millis(lock["ExpirationDate"]) == at + DAY, lock
                assert now < at + DAY, f"the lock has not ended: {lock} at {now}"
            wanted.created = at
        vault.created = created

    def _check_id(self, rest, name, now):
        """The lock's id is kept: with another id it cannot be completed, with its own it can, also again."""
        lock = self.vaults[name] and self.vaults[name].lock
        if not lock or not lock.id:
            return
        complete = lambda id: rest.call("POST", ["-", "vaults", name, "lock-policy", id]).status
        assert complete("x" * len(lock.id)) in (400, 403), f"{name}: completed with another id"
        if lock.state == "Locked" or self.rng.random() < 0.2:
            assert complete(lock.id) == 204, f"{name}: cannot be completed with its id at {now}"
            lock.state = "Locked"


def policy(vault, number):
    """A policy that forbids the caller nothing."""
    arn = f"arn:aws:glacier:eu-west-1:{ACCOUNT}:vaults/{vault}"
    statement = {"Sid": f"s{number}", "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "glacier:DescribeVault", "Resource": arn}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


ACCOUNT = "000000000000"
