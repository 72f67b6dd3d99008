"""The clock, the checks and the runner: a case that fails, crashes or meets a missing operation is counted as such."""

import unittest

from harness import runner
from harness.checks import Checks, NotImplementedByEndpoint, absent
from harness.clock import DAY, Clock
from harness.registry import Case
from harness.settings import Settings


def judged(run, **more):
    case = Case("group", "name", "about", run, ("CreateVault",), None, 0, 10, None, None)._replace(**more)
    settings = Settings("http://127.0.0.1:9", Clock("instant"), 1, "eu-west-1", "test", "test", None)
    (result,), left = runner.run_all(settings, [case], 2, lambda _: None)
    return result


class Time(unittest.TestCase):
    def test_a_day_of_scaled_4000_is_21_6_seconds(self):
        self.assertAlmostEqual(Clock("scaled:4000").seconds(DAY), 21.6)
        self.assertEqual(Clock("instant").seconds(DAY), 0)

    def test_other_texts_are_refused(self):
        for text in ("real", "scaled", "scaled:0", "scaled:1000001", "scaled:x", "instant:1"):
            with self.subTest(text), self.assertRaises(ValueError):
                Clock(text)


class Outcomes(unittest.TestCase):
    def test_passed_and_counted(self):
        result = judged(lambda t: (t.equal(1, 1, "one"), t.true(True, "two")))
        self.assertEqual((result.outcome, result.assertions, result.failures), ("passed", 2, []))

    def test_a_failed_assertion_names_both_values(self):
        result = judged(lambda t: t.equal(1, 2, "the number"))
        self.assertEqual((result.outcome, result.failures), ("failed", ["the number: got 1, wanted 2"]))

    def test_a_crash_is_the_failure_of_the_case(self):
        result = judged(lambda t: {}["absent"])
        self.assertEqual(result.outcome, "failed")
        self.assertIn("KeyError", result.failures[0])

    def test_a_part_that_fails_does_not_stop_the_others(self):
        def run(t):
            for number in (1, 2, 3):
                with t.each(f"part {number}"):
                    t.equal(number % 2, 1, "odd")

        result = judged(run)
        self.assertEqual((result.outcome, result.assertions), ("failed", 3))
        self.assertEqual(result.failures, ["part 2: odd: got 0, wanted 1"])

    def test_an_operation_that_is_missing(self):
        def run(t):
            raise NotImplementedByEndpoint("FreezeVault")

        result = judged(run)
        self.assertEqual((result.outcome, result.absent), ("not implemented", "FreezeVault"))

    def test_what_says_that_an_operation_is_missing(self):
        self.assertTrue(absent(501, {}, ""))
        self.assertTrue(absent(400, {}, "UnknownOperationException"))
        self.assertTrue(absent(404, {"content-type": "text/html; charset=utf-8"}, "404"))
        self.assertFalse(absent(404, {"content-type": "application/json"}, "ResourceNotFoundException"))

    def test_a_call_that_succeeds_where_it_must_fail(self):
        with self.assertRaisesRegex(AssertionError, "succeeded, wanted Oops"):
            Checks().fails("Oops", lambda: None)


class Regions(unittest.TestCase):
    def test_cases_of_the_whole_account_have_regions_of_their_own(self):
        settings = Settings("http://127.0.0.1:9", Clock("instant"), 7, "eu-west-1", "test", "test", None)
        case = Case("g", "n", "a", None, (), None, 0, 10, None, None)
        regions = [settings.region_of(case._replace(region=name)) for name in ("one", "two", "one")]
        self.assertEqual(settings.region_of(case), "eu-west-1")
        self.assertEqual(regions[0], regions[2])
        self.assertEqual(len({"eu-west-1", *regions}), 3)


if __name__ == "__main__":
    unittest.main()
