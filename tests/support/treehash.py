"""The tree hash as the developer guide defines it, written from that text alone: a second implementation."""

import hashlib

MIB = 1 << 20


def _root(digests):
    """Pairs neighbours, keeps a last one without a neighbour unchanged, until one is left."""
    while len(digests) > 1:
        digests = [
            hashlib.sha256(b"".join(digests[i : i + 2])).digest() if i + 1 < len(digests) else digests[i]
            for i in range(0, len(digests), 2)
        ]
    return digests[0]


def of_bytes(data):
    chunks = [data[i : i + MIB] for i in range(0, len(data), MIB)] or [b""]
    return _root([hashlib.sha256(chunk).digest() for chunk in chunks]).hex()


def of_file(path):
    """(tree hash, linear SHA-256, size) of a file, in one pass and little memory."""
    zeros, zeros_digest = bytes(MIB), hashlib.sha256(bytes(MIB)).digest()
    linear, digests, size = hashlib.sha256(), [], 0
    with open(path, "rb") as file:
        while chunk := file.read(MIB):
            size += len(chunk)
            linear.update(chunk)
            digests.append(zeros_digest if chunk == zeros else hashlib.sha256(chunk).digest())
    return _root(digests or [hashlib.sha256(b"").digest()]).hex(), linear.hexdigest(), size
