"""What moto does wrong, each checked on the wire with the signed client of tests/support, which shares no code with ours."""

import hashlib
import json
import time

import treehash
from report import equal
from rest import Rest

MIB = 1 << 20
REGION = "eu-north-1"


class Moto(Rest):
    """moto, with a new vault."""

    def __init__(self, url, vault):
        super().__init__(url, region=REGION)
        self.url, self.vault = url, vault
        self.put()

    def at(self, method, *path, **more):
        return self.call(method, ["-", "vaults", self.vault, *path], **more)

    def put(self):
        return self.at("PUT")

    def upload(self, data, **more):
        return self.upload_archive(self.vault, data, **more)

    def job(self, **parameters):
        return self.at("POST", "jobs", body=json.dumps({"Tier": "Expedited", **parameters}).encode())

    def job_id(self, **parameters):
        return self.job(**parameters).headers["x-amz-job-id"]

    def finished(self, **parameters):
        """The id of a completed job: moto takes 2 s."""
        job = self.job_id(**parameters)
        for _ in range(200):
            if self.at("GET", "jobs", job).json["Completed"]:
                return job
            time.sleep(0.05)
        raise AssertionError("the job did not end")

    def retrieved(self):
        """The id of a completed retrieval of an archive of 5 bytes."""
        archive = self.upload(b"hello").headers["x-amz-archive-id"]
        return self.finished(Type="archive-retrieval", ArchiveId=archive, RetrievalByteRange="0-4", Description="why")


def still(got, wanted, what):
    """Like `equal`, but for wrong behaviour: when it fails, moto has changed."""
    equal(got, wanted, f"moto has changed, remove the row from the README's table: {what}")


def tree_hash(m):
    "the tree hash of more than 1 MiB is the plain SHA-256"
    data = bytes(MIB) + b"x"
    got = m.upload(data).headers["x-amz-sha256-tree-hash"]
    assert hashlib.sha256(data).hexdigest() != treehash.of_bytes(data)
    still(got, hashlib.sha256(data).hexdigest(), "the hash")


def tree_hash_unchecked(m):
    "the tree hash that is sent is not compared"
    still(m.upload(b"hello", tree="00" * 32).status, 201, "status")


def signature(m):
    "signatures are not checked"
    stranger = Rest(m.url, secret="wrong", region=REGION)
    still(stranger.call("GET", ["-", "vaults", m.vault]).status, 200, "status")


def archive_id(m):
    "equal archives share one id, the MD5 of their bytes, and the second replaces the first"
    ids = [m.upload(b"hello", description=text).headers["x-amz-archive-id"] for text in ("first", "second")]
    still(ids, [hashlib.md5(b"hello").hexdigest()] * 2, "ids")
    still(m.at("GET").json["NumberOfArchives"], 1, "archives")


def empty_archive(m):
    "an empty archive is accepted"
    still(m.upload(b"").status, 201, "status")


def vault_name(m):
    "any vault name is accepted, and stored percent-encoded"
    still(m.call("PUT", ["-", "vaults", "a b"]).status, 201, "status")
    still(m.call("GET", ["-", "vaults", "a b"]).json["VaultName"], "a%20b", "name")


def create_again(m):
    "CreateVault of an existing vault empties it"
    m.upload(b"hello")
    m.put()
    still(m.at("GET").json["NumberOfArchives"], 0, "archives")


def delete_full(m):
    "DeleteVault deletes a vault that is not empty"
    m.upload(b"hello")
    still(m.at("DELETE").status, 204, "status")


def locations(m):
    "CreateVault and UploadArchive respond without Location"
    still([("location" in response.headers) for response in (m.put(), m.upload(b"hello"))], [False, False], "Location")


def job_location(m):
    "InitiateJob's Location has no account"
    response = m.job(Type="inventory-retrieval")
    still(response.headers["location"], f"//vaults/{m.vault}/jobs/{response.headers['x-amz-job-id']}", "Location")


def vault_not_found(m):
    "an unknown vault is code VaultNotFound with status 400"
    response = m.call("GET", ["-", "vaults", "nowhere"])
    still((response.status, response.json), (400, {"__type": "VaultNotFound", "message": "Vault not found"}), "response")


