"""SetVaultNotifications, GetVaultNotifications, DeleteVaultNotifications."""

import json

from harness import case
from harness.checks import INVALID, MISSING, NOT_FOUND

ALL = ("SetVaultNotifications", "GetVaultNotifications", "DeleteVaultNotifications")
EVENTS = ["ArchiveRetrievalCompleted", "InventoryRetrievalCompleted"]


def topic(t, name="topic"):
    return f"arn:aws:sns:{t.region}:{t.account()}:{name}"


def configure(t, vault, **configuration):
    return t.glacier.set_vault_notifications(vaultName=vault, vaultNotificationConfig=configuration)


def current(t, vault):
    return t.glacier.get_vault_notifications(vaultName=vault)["vaultNotificationConfig"]


@case("SetVaultNotifications", "GetVaultNotifications")
def set_and_get(t):
    "status 204; topic and events come back"
    for events in (EVENTS, EVENTS[:1], EVENTS[1:]):
        with t.each(str(events)):
            vault = t.vault()
            t.equal(configure(t, vault, SNSTopic=topic(t), Events=events)["ResponseMetadata"]["HTTPStatusCode"], 204, "status")
            got = current(t, vault)
            t.equal((got["SNSTopic"], sorted(got["Events"])), (topic(t), sorted(events)), "topic and events")


@case("GetVaultNotifications", "SetVaultNotifications")
def bare_body(t):
    "the bodies are objects with SNSTopic and Events: without a wrapper"
    vault = t.vault()
    body = {"SNSTopic": topic(t), "Events": EVENTS}
    reply = t.raw().call("PUT", f"/-/vaults/{vault}/notification-configuration", body=json.dumps(body).encode())
    t.equal(reply.status, 204, "status")
    t.equal(t.raw().call("GET", f"/-/vaults/{vault}/notification-configuration").json, body, "body")


@case("GetVaultNotifications")
def get_without_one(t):
    "a vault without a configuration: ResourceNotFoundException"
    t.fails(NOT_FOUND, t.glacier.get_vault_notifications, vaultName=t.vault())


@case("SetVaultNotifications")
def overwrite(t):
    "a second configuration replaces the first"
    vault = t.vault()
    configure(t, vault, SNSTopic=topic(t, "one"), Events=EVENTS)
    configure(t, vault, SNSTopic=topic(t, "two"), Events=EVENTS[:1])
    t.equal(current(t, vault), {"SNSTopic": topic(t, "two"), "Events": EVENTS[:1]}, "configuration")


@case("SetVaultNotifications")
def illegal(t):
    "topic and at least one known event are required; a refused configuration changes nothing"
    vault = t.vault()
    configure(t, vault, SNSTopic=topic(t), Events=EVENTS[:1])
    for configuration in (
        {},
        {"SNSTopic": topic(t)},
        {"Events": EVENTS},
        {"SNSTopic": topic(t), "Events": []},
        {"SNSTopic": topic(t), "Events": ["Guess"]},
        {"SNSTopic": topic(t), "Events": [*EVENTS, "archiveRetrievalCompleted"]},
        {"SNSTopic": "", "Events": EVENTS},
    ):
        with t.each(str(configuration)):
            t.fails((INVALID, MISSING), configure, t=t, vault=vault, **configuration)
    t.equal(current(t, vault), {"SNSTopic": topic(t), "Events": EVENTS[:1]}, "configuration")


@case("DeleteVaultNotifications")
def delete(t):
    "status 204, also without a configuration"
    vault = t.vault()
    t.equal(t.glacier.delete_vault_notifications(vaultName=vault)["ResponseMetadata"]["HTTPStatusCode"], 204, "without one")
    configure(t, vault, SNSTopic=topic(t), Events=EVENTS)
    t.equal(t.glacier.delete_vault_notifications(vaultName=vault)["ResponseMetadata"]["HTTPStatusCode"], 204, "status")
    t.fails(NOT_FOUND, current, t=t, vault=vault)


@case(*ALL)
def unknown_vault(t):
    "all three need a vault"
    name = t.name()
    for label, call in (
        ("set", lambda: configure(t, name, SNSTopic=topic(t), Events=EVENTS)),
        ("get", lambda: current(t, name)),
        ("delete", lambda: t.glacier.delete_vault_notifications(vaultName=name)),
    ):
        with t.each(label):
            t.fails(NOT_FOUND, call)
