"""The results of several runs side by side, as tables for a document: `scores.py NAME=FILE...`, where FILE is what `run --output json` printed."""

import json
import sys

OUTCOMES = ("passed", "failed", "notImplemented")


def score(row):
    return " / ".join(str(row[outcome]) for outcome in OUTCOMES) if row else "-"


def table(title, rows, runs, totals):
    lines = [f"| {title} | {' | '.join(runs)} |", f"|---|{'---|' * len(runs)}"]
    for row in rows:
        lines.append(f"| {row} | {' | '.join(score(totals(run).get(row)) for run in runs.values())} |")
    return "\n".join(lines)


def main(arguments):
    runs = {}
    for argument in arguments:
        name, _, file = argument.partition("=")
        with open(file, encoding="utf-8") as text:
            runs[name] = json.load(text)
    all_of = {id(run): {"all": run["totals"]} for run in runs.values()}
    for title, member in (("behaviour", "behaviours"), ("operation", "operations")):
        rows = list(dict.fromkeys(row for run in runs.values() for row in run[member]))
        print(table(title, rows + (["all"] if member == "behaviours" else []), runs, lambda run: {**run[member], **all_of[id(run)]}))
        print()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
