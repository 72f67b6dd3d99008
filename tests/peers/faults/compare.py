"""1,000 operations under faults at 5 % of all requests, with three clients, each against a `glacier serve` of its own; what each believes is
compared with what is there. `compare.py OUR_DRIVER SDK_DRIVER [SEED]`. It fails if ours loses anything without a word."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))

import boto3

from check_judge import check
from glacier import Served, environment, scratch
from judge import ROWS, Truth, judge
from plan import script, workload
from report import Report, equal

HERE = Path(__file__).resolve().parent
LIMIT = 300
# With it every kind of fault happens.
SEED = 12


def control(url, path, document=None):
    data = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(f"{url}/_glacier/{path}", data=data, headers={"Content-Type": "application/json"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as response:
        return json.load(response)


def run(name, command, folder, seed):
    """One client: its journal, the truth, and how often each rule has hit."""
    plan = folder / "plan.json"
    with Served(folder / name, "--control") as vault:
        url = vault.server.url
        rules = script(seed)
        equal(control(url, "faults", rules), {"rules": len(rules["rules"])}, "the rules that are set")
        done = subprocess.run([*command, url, plan], env=environment(), capture_output=True, text=True, timeout=LIMIT, check=False)
        assert done.returncode == 0, f"{name}: status {done.returncode}\n{done.stderr}{done.stdout[-1000:]}"
        hits = control(url, "faults")
        control(url, "faults", {"rules": []})
        return [json.loads(line) for line in done.stdout.splitlines()], Truth(url), hits["rules"]


def table(results):
    names = list(results)
    lines = [f"| | {' | '.join(names)} |", f"|---|{'---:|' * len(names)}"]
    for row, title, _ in ROWS:
        lines.append(f"| {title} | {' | '.join(str(results[name][0][row]) for name in names)} |")
    hits = [sum(rule["hits"] for rule in results[name][2]) for name in names]
    lines.append(f"| faults that happened | {' | '.join(map(str, hits))} |")
    return "\n".join(lines)


def kinds(results, seed):
    """How often each kind has happened, to all clients together."""
    total = {}
    for _, _, rules in results.values():
        for rule in rules:
            kind = rule["fault"]["kind"]
            total[kind] = total.get(kind, 0) + rule["hits"]
    assert all(total.values()) or seed != SEED, total
    return ", ".join(f"{kind} {hits}" for kind, hits in sorted(total.items()))


def nothing_lost(counts, cases):
    lost = {row: counts[row] for row, _, is_ours in ROWS if is_ours and counts[row]}
    assert not lost, "\n".join([str(lost), *cases])
    assert counts["ok"] > 800, counts


def main(ours, sdk, seed=SEED):
    seed = int(seed)
    report, plan = Report(), workload(seed)
    equal(len(plan), 1000, "operations")
    report.case("the judge finds what is lost", check)
    clients = {
        "glacier": [ours],
        f"boto3 {boto3.__version__}": [sys.executable, str(HERE / "boto3_client.py")],
        "aws-sdk-glacier 1.121.0": [sdk],
    }
    results = {}
    with scratch("faults") as name:
        folder = Path(name)
        (folder / "plan.json").write_text(json.dumps(plan))

        def one(name, command):
            journal, truth, rules = run(name.split()[0], command, folder, seed)
            counts, cases = judge(plan, journal, truth)
            results[name] = (counts, cases, rules)

        # Most of a run waits: for stalls and between attempts.
        cases = [(f"1,000 operations with {name}", one, name, command) for name, command in clients.items()]
        report.side_by_side(cases, at_once=len(cases))
    if len(results) == len(clients):
        report.case("faults have happened", kinds, results, seed)
        counts, cases, _ = results["glacier"]
        report.case("ours: nothing is lost without a word", nothing_lost, counts, cases)
        results = {name: results[name] for name in clients}
        print(f"\n{table(results)}\n")
    return report.close()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
