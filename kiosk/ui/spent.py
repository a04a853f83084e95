"""Gives back memory that only the start needed: the driver's compiler, and what the heap keeps for later.

Called by kiosk.bootstrap once taps can be stored. May touch this process's own mappings and heap.
Mesa's software driver compiles shaders with LLVM while pages are drawn for the first time, and hardly ever
again: 32 to 47 MB of its code stay mapped. They are not lost: the kernel keeps the file's pages as long as it
has room, and brings them back, 64 KB at a time, should something be compiled after all.
"""

import ctypes
import threading
from contextlib import suppress
from pathlib import Path

COMPILER = "libLLVM"
SETTLED_S = 3.0  # by then the first frames with all pages built are drawn
MAPS = Path("/proc/self/maps")
DONT_NEED = 4  # MADV_DONTNEED in sys/mman.h
CODE = "r-xp"  # never written to, so that nothing but the file's own bytes can be there


def give_back_soon() -> None:
    """Give it back in a few seconds, on a thread of its own: no finger waits for it."""
    timer = threading.Timer(SETTLED_S, give_back)
    timer.name, timer.daemon = "egao-spent", True
    timer.start()


def give_back() -> None:
    """Give it back now."""
    with suppress(OSError):  # a machine without /proc
        unmap_code(COMPILER)
    with suppress(AttributeError):  # another C library than glibc
        ctypes.CDLL(None).malloc_trim(0)


def unmap_code(library: str) -> None:
    """Take the code of a library out of this process's memory until it is called again."""
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    for line in MAPS.read_text("utf-8", "replace").splitlines():
        place, rights, *_, file = line.split(maxsplit=5)
        if rights == CODE and Path(file).name.startswith(library):
            begin, end = (int(number, 16) for number in place.split("-"))
            madvise(begin, end - begin, DONT_NEED)
