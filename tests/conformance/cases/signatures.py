"""Signature Version 4 in the Authorization header."""

import hashlib

from harness import case, tree_hash
from harness.checks import MISSING, SIGNATURE
from harness.raw import VERSION, timestamp

UNKNOWN, UNSIGNED = "UnrecognizedClientException", "MissingAuthenticationTokenException"
LIST = "/-/vaults"


@case("ListVaults")
def right(t):
    "a right signature is accepted, with the version signed and every byte as botocore signs it"
    t.equal(t.raw().call("GET", LIST).status, 200, "status")
    t.equal(t.raw().call("GET", LIST + "?limit=1&marker=").status, 200, "status with a query")


@case("ListVaults")
def wrong_secret(t):
    "a wrong secret: InvalidSignatureException, status 403"
    t.fails(SIGNATURE, t.client(secret="wrong").list_vaults)
    t.refused(SIGNATURE, t.raw(secret="wrong").call("GET", LIST))


@case("ListVaults")
def unknown_key(t):
    "an unknown access key: UnrecognizedClientException, status 400"
    t.fails(UNKNOWN, t.client(key="AKIDNOBODYKNOWS").list_vaults)


@case("ListVaults")
def not_signed(t):
    "a request without a signature: MissingAuthenticationTokenException"
    raw = t.raw()
    t.refused(UNSIGNED, raw.send(raw.request("GET", LIST)))


@case("ListVaults", "CreateVault")
def altered(t):
    "a request that was altered after it was signed is refused: method, path, query, a signed header, body"
    raw = t.raw()

    def altered(change, method="GET", target=LIST, headers=None, body=b""):
        request = raw.request(method, target, headers, body)
        raw.signer().add_auth(request)
        sent = change(request)
        return raw.send(request, body if sent is None else sent)

    def method(request):
        request.method = "DELETE"

    def path(request):
        request.url += "/other"

    def query(request):
        request.url += "?limit=1"

    def header(request):
        request.headers.replace_header("x-amz-part-size", "2097152")

    for label, reply in (
        ("method", lambda: altered(method, target=f"{LIST}/{t.prefix}")),
        ("path", lambda: altered(path)),
        ("query", lambda: altered(query)),
        ("header", lambda: altered(header, headers={"x-amz-part-size": "1048576"})),
        ("body", lambda: altered(lambda _: b'{"Tags": {"a": "c"}}', "POST", f"{LIST}/{t.prefix}/tags?operation=add", body=b'{"Tags": {"a": "b"}}')),
    ):
        with t.each(label):
            t.refused(SIGNATURE, reply())


@case("ListVaults")
def dates(t):
    "a date within 15 minutes is accepted; one outside, in the past or the future, is refused"
    for seconds in (-14 * 60, 14 * 60):
        with t.each(f"{seconds} s"):
            t.equal(t.raw().call("GET", LIST, when=timestamp(seconds)).status, 200, "status")
    for seconds in (-16 * 60, 16 * 60, -86400, 86400):
        with t.each(f"{seconds} s"):
            t.refused(SIGNATURE, t.raw().call("GET", LIST, when=timestamp(seconds)))


@case("ListVaults")
def scope(t):
    "the scope's service is glacier, its end aws4_request and its day that of the date"
    raw = t.raw()
    t.refused(SIGNATURE, raw.call("GET", LIST, service="s3"))

    def credential(old, new):
        request = raw.request("GET", LIST)
        raw.signer().add_auth(request)
        text = request.headers["Authorization"]
        assert old in text, text
        request.headers.replace_header("Authorization", text.replace(old, new, 1))
        return raw.send(request)

    with t.each("end"):
        t.among(credential("aws4_request", "aws5_request").status, (400, 403), "status")
    with t.each("day"):
        t.refused(SIGNATURE, credential(f"/{timestamp()[:8]}/", "/20150101/"))


@case("ListVaults")
def what_must_be_signed(t):
    "host, date and version must be signed, and any other x-amz- header that is sent"
    for name in ("host", "x-amz-date", "x-amz-glacier-version"):
        with t.each(name):
            t.refused(SIGNATURE, t.raw().call("GET", LIST, unsigned=(name,)))
    with t.each("x-amz-other"):
        t.refused(SIGNATURE, t.raw().call("GET", LIST, headers={"x-amz-other": "x"}, unsigned=("x-amz-other",)))


@case("UploadArchive", "InitiateMultipartUpload")
def what_may_be_unsigned(t):
    "an upload's content hash must be signed; tree hash, description and part size need not"
    vault = t.vault()
    target = f"/-/vaults/{vault}/archives"
    headers = {
        "x-amz-content-sha256": hashlib.sha256(b"abc").hexdigest(),
        "x-amz-sha256-tree-hash": tree_hash(b"abc"),
        "x-amz-archive-description": "d",
    }
    for name in ("x-amz-sha256-tree-hash", "x-amz-archive-description"):
        with t.each(name):
            t.equal(t.raw().call("POST", target, headers=headers, body=b"abc", unsigned=(name,)).status, 201, "status")
    with t.each("x-amz-part-size"):
        reply = t.raw().call("POST", f"/-/vaults/{vault}/multipart-uploads", {"x-amz-part-size": "1048576"}, unsigned=("x-amz-part-size",))
        t.equal(reply.status, 201, "status")
    with t.each("x-amz-content-sha256"):
        t.refused(SIGNATURE, t.raw().call("POST", target, headers=headers, body=b"abc", unsigned=("x-amz-content-sha256",)))


@case("ListVaults")
def duplicates(t):
    "a header that counts may not come twice"
    for name, value in (("Host", "example.com"), ("x-amz-glacier-version", VERSION), ("x-amz-date", timestamp())):
        with t.each(name):
            reply = t.raw().call("GET", LIST, extra=[(name, value)])
            t.equal(reply.status, 400, "status")
    with t.each("Authorization"):
        t.equal(t.raw().call("GET", LIST, extra=[("Authorization", "AWS4-HMAC-SHA256 x")]).status, 400, "status")


@case("ListVaults")
def malformed(t):
    "an Authorization that cannot be read is refused with status 400 or 403"
    raw = t.raw()
    for text in ("", "Basic dGVzdDp0ZXN0", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=test", "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=, Signature=0"):
        with t.each(text or "empty"):
            request = raw.request("GET", LIST, {"Authorization": text, "x-amz-date": timestamp()})
            t.among(raw.send(request).status, (400, 403), "status")


@case("ListVaults")
def version(t):
    "x-amz-glacier-version is required"
    t.refused(MISSING, t.raw().call("GET", LIST, version=None))


@case("ListVaults", "DescribeVault")
def user_agent_and_trace(t):
    "headers that botocore does not sign, and x-amzn-trace-id, need no signature"
    extra = [("User-Agent", "conformance"), ("amz-sdk-invocation-id", "1"), ("x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793")]
    t.equal(t.raw().call("GET", LIST, extra=extra).status, 200, "status")


@case("DescribeVault")
def encoded_path(t):
    "the path is encoded again in the canonical request: a name with escapes has a right signature, and is refused for its name"
    for path in ("/-/vaults/a%20b", "/-/vaults/%C3%A9", "/-/vaults/a%2Bb"):
        with t.each(path):
            reply = t.raw().call("GET", path)
            t.among(reply.status, (400, 404), "status")
            t.true(reply.json["code"] != SIGNATURE, "the signature is refused")
