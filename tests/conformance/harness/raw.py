"""Requests as botocore's signer signs them, sent byte for byte: what boto3's own validation would stop."""

import datetime
import http.client
import json
import ssl
from typing import NamedTuple
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from harness.checks import NotImplementedByEndpoint

VERSION = "2012-06-01"


class Reply(NamedTuple):
    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


def timestamp(seconds=0):
    """The present, or so many seconds later, as a signature writes it."""
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).strftime("%Y%m%dT%H%M%SZ")


class Chosen:
    """A signer of botocore with a date, and headers that it leaves unsigned, of the caller's choice."""

    when = None
    unsigned = ()

    def headers_to_sign(self, request):
        signed = super().headers_to_sign(request)
        for name in self.unsigned:
            del signed[name]
        return signed

    def add_auth(self, request):
        request.context["timestamp"] = self.when or timestamp()
        self._modify_request_before_signing(request)
        text = self.string_to_sign(request, self.canonical_request(request))
        self._inject_signature_to_request(request, self.signature(text, request))


class HeaderSigner(Chosen, SigV4Auth):
    pass


class QuerySigner(Chosen, SigV4QueryAuth):
    pass


class Raw:
    def __init__(self, endpoint, region, key, secret, token=None, observer=None, seconds=30):
        self.endpoint, self.region, self.seconds = endpoint.rstrip("/"), region, seconds
        self.observer = observer or (lambda _: None)
        self.credentials = Credentials(key, secret, token)

    def request(self, method, target, headers=None, body=b"", version=VERSION):
        """An unsigned request. `target` is the encoded path with its query."""
        headers = {k: v for k, v in (headers or {}).items() if v is not None}
        if version is not None:
            headers["x-amz-glacier-version"] = version
        return AWSRequest(method=method, url=self.endpoint + target, headers=headers, data=body)

    def signer(self, kind=HeaderSigner, region=None, service="glacier", when=None, unsigned=(), **options):
        signer = kind(self.credentials, service, region or self.region, **options)
        signer.when, signer.unsigned = when, unsigned
        return signer

    def call(self, method, target, headers=None, body=b"", version=VERSION, extra=(), length=True, **signing):
        """Signs and sends. `extra` are headers that are added after the signature, as (name, value)."""
        request = self.request(method, target, headers, body, version)
        self.signer(**signing).add_auth(request)
        return self.send(request, body, extra, length)

    def send(self, request, body=b"", extra=(), length=True):
        parts = urlsplit(request.url)
        kind = http.client.HTTPConnection if parts.scheme == "http" else tls
        connection = kind(parts.hostname, parts.port, timeout=self.seconds)
        target = parts.path + ("?" + parts.query if parts.query else "")
        try:
            connection.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
            fields = [*request.headers.items(), *extra]
            if not any(name.lower() == "host" for name, _ in request.headers.items()):
                fields.insert(0, ("Host", parts.netloc))
            if length:
                fields.append(("Content-Length", str(len(body))))
            for name, value in fields:
                connection.putheader(name, value)
            try:
                connection.endheaders(body or None)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the endpoint may respond before it has the whole body
            response = connection.getresponse()
            reply = Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()
        if reply.status == 501:
            raise NotImplementedByEndpoint(f"{request.method} {parts.path}")
        self.observer(reply)
        return reply


def tls(host, port, timeout):
    return http.client.HTTPSConnection(host, port, timeout=timeout, context=ssl.create_default_context())
