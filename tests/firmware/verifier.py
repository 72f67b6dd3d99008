"""Verifies signatures in front of the service, with keys and a clock of its own, and signs again for the service.

This simulates a service that requires a session token, or whose clock is wrong; and a second implementation, written from the
specification alone, verifies the device's signatures.
"""

import calendar
import hashlib
import time
from typing import NamedTuple

from rest import authorization

SKEW = 15 * 60


class Keys(NamedTuple):
    id: str
    secret: str
    token: str | None = None


class Verifier:
    """Accepts only the `device` keys, and signs with the `service` keys. Its clock is `ahead` seconds fast."""

    def __init__(self, device, service, ahead=0, expired=0):
        self.device, self.service, self.ahead = device, service, ahead
        self.expired = expired  # the number of requests to reject with an expired token

    def now(self):
        return time.time() + self.ahead

    def rejects(self, exchange, body):
        """(status, code, message), or `None` if the request is valid."""
        wrong = lambda message: (403, "InvalidSignatureException", message)
        headers, given = exchange.headers, exchange.headers.get("authorization", "")
        if not given:
            return 400, "MissingAuthenticationTokenException", "Missing Authentication Token"
        parts = dict(part.strip().split("=", 1) for part in given.removeprefix("AWS4-HMAC-SHA256 ").split(","))
        key, _, region = parts["Credential"].split("/")[:3]
        if key != self.device.id or headers.get("x-amz-security-token") != self.device.token:
            return 400, "UnrecognizedClientException", "The security token included in the request is invalid."
        stamp = calendar.timegm(time.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ"))
        if abs(stamp - self.now()) > SKEW:
            word = "Signature expired" if stamp < self.now() else "Signature not yet current"
            return wrong(f"{word}: {headers['x-amz-date']}")
        names = {name: headers[name] for name in parts["SignedHeaders"].split(";")}
        if not {"host", "x-amz-date", "x-amz-glacier-version"} <= names.keys():
            return wrong(f"required headers are not signed: {sorted(names)}")
        if self.device.token and "x-amz-security-token" not in names:
            return wrong("the token is not signed")
        if self._authorization(exchange, names, body, self.device, region) != given:
            return wrong("The request signature we calculated does not match the signature you provided.")
        if headers.get("x-amz-content-sha256", hashlib.sha256(body).hexdigest()) != hashlib.sha256(body).hexdigest():
            return wrong("The body is not the one that was signed.")
        if self.expired > 0:
            self.expired -= 1
            return 403, "ExpiredTokenException", "The security token included in the request is expired"
        return None

    def signed(self, exchange, body):
        """The request's head, signed with the service's keys for the actual time."""
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        region = exchange.headers["authorization"].split("/")[2]
        headers = {k: v for k, v in exchange.headers.items() if k not in ("authorization", "x-amz-security-token")}
        headers["x-amz-date"] = stamp
        names = {k: v for k, v in headers.items() if k == "host" or k.startswith("x-amz-")}
        headers["authorization"] = self._authorization(exchange, names, body, self.service, region)
        lines = "".join(f"{k}: {v}\r\n" for k, v in headers.items())
        return f"{exchange.line}\r\n{lines}\r\n".encode("latin-1")

    @staticmethod
    def _authorization(exchange, names, body, keys, region):
        path, _, query = exchange.target.partition("?")
        pairs = "&".join(sorted(filter(None, query.split("&"))))
        payload = hashlib.sha256(body).hexdigest()
        return authorization(exchange.method, path, pairs, names, payload, keys.id, keys.secret, region)
