"""SetVaultAccessPolicy, GetVaultAccessPolicy, DeleteVaultAccessPolicy: policies as they are stored."""

import json

from harness import case
from harness.checks import INVALID, MISSING, NOT_FOUND

ALL = ("SetVaultAccessPolicy", "GetVaultAccessPolicy", "DeleteVaultAccessPolicy")
MOST = 20480


def policy(t, vault, days=365, **statement):
    """A policy that denies nothing that the cases do: to another user, for young archives."""
    rule = {
        "Sid": "keep",
        "Effect": "Deny",
        "Principal": {"AWS": f"arn:aws:iam::{t.account()}:user/nobody"},
        "Action": "glacier:DeleteArchive",
        "Resource": t.arn(vault),
        "Condition": {"NumericLessThan": {"glacier:ArchiveAgeInDays": str(days)}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [{**rule, **statement}]})


def set_policy(t, vault, text):
    return t.glacier.set_vault_access_policy(vaultName=vault, policy={"Policy": text})


def stored(t, vault):
    return t.glacier.get_vault_access_policy(vaultName=vault)["policy"]["Policy"]


@case("SetVaultAccessPolicy", "GetVaultAccessPolicy")
def set_and_get(t):
    "status 204; the document comes back as it was set"
    vault = t.vault()
    text = policy(t, vault)
    t.equal(set_policy(t, vault, text)["ResponseMetadata"]["HTTPStatusCode"], 204, "status")
    got = t.glacier.get_vault_access_policy(vaultName=vault)
    t.equal(got["ResponseMetadata"]["HTTPStatusCode"], 200, "status")
    t.equal(json.loads(got["policy"]["Policy"]), json.loads(text), "policy")


@case("GetVaultAccessPolicy")
def bare_body(t):
    "the body is an object with the member Policy, a string: without a wrapper"
    vault = t.vault()
    text = policy(t, vault)
    reply = t.raw().call("PUT", f"/-/vaults/{vault}/access-policy", body=json.dumps({"Policy": text}).encode())
    t.equal(reply.status, 204, "status without a Content-Type")
    body = t.raw().call("GET", f"/-/vaults/{vault}/access-policy").json
    t.equal(list(body), ["Policy"], "members")
    t.equal(json.loads(body["Policy"]), json.loads(text), "policy")


@case("GetVaultAccessPolicy")
def get_without_one(t):
    "a vault without a policy: ResourceNotFoundException"
    t.fails(NOT_FOUND, t.glacier.get_vault_access_policy, vaultName=t.vault())


@case("SetVaultAccessPolicy", "GetVaultAccessPolicy")
def overwrite(t):
    "a second policy replaces the first"
    vault = t.vault()
    set_policy(t, vault, policy(t, vault, 100))
    set_policy(t, vault, policy(t, vault, 200))
    t.equal(json.loads(stored(t, vault)), json.loads(policy(t, vault, 200)), "policy")


@case("DeleteVaultAccessPolicy", "GetVaultAccessPolicy")
def delete(t):
    "status 204, also without a policy"
    vault = t.vault()
    t.equal(t.glacier.delete_vault_access_policy(vaultName=vault)["ResponseMetadata"]["HTTPStatusCode"], 204, "without one")
    set_policy(t, vault, policy(t, vault))
    t.equal(t.glacier.delete_vault_access_policy(vaultName=vault)["ResponseMetadata"]["HTTPStatusCode"], 204, "status")
    t.fails(NOT_FOUND, t.glacier.get_vault_access_policy, vaultName=vault)


@case("SetVaultAccessPolicy", "DeleteVault")
def goes_with_the_vault(t):
    "a vault that is deleted and created again has no policy"
    vault = t.vault()
    set_policy(t, vault, policy(t, vault))
    t.glacier.delete_vault(vaultName=vault)
    t.glacier.create_vault(vaultName=vault)
    t.fails(NOT_FOUND, t.glacier.get_vault_access_policy, vaultName=vault)


@case("SetVaultAccessPolicy")
def size(t):
    "20 KB, 20,480 bytes as sent, are accepted and one more is not"
    vault = t.vault()
    text = policy(t, vault)
    set_policy(t, vault, text + " " * (MOST - len(text)))
    t.equal(json.loads(stored(t, vault)), json.loads(text), "policy")
    t.fails(INVALID, set_policy, t=t, vault=vault, text=text + " " * (MOST + 1 - len(text)))


@case("SetVaultAccessPolicy", "GetVaultAccessPolicy")
def refused_changes_nothing(t):
    "a policy that is refused leaves the one before"
    vault = t.vault()
    text = policy(t, vault)
    set_policy(t, vault, text)
    t.fails(INVALID, set_policy, t=t, vault=vault, text="{")
    t.equal(json.loads(stored(t, vault)), json.loads(text), "policy")


@case("SetVaultAccessPolicy")
def no_policy(t):
    "the member Policy is required"
    vault = t.vault()
    t.fails((MISSING, INVALID), t.glacier.set_vault_access_policy, vaultName=vault)
    t.fails((MISSING, INVALID), t.glacier.set_vault_access_policy, vaultName=vault, policy={})
    t.fails((MISSING, INVALID), t.glacier.set_vault_access_policy, vaultName=vault, policy={"Policy": ""})


@case(*ALL)
def unknown_vault(t):
    "all three need a vault"
    name = t.name()
    with t.each("set"):
        t.fails(NOT_FOUND, set_policy, t=t, vault=name, text=policy(t, name))
    with t.each("get"):
        t.fails(NOT_FOUND, t.glacier.get_vault_access_policy, vaultName=name)
    with t.each("delete"):
        t.fails(NOT_FOUND, t.glacier.delete_vault_access_policy, vaultName=name)
