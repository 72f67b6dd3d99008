"""Presigned URLs, as boto3 makes them: the user of the URL adds the version, unsigned."""

import json
from urllib.parse import urlsplit

from botocore.awsrequest import AWSRequest

from harness import case, sample, tree_hash
from harness.checks import MISSING, SIGNATURE
from harness.raw import VERSION, QuerySigner, timestamp

HEADERS = {"x-amz-glacier-version": VERSION}


def presigned(t, operation, client=None, expires=600, **parameters):
    return (client or t.glacier).generate_presigned_url(operation, Params=parameters, ExpiresIn=expires)


def use(t, url, method="GET", headers=HEADERS):
    return t.raw().send(AWSRequest(method=method, url=url, headers=headers))


@case("ListVaults", "DescribeVault")
def get(t):
    "a URL of an operation without a body works with the version header"
    vault = t.vault()
    t.equal(use(t, presigned(t, "list_vaults", limit="1")).status, 200, "status")
    reply = use(t, presigned(t, "describe_vault", vaultName=vault))
    t.equal((reply.status, reply.json.get("VaultName")), (200, vault), "status and name")


@case("CreateVault", "DeleteVault")
def other_methods(t):
    "so does one of PUT and of DELETE"
    name = t.name()
    t.keep(t.glacier, name)
    t.equal(use(t, presigned(t, "create_vault", vaultName=name), "PUT").status, 201, "status")
    t.equal(use(t, presigned(t, "delete_vault", vaultName=name), "DELETE").status, 204, "status")


@case(
    "AbortMultipartUpload",
    "AbortVaultLock",
    "CompleteMultipartUpload",
    "CompleteVaultLock",
    "CreateVault",
    "DeleteArchive",
    "DeleteVault",
    "DeleteVaultAccessPolicy",
    "DeleteVaultNotifications",
    "DescribeJob",
    "DescribeVault",
    "GetDataRetrievalPolicy",
    "GetJobOutput",
    "GetVaultAccessPolicy",
    "GetVaultLock",
    "GetVaultNotifications",
    "InitiateMultipartUpload",
    "ListJobs",
    "ListMultipartUploads",
    "ListParts",
    "ListProvisionedCapacity",
    "ListTagsForVault",
    "ListVaults",
    "PurchaseProvisionedCapacity",
    region="presigned",
)
def every_operation(t):
    "each operation without a body works by URL: what is a header of it is sent with the value that is signed"
    g, vault, empty = t.glacier, t.vault(), t.name()
    t.keep(g, empty)
    archive, body, part = t.upload(vault, 1000), sample(1 << 20), 1 << 20
    job = t.retrieved(vault, archive)
    upload, other = t.upload_in_parts(vault, body, part), t.upload_in_parts(vault, body, part)
    whole = {"archiveSize": str(len(body)), "checksum": tree_hash(body)}
    sent = {"x-amz-archive-size": whole["archiveSize"], "x-amz-sha256-tree-hash": whole["checksum"]}
    topic = {"SNSTopic": "arn:aws:sns:us-east-1:012345678901:topic", "Events": ["ArchiveRetrievalCompleted"]}
    g.set_vault_notifications(vaultName=vault, vaultNotificationConfig=topic)
    statement = {"Effect": "Deny", "Principal": "*", "Action": "glacier:DeleteArchive", "Resource": t.arn(vault)}
    statement["Condition"] = {"NumericLessThan": {"glacier:ArchiveAgeInDays": "0"}}
    policy = {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}
    g.set_vault_access_policy(vaultName=vault, policy=policy)
    of, in_upload, in_other = {"vaultName": vault}, {"vaultName": vault, "uploadId": upload}, {"vaultName": vault, "uploadId": other}
    lock = g.initiate_vault_lock(vaultName=vault, policy=policy)["lockId"]
    for operation, method, status, parameters, headers in (
        ("create_vault", "PUT", 201, {"vaultName": empty}, {}),
        ("describe_vault", "GET", 200, of, {}),
        ("list_vaults", "GET", 200, {}, {}),
        ("list_tags_for_vault", "GET", 200, of, {}),
        ("get_vault_notifications", "GET", 200, of, {}),
        ("delete_vault_notifications", "DELETE", 204, of, {}),
        ("get_vault_access_policy", "GET", 200, of, {}),
        ("delete_vault_access_policy", "DELETE", 204, of, {}),
        ("get_vault_lock", "GET", 200, of, {}),
        # Of a wrong id, so that the vault is not locked for ever.
        ("complete_vault_lock", "POST", 400, of | {"lockId": lock[:-1] + "-_"[lock[-1] == "-"]}, {}),
        ("abort_vault_lock", "DELETE", 204, of, {}),
        ("initiate_multipart_upload", "POST", 201, of | {"partSize": str(part)}, {"x-amz-part-size": str(part)}),
        ("list_multipart_uploads", "GET", 200, of | {"limit": "2"}, {}),
        ("list_parts", "GET", 200, in_upload, {}),
        ("complete_multipart_upload", "POST", 201, in_upload | whole, sent),
        ("abort_multipart_upload", "DELETE", 204, in_other, {}),
        ("list_jobs", "GET", 200, of | {"completed": "true"}, {}),
        ("describe_job", "GET", 200, of | {"jobId": job}, {}),
        ("get_job_output", "GET", 200, of | {"jobId": job}, {}),
        ("delete_archive", "DELETE", 204, of | {"archiveId": archive}, {}),
        ("delete_vault", "DELETE", 204, {"vaultName": empty}, {}),
        ("get_data_retrieval_policy", "GET", 200, {}, {}),
        ("list_provisioned_capacity", "GET", 200, {}, {}),
        # Two units are all that an account may have; an earlier run may have bought them.
        ("purchase_provisioned_capacity", "POST", (201, 400), {}, {}),
    ):
        with t.each(operation):
            reply = use(t, presigned(t, operation, **parameters), method, HEADERS | headers)
            t.among(reply.status, status if isinstance(status, tuple) else (status,), f"status, {reply.body[:200]}")
            if reply.status == 400:
                t.among(reply.json["code"], ("LimitExceededException", "InvalidParameterValueException"), "code")


