"""Sections and symbols of an ELF file (32 bits, little-endian), and the memory they take."""

import struct
from typing import NamedTuple

ALLOC, NOBITS, SYMTAB, FUNC = 2, 8, 2, 2


class Section(NamedTuple):
    name: str
    kind: int
    flags: int
    address: int
    offset: int
    size: int
    link: int


class Symbol(NamedTuple):
    name: str
    kind: int
    address: int
    size: int


class Elf:
    def __init__(self, path):
        self.data = path.read_bytes()
        assert self.data[:6] == b"\x7fELF\x01\x01", f"{path} is not a little-endian 32-bit ELF file"
        offset, size, count, names = struct.unpack_from("<I10xHHH", self.data, 32)
        raw = [struct.unpack_from("<10I", self.data, offset + n * size) for n in range(count)]
        self.sections = [Section(self._text(raw[names][4], row[0]), row[1], row[2], *row[3:7]) for row in raw]

    def _text(self, table, at):
        start = table + at
        return self.data[start : self.data.index(b"\0", start)].decode()

    def symbols(self):
        for table in (section for section in self.sections if section.kind == SYMTAB):
            texts = self.sections[table.link].offset
            for at in range(table.offset, table.offset + table.size, 16):
                name, value, size, info, _, _ = struct.unpack_from("<IIIBBH", self.data, at)
                yield Symbol(self._text(texts, name), info & 15, value, size)

    def flash(self):
        """Bytes in flash: code, constants, vectors, and initial values of variables."""
        return sum(section.size for section in self.sections if section.flags & ALLOC and section.kind != NOBITS)

    def static_ram(self):
        """Bytes of RAM taken by static variables, including those initialized to zero."""
        writable = ALLOC | 1
        return sum(section.size for section in self.sections if section.flags & writable == writable)

    def functions(self):
        """{address: (size, names)}: functions that the linker merged have several names."""
        found = {}
        for symbol in self.symbols():
            if symbol.kind == FUNC and symbol.size:
                size, names = found.get(symbol.address, (0, set()))
                found[symbol.address] = (max(size, symbol.size), names | {symbol.name})
        return found
