"""Stands between a device and the service: passes requests on, except for those that a fault takes.

Every request is whole before it goes on (a device's are 1 MiB at most), so what the service has seen is always known.
"""

import re
import socket
import threading
from email.utils import formatdate
from urllib.parse import urlsplit

HOST = "10.0.2.2"  # the loopback of this machine, as a guest of QEMU's user network sees it

class Fault:
    """Does `acts`, one after the other, to requests whose first line matches `what`, after the first `skip` of them.

    With `for_good` the last act is done to all that follow.
    """

    def __init__(self, what, *acts, skip=0, for_good=False):
        self.what, self.acts, self.skip, self.for_good = re.compile(what), list(acts), skip, for_good

    def act(self, line):
        """What is to be done to this request, if anything."""
        if not self.acts or not self.what.search(line):
            return None
        if self.skip > 0:
            self.skip -= 1
            return None
        return self.acts[0] if self.for_good and len(self.acts) == 1 else self.acts.pop(0)


class Visit:
    """One request, as far as it has arrived."""

    def __init__(self, front, client, head, rest):
        self.front, self.client, self.head, self._body = front, client, head, rest
        self.line, *lines = head.decode("latin-1").split("\r\n")
        self.method, self.target, _ = self.line.split(" ")
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name}
        self.length = int(self.headers.get("content-length", 0))

    def take(self, size):
        """Takes the body until `size` bytes of it are there, or all of it."""
        while len(self._body) < min(size, self.length):
            data = self.client.recv(64 << 10)
            if not data:
                raise OSError("the client closed the connection in mid-body")
            self._body += data
        return self._body

    def body(self):
        return self.take(self.length)

    def forward(self):
        """Hands the request to the service; (head, body) of its answer."""
        body, head = self.body(), self.head
        if gate := self.front.gate:
            if refusal := gate.refuses(self, body):
                return self.made(*refusal)
            head = gate.signed(self, body)
        with socket.create_connection(self.front.upstream, timeout=60) as service:
            service.sendall(head + body)
            head, body = read_head(service)
            length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
            wanted = int(length[1]) if length else 0
            while len(body) < wanted:
                data = service.recv(64 << 10)
                assert data, "the service closed the connection in mid-answer"
                body += data
        if gate:
            head = re.sub(rb"(?i)(?<=\r\ndate: )[^\r]*", formatdate(gate.now(), usegmt=True).encode(), head)
        return head, body

    def made(self, status, code, message, extra=""):
        """An answer in the service's own form: (head, body)."""
        body = b'{"code": "%s", "message": "%s", "type": "Client"}' % (code.encode(), message.encode())
        date = formatdate(self.front.gate.now() if self.front.gate else None, usegmt=True)
        head = f"HTTP/1.1 {status} Refused\r\nDate: {date}\r\nContent-Type: application/json\r\nx-amzn-RequestId: made-up\r\n"
        return f"{head}{extra}Content-Length: {len(body)}\r\n\r\n".encode(), body

    def say(self, *pieces):
        self.client.sendall(b"".join(pieces))


def read_head(peer, rest=b""):
    """(head, what came behind it); `None` when the peer has closed."""
    while (end := rest.find(b"\r\n\r\n")) < 0:
        data = peer.recv(64 << 10)
        if not data:
            return None
        rest += data
    return rest[: end + 4], rest[end + 4 :]


class Front:
    """Listens on the loopback; a context manager. `connections` counts, `seen` has (first line, status or fault)."""

    def __init__(self, url, *faults, gate=None):
        parts = urlsplit(url)
        self.upstream = (parts.hostname, parts.port)
        self.faults, self.gate = faults, gate
        self.connections, self.seen, self.troubles = 0, [], []
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
                    if not self._visit(Visit(self, client, *got)):
                        break
        except OSError:
            pass  # the client went, or was sent, away
        except Exception as error:  # told at the end: a thread's failure would go unseen
            self.troubles.append(repr(error))

    def _visit(self, visit):
        """Whether the connection is kept."""
        for fault in self.faults:
            if act := fault.act(visit.line):
                self.seen.append((visit.line, act.__name__))
                return act(visit)
        head, body = visit.forward()
        self.seen.append((visit.line, int(head.split(b" ", 2)[1])))
        visit.say(head, body)
        return True

    def count(self, what):
        """How often a request came whose first line matches."""
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
            assert not self.troubles, self.troubles
            unused = [fault.what.pattern for fault in self.faults if fault.acts and not fault.for_good]
            assert not unused, f"the device never came to {unused}: {self.seen}"
