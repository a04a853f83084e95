"""One writing process for a data directory.

Called by kiosk.bootstrap and kiosk.cli before anything is written.
Touches the lock file in the data directory.
"""

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from kiosk.store.problems import DataBusy

TRIES = 5  # `holder` takes the lock for an instant: that must not look like an owner
PAUSE_S = 0.02


class DataLock:
    """Held from construction to `release`; the kernel lets go of it when the process dies.

    Raises DataBusy, naming the pid, when another process holds it.
    """

    def __init__(self, folder: Path) -> None:
        self._descriptor = os.open(_file(folder), os.O_CREAT | os.O_RDWR, 0o600)
        if not _taken(self._descriptor):
            os.close(self._descriptor)
            raise DataBusy(folder, _pid(folder))
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Let the next process in."""
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def holder(folder: Path) -> int | None:
    """Name the process that writes in this data directory now, without disturbing it; else None."""
    try:
        descriptor = os.open(_file(folder), os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return _pid(folder)
    else:
        return None
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    for _ in range(TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(PAUSE_S)
        else:
            return True
    return False


def _file(folder: Path) -> Path:
    return folder / "lock"


def _pid(folder: Path) -> int | None:
    try:
        return int(_file(folder).read_text())
    except (OSError, ValueError):
        return None
