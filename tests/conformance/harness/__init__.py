"""What a case needs: `case` to declare it, the data and ranges it works with."""

from harness.data import MIB, aligned, chunks, sample, tree_hash
from harness.registry import case

__all__ = ["MIB", "aligned", "case", "chunks", "sample", "tree_hash"]
