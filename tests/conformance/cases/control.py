"""The control paths of `glacier serve --control`: time, inventories, state and log. Expected values are those of the project's README."""

from datetime import datetime

from harness import case
from harness.checks import SIGNATURE

ISO = "%Y-%m-%dT%H:%M:%S.%fZ"


@case("DescribeVault", needs="control")
def advance(t):
    "advance moves vault time on by so many seconds, and says the time"
    before = datetime.strptime(t.control.done("GET", "state")["now"], ISO)
    after = datetime.strptime(t.control.done("POST", "advance", {"seconds": 2})["now"], ISO)
    t.true((after - before).total_seconds() >= 2, f"advanced from {before} to {after}")
    t.true(datetime.strptime(t.control.done("GET", "state")["now"], ISO) >= after, "time went back")
    later = datetime.strptime(t.control.done("POST", "advance", {"seconds": 0.5})["now"], ISO)
    t.true((later - after).total_seconds() >= 0.5, f"advanced from {after} to {later} by half a second")
    for wrong in ({}, {"seconds": -1}, {"seconds": 1e300}, {"seconds": "2"}, {"seconds": 1, "minutes": 1}, b"{", [1]):
        with t.each(str(wrong)):
            status, error = t.control.call("POST", "advance", wrong)
            t.equal((status, sorted(error)), (400, ["code", "message"]), "response")


@case("DescribeVault", "UploadArchive", needs="control")
def inventory(t):
    "inventory takes the vault's inventory of the present, which DescribeVault then tells"
    vault = t.vault()
    t.upload(vault, 100)
    t.upload(vault, 50, seed=1)
    taken = t.control.done("POST", "inventory", {"vault": vault, "region": t.region})
    t.equal((taken["archives"], t.glacier.describe_vault(vaultName=vault)["NumberOfArchives"]), (2, 2), "archives")
    described = t.glacier.describe_vault(vaultName=vault)
    t.equal(described["SizeInBytes"], taken["bytes"], "bytes")
    if not t.clock.instant:
        t.equal(described["LastInventoryDate"], taken["taken"], "date")
    status, error = t.control.call("POST", "inventory", {"vault": t.name(), "region": t.region})
    t.equal((status, sorted(error)), (404, ["code", "message"]), "a vault that does not exist")


@case("UploadArchive", "InitiateMultipartUpload", "InitiateJob", "InitiateVaultLock", needs="control")
def state(t):
    "state has each vault with its archives, uploads, jobs and lock, and what is due"
    vault = t.vault()
    archive = t.upload(vault, 70)
    t.glacier.initiate_multipart_upload(vaultName=vault, partSize=str(1 << 20))
    job = t.job(vault, Type="archive-retrieval", ArchiveId=archive, Tier="Bulk")
    t.equal(t.control.state(vault, t.region)["lock"], None, "no lock")
    rule = {"Effect": "Deny", "Principal": "*", "Action": "glacier:DeleteVault", "Resource": t.arn(vault), "Sid": "x"}
    t.glacier.initiate_vault_lock(vaultName=vault, policy={"Policy": '{"Version":"2012-10-17","Statement":[%s]}' % str(rule).replace("'", '"')})
    got = t.control.state(vault, t.region)
    wanted = {"account": t.account(), "archives": 1, "bytes": 70, "lock": "InProgress", "jobs": 1, "uploads": 1}
    t.equal({member: got[member] for member in wanted}, wanted, "the vault")
    due = [event for event in t.control.done("GET", "state")["due"] if event["vault"] == vault]
    t.true(due and all(sorted(event) == ["at", "id", "vault", "what"] for event in due), f"due: {due}")
    t.true(any(event["id"] == job for event in due), f"the job is not due: {due}")
    t.equal([event["at"] for event in due], sorted(event["at"] for event in due), "order")


@case("DescribeVault", "DeleteArchive", needs="control")
def log(t):
    "log has the last requests with operation, status, error and caller, and why a signature failed"
    vault = t.vault()
    t.fails("ResourceNotFoundException", t.glacier.describe_job, vaultName=vault, jobId="j" * 92)
    t.fails(SIGNATURE, t.client(secret="wrong").describe_vault, vaultName=vault)
    created, missing, unsigned = t.control.logged(vault)
    members = "at requestId operation method path status code message principal why".split()
    t.equal(sorted(created), sorted(members), "members")
    t.equal((created["operation"], created["status"], created["code"], created["why"]), ("CreateVault", 201, None, None), "success")
    t.equal((missing["operation"], missing["status"], missing["code"]), ("DescribeJob", 404, "ResourceNotFoundException"), "an error")
    t.true(created["principal"].startswith("arn:aws:iam::"), f"principal {created['principal']}")
    t.equal((unsigned["status"], unsigned["code"]), (403, SIGNATURE), "a wrong signature")
    t.true("AWS4-HMAC-SHA256" in unsigned["why"] and f"/vaults/{vault}" in unsigned["why"], f"why: {unsigned['why']}")


@case("ListVaults", needs="control")
def guards(t):
    "requests of other origins and for other hosts are refused, and paths that do not exist"
    for headers in ({"Origin": "http://elsewhere.example"}, {"Host": "elsewhere.example"}, {"Origin": "null"}):
        for method, name, document in (("GET", "state", None), ("GET", "log", None), ("POST", "advance", {"seconds": 1}), ("POST", "reset", {})):
            with t.each(f"{headers} {name}"):
                status, error = t.control.call(method, name, document, headers)
                t.equal((status, sorted(error)), (403, ["code", "message"]), "response")
    t.equal(t.control.call("GET", "nothing")[0], 404, "a path that does not exist")
    t.equal(t.control.call("GET", "advance")[0], 405, "another method")
    t.equal(t.control.call("GET", "health"), (200, {"status": "ok"}), "health")
