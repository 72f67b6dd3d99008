"""Requests that cannot be read: bodies, paths, methods."""

import json

from harness import case
from harness.checks import INVALID, MALFORMED, MISSING

BODIES = (b"{", b"no JSON", b"[]", b"42", b'"text"', b'{"Tags": ', b"\xff\xfe")


def bodies(t, method, target, wanted=(MALFORMED,)):
    for body in BODIES:
        with t.each(repr(body)):
            t.refused(wanted, t.raw().call(method, target, headers={"content-type": "application/json"}, body=body))


@case("AddTagsToVault")
def tags(t):
    "SerializationException for a body that is not an object of JSON"
    bodies(t, "POST", f"/-/vaults/{t.vault()}/tags?operation=add")


@case("AddTagsToVault", "RemoveTagsFromVault")
def tag_types(t):
    "tags are a map of strings, tag keys a list of them"
    vault = t.vault()
    for operation, body in (
        ("add", {"Tags": ["a"]}),
        ("add", {"Tags": {"a": 1}}),
        ("add", {"Tags": {"a": {"b": "c"}}}),
        ("add", {"Tags": "a"}),
        ("remove", {"TagKeys": "a"}),
        ("remove", {"TagKeys": [1]}),
        ("remove", {"TagKeys": {"a": "b"}}),
    ):
        with t.each(f"{operation} {body}"):
            reply = t.raw().call("POST", f"/-/vaults/{vault}/tags?operation={operation}", body=json.dumps(body).encode())
            t.refused((MALFORMED, INVALID), reply)


@case("InitiateJob")
def jobs(t):
    "SerializationException for job parameters that are not an object of JSON"
    bodies(t, "POST", f"/-/vaults/{t.vault()}/jobs")


@case("InitiateJob")
def job_types(t):
    "a member of another type is refused"
    vault = t.vault()
    for body in ({"Type": 5}, {"Type": ["archive-retrieval"]}, {"Type": "inventory-retrieval", "InventoryRetrievalParameters": "x"}):
        with t.each(str(body)):
            t.refused((MALFORMED, INVALID), t.raw().call("POST", f"/-/vaults/{vault}/jobs", body=json.dumps(body).encode()))


@case("InitiateJob")
def no_body(t):
    "an empty body has no Type"
    t.refused((MALFORMED, MISSING, INVALID), t.raw().call("POST", f"/-/vaults/{t.vault()}/jobs"))


@case("SetVaultAccessPolicy")
def access_policies(t):
    "SerializationException for a body that is not an object of JSON"
    bodies(t, "PUT", f"/-/vaults/{t.vault()}/access-policy")


@case("InitiateVaultLock")
def lock_policies(t):
    "SerializationException for a body that is not an object of JSON"
    bodies(t, "POST", f"/-/vaults/{t.vault()}/lock-policy")


@case("SetVaultAccessPolicy")
def policy_as_an_object(t):
    "a policy is a string that holds JSON, not an object"
    vault = t.vault()
    body = json.dumps({"Policy": {"Version": "2012-10-17", "Statement": []}}).encode()
    t.refused((MALFORMED, INVALID), t.raw().call("PUT", f"/-/vaults/{vault}/access-policy", body=body))


@case("SetVaultNotifications")
def notifications(t):
    "SerializationException for a body that is not an object of JSON"
    bodies(t, "PUT", f"/-/vaults/{t.vault()}/notification-configuration")


@case("SetDataRetrievalPolicy", region="policy")
def retrieval_policies(t):
    "SerializationException for a body that is not an object of JSON"
    bodies(t, "PUT", "/-/policies/data-retrieval")


@case("InitiateJob", "AddTagsToVault")
def unknown_members(t):
    "members that are not known are ignored"
    vault = t.vault()
    body = {"Type": "archive-retrieval", "ArchiveId": t.upload(vault), "Colour": "blue"}
    t.equal(t.raw().call("POST", f"/-/vaults/{vault}/jobs", body=json.dumps(body).encode()).status, 202, "status")


@case("ListVaults", "DescribeVault")
def paths(t):
    "a path that is no resource is refused with status 4xx"
    vault = t.vault()
    for path in ("/", "/-", "/-/nothing", f"/-/vaults/{vault}/nothing", f"/-/vaults/{vault}/jobs/x/output/y", "/-/policies/other"):
        with t.each(path):
            reply = t.raw().call("GET", path)
            t.true(400 <= reply.status < 500, f"status {reply.status}")


@case("ListVaults", "DescribeVault")
def methods(t):
    "a method that a resource does not have is refused with status 4xx"
    vault = t.vault()
    for method, path in (("PATCH", f"/-/vaults/{vault}"), ("DELETE", "/-/vaults"), ("PUT", f"/-/vaults/{vault}/archives"), ("POST", f"/-/vaults/{vault}")):
        with t.each(f"{method} {path}"):
            reply = t.raw().call(method, path)
            t.true(400 <= reply.status < 500, f"status {reply.status}")
    t.equal(t.glacier.describe_vault(vaultName=vault)["VaultName"], vault, "the vault stays")


@case("UploadArchive")
def after_malformed(t):
    "the endpoint serves on after requests that it cannot read"
    raw, vault = t.raw(), t.vault()
    for target in ("/%", "/-/vaults/%zz", "/-/vaults/%00", f"/-/vaults/{vault}/archives?x=%"):
        with t.each(target):
            t.true(400 <= raw.call("GET", target).status < 500, "status")
    t.true(t.upload(vault), "an upload")
