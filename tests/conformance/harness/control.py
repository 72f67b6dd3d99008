"""The paths of `glacier serve --control`, which no document of AWS has: the expected values are those of the project's README."""

import http.client
import json
from contextlib import contextmanager
from urllib.parse import urlsplit


class Control:
    def __init__(self, endpoint):
        self.host = urlsplit(endpoint).netloc

    def call(self, method, name, document=None, headers=None):
        """(status, document) of an unsigned request."""
        body = None if document is None else document if isinstance(document, bytes) else json.dumps(document).encode()
        connection = http.client.HTTPConnection(self.host, timeout=30)
        try:
            connection.request(method, f"/_glacier/{name}", body, headers or {})
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def done(self, method, name, document=None):
        status, got = self.call(method, name, document)
        assert status == 200, f"{method} {name}: {status} {got}"
        return got

    def state(self, vault, region):
        """What `state` says of a vault."""
        found = [v for v in self.done("GET", "state")["vaults"] if (v["name"], v["region"]) == (vault, region)]
        return found[0] if found else None

    def logged(self, vault):
        """The requests about a vault, oldest first."""
        return [r for r in self.done("GET", "log")["requests"] if f"/vaults/{vault}" in r["path"]]

    @contextmanager
    def faults(self, *rules, seed=7):
        """These rules for as long as the case uses them; then how often each hit is known."""
        hits = []
        self.done("POST", "faults", {"seed": seed, "rules": list(rules)})
        try:
            yield hits
            hits += [rule["hits"] for rule in self.done("GET", "faults")["rules"]]
        finally:
            self.done("POST", "faults", {"seed": 0, "rules": []})
