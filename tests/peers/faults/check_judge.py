"""The judge finds what is lost: small journals and truths, with what it has to count."""

from collections import defaultdict
from types import SimpleNamespace

import treehash
from judge import ROWS, judge
from plan import VAULTS, body
from report import equal

PLAN = [
    {"n": 0, "op": "UploadArchive", "vault": "attic", "size": 5},
    {"n": 1, "op": "InitiateJob", "vault": "attic", "archive": 0},
    {"n": 2, "op": "DeleteArchive", "vault": "attic", "archive": 0},
    {"n": 3, "op": "AddTagsToVault", "vault": "attic", "key": "k", "value": "3"},
    {"n": 4, "op": "InitiateMultipartUpload", "vault": "attic", "size": 6, "part": 6},
    {"n": 5, "op": "CompleteMultipartUpload", "vault": "attic", "upload": 4, "size": 6},
]
IDS = {0: "a", 1: "j", 4: "u", 5: "m"}


def archive(n, size):
    return ("attic", size, treehash.of_bytes(body(n, size)))


def counted(changed=None, archives="a", jobs="j", uploads="", tag="3", multipart="m"):
    """What is counted when these operations had another result than success (the deletion than failure), and this is there."""
    results = {0: "ok", 1: "ok", 2: "failed", 3: "ok", 4: "ok", 5: "ok"} | (changed or {})
    truth = SimpleNamespace(vaults=set(VAULTS), archives=defaultdict(dict), jobs=defaultdict(list), uploads=defaultdict(list))
    truth.archives[0] = {id: archive(0, 5) for id in archives}
    truth.archives[4] = {id: archive(4, 6) for id in multipart}
    truth.jobs[1], truth.uploads[4] = list(jobs), list(uploads)
    truth.tags = {"attic": {"k": tag} if tag else {}}
    journal = [{"n": n, "result": result, **({"id": IDS[n]} if result == "ok" and n in IDS else {})} for n, result in results.items()]
    counts, _ = judge(PLAN, journal, truth)
    return {row: counts[row] for row, _, _ in ROWS[4:] if counts[row]}


def check():
    for what, wanted in [
        ({}, {}),
        ({"archives": ""}, {"deleted": 1}),
        ({"changed": {2: "ok"}}, {"untrue": 1}),
        ({"changed": {2: "ok"}, "archives": ""}, {}),
        ({"changed": {2: "unknown"}, "archives": ""}, {}),
        ({"archives": "ab"}, {"duplicates": 1}),
        ({"changed": {0: "failed"}}, {"orphans": 1}),
        ({"changed": {0: "unknown"}}, {"reported": 1}),
        ({"changed": {0: "unknown"}, "archives": "ab"}, {"reported": 1, "duplicates": 1}),
        ({"changed": {1: "failed"}}, {"jobs": 1}),
        ({"changed": {1: "unknown"}}, {}),
        ({"jobs": "jk"}, {"jobs": 1}),
        ({"jobs": ""}, {"untrue": 1}),
        ({"tag": ""}, {"untrue": 1}),
        ({"tag": "", "changed": {3: "unknown"}}, {}),
        ({"multipart": ""}, {"untrue": 1}),
        ({"changed": {5: "failed"}}, {"orphans": 1}),
        ({"changed": {4: "failed", 5: "skipped"}, "multipart": "", "uploads": "x"}, {"uploads": 1}),
        ({"changed": {4: "unknown", 5: "skipped"}, "multipart": "", "uploads": "x"}, {}),
        ({"changed": {5: "failed"}, "multipart": "", "uploads": "u"}, {}),
    ]:
        equal(counted(**what), wanted, what)
