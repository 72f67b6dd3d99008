"""InitiateVaultLock, GetVaultLock, CompleteVaultLock, AbortVaultLock: the states of a lock."""

import json
from datetime import datetime

from cases.access_policies import MOST, policy
from harness import case
from harness.checks import DENIED, INVALID, MISSING, NOT_FOUND
from harness.clock import HOUR


def initiate(t, vault, days=365):
    return t.glacier.initiate_vault_lock(vaultName=vault, policy={"Policy": policy(t, vault, days)})["lockId"]


def lock(t, vault):
    return t.glacier.get_vault_lock(vaultName=vault)


def locked(t):
    """A vault with a lock that is Locked; it holds nothing, and its policy concerns archives alone."""
    vault = t.vault()
    lock_id = initiate(t, vault)
    t.glacier.complete_vault_lock(vaultName=vault, lockId=lock_id)
    return vault, lock_id


@case("InitiateVaultLock", "GetVaultLock")
def in_progress(t):
    "status 201 and a lock id; the state is InProgress until 24 hours after its creation"
    vault = t.vault()
    made = t.glacier.initiate_vault_lock(vaultName=vault, policy={"Policy": policy(t, vault)})
    t.equal(made["ResponseMetadata"]["HTTPStatusCode"], 201, "status")
    t.true(made.get("lockId"), "no lock id")
    got = lock(t, vault)
    t.equal(got["State"], "InProgress", "state")
    t.equal(json.loads(got["Policy"]), json.loads(policy(t, vault)), "policy")
    created, expires = (datetime.fromisoformat(got[member]) for member in ("CreationDate", "ExpirationDate"))
    t.equal(round((expires - created).total_seconds()), 24 * HOUR, "seconds from creation to expiry")


@case("GetVaultLock")
def get_without_one(t):
    "a vault without a lock: ResourceNotFoundException"
    t.fails(NOT_FOUND, t.glacier.get_vault_lock, vaultName=t.vault())


@case("InitiateVaultLock")
def initiate_again(t):
    "a lock in progress must be aborted before another: AccessDeniedException, and the first stays"
    vault = t.vault()
    first = initiate(t, vault, 100)
    t.fails(DENIED, initiate, t=t, vault=vault, days=200)
    t.equal(json.loads(lock(t, vault)["Policy"]), json.loads(policy(t, vault, 100)), "policy")
    t.glacier.complete_vault_lock(vaultName=vault, lockId=first)
    t.equal(lock(t, vault)["State"], "Locked", "state")


@case("AbortVaultLock", "GetVaultLock")
def abort(t):
    "abort removes the policy with status 204, also when there is none"
    vault = t.vault()
    t.equal(t.glacier.abort_vault_lock(vaultName=vault)["ResponseMetadata"]["HTTPStatusCode"], 204, "without a lock")
    initiate(t, vault)
    t.equal(t.glacier.abort_vault_lock(vaultName=vault)["ResponseMetadata"]["HTTPStatusCode"], 204, "status")
    t.fails(NOT_FOUND, t.glacier.get_vault_lock, vaultName=vault)
    t.equal(t.glacier.abort_vault_lock(vaultName=vault)["ResponseMetadata"]["HTTPStatusCode"], 204, "again")


@case("AbortVaultLock", "InitiateVaultLock", "CompleteVaultLock")
def new_lock_after_abort(t):
    "a lock after an aborted one has another id; the old id completes nothing"
    vault = t.vault()
    old = initiate(t, vault, 100)
    t.glacier.abort_vault_lock(vaultName=vault)
    new = initiate(t, vault, 200)
    t.true(old != new, "the id is the same")
    t.fails(INVALID, t.glacier.complete_vault_lock, vaultName=vault, lockId=old)
    t.equal(lock(t, vault)["State"], "InProgress", "state")
    t.glacier.complete_vault_lock(vaultName=vault, lockId=new)
    t.equal(json.loads(lock(t, vault)["Policy"]), json.loads(policy(t, vault, 200)), "policy")


@case("CompleteVaultLock", "GetVaultLock")
def complete(t):
    "status 204; the state is Locked and does not expire; the dates of creation are the same"
    vault = t.vault()
    lock_id = initiate(t, vault)
    before = lock(t, vault)
    done = t.glacier.complete_vault_lock(vaultName=vault, lockId=lock_id)
    t.equal(done["ResponseMetadata"]["HTTPStatusCode"], 204, "status")
    got = lock(t, vault)
    t.equal((got["State"], got.get("ExpirationDate")), ("Locked", None), "state and expiry")
    t.equal((got["Policy"], got["CreationDate"]), (before["Policy"], before["CreationDate"]), "policy and creation date")


@case("CompleteVaultLock")
def complete_again(t):
    "completing again with the right id succeeds; with another it is AccessDeniedException"
    vault, lock_id = locked(t)
    again = t.glacier.complete_vault_lock(vaultName=vault, lockId=lock_id)
    t.equal(again["ResponseMetadata"]["HTTPStatusCode"], 204, "status")
    t.fails(DENIED, t.glacier.complete_vault_lock, vaultName=vault, lockId="wrong" + lock_id[5:])


