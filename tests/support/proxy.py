"""A TCP proxy on the loopback that can hold, cut or alter what passes through it, so that races and bad links are reproducible."""

import re
import socket
import threading
from urllib.parse import urlsplit

REQUEST_ID = re.compile(rb"(?i)x-amzn-requestid: *(\S+)\r\n")


class Proxy:
    """Forwards to `url`.

    hold:   stop forwarding the first request whose head matches this pattern, after its head;
            `held` is set then, and `release()` continues.
    alter:  (pattern, replacement) applied to the bytes of the responses; of equal length, so that Content-Length stays correct.
    cut:    close both connections after this many bytes of a response.
    watch:  called with the request id of each response that passed.
    """

    def __init__(self, url, hold=None, alter=None, cut=None, watch=None):
        parts = urlsplit(url)
        self.upstream = (parts.hostname, parts.port)
        self.hold = re.compile(hold, re.S) if hold else None
        self.alter = alter
        self.cut = cut
        self.watch = watch
        self.muted = False
        self.held = threading.Event()
        self._go_on = threading.Event()
        self.listener = socket.socket()
        # Small buffers, so that little of a held body is in transit.
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 10)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(16)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self._in_thread(self._accept)

    def mute(self):
        """From now on no response gets through, as if the network failed together with the service."""
        self.muted = True

    def release(self):
        self._go_on.set()

    @staticmethod
    def _in_thread(run, *args):
        threading.Thread(target=run, args=args, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self.upstream)
            except OSError:
                client.close()
                continue
            self._in_thread(self._pump, client, server, self._on_request)
            self._in_thread(self._pump, server, client, self._on_response())

    @staticmethod
    def _pump(source, sink, pass_on):
        try:
            while data := source.recv(64 << 10):
                pass_on(data, sink)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _on_request(self, data, sink):
        sink.sendall(data)
        if self.hold and not self.held.is_set() and self.hold.search(data):
            self.held.set()
            assert self._go_on.wait(60), "a held request was never released"

    def _on_response(self):
        passed, tail = 0, b""

        def pass_on(data, sink):
            nonlocal passed, tail
            if self.muted:
                raise OSError("muted")
            if self.watch:
                tail = tail[-200:] + data  # a head may come in two pieces
                for name in REQUEST_ID.findall(tail):
                    self.watch(name.decode())
            if self.alter:
                data = re.sub(*self.alter, data)
            if self.cut is not None and passed + len(data) >= self.cut:
                sink.sendall(data[: self.cut - passed])
                raise OSError("cut on purpose")
            passed += len(data)
            sink.sendall(data)

        return pass_on

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.release()
        self.listener.close()
