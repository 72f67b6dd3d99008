"""The sensor records in the device's logs, written and checked from their documentation alone.

32 bytes, little-endian: time_ms u64 (Unix; 0 if the clock was not set), sequence u32, boot u16, sensor u16, value i32,
uptime_ms u32, reserved u32 (0), and the CRC-32 (IEEE) of the 28 bytes before it.
"""

import random
import struct
import zlib
from typing import NamedTuple

SIZE = 32
FORMAT = struct.Struct("<QIHHiII")


class Record(NamedTuple):
    time_ms: int
    sequence: int
    boot: int
    sensor: int
    value: int
    uptime_ms: int
    reserved: int = 0

    def bytes(self):
        body = FORMAT.pack(*self)
        return body + zlib.crc32(body).to_bytes(4, "little")


def log(size, first=1, boot=1, time_ms=1_700_000_000_000, every_ms=250):
    """A closed log of at most `size` bytes: whole records, numbered from `first`, one every `every_ms`."""
    rng = random.Random(first)
    record = lambda n: Record(time_ms and time_ms + n * every_ms, first + n, boot, n % 4, rng.randint(-4000, 8500), n * every_ms)
    return b"".join(record(n).bytes() for n in range(size // SIZE))


def read(data):
    """The records of a log; all must be valid."""
    assert len(data) % SIZE == 0, f"{len(data)} bytes are not a whole number of records"
    found = []
    for at in range(0, len(data), SIZE):
        body, crc = data[at : at + SIZE - 4], data[at + SIZE - 4 : at + SIZE]
        assert zlib.crc32(body).to_bytes(4, "little") == crc, f"record at {at}: wrong CRC"
        record = Record(*FORMAT.unpack(body))
        assert record.reserved == 0, f"record at {at}: {record}"
        found.append(record)
    return found
