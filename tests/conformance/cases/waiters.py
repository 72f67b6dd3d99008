"""The waiters VaultExists and VaultNotExists."""

import threading
import time

from botocore.exceptions import WaiterError

from harness import case

QUICK = {"Delay": 1, "MaxAttempts": 10}


def fails(t, waiter, vault):
    t.assertions += 1
    try:
        t.glacier.get_waiter(waiter).wait(vaultName=vault, WaiterConfig={"Delay": 1, "MaxAttempts": 2})
    except WaiterError as error:
        t.true("Max attempts" in str(error), f"{waiter}: {error}")
    else:
        raise AssertionError(f"{waiter} ended")


@case("DescribeVault")
def exists(t):
    "VaultExists ends at once for a vault"
    t.glacier.get_waiter("vault_exists").wait(vaultName=t.vault(), WaiterConfig=QUICK)
    t.true(True, "it ended")


@case("DescribeVault")
def exists_not(t):
    "VaultExists goes on for a vault that is not there"
    fails(t, "vault_exists", t.name())


@case("DescribeVault")
def not_exists(t):
    "VaultNotExists ends at once for a vault that is not there"
    t.glacier.get_waiter("vault_not_exists").wait(vaultName=t.name(), WaiterConfig=QUICK)
    t.true(True, "it ended")


@case("DescribeVault")
def not_exists_goes_on(t):
    "VaultNotExists goes on for a vault"
    fails(t, "vault_not_exists", t.vault())


@case("DescribeVault", "CreateVault")
def exists_later(t):
    "VaultExists ends once the vault is created"
    name = t.name()
    t.keep(t.glacier, name)
    later(lambda: t.glacier.create_vault(vaultName=name))
    t.glacier.get_waiter("vault_exists").wait(vaultName=name, WaiterConfig=QUICK)
    t.true(True, "it ended")


@case("DescribeVault", "DeleteVault")
def not_exists_later(t):
    "VaultNotExists ends once the vault is deleted"
    vault = t.vault()
    later(lambda: t.glacier.delete_vault(vaultName=vault))
    t.glacier.get_waiter("vault_not_exists").wait(vaultName=vault, WaiterConfig=QUICK)
    t.true(True, "it ended")


def later(run):
    def wait():
        time.sleep(0.5)
        run()

    threading.Thread(target=wait, daemon=True).start()
