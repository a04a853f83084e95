"""Room on the disk that is kept for the moment when there is none.

Called by kiosk.store.ledger when a tap meets a full disk, and by kiosk.store.upkeep, which lays it out again.
Touches one file in the data directory.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path

BALLAST_BYTES = 8 << 20  # some 30,000 taps
WANTED_FREE_BYTES = 3 * BALLAST_BYTES  # laid out again only when that much is free


class Ballast:
    """A file of real blocks beside the ledger."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "ballast"

    @property
    def is_in_use(self) -> bool:
        """Whether the reserve was given to a disk that is full."""
        return not self._file.exists() and shutil.disk_usage(self._file.parent).free < WANTED_FREE_BYTES

    def release(self) -> bool:
        """Give the room back to the disk; False if that was done before."""
        try:
            self._file.unlink()
        except OSError:
            return False
        return True

    def lay_out(self) -> None:
        """Reserve the room, if it is not reserved and the disk has plenty; what fails now is tried later."""
        if self._file.exists() or self.is_in_use:
            return
        descriptor = os.open(self._file, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, BALLAST_BYTES)
        except OSError:
            with suppress(OSError):
                self._file.unlink()
        finally:
            os.close(descriptor)
