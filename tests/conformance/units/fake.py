"""A small Glacier in memory, from the documents alone, so that the suite's cases are seen to pass: no signatures, no grammar of policies."""

import json
import threading
import time
from calendar import monthrange
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from units import fake_archives, fake_settings
from units.fake_error import INVALID, NOT_FOUND, Refused

DAY = 86400
ACCOUNT = "111122223333"


class Fake:
    """The state and its time: `scale` virtual seconds a second, or None for instant."""

    def __init__(self, scale=None):
        self.scale, self.began = scale, time.time()
        self.vaults, self.gone, self.units, self.policies = {}, set(), {}, {}
        self.lock, self.count = threading.Lock(), 0

    @property
    def now(self):
        return self.began + (time.time() - self.began) * (self.scale or 1)

    def date(self, seconds):
        return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def new_id(self, length=138):
        self.count += 1
        return f"{self.count:x}".rjust(length, "x")

    def month_later(self, seconds):
        at = datetime.fromtimestamp(seconds, timezone.utc)
        year, month = (at.year, at.month + 1) if at.month < 12 else (at.year + 1, 1)
        return at.replace(year=year, month=month, day=min(at.day, monthrange(year, month)[1])).timestamp()

    def respond(self, r):
        """(status, headers, body) for a request."""
        parts = r.parts
        if parts[1:] == ["policies", "data-retrieval"]:
            return fake_settings.retrieval_policy(self, r)
        if parts[1:] == ["provisioned-capacity"]:
            return fake_settings.capacity(self, r)
        if len(parts) == 2:
            return 200, {}, {"VaultList": [self.described(v) for v in self.vaults.values() if v["region"] == r.region], "Marker": None}
        key, rest = (r.region, parts[2]), parts[3:]
        if not rest:
            return self.vault(r, key)
        if key not in self.vaults:
            raise Refused(NOT_FOUND, "Vault not found")
        vault = self.vaults[key]
        self.catch_up(vault)
        return (fake_archives if rest[0] in ("archives", "jobs") else fake_settings).respond(self, r, vault, rest)

    def vault(self, r, key):
        if r.method == "PUT":
            made = {"name": key[1], "region": key[0], "created": self.now, "archives": {}, "jobs": {}, "taken": None, "seen": [], "wrote": None}
            self.vaults.setdefault(key, made)
            return 201, {"Location": f"/{ACCOUNT}/vaults/{key[1]}"}, None
        if r.method == "DELETE":
            if key in self.vaults:
                vault = self.vaults[key]
                self.catch_up(vault)
                if self.alive(vault) or self.scale and (vault["seen"] or (vault["wrote"] or 0) > (vault["taken"] or 0)):
                    raise Refused(INVALID, "Vault not empty or recently written to")
                self.gone.add(key)
                del self.vaults[key]
            elif key not in self.gone:
                raise Refused(NOT_FOUND, "Vault not found")
            return 204, {}, None
        if key not in self.vaults:
            raise Refused(NOT_FOUND, "Vault not found")
        self.catch_up(self.vaults[key])
        return 200, {}, self.described(self.vaults[key])

    def arn(self, vault):
        return f"arn:aws:glacier:{vault['region']}:{ACCOUNT}:vaults/{vault['name']}"

    def alive(self, vault):
        return [a for a in vault["archives"].values() if a["deleted"] is None]

    def catch_up(self, vault):
        """Makes the inventories that are due: a day after the first write since the last; in instant mode at once."""
        wrote, taken = vault["wrote"], vault["taken"]
        if wrote is None or taken is not None and taken >= wrote and self.scale:
            return
        due = max(wrote, taken or 0) + 0.8 * DAY if self.scale else self.now
        if due <= self.now:
            there = [a for a in vault["archives"].values() if a["created"] <= due and not (a["deleted"] and a["deleted"] <= due)]
            vault["taken"], vault["seen"] = due, there

    def described(self, vault):
        taken, seen = vault["taken"], vault["seen"]
        return {
            "VaultARN": self.arn(vault),
            "VaultName": vault["name"],
            "CreationDate": self.date(vault["created"]),
            "LastInventoryDate": self.date(taken) if taken else None,
            "NumberOfArchives": len(seen) if taken else None,
            "SizeInBytes": sum(len(a["body"]) for a in seen) if taken else None,
        }

    def served(self):
        """Starts it on the loopback; returns the server, whose `url` is its endpoint."""
        fake = self

        class Handler(Request):
            state = fake

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server


class Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def serve(self):
        self.method, (path, _, self.query) = self.command, self.path.partition("?")
        self.parts = [unquote(part) for part in path.strip("/").split("/")]
        self.region = self.headers.get("authorization", "///").split("/")[2]
        self.body = self.rfile.read(int(self.headers.get("content-length", 0)))
        try:
            with self.state.lock:
                status, headers, body = self.state.respond(self)
        except Refused as error:
            status, headers = error.status, {}
            body = {"code": error.code, "message": str(error), "type": "Client"}
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"x-amzn-RequestId": "r", "Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_PUT = do_POST = do_DELETE = serve

    def log_message(self, *_):
        pass

    def json(self):
        try:
            document = json.loads(self.body)
        except ValueError:
            raise Refused("SerializationException", "not JSON") from None
        if not isinstance(document, dict):
            raise Refused("SerializationException", "not an object")
        return document
