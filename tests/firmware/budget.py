"""How much flash and RAM the firmware takes, read from its ELF file."""

import re
from collections import Counter

from elf import Elf

# Symbols of allocators, defined or called.
HEAP = re.compile(r"__rust_|__rustc.*alloc|__rdl_|__rg_|5alloc5alloc|^(malloc|calloc|realloc|free|aligned_alloc|posix_memalign)$")
# A crate's name, after its length, in Rust's two manglings: in "v0" after the disambiguator, in "legacy" at the front.
V0 = re.compile(r"C(?:s[0-9A-Za-z]*_)?(\d+)_?([A-Za-z]\w*)")
LEGACY = re.compile(r"_ZN\d+_?(?:\$LT\$(?:impl\$u20\$)?(?:\$RF\$)?(?:mut\$u20\$)?)?([a-z]\w*?)(?=\d|\.\.)")


def of_crate(name):
    """The crate of a function, from its mangled name: the first crate in it, as later ones are generic arguments.

    An inlined function counts for its caller. A name that is not mangled is returned as it is.
    """
    if name.startswith("_R") and (found := V0.search(name)):
        return found[2][: int(found[1])]
    if found := LEGACY.match(name):
        return found[1]
    return name


class Figures:
    def __init__(self, path):
        elf = Elf(path)
        self.flash, self.static_ram = elf.flash(), elf.static_ram()
        self.heap = sorted(symbol.name for symbol in elf.symbols() if HEAP.search(symbol.name))
        self.text = Counter()
        for size, names in elf.functions().values():
            self.text[of_crate(min(names))] += size
        self.core = self.text["glacier_core"]

    def profile(self):
        """What takes the flash: bytes of text per crate."""
        return ", ".join(f"{crate} {size}" for crate, size in self.text.most_common(12))

    def __str__(self):
        return f"flash {self.flash} B, static RAM {self.static_ram} B, text of glacier-core {self.core} B"