@case("CompleteVaultLock")
def wrong_id(t):
    "a wrong id while InProgress: InvalidParameterValueException, and the lock stays"
    vault = t.vault()
    lock_id = initiate(t, vault)
    t.fails(INVALID, t.glacier.complete_vault_lock, vaultName=vault, lockId="nosuch")
    t.fails(INVALID, t.glacier.complete_vault_lock, vaultName=vault, lockId=lock_id + "x")
    t.equal(lock(t, vault)["State"], "InProgress", "state")


@case("CompleteVaultLock")
def complete_without_lock(t):
    "a vault without a lock: ResourceNotFoundException"
    t.fails(NOT_FOUND, t.glacier.complete_vault_lock, vaultName=t.vault(), lockId="nosuch")


@case("AbortVaultLock")
def abort_locked(t):
    "a locked lock cannot be aborted: AccessDeniedException"
    vault, _ = locked(t)
    t.fails(DENIED, t.glacier.abort_vault_lock, vaultName=vault)
    t.equal(lock(t, vault)["State"], "Locked", "state")


@case("InitiateVaultLock")
def initiate_locked(t):
    "a locked lock cannot be replaced: AccessDeniedException"
    vault, _ = locked(t)
    t.fails(DENIED, initiate, t=t, vault=vault, days=1)
    t.equal(json.loads(lock(t, vault)["Policy"]), json.loads(policy(t, vault)), "policy")


@case("SetVaultAccessPolicy", "InitiateVaultLock")
def beside_an_access_policy(t):
    "a vault has an access policy and a lock policy, each on its own"
    vault = t.vault()
    initiate(t, vault, 100)
    t.glacier.set_vault_access_policy(vaultName=vault, policy={"Policy": policy(t, vault, 200)})
    t.equal(json.loads(lock(t, vault)["Policy"]), json.loads(policy(t, vault, 100)), "lock policy")
    t.glacier.abort_vault_lock(vaultName=vault)
    got = t.glacier.get_vault_access_policy(vaultName=vault)["policy"]["Policy"]
    t.equal(json.loads(got), json.loads(policy(t, vault, 200)), "access policy")


@case("InitiateVaultLock")
def size(t):
    "20 KB are accepted and one byte more is not"
    vault = t.vault()
    text = policy(t, vault)
    t.fails(INVALID, t.glacier.initiate_vault_lock, vaultName=vault, policy={"Policy": text + " " * (MOST + 1 - len(text))})
    t.fails(NOT_FOUND, t.glacier.get_vault_lock, vaultName=vault)
    t.true(t.glacier.initiate_vault_lock(vaultName=vault, policy={"Policy": text + " " * (MOST - len(text))})["lockId"], "no lock id")


@case("InitiateVaultLock")
def no_policy(t):
    "the member Policy is required, and is JSON"
    vault = t.vault()
    t.fails((MISSING, INVALID), t.glacier.initiate_vault_lock, vaultName=vault)
    t.fails((MISSING, INVALID), t.glacier.initiate_vault_lock, vaultName=vault, policy={})
    t.fails(INVALID, t.glacier.initiate_vault_lock, vaultName=vault, policy={"Policy": "no JSON"})


@case("InitiateVaultLock", "GetVaultLock", "AbortVaultLock", "CompleteVaultLock")
def unknown_vault(t):
    "all four need a vault"
    name = t.name()
    for label, call in (
        ("initiate", lambda: initiate(t, name)),
        ("get", lambda: lock(t, name)),
        ("abort", lambda: t.glacier.abort_vault_lock(vaultName=name)),
        ("complete", lambda: t.glacier.complete_vault_lock(vaultName=name, lockId="nosuch")),
    ):
        with t.each(label):
            t.fails(NOT_FOUND, call)


@case("GetVaultLock", "CompleteVaultLock", mode="scaled", days=2)
def expires(t):
    "scaled: a lock in progress is there at 12 hours and gone after 24; its id completes nothing; another can be initiated"
    vault = t.vault()
    lock_id = initiate(t, vault)
    t.clock.sleep(12 * HOUR)
    t.equal(lock(t, vault)["State"], "InProgress", "state at 12 hours")
    t.clock.sleep(13 * HOUR)
    t.fails(NOT_FOUND, t.glacier.get_vault_lock, vaultName=vault)
    t.fails((NOT_FOUND, INVALID), t.glacier.complete_vault_lock, vaultName=vault, lockId=lock_id)
    t.true(initiate(t, vault) != lock_id, "the id is the same")


@case("GetVaultLock", mode="scaled", days=2)
def locked_stays(t):
    "scaled: a locked lock is there after 24 hours"
    vault, _ = locked(t)
    t.clock.sleep(26 * HOUR)
    t.equal(lock(t, vault)["State"], "Locked", "state")
    t.fails(DENIED, t.glacier.abort_vault_lock, vaultName=vault)


@case("GetVaultLock", mode="instant")
def stays_at_once(t):
    "instant: a lock in progress does not expire while the suite looks"
    vault = t.vault()
    initiate(t, vault)
    for _ in range(3):
        t.equal(lock(t, vault)["State"], "InProgress", "state")
