"""SD cards as image files, written, read and checked with dosfstools and mtools, which share no code with the firmware."""

import os
import struct
import subprocess
import tempfile
from pathlib import Path

SECTOR = 512
START = 2048  # the partition's first sector
SIZE = 64 << 20  # QEMU requires a power of two, FAT32 about 33 MiB


def tool(*line):
    """Runs a tool, which must succeed; returns its output."""
    env = os.environ | {"MTOOLSRC": "/dev/null", "MTOOLS_SKIP_CHECK": "1", "LC_ALL": "C"}
    done = subprocess.run([*map(str, line)], env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{' '.join(map(str, line))}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


class Card:
    """A card with one FAT32 partition."""

    def __init__(self, path):
        self.path = Path(path)
        self.drive = f"{self.path}@@{START * SECTOR}"

    @classmethod
    def make(cls, path, files):
        """A card at `path` with these files: {name or FOLDER/name: content}."""
        card = cls(path)
        with card.path.open("wb") as image:
            image.truncate(SIZE)
            entry = struct.pack("<B3sB3sII", 0, b"\xfe\xff\xff", 0x0C, b"\xfe\xff\xff", START, SIZE // SECTOR - START)
            image.seek(446)
            image.write(entry)
            image.seek(510)
            image.write(b"\x55\xaa")
        tool("mkfs.vfat", "-F", "32", "-s", "1", "--offset", START, card.path, (SIZE - START * SECTOR) // 1024)
        with tempfile.TemporaryDirectory(dir=card.path.parent) as name:
            for file, content in files.items():
                target = Path(name) / file
                target.parent.mkdir(exist_ok=True)
                target.write_bytes(content)
            if files:
                tool("mcopy", "-s", "-i", card.drive, *sorted(Path(name).iterdir()), "::/")
        return card

    def files(self):
        """{name or FOLDER/name: content} of all files on the card."""
        with tempfile.TemporaryDirectory(dir=self.path.parent) as name:
            if tool("mdir", "-b", "-i", self.drive, "::/").strip():
                tool("mcopy", "-s", "-n", "-i", self.drive, "::/*", name)
            found = (path for path in Path(name).rglob("*") if path.is_file())
            return {str(path.relative_to(name)): path.read_bytes() for path in found}

    def check(self):
        """`fsck.vfat -n` finds no error in the file system."""
        with tempfile.NamedTemporaryFile(dir=self.path.parent) as partition, self.path.open("rb") as image:
            image.seek(START * SECTOR)
            at = 0
            while block := image.read(1 << 20):
                if block.count(0) != len(block):  # keep the file sparse
                    partition.seek(at)
                    partition.write(block)
                at += len(block)
            partition.truncate(at)
            partition.flush()
            tool("fsck.vfat", "-n", partition.name)
