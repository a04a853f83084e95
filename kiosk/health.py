"""How this machine is: its clocks, its disk, the program's version.

Called by kiosk.bootstrap, kiosk.cli and the screens.
Asks the operating system, and changes nothing.
"""

import ctypes
import os
import time
from pathlib import Path

from kiosk.store.tap import Moment

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_TIMEX_BYTES = 256  # struct timex is 208 bytes on 64-bit machines, 128 on 32-bit ones
_UNSYNCHRONISED = 5  # TIME_ERROR, what adjtimex returns then


class Clocks:
    """Every clock a tap is stamped with."""

    def __init__(self) -> None:
        self._boot = boot_id()
        self._adjtimex = getattr(ctypes.PyDLL(None), "adjtimex", None)  # a PyDLL: one call at a time
        self._timex = ctypes.create_string_buffer(_TIMEX_BYTES)  # its modes stay zero: only asks

    def now(self) -> Moment:
        """Read all of them at once."""
        at, uptime = time.time_ns() // 1_000_000, uptime_ms()
        return Moment(at=at, uptime=uptime, boot=self._boot, synced_clock=self.is_synced())

    def is_synced(self) -> bool:
        """Whether the kernel says that the wall clock follows a time source; False when nobody can tell."""
        if self._adjtimex is None:
            return False
        state: int = self._adjtimex(self._timex)
        return 0 <= state < _UNSYNCHRONISED


def uptime_ms() -> int:
    """Milliseconds since boot, suspended time included, whatever is done to the wall clock."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


def monotonic_ms() -> int:
    """Milliseconds on a clock that only goes forward."""
    return time.monotonic_ns() // 1_000_000


def boot_id() -> str:
    """Name this run of the machine; where the kernel does not, this run of the program."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return f"process-{os.getpid()}"


def free_bytes(folder: Path) -> int:
    """Room on the disk that holds a folder; 0 when nobody can tell."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return 0
    return disk.f_bavail * disk.f_frsize
