"""What is in the vaults that the console shows, made over the API as a user's program would make it."""

import json
import sys
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from rest import Rest  # noqa: E402

# A page that took it for HTML would run it.
MARKUP = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'
# Turns the direction of what follows, and hides a character.
UNSEEN = "gpj.\u202eexe\u200b"


def control(url, path, body=None):
    """Calls control, as a program on this machine."""
    data = None if body is None else json.dumps(body).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(f"{url}/_glacier/{path}", data=data), timeout=30) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{path}: {error.code} {error.read()}") from None


def fill(url):
    """Two vaults, of which one has archives, an open upload, a lock and jobs; also a request whose signature is wrong."""
    rest = Rest(url)
    for name in ("photos", "backups-2026"):
        assert rest.call("PUT", ["-", "vaults", name]).status == 201
    archives = [made(rest.upload_archive("photos", b"bytes of it" * 1000, text)) for text in ("holiday in Norway", MARKUP, "")]
    assert rest.initiate_multipart("photos", 1 << 20, "a large film").status == 201
    policy = {"Version": "2012-10-17", "Statement": [{
        "Sid": "keep", "Effect": "Deny", "Principal": "*", "Action": "glacier:DeleteArchive",
        "Resource": "arn:aws:glacier:eu-west-1:000000000000:vaults/photos", "Condition": {"NumericLessThan": {"glacier:ArchiveAgeInDays": "365"}},
    }]}
    body = json.dumps({"Policy": json.dumps(policy)}).encode()
    assert rest.call("POST", ["-", "vaults", "photos", "lock-policy"], body=body).status == 201
    retrieval = {"Type": "archive-retrieval", "ArchiveId": archives[0], "Tier": "Standard", "Description": "for the album"}
    assert rest.call("POST", ["-", "vaults", "photos", "jobs"], body=json.dumps(retrieval).encode()).status == 202
    return rest


def made(reply):
    assert reply.status == 201, reply
    return reply.headers["x-amz-archive-id"]


def mis_sign(url):
    """A request with the wrong secret."""
    reply = Rest(url, secret="wrong").call("GET", ["-", "vaults", "photos"])
    assert (reply.status, reply.code) == (403, "InvalidSignatureException"), reply