@case("GetJobOutput")
def output(t):
    "the output of a job can be read by URL; a range is a signed header of it"
    vault = t.vault()
    job = t.retrieved(vault, t.upload(vault, 1000))
    reply = use(t, presigned(t, "get_job_output", vaultName=vault, jobId=job))
    t.equal((reply.status, reply.body), (200, sample(1000)), "status and bytes")
    url = presigned(t, "get_job_output", vaultName=vault, jobId=job, range="bytes=10-19")
    reply = use(t, url, headers=HEADERS | {"range": "bytes=10-19"})
    t.equal((reply.status, reply.body), (206, sample(1000)[10:20]), "status and bytes of a range")
    t.refused(SIGNATURE, use(t, url, headers=HEADERS | {"range": "bytes=10-20"}))


@case("ListVaults")
def without_version(t):
    "the version header is required"
    t.refused(MISSING, use(t, presigned(t, "list_vaults"), headers={}))


@case("ListVaults")
def altered(t):
    "an altered URL, or another method, is refused"
    url = presigned(t, "list_vaults", limit="1")
    for label, other, method in (
        ("limit", url.replace("limit=1", "limit=2"), "GET"),
        ("path", url.replace("/vaults?", "/vaults/x?"), "GET"),
        ("expiry", url.replace("X-Amz-Expires=600", "X-Amz-Expires=601"), "GET"),
        ("signature", url[:-1] + ("0" if url[-1] != "0" else "1"), "GET"),
        ("method", url.replace("/vaults?", "/vaults/x?"), "PUT"),
    ):
        with t.each(label):
            t.refused(SIGNATURE, use(t, other, method))


@case("ListVaults")
def wrong_secret(t):
    "a URL that was signed with a wrong secret is refused"
    t.refused(SIGNATURE, use(t, presigned(t, "list_vaults", client=t.client(secret="wrong"))))


def dated(t, seconds, expires):
    raw = t.raw()
    request = raw.request("GET", "/-/vaults", version=None)
    raw.signer(QuerySigner, when=timestamp(seconds), expires=expires).add_auth(request)
    return request.url


@case("ListVaults")
def expiry(t):
    "a URL is good until its expiry, also after more than 15 minutes, and is refused with status 403 after it"
    t.equal(use(t, dated(t, -3000, 3600)).status, 200, "status of one of 50 minutes ago")
    t.equal(use(t, dated(t, -120, 60)).status, 403, "status of one that has expired")


@case("ListVaults")
def longest_expiry(t):
    "an expiry is from 1 s to 604,800 s"
    t.equal(use(t, dated(t, 0, 604800)).status, 200, "status of the longest")
    for expires in (0, -1, 604801):
        with t.each(str(expires)):
            t.among(use(t, dated(t, 0, expires)).status, (400, 403), "status")


@case("ListVaults")
def shape(t):
    "the suite's own URLs have what boto3's have"
    names = lambda url: [pair.split("=")[0] for pair in urlsplit(url).query.split("&")]
    t.equal(names(dated(t, 0, 60)), names(presigned(t, "list_vaults")), "names in the query")
