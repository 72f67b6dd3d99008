"""A small signed client for the REST interface, written from the specification of Signature Version 4 alone.

It makes requests that the command does not offer (a part, an inventory, a wrong hash), and is a second implementation of
signatures: nothing here is shared with the code under test.
"""

import datetime
import hashlib
import hmac
import http.client
import json
from typing import NamedTuple
from urllib.parse import quote, urlsplit

import treehash


class Reply(NamedTuple):
    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        return self.json["code"]


def authorization(method, wire, pairs, names, payload, key, secret, region):
    """The Authorization header of a request: `wire` is its encoded path, `pairs` its sorted query, `payload` its body's SHA-256.

    `names` are the headers to sign, in lower case, x-amz-date among them.
    """
    now, listed = names["x-amz-date"], ";".join(sorted(names))
    lines = "".join(f"{k}:{' '.join(names[k].split())}\n" for k in sorted(names))
    canonical = "\n".join([method, quote(wire, safe="/-._~"), pairs, lines, listed, payload])
    scope = f"{now[:8]}/{region}/glacier/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    signature = b"AWS4" + secret.encode()
    for part in (now[:8], region, "glacier", "aws4_request", text):
        signature = hmac.new(signature, part.encode(), hashlib.sha256).digest()
    return f"AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={listed}, Signature={signature.hex()}"


class Rest:
    def __init__(self, url, key="test", secret="test", region="eu-west-1", seconds=60):
        parts = urlsplit(url)
        self.host, self.port = parts.hostname, parts.port
        self.key, self.secret, self.region, self.seconds = key, secret, region, seconds

    def call(self, method, path, query=None, headers=None, body=b""):
        """One signed request on a connection of its own. `path` is a list of segments, not yet encoded."""
        names, target = self.signed(method, path, query or {}, headers or {}, body)
        connection = http.client.HTTPConnection(self.host, self.port, timeout=self.seconds)
        try:
            connection.request(method, target, body=body or None, headers=names)
            reply = connection.getresponse()
            return Reply(reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read())
        finally:
            connection.close()

    def signed(self, method, path, query, headers, body):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        payload = hashlib.sha256(body).hexdigest()
        names = {"host": f"{self.host}:{self.port}", "x-amz-date": now, "x-amz-glacier-version": "2012-06-01"}
        names |= {"x-amz-content-sha256": payload} | {k.lower(): v for k, v in headers.items()}
        wire = "/" + "/".join(quote(part, safe="-._~") for part in path)
        pairs = "&".join(sorted(f"{quote(k, safe='-._~')}={quote(v, safe='-._~')}" for k, v in query.items()))
        names["authorization"] = authorization(method, wire, pairs, names, payload, self.key, self.secret, self.region)
        names["content-length"] = str(len(body))
        return names, wire + ("?" + pairs if pairs else "")

    # The operations that the tests use.

    def upload_archive(self, vault, data, description="", tree=None):
        headers = {"x-amz-sha256-tree-hash": tree or treehash.of_bytes(data)}
        if description:
            headers["x-amz-archive-description"] = description
        return self.call("POST", ["-", "vaults", vault, "archives"], headers=headers, body=data)

    def initiate_multipart(self, vault, part_size, description):
        headers = {"x-amz-part-size": str(part_size), "x-amz-archive-description": description}
        return self.call("POST", ["-", "vaults", vault, "multipart-uploads"], headers=headers)

    def upload_part(self, vault, upload, start, data):
        span = f"bytes {start}-{start + len(data) - 1}/*"
        headers = {"content-range": span, "x-amz-sha256-tree-hash": treehash.of_bytes(data)}
        return self.call("PUT", ["-", "vaults", vault, "multipart-uploads", upload], headers=headers, body=data)

    def complete_multipart(self, vault, upload, size, tree):
        headers = {"x-amz-archive-size": str(size), "x-amz-sha256-tree-hash": tree}
        return self.call("POST", ["-", "vaults", vault, "multipart-uploads", upload], headers=headers)

    def abort_multipart(self, vault, upload):
        return self.call("DELETE", ["-", "vaults", vault, "multipart-uploads", upload])

    def listed(self, path, member):
        """The items of a listing over all its pages."""
        found, marker = [], None
        while True:
            page = self.call("GET", path, query={"marker": marker} if marker else {})
            assert page.status == 200, page
            found += page.json[member]
            marker = page.json.get("Marker")
            if not marker:
                return found

    def open_uploads(self, vault):
        """The ids of all open multipart uploads."""
        return [u["MultipartUploadId"] for u in self.listed(["-", "vaults", vault, "multipart-uploads"], "UploadsList")]

    def jobs(self, vault):
        return self.listed(["-", "vaults", vault, "jobs"], "JobList")

    def parts(self, vault, upload):
        """{start: (end, tree hash)} of every part that the service has of an open upload."""
        found = {}
        for part in self.listed(["-", "vaults", vault, "multipart-uploads", upload], "Parts"):
            first, last = map(int, part["RangeInBytes"].split("-"))
            found[first] = (last, part["SHA256TreeHash"])
        return found

    def job_output(self, vault, parameters):
        """Starts a job, waits for it, and returns its whole output (small ones only: it is held in memory)."""
        body = json.dumps(parameters).encode()
        started = self.call("POST", ["-", "vaults", vault, "jobs"], body=body)
        assert started.status == 202, started
        job = started.headers["x-amz-job-id"]
        for _ in range(1000):
            state = self.call("GET", ["-", "vaults", vault, "jobs", job])
            assert state.status == 200, state
            if state.json["Completed"]:
                break
        assert state.json["StatusCode"] == "Succeeded", state
        output = self.call("GET", ["-", "vaults", vault, "jobs", job, "output"])
        assert output.status == 200, output
        return output.body

    def inventory(self, vault):
        """{archive id: item} of everything in the vault's inventory."""
        items = json.loads(self.job_output(vault, {"Type": "inventory-retrieval", "Format": "JSON"}))["ArchiveList"]
        return {item["ArchiveId"]: item for item in items}
