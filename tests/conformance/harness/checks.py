"""The assertions of a case: they are counted, and one that fails ends the case or its part."""

import json
from contextlib import contextmanager

from botocore.exceptions import ClientError

# The status that belongs to each code, from the table of the API reference.
STATUS = {
    "AccessDeniedException": 403,
    "ExpiredTokenException": 403,
    "InvalidSignatureException": 403,
    "ResourceNotFoundException": 404,
    "RequestTimeoutException": 408,
    "ServiceUnavailableException": 500,
    "InsufficientCapacityException": 503,
}
NOT_FOUND, DENIED = "ResourceNotFoundException", "AccessDeniedException"
INVALID, MISSING = "InvalidParameterValueException", "MissingParameterValueException"
LIMIT, SIGNATURE = "LimitExceededException", "InvalidSignatureException"
MALFORMED = "SerializationException"


class NotImplementedByEndpoint(Exception):
    """The endpoint says that it has no such operation."""


def absent(status, headers, code):
    """Whether a response says that there is no such operation: 501, a code that says so, or the HTML page of a web server without the route."""
    html = headers.get("content-type", "").startswith("text/html")
    return status == 501 or code.startswith(("UnknownOperation", "NotImplemented")) or status in (404, 405) and html


class Checks:
    def __init__(self):
        self.assertions = 0
        self.failures = []

    def true(self, value, what):
        self.assertions += 1
        assert value, what

    def equal(self, got, wanted, what):
        self.assertions += 1
        assert got == wanted, f"{what}: got {shown(got)}, wanted {shown(wanted)}"

    def among(self, got, allowed, what):
        self.assertions += 1
        assert got in allowed, f"{what}: got {shown(got)}, wanted one of {shown(allowed)}"

    @contextmanager
    def each(self, label):
        """A part of a case that fails on its own: the parts after it run anyway."""
        try:
            yield
        except (AssertionError, ClientError) as error:
            self.failures.append(f"{label}: {error}")

    def fails(self, codes, call, **arguments):
        """Calls a method of boto3; it must raise one of these codes with the status, message and request id that belong to it."""
        codes = (codes,) if isinstance(codes, str) else codes
        name = getattr(call, "__name__", "the call")
        try:
            call(**arguments)
        except ClientError as error:
            response = error.response
            meta, code = response["ResponseMetadata"], response["Error"]["Code"]
            self._error(name, codes, meta["HTTPStatusCode"], code, response["Error"].get("Message"), meta["HTTPHeaders"])
            return error
        self.assertions += 1
        raise AssertionError(f"{name} succeeded, wanted {' or '.join(codes)}")

    def refused(self, codes, reply):
        """The same for a response to a request that was made by hand; its body must have the documented members too."""
        codes = (codes,) if isinstance(codes, str) else codes
        if absent(reply.status, reply.headers, ""):
            raise NotImplementedByEndpoint("/")
        self.true(reply.status >= 400, f"the status is {reply.status}, wanted {' or '.join(codes)}; the body is {shown(reply.body)}")
        try:
            body = json.loads(reply.body)
        except ValueError:
            raise AssertionError(f"status {reply.status}, and the body of the error is not JSON: {shown(reply.body)}") from None
        self._error("the request", codes, reply.status, body.get("code"), body.get("message"), reply.headers)
        self.equal(body.get("type"), "Server" if reply.status >= 500 else "Client", "type of the error")

    def _error(self, name, codes, status, code, message, headers):
        self.among(code, codes, f"code of {name} (status {status}, {message!r})")
        self.equal(status, STATUS.get(code, 400), f"status of {code}")
        self.true(message, f"{code} has no message")
        self.true(headers.get("x-amzn-requestid"), f"{code} has no x-amzn-RequestId")


def shown(value):
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:300]}... ({len(text)} characters)"
