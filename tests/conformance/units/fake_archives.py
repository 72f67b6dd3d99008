"""Archives and jobs of the fake, with the times that jobs take."""

import json

from harness.data import tree_hash
from units.fake_error import INVALID, NOT_FOUND, Refused

DAY, HOUR = 86400, 3600
TAKES = {"Expedited": 120, "Standard": 4 * HOUR, "Bulk": 8 * HOUR}


def respond(fake, r, vault, rest):
    return (archives if rest[0] == "archives" else jobs)(fake, r, vault, rest[1:])


def archives(fake, r, vault, rest):
    if r.method == "POST":
        name = fake.new_id()
        made = {"id": name, "body": r.body, "description": r.headers.get("x-amz-archive-description", ""), "created": fake.now, "deleted": None}
        vault["archives"][name], vault["wrote"] = made, fake.now
        where = {"Location": f"/111122223333/vaults/{vault['name']}/archives/{name}"}
        return 201, where | {"x-amz-archive-id": name, "x-amz-sha256-tree-hash": tree_hash(r.body)}, None
    archive = vault["archives"].get(rest[0])
    if archive and archive["deleted"] is None:
        archive["deleted"] = vault["wrote"] = fake.now
    return 204, {}, None


def start(fake, r, vault):
    got = r.json()
    job = {"id": fake.new_id(92), "created": fake.now, "got": got, "tier": got.get("Tier") or "Standard"}
    job["done"] = fake.now + (TAKES[job["tier"]] if fake.scale else 0)
    if got["Type"] == "archive-retrieval":
        archive = vault["archives"].get(got["ArchiveId"])
        if not archive or archive["deleted"]:
            raise Refused(NOT_FOUND, "no archive")
        limit(fake, r, vault, job, archive)
        first, last = map(int, (got.get("RetrievalByteRange") or f"0-{len(archive['body']) - 1}").split("-"))
        job |= {"archive": archive, "range": (first, last), "output": archive["body"][first : last + 1]}
    else:
        fake.catch_up(vault)
        members = lambda a: {
            "ArchiveId": a["id"],
            "ArchiveDescription": a["description"],
            "CreationDate": fake.date(a["created"]),
            "Size": len(a["body"]),
            "SHA256TreeHash": tree_hash(a["body"]),
        }
        taken = fake.date(vault["taken"] or fake.now)
        listed = {"VaultARN": fake.arn(vault), "InventoryDate": taken, "ArchiveList": [members(a) for a in vault["seen"]]}
        job["output"] = json.dumps(listed).encode()
    vault["jobs"][job["id"]] = job
    return 202, {"Location": f"/111122223333/vaults/{vault['name']}/jobs/{job['id']}", "x-amz-job-id": job["id"]}, None


def limit(fake, r, vault, job, archive):
    rule = fake.policies.get(r.region, {})
    if rule.get("Strategy") == "BytesPerHour" and job["tier"] == "Standard":
        running = [j["archive"] for j in vault["jobs"].values() if j["done"] > fake.now and "archive" in j and j["tier"] == "Standard"]
        if sum(len(a["body"]) / 4 for a in [*running, archive]) > rule["BytesPerHour"]:
            raise Refused("PolicyEnforcedException", "InitiateJob request denied by current data retrieval policy.")


def described(fake, vault, job):
    done, got = job["done"] <= fake.now, job["got"]
    shown = {"JobId": job["id"], "JobDescription": got.get("Description"), "VaultARN": fake.arn(vault), "CreationDate": fake.date(job["created"])}
    shown |= {"Completed": done, "StatusCode": "Succeeded" if done else "InProgress", "CompletionDate": fake.date(job["done"]) if done else None}
    shown["SNSTopic"] = got.get("SNSTopic")
    if "archive" not in job:
        size = len(job["output"]) if done else None
        return shown | {"Action": "InventoryRetrieval", "InventorySizeInBytes": size, "InventoryRetrievalParameters": {"Format": "JSON"}}
    archive, (first, last) = job["archive"], job["range"]
    hashes = {"SHA256TreeHash": tree_hash(job["output"]), "ArchiveSHA256TreeHash": tree_hash(archive["body"])}
    shown |= {"Action": "ArchiveRetrieval", "ArchiveId": archive["id"], "ArchiveSizeInBytes": len(archive["body"]), "Tier": job["tier"]}
    return shown | hashes | {"RetrievalByteRange": f"{first}-{last}"}


def jobs(fake, r, vault, rest):
    if r.method == "POST":
        return start(fake, r, vault)
    there = {k: j for k, j in vault["jobs"].items() if not fake.scale or j["done"] + DAY > fake.now}
    if not rest:
        shown = [described(fake, vault, j) for j in there.values()]
        chosen = dict(pair.split("=") for pair in r.query.split("&") if pair)
        shown = [s for s in shown if chosen.get("statuscode") in (None, s["StatusCode"])]
        shown = [s for s in shown if chosen.get("completed") in (None, str(s["Completed"]).lower())]
        return 200, {}, {"JobList": shown, "Marker": None}
    if rest[0] not in there:
        raise Refused(NOT_FOUND, "no job")
    job = there[rest[0]]
    if len(rest) == 1:
        return 200, {}, described(fake, vault, job)
    if job["done"] > fake.now:
        raise Refused(INVALID, "The job is not currently available for download")
    hashes = {"x-amz-sha256-tree-hash": tree_hash(job["output"]), "Content-Type": "application/octet-stream"} if "archive" in job else {}
    return 200, hashes, job["output"]
