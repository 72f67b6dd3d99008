"""What a client believes beside what is there, read by a client that meets no faults."""

import hashlib
import json
from collections import Counter, defaultdict

import treehash
from boto3_client import client
from plan import VAULTS, body

# What is counted of each client, in the order of the table's rows; of those marked, ours may have none.
ROWS = (
    ("ok", "operations reported as done", False),
    ("failed", "operations reported as failed", False),
    ("unknown", "operations reported as perhaps done", False),
    ("skipped", "operations that needed one of those", False),
    ("untrue", "reported as done and not so", True),
    ("wrong", "wrong bytes taken as good", True),
    ("duplicates", "archives stored again without a word", True),
    ("orphans", "archives of uploads reported as failed", True),
    ("jobs", "jobs started without a word", True),
    ("uploads", "multipart uploads begun without a word", True),
    ("deleted", "archives gone although deleting them failed", True),
    ("reported", "archives that are there, of uploads reported as perhaps done", False),
)


class Truth:
    """What the server has."""

    def __init__(self, url):
        glacier = client(url)
        # By description, which is the number of the operation: ids with size and tree hash; ids.
        self.archives, self.jobs, self.uploads = defaultdict(dict), defaultdict(list), defaultdict(list)
        self.vaults = {vault["VaultName"] for page in glacier.get_paginator("list_vaults").paginate() for vault in page["VaultList"]}
        self.tags = {}
        for vault in sorted(self.vaults):
            for page in glacier.get_paginator("list_jobs").paginate(vaultName=vault):
                for job in page["JobList"]:
                    self.jobs[int(job["JobDescription"])].append(job["JobId"])
            for page in glacier.get_paginator("list_multipart_uploads").paginate(vaultName=vault):
                for upload in page["UploadsList"]:
                    self.uploads[int(upload["ArchiveDescription"])].append(upload["MultipartUploadId"])
            self.tags[vault] = glacier.list_tags_for_vault(vaultName=vault)["Tags"]
            job = glacier.initiate_job(vaultName=vault, jobParameters={"Type": "inventory-retrieval"})["jobId"]
            inventory = json.load(glacier.get_job_output(vaultName=vault, jobId=job)["body"])
            for archive in inventory["ArchiveList"]:
                found = (vault, archive["Size"], archive["SHA256TreeHash"])
                self.archives[int(archive["ArchiveDescription"])][archive["ArchiveId"]] = found
        glacier.close()


def judge(plan, journal, truth):
    """How often each of ROWS, and each case of what ours may not have."""
    became = {line["n"]: line for line in journal}
    counts, cases = Counter(), []
    sizes = {step["n"]: step["size"] for step in plan if step["op"] in ("UploadArchive", "InitiateMultipartUpload")}

    def found(row, step, many=1):
        counts[row] += many
        if many:
            cases.append(f"{row}: {step} {became[step['n']]}")

    # Of an upload in parts, the operation that makes the archive is the last.
    completes = {step["upload"]: step for step in plan if step["op"] == "CompleteMultipartUpload"}
    deletes = defaultdict(list)
    for step in plan:
        if step["op"] == "DeleteArchive":
            deletes[step["archive"]].append(became[step["n"]])
    tags = defaultdict(list)

    for step in plan:
        line, op = became[step["n"]], step["op"]
        counts[line["result"]] += 1
        is_done, is_failed = line["result"] == "ok", line["result"] in ("failed", "skipped")
        if op == "CreateVault" and is_done and step["vault"] not in truth.vaults:
            found("untrue", step)
        elif op in ("UploadArchive", "InitiateMultipartUpload"):
            n, there = step["n"], truth.archives[step["n"]]
            last = became[completes[n]["n"]] if op == "InitiateMultipartUpload" else line
            if op == "InitiateMultipartUpload":
                opened = [upload for upload in truth.uploads[n] if upload != line.get("id")]
                if line["result"] != "unknown":
                    found("uploads", step, len(opened))
            results = [deleted["result"] for deleted in deletes[n]]
            if last["result"] == "ok":
                expected = (step["vault"], sizes[n], treehash.of_bytes(body(n, sizes[n])))
                if last["id"] in there:
                    if "ok" in results or there[last["id"]] != expected:
                        found("untrue", step)
                elif not results:
                    found("untrue", step)
                elif all(result in ("failed", "skipped") for result in results):
                    found("deleted", step)
                found("duplicates", step, len(set(there) - {last["id"]}))
            elif last["result"] == "unknown":
                counts["reported"] += min(len(there), 1)
                found("duplicates", step, max(len(there) - 1, 0))
            else:
                found("orphans", step, len(there))
        elif op == "InitiateJob" and line["result"] != "skipped":
            others = [job for job in truth.jobs[step["n"]] if job != line.get("id")]
            if is_done and line["id"] not in truth.jobs[step["n"]]:
                found("untrue", step)
            # One is what an error about it has said.
            found("jobs", step, max(len(others) - (line["result"] == "unknown"), 0))
        elif op == "GetJobOutput" and is_done:
            n = step["archive"]
            if line["sha256"] != hashlib.sha256(body(n, sizes[n])).hexdigest():
                found("wrong", step)
        elif op == "AddTagsToVault" and not is_failed:
            # The last that was done counts, unless one that is perhaps done came later.
            before = tags[step["vault"], step["key"]] if line["result"] == "unknown" else []
            tags[step["vault"], step["key"]] = [*before, step]
    for (vault, key), steps in tags.items():
        known = became[steps[0]["n"]]["result"] == "ok"
        if known and truth.tags.get(vault, {}).get(key) not in [step["value"] for step in steps]:
            found("untrue", steps[-1])
    assert set(truth.vaults) == set(VAULTS), truth.vaults
    return counts, cases
