"""Presigned URLs, as boto3 makes them: the user of the URL adds the version, unsigned."""

from urllib.parse import urlsplit

from botocore.awsrequest import AWSRequest

from harness import case, sample
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
