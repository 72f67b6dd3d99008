"""The cases that a right endpoint must pass do pass on the fake, in both modes; and each of some faults is found by a case."""

import importlib
import unittest

from harness import runner
from harness.clock import Clock
from harness.registry import CASES, applies, selected
from harness.settings import Settings
from units import fake_settings
from units.fake import Fake

for name in "vaults tags access_policies locks jobs job_lists inventory retrieval_policy capacity notifications enforcement malformed policy_rules".split():
    importlib.import_module(f"cases.{name}")

INSTANT = """tags access_policies locks retrieval_policy capacity notifications vaults.create vaults.delete vaults.delete_unknown vaults.recreated
vaults.counts_at_once vaults.delete_with_archives vaults.delete_emptied_at_once jobs.archive_job jobs.done_at_the_next_look jobs.unknown
jobs.output_survives_its_archive inventory.document inventory.at_once inventory.of_an_empty_vault
malformed.tags malformed.tag_types malformed.access_policies malformed.lock_policies malformed.policy_as_an_object malformed.notifications
malformed.retrieval_policies policy_rules.access_accepted""".split()
SCALED = """vaults.counts_by_inventory vaults.no_writes_no_inventory vaults.delete_emptied_after_inventory locks.expires locks.locked_stays
jobs.tiers jobs.in_progress jobs.expires job_lists.filters_in_progress inventory.document inventory.lags
retrieval_policy.running_jobs_count""".split()


def failures(names, time="instant"):
    """{case: what failed} of these cases on a new fake."""
    clock = Clock(time)
    server = Fake(None if clock.instant else clock.scale).served()
    try:
        settings = Settings(server.url, clock, 1, "eu-west-1", "test", "test", None)
        cases = [case for case in selected(names, []) if applies(case, settings, 240)]
        results, left = runner.run_all(settings, cases, 16, lambda _: None)
        return {r.case.title: r.failures or r.absent for r in results if r.outcome != runner.PASSED}, len(results), left
    finally:
        server.shutdown()
        server.server_close()


class OnTheFake(unittest.TestCase):
    maxDiff = None

    def test_instant(self):
        failed, count, _ = failures(INSTANT)
        self.assertEqual(failed, {})
        self.assertGreater(count, 60)

    def test_scaled(self):
        failed, count, left = failures(SCALED, "scaled:15000")
        self.assertEqual(failed, {})
        self.assertEqual(count, len(SCALED))
        self.assertEqual(left, [])


class Faults(unittest.TestCase):
    def broken(self, name, replacement, cases):
        original = getattr(fake_settings, name)
        setattr(fake_settings, name, replacement)
        try:
            return failures(cases)[0]
        finally:
            setattr(fake_settings, name, original)

    def test_a_locked_lock_that_can_be_aborted(self):
        def lock_policy(fake, r, vault, rest, right=fake_settings.lock_policy):
            if r.method == "DELETE":
                vault["lock"] = None
                return 204, {}, None
            return right(fake, r, vault, rest)

        self.assertEqual(set(self.broken("lock_policy", lock_policy, ["locks"])), {"locks.abort_locked"})

    def test_tags_that_are_added_before_the_limit_is_checked(self):
        def tags(fake, r, vault, rest, right=fake_settings.tags):
            if r.method == "POST" and r.query == "operation=add" and "x" in (r.json().get("Tags") or {}):
                vault["tags"]["x"] = ""
            return right(fake, r, vault, rest)

        self.assertEqual(set(self.broken("tags", tags, ["tags"])), {"tags.limit_is_all_or_nothing"})


if __name__ == "__main__":
    unittest.main()