def not_found(m):
    "an unknown archive, job, or vault to delete is status 500 in HTML"
    for response in (
        m.at("DELETE", "archives", "none"),
        m.at("GET", "jobs", "none"),
        m.at("GET", "jobs", "none", "output"),
        m.call("DELETE", ["-", "vaults", "nowhere"]),
    ):
        still((response.status, response.headers["content-type"]), (500, "text/html; charset=utf-8"), "response")


def in_progress(m):
    "the output of a job in progress is status 404 with plain text"
    response = m.at("GET", "jobs", m.job_id(Type="inventory-retrieval", Tier="Bulk"), "output")  # 10 s
    still((response.status, response.body), (404, b"404 Not Found"), "response")


def any_job(m):
    "a job for an unknown archive, or of an unknown type, is accepted"
    still(m.job(Type="archive-retrieval", ArchiveId="none").status, 202, "status")
    still(m.job(Type="nonsense").status, 202, "status")


def job_members(m):
    "a completed retrieval has no tree hash, size 0, an inventory size, and loses its range and description"
    job = m.at("GET", "jobs", m.retrieved()).json
    wrong = {"SHA256TreeHash": None, "ArchiveSHA256TreeHash": None, "ArchiveSizeInBytes": 0, "InventorySizeInBytes": 10000}
    wrong |= {"RetrievalByteRange": None, "JobDescription": None}
    still({name: job[name] for name in wrong}, wrong, "members")


def output(m):
    "the output of an archive has no tree hash, and is always whole, whatever Range says"
    response = m.at("GET", "jobs", m.retrieved(), "output", headers={"range": "bytes=1-2"})
    still((response.status, response.body, "x-amz-sha256-tree-hash" in response.headers), (200, b"hello", False), "response")


def csv(m):
    "an inventory asked for in CSV is JSON"
    response = m.at("GET", "jobs", m.finished(Type="inventory-retrieval", Format="CSV"), "output")
    still((response.headers["content-type"], response.json["ArchiveList"]), ("application/json", []), "response")


def lists(m):
    "limit and filters of lists are ignored"
    m.call("PUT", ["-", "vaults", f"{m.vault}-2"])
    page = m.call("GET", ["-", "vaults"], query={"limit": "1"}).json
    still((len(page["VaultList"]) > 1, page["Marker"]), (True, None), "vaults")
    jobs = [m.job_id(Type="inventory-retrieval") for _ in range(2)]
    page = m.at("GET", "jobs", query={"limit": "1", "completed": "true"}).json
    still(([job["JobId"] for job in page["JobList"]], page["Marker"]), (jobs, None), "jobs")


def counts(m):
    "a vault's counts are live, and its last inventory is its creation"
    m.upload(b"hello")
    vault = m.at("GET").json
    still((vault["NumberOfArchives"], vault["LastInventoryDate"]), (1, vault["CreationDate"]), "vault")


def missing(m):
    "the other 23 operations are status 404 in HTML"
    vault, upload = ["-", "vaults", m.vault], ["multipart-uploads", "u"]
    asked = [
        *[(method, [*vault, "notification-configuration"]) for method in ("GET", "PUT", "DELETE")],
        *[(method, [*vault, "access-policy"]) for method in ("GET", "PUT", "DELETE")],
        *[(method, [*vault, "lock-policy"]) for method in ("GET", "POST", "DELETE")],
        ("POST", [*vault, "lock-policy", "id"]),
        ("POST", [*vault, "multipart-uploads"]),
        ("GET", [*vault, "multipart-uploads"]),
        *[(method, [*vault, *upload]) for method in ("GET", "PUT", "POST", "DELETE")],
        *[(method, ["-", "policies", "data-retrieval"]) for method in ("GET", "PUT")],
        *[(method, ["-", "provisioned-capacity"]) for method in ("GET", "POST")],
        *[("POST", [*vault, "tags"], {"operation": word}) for word in ("add", "remove")],
        ("GET", [*vault, "tags"]),
    ]
    equal(len(asked), 23, "operations asked")
    responses = {(response.status, response.headers["content-type"]) for response in (m.call(*one) for one in asked)}
    still(responses, {(404, "text/html; charset=utf-8")}, "responses")


# In the order of the README's table.
FAULTS = (
    tree_hash,
    tree_hash_unchecked,
    signature,
    archive_id,
    empty_archive,
    vault_name,
    create_again,
    delete_full,
    locations,
    job_location,
    vault_not_found,
    not_found,
    in_progress,
    any_job,
    job_members,
    output,
    csv,
    lists,
    counts,
    missing,
)
