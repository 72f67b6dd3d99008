"""A small SNTP server on the loopback (RFC 4330), with right or wrong replies."""

import socket
import struct
import threading
import time

from fault_proxy import HOST

EPOCH = 2_208_988_800  # seconds from 1900 to 1970


def reply(request, now, stratum=1, leap=0, mode=4, originate=None):
    """The reply to a request of 48 bytes, with the time `now`."""
    version = (request[0] >> 3) & 7
    stamp = struct.pack(">II", (int(now) + EPOCH) & 0xFFFF_FFFF, int(now % 1 * (1 << 32)))
    echoed = request[40:48] if originate is None else originate
    first = struct.pack(">BBbb", leap << 6 | version << 3 | mode, stratum, 6, -20)
    return first + bytes(8) + b"TEST" + stamp + echoed + stamp + stamp


class Sntp:
    """Replies to each request with `make(request, now)`, with one of `makers` after the other; the last one is used for all that follow."""

    def __init__(self, *makers):
        self.makers = list(makers) or [reply]
        self.requests = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.2)
        self.server = f"{HOST}:{self.socket.getsockname()[1]}"
        self._closing = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while not self._closing:
            try:
                request, peer = self.socket.recvfrom(512)
            except TimeoutError:
                continue
            make = self.makers[min(self.requests, len(self.makers) - 1)]
            self.requests += 1
            if (packet := make(request, time.time())) is not None:
                self.socket.sendto(packet, peer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._closing = True
        self._thread.join()
        self.socket.close()
