"""Tree hashes and ranges against the published vectors of tests/vectors."""

import hashlib
import json
import unittest
from pathlib import Path

from harness import data

VECTORS = Path(__file__).resolve().parents[2] / "vectors"


def generated(value):
    """The bytes of a value of tests/vectors, as its README defines them."""
    if "$text" in value:
        return value["$text"].encode()
    if "$hex" in value:
        return bytes.fromhex(value["$hex"])
    made = value["$gen"]
    size = made["len"]
    if made["kind"] == "repeat":
        return bytes([made["byte"]]) * size
    if made["kind"] == "mod251":
        return (bytes(range(251)) * (size // 251 + 1))[:size]
    blocks = (hashlib.sha256(f"{made['seed']}:{k}".encode()).digest() for k in range(-(-size // 32)))
    return b"".join(blocks)[:size]


class TreeHash(unittest.TestCase):
    vectors = json.loads((VECTORS / "treehash.json").read_text())

    def test_whole(self):
        for case in self.vectors["whole"]:
            with self.subTest(case["id"]):
                body = generated(case["data"])
                self.assertEqual(data.tree_hash(body), case["tree_hash"])
                self.assertEqual(data.chunks(len(body)), case["chunks"])

    def test_data_is_the_same_for_a_seed_and_differs_by_seed(self):
        self.assertEqual(len(data.sample(1000)), 1000)
        self.assertEqual(data.sample(1000, 3), data.sample(1000, 3))
        self.assertNotEqual(data.sample(1000, 3), data.sample(1000, 4))


class Alignment(unittest.TestCase):
    def test_every_vector(self):
        cases = json.loads((VECTORS / "align.json").read_text())
        self.assertGreater(len(cases), 20)
        for case in cases:
            with self.subTest(case["id"]):
                span = (case["archive_size"], case["start"], case["end"])
                self.assertEqual(data.mib_aligned(*span), case["mib_aligned"])
                self.assertEqual(data.aligned(*span), case["tree_hash_aligned"])

    def test_an_aligned_range_is_a_node_of_the_tree_and_no_other_is(self):
        for size in (1, data.MIB, 5 * data.MIB + 7):
            nodes = set(spans(size))
            for first in range(0, size, data.MIB):
                for last in [*range(first + data.MIB - 1, size, data.MIB), size - 1]:
                    self.assertEqual(data.aligned(size, first, last), (first, last) in nodes, (size, first, last))


def spans(size):
    """Every node of the tree, by pairing neighbours as the definition says."""
    level = [(at, min(at + data.MIB, size) - 1) for at in range(0, size, data.MIB)]
    while level:
        yield from level
        if len(level) == 1:
            return
        pairs = [level[i : i + 2] for i in range(0, len(level), 2)]
        level = [(pair[0][0], pair[-1][1]) for pair in pairs]


if __name__ == "__main__":
    unittest.main()
