"""Which policy documents are accepted: the golden cases of tests/vectors/policies.json, in both places that take a policy."""

import json
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

from harness import case
from harness.checks import INVALID

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "policies.json"


@cache
def vectors(expected):
    """Those with a text; the sizes are judged by access_policies.size and locks.size."""
    return [v for v in json.loads(VECTORS.read_text())["validate"] if v["expected"] == expected and v.get("policyText") is not None]


def text_for(t, vector, vault):
    """The policy, for a vault of this case in place of the one that it was written for."""
    region, account, name = vector["vault"].split(":")[3:5] + [vector["vault"].rsplit("/", 1)[1]]
    text = vector["policyText"].replace(vector["vault"], t.arn(vault))
    return text.replace(f"arn:aws:glacier:{region}:{account}:vaults/{name}", t.arn(vault))


def locks_out(text):
    """Whether a policy denies its own removal: such a vault could not be cleaned up."""
    document = json.loads(text)
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    for statement in statements:
        actions = statement.get("Action", "*")
        actions = [actions] if isinstance(actions, str) else actions
        denied = any(fnmatch("glacier:deletevaultaccesspolicy", action.lower()) for action in actions)
        if statement["Effect"] == "Deny" and denied:
            return True
    return False


@case("SetVaultAccessPolicy", seconds=120)
def access_refused(t):
    "a document that breaks the grammar, or names what Glacier does not have, is refused as an access policy"
    vault = t.vault()
    for vector in vectors("refuse"):
        with t.each(vector["name"]):
            text = text_for(t, vector, vault)
            t.fails(INVALID, t.glacier.set_vault_access_policy, vaultName=vault, policy={"Policy": text})


@case("InitiateVaultLock", seconds=120)
def lock_refused(t):
    "the same documents are refused as a lock policy, and no lock is begun"
    vault = t.vault()
    for vector in vectors("refuse"):
        with t.each(vector["name"]):
            try:
                text = text_for(t, vector, vault)
                t.fails(INVALID, t.glacier.initiate_vault_lock, vaultName=vault, policy={"Policy": text})
            finally:
                t.glacier.abort_vault_lock(vaultName=vault)


@case("SetVaultAccessPolicy", "GetVaultAccessPolicy", seconds=120)
def access_accepted(t):
    "documents in every form of the grammar are accepted and come back"
    vault = t.vault()
    for vector in vectors("accept"):
        text = text_for(t, vector, vault)
        if locks_out(text):
            continue
        with t.each(vector["name"]):
            t.glacier.set_vault_access_policy(vaultName=vault, policy={"Policy": text})
            got = t.glacier.get_vault_access_policy(vaultName=vault)["policy"]["Policy"]
            t.equal(json.loads(got), json.loads(text), "policy")


@case("SetVaultAccessPolicy")
def message(t):
    "the message says that the policy is invalid"
    vault = t.vault()
    error = t.fails(INVALID, t.glacier.set_vault_access_policy, vaultName=vault, policy={"Policy": "{}"})
    t.true("policy" in error.response["Error"]["Message"].lower(), f"message: {error.response['Error']['Message']}")
