"""How much of the device the firmware takes, read from the ELF file."""

import re

from elf import Elf

# Symbols of allocators, defined or called.
HEAP = re.compile(r"__rust_|__rustc.*alloc|__rdl_|__rg_|5alloc5alloc|^(malloc|calloc|realloc|free|aligned_alloc|posix_memalign)$")
# The crate that a function belongs to is the first that its mangled name tells: that of the type, or of the trait's
# implementation. Both of Rust's manglings write names with their lengths before them.
CORE = "12glacier_core"


def of_core(name):
    """Whether a mangled name is that of one of glacier-core's functions."""
    if name.startswith("_R"):  # v0: the crate of the path comes first, those of generic arguments behind it
        crates = re.findall(r"C(?:s[0-9A-Za-z]*_)?(\d+[A-Za-z_]\w*)", name)
        return bool(crates) and crates[0].startswith(CORE)
    if name.startswith("_ZN"):
        first = re.match(r"_ZN(\d+)", name)
        path = name[first.end() :][: int(first[1])]
        return path == CORE[2:] or re.match(r"_?\$LT\$(?:impl\$u20\$)?(?:\$RF\$)?(?:mut\$u20\$)?glacier_core\.\.", path) is not None
    return False


class Figures:
    def __init__(self, path):
        elf = Elf(path)
        self.flash, self.static_ram = elf.flash(), elf.static_ram()
        self.heap = sorted(symbol.name for symbol in elf.symbols() if HEAP.search(symbol.name))
        functions = elf.functions()
        self.core = sum(size for size, names in functions.values() if any(map(of_core, names)))
        self.largest = sorted(((size, sorted(names)[0]) for size, names in functions.values()), reverse=True)

    def __str__(self):
        return f"flash {self.flash} B, static RAM {self.static_ram} B, of glacier-core {self.core} B of text"
