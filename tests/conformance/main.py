"""Judges a Glacier endpoint by what AWS documents: `run ENDPOINT`; README.md says how to read the result."""

import argparse
import importlib
import json
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import boto3
import botocore

from harness import table
from harness.clock import Clock
from harness.registry import CASES, applies, selected
from harness.runner import PASSED, run_all
from harness.settings import Settings

FILES = """vaults vault_lists waiters tags access_policies policy_rules enforcement locks archives multipart parts upload_lists jobs
job_parameters job_lists inventory inventory_csv outputs ranges retrieval_policy capacity notifications signatures presigned accounts
malformed quotas control faults fault_rules delivery""".split()


def arguments():
    p = argparse.ArgumentParser(prog="tests/conformance/run", description=__doc__)
    p.add_argument("endpoint", nargs="?", help="such as http://127.0.0.1:9410")
    p.add_argument("cases", nargs="*", metavar="CASE", help="a group (vaults) or a case (vaults.create); all without one")
    p.add_argument("--time", default="instant", type=Clock, help="the endpoint's time: instant (default), or scaled:N, a day in 86400/N s")
    p.add_argument("--output", choices=("text", "json"), default="text")
    p.add_argument("--seed", type=int, help="names and data of a run; random without it")
    p.add_argument("--skip", action="append", default=[], metavar="CASE", help="a group or case to leave out; may be repeated")
    p.add_argument("--jobs", type=int, default=16, help="cases at a time (16); most of them wait")
    p.add_argument("--patience", type=float, default=240, help="leave out cases that wait for more seconds than this (240)")
    p.add_argument("--region", default="eu-west-1")
    p.add_argument("--one-region", action="store_true", help="the endpoint has this region alone: cases of the whole account use it too")
    p.add_argument("--control", action="store_true", help="the endpoint has the paths of `glacier serve --control`: judge them, too")
    p.add_argument("--notifications", type=Path, metavar="FILE", help="the file that the endpoint writes its notifications to, to be judged")
    p.add_argument("--access-key-id", default="test")
    p.add_argument("--secret-access-key", default="test")
    p.add_argument("--session-token")
    p.add_argument("--other-access-key-id", help="a key of another account, for the cases about two")
    p.add_argument("--other-secret-access-key")
    p.add_argument("--other-session-token")
    p.add_argument("--list", action="store_true", help="print the cases and what each judges")
    return p


def main():
    for name in FILES:
        importlib.import_module(f"cases.{name}")
    parser = arguments()
    options = parser.parse_intermixed_args()
    if options.list:
        for case in CASES:
            print(f"{case.title:42} {case.about}")
        return 0
    if not options.endpoint:
        parser.error("an endpoint is needed, such as http://127.0.0.1:9410")
    seed = random.randrange(1_000_000) if options.seed is None else options.seed
    keys = options.access_key_id, options.secret_access_key, options.session_token
    other = options.other_access_key_id, options.other_secret_access_key, options.other_session_token
    has = {"other": other if other[0] and other[1] else None, "control": options.control, "notifications": options.notifications}
    settings = Settings(options.endpoint, options.time, seed, options.region, *keys, own_regions=not options.one_region, **has)
    cases = selected(options.cases, options.skip)
    elsewhere = [case for case in cases if not applies(case, settings, options.patience)]
    cases = [case for case in cases if applies(case, settings, options.patience)]
    as_json = options.output == "json"
    if not as_json:
        print(f"boto3 {boto3.__version__}, botocore {botocore.__version__}, {options.endpoint}, time {options.time.text}, --seed {seed}", flush=True)

    def report(result):
        print(f"{result.outcome:15}  {result.case.title:42} {result.assertions:4}  {result.seconds:6.1f} s", flush=True)
        for failure in result.failures:
            print(f"                 {failure}", flush=True)

    results, left = run_all(settings, cases, options.jobs, (lambda _: None) if as_json else report)
    if as_json:
        print(json.dumps(table.document(settings, results, elsewhere, left), indent=1))
    else:
        print(table.summary(results, elsewhere, left))
    return 0 if results and all(result.outcome == PASSED for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
