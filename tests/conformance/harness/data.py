"""Data to upload, its tree hash, and which ranges have one: from the developer guide's text, independent of botocore and of any server."""

import hashlib
import random
from functools import lru_cache

MIB = 1 << 20


@lru_cache(maxsize=64)
def sample(size, seed=0):
    """Bytes that are the same for the same size and seed."""
    return random.Random(f"{size}-{seed}").randbytes(size)


def chunks(size):
    """The number of 1 MiB chunks; the last may be shorter."""
    return max(1, -(-size // MIB))


def combine(digests):
    """Pairs neighbours, keeps a last one without a neighbour unchanged, until one is left."""
    while len(digests) > 1:
        pairs = [digests[i : i + 2] for i in range(0, len(digests), 2)]
        digests = [hashlib.sha256(pair[0] + pair[1]).digest() if len(pair) == 2 else pair[0] for pair in pairs]
    return digests[0]


def tree_hash(body):
    return combine([hashlib.sha256(body[at : at + MIB]).digest() for at in range(0, len(body), MIB)] or [hashlib.sha256(b"").digest()]).hex()


def mib_aligned(size, first, last):
    """Whether the inclusive range begins and ends at a MiB, or ends with the archive."""
    return first % MIB == 0 and ((last + 1) % MIB == 0 or last == size - 1)


def aligned(size, first, last):
    """Whether the hash of the inclusive range is a node of the archive's tree."""
    if not (0 <= first <= last < size and mib_aligned(size, first, last)):
        return False
    left, right, width = first // MIB, chunks(last + 1), 1
    while width < 2 * chunks(size):
        if left % width == 0 and right == min(left + width, chunks(size)):
            return True
        width *= 2
    return False
