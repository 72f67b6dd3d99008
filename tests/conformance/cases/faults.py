"""The kinds of faults of `glacier serve --control`, as boto3 meets them. Expected values are those of the project's README."""

import json
import time

from botocore.exceptions import ConnectionError, HTTPClientError, IncompleteReadError, ResponseStreamingError

from harness import MIB, case, sample, tree_hash


def rule(vault, operation, kind, **more):
    members = {name: more.pop(name) for name in ("nth", "times", "percent") if name in more}
    return {"operation": operation, "vault": vault, **members, "fault": {"kind": kind, **more}}


def fault(*operations, **more):
    """A case of its own region: one script is in force at a time."""
    return case(*operations, needs="control", region="faults", **more)


def archives(t, vault):
    return t.control.state(vault, t.region)["archives"]


def breaks(t, call, **arguments):
    """Calls a method of boto3, whose connection must end before there is a response."""
    t.assertions += 1
    try:
        call(**arguments)
    except (ConnectionError, HTTPClientError):
        return
    raise AssertionError("the call succeeded, wanted a connection that ends")


@fault("DescribeVault")
def errors(t):
    "error, throttle, expired-credentials, insufficient-capacity, no-longer-supported: a response with the code, the status and a message"
    vault = t.vault()
    for kind, more, status, code in [
        ("error", {"status": 500, "code": "ServiceUnavailableException", "message": "so it goes"}, 500, "ServiceUnavailableException"),
        ("error", {"status": 408, "code": "RequestTimeoutException"}, 408, "RequestTimeoutException"),
        ("throttle", {}, 400, "ThrottlingException"),
        ("expired-credentials", {}, 403, "ExpiredTokenException"),
        ("insufficient-capacity", {}, 503, "InsufficientCapacityException"),
        ("no-longer-supported", {}, 400, "NoLongerSupportedException"),
    ]:
        with t.each(kind), t.control.faults(rule(vault, "DescribeVault", kind, **more)) as hits:
            error = t.fails(code, t.glacier.describe_vault, vaultName=vault)
            t.equal(error.response["ResponseMetadata"]["HTTPStatusCode"], status, "status")
            if "message" in more:
                t.equal(error.response["Error"]["Message"], more["message"], "message")
        t.equal(hits, [1], f"hits of {kind}")
    t.equal(t.glacier.describe_vault(vaultName=vault)["VaultName"], vault, "without faults")


@fault("UploadArchive")
def nothing_is_stored(t):
    "an upload that meets error, reset or cut-request stores nothing"
    vault, body = t.vault(), sample(MIB, 1)
    for kind, more in (("error", {"status": 500, "code": "ServiceUnavailableException"}), ("reset", {}), ("cut-request", {"bytes": 1000})):
        with t.each(kind), t.control.faults(rule(vault, "UploadArchive", kind, **more)) as hits:
            if kind == "error":
                t.fails("ServiceUnavailableException", t.glacier.upload_archive, vaultName=vault, body=body)
            else:
                breaks(t, t.glacier.upload_archive, vaultName=vault, body=body)
        t.equal((hits, archives(t, vault)), ([1], 0), f"hits of {kind}, archives")


@fault("UploadArchive", days=1)
def lost_reply(t):
    "lose-reply: the archive is stored, and the connection ends without a response"
    vault = t.vault()
    with t.control.faults(rule(vault, "UploadArchive", "lose-reply")):
        breaks(t, t.glacier.upload_archive, vaultName=vault, body=b"once")
    t.equal(archives(t, vault), 1, "archives")
    # Its id is in the next inventory.
    t.control.done("POST", "inventory", {"vault": vault, "region": t.region})
    job = t.job(vault, Type="inventory-retrieval")
    t.done(vault, job)
    (archive,) = json.loads(t.output(vault, job)["body"].read())["ArchiveList"]
    t.equal(archive["Size"], 4, "size")
    t.glacier.delete_archive(vaultName=vault, archiveId=archive["ArchiveId"])


@fault("DescribeVault")
def delay_and_stall(t):
    "delay: the response comes later; stall: none comes"
    vault = t.vault()
    with t.control.faults(rule(vault, "DescribeVault", "delay", seconds=1.2)):
        begin = time.monotonic()
        t.equal(t.glacier.describe_vault(vaultName=vault)["VaultName"], vault, "a response")
        t.true(time.monotonic() - begin >= 1.2, "it came at once")
    with t.control.faults(rule(vault, "DescribeVault", "stall")) as hits:
        raw = t.raw()
        raw.seconds = 2
        try:
            raw.call("GET", f"/-/vaults/{vault}")
            raise AssertionError("a response came")
        except TimeoutError:
            t.assertions += 1
    t.equal(hits, [1], "hits")


@fault("GetJobOutput", days=1)
def downloads(t):
    "cut-response and corrupt: a download breaks off after that many bytes, has a wrong byte, or a wrong tree hash"
    vault, body = t.vault(), sample(2 * MIB + 5)
    job = t.retrieved(vault, t.upload(vault, len(body)))
    for cut in (1, 1000, MIB + 1):
        with t.each(f"cut after {cut}"), t.control.faults(rule(vault, "GetJobOutput", "cut-response", bytes=cut)):
            stream, got = t.output(vault, job)["body"], b""
            try:
                while piece := stream.read(4096):
                    got += piece
                raise AssertionError(f"it ended after {len(got)} bytes without an error")
            except (ResponseStreamingError, IncompleteReadError, HTTPClientError, ConnectionError):
                t.true(len(got) <= cut and body.startswith(got), f"{len(got)} bytes")
    with t.control.faults(rule(vault, "GetJobOutput", "corrupt", where="body")):
        got = t.output(vault, job)
        wrong = [at for at, (one, other) in enumerate(zip(got["body"].read(), body)) if one != other]
        t.equal((len(wrong), got["checksum"]), (1, tree_hash(body)), "wrong bytes, tree hash")
    with t.control.faults(rule(vault, "GetJobOutput", "corrupt", where="tree-hash")):
        got = t.output(vault, job)
        differ = sum(one != other for one, other in zip(got["checksum"], tree_hash(body)))
        t.equal((got["body"].read() == body, differ), (True, 1), "body, wrong digits of the tree hash")


@fault("InitiateJob", "DescribeJob", days=1)
def failed_job(t):
    "job-fails: the job is accepted and ends as Failed, with a message"
    vault = t.vault()
    archive = t.upload(vault)
    with t.control.faults(rule(vault, "InitiateJob", "job-fails", message="the tape is torn")):
        job = t.job(vault, Type="archive-retrieval", ArchiveId=archive, Tier="Expedited")
    ended = lambda: (d := t.glacier.describe_job(vaultName=vault, jobId=job))["Completed"] and d
    got = t.clock.until(ended, "the job has ended", 3600)
    t.equal((got["StatusCode"], got["StatusMessage"]), ("Failed", "the tape is torn"), "status")
    listed = t.glacier.list_jobs(vaultName=vault, statuscode="Failed")["JobList"]
    t.equal([one["JobId"] for one in listed], [job], "failed jobs")
    t.fails("InvalidParameterValueException", t.output, vault=vault, job=job)
