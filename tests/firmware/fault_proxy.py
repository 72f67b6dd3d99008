"""A proxy between a device and the service: forwards requests, except those that a fault handles.

Each request is received completely before it is forwarded (a device's have at most 1 MiB), so what the service has seen is always known.
"""

import re
import socket
import threading
from email.utils import formatdate
from urllib.parse import urlsplit

HOST = "10.0.2.2"  # this machine's loopback, as seen by a guest in QEMU's user network


class Fault:
    """Does `actions`, one per request, to requests whose request line matches `what`, after the first `skip` of them.

    If `forever`, the last action is done to all that follow.
    """

    def __init__(self, what, *actions, skip=0, forever=False):
        self.what, self.actions, self.skip, self.forever = re.compile(what), list(actions), skip, forever

    def action(self, line):
        """The action for this request, if any."""
        if not self.actions or not self.what.search(line):
            return None
        if self.skip > 0:
            self.skip -= 1
            return None
        return self.actions[0] if self.forever and len(self.actions) == 1 else self.actions.pop(0)


class Exchange:
    """One request, as far as it has arrived, and its response."""

    def __init__(self, proxy, client, head, rest):
        self.proxy, self.client, self.head, self._body = proxy, client, head, rest
        self.line, *lines = head.decode("latin-1").split("\r\n")
        self.method, self.target, _ = self.line.split(" ")
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name}
        self.length = int(self.headers.get("content-length", 0))

    def receive(self, size):
        """Receives the body until `size` bytes of it have arrived, or all of it."""
        while len(self._body) < min(size, self.length):
            data = self.client.recv(64 << 10)
            if not data:
                raise OSError("the client closed the connection within the body")
            self._body += data
        return self._body

    def body(self):
        return self.receive(self.length)

    def forward(self):
        """Sends the request to the service; (head, body) of its response."""
        body, head = self.body(), self.head
        if verifier := self.proxy.verifier:
            if rejection := verifier.rejects(self, body):
                return self.error(*rejection)
            head = verifier.signed(self, body)
        with socket.create_connection(self.proxy.upstream, timeout=60) as service:
            service.sendall(head + body)
            head, body = read_head(service)
            length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
            wanted = int(length[1]) if length else 0
            while len(body) < wanted:
                data = service.recv(64 << 10)
                assert data, "the service closed the connection within a response"
                body += data
        if verifier:
            head = re.sub(rb"(?i)(?<=\r\ndate: )[^\r]*", formatdate(verifier.now(), usegmt=True).encode(), head)
        return head, body

    def error(self, status, code, message, extra=""):
        """A service error made here: (head, body)."""
        body = b'{"code": "%s", "message": "%s", "type": "Client"}' % (code.encode(), message.encode())
        date = formatdate(self.proxy.verifier.now() if self.proxy.verifier else None, usegmt=True)
        head = f"HTTP/1.1 {status} Error\r\nDate: {date}\r\nContent-Type: application/json\r\nx-amzn-RequestId: made-up\r\n"
        return f"{head}{extra}Content-Length: {len(body)}\r\n\r\n".encode(), body

    def send(self, *pieces):
        self.client.sendall(b"".join(pieces))


def read_head(peer, rest=b""):
    """(head, what arrived after it); `None` if the peer has closed."""
    while (end := rest.find(b"\r\n\r\n")) < 0:
        data = peer.recv(64 << 10)
        if not data:
            return None
        rest += data
    return rest[: end + 4], rest[end + 4 :]


class Proxy:
    """Listens on the loopback; a context manager. `connections` is a count, `seen` is a list of (request line, status or fault)."""

    def __init__(self, url, *faults, verifier=None):
        parts = urlsplit(url)
        self.upstream = (parts.hostname, parts.port)
        self.faults, self.verifier = faults, verifier
        self.connections, self.seen, self.errors = 0, [], []
        self.closing = threading.Event()
        self._clients = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.server = f"{HOST}:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self._clients.append(client)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        try:
            with client:
                while got := read_head(client):
                    if not self._handle(Exchange(self, client, *got)):
                        break
        except OSError:
            pass  # the connection was closed or reset, by the client or by a fault
        except Exception as error:  # raised again at the end: an exception in a thread would go unnoticed
            self.errors.append(repr(error))

    def _handle(self, exchange):
        """Returns whether the connection is kept open."""
        for fault in self.faults:
            if action := fault.action(exchange.line):
                self.seen.append((exchange.line, action.__name__))
                return action(exchange)
        head, body = exchange.forward()
        self.seen.append((exchange.line, int(head.split(b" ", 2)[1])))
        exchange.send(head, body)
        return True

    def count(self, what):
        """The number of requests whose request line matches."""
        return sum(bool(re.search(what, line)) for line, _ in self.seen)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.closing.set()
        self.listener.close()
        for client in self._clients:
            try:
                client.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        if not kind:
            assert not self.errors, self.errors
            unused = [fault.what.pattern for fault in self.faults if fault.actions and not fault.forever]
            assert not unused, f"no request matched {unused}: {self.seen}"
