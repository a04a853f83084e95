"""The data directory: made for this user alone, and its entries brought to the disk.

Called by kiosk.store.database, kiosk.bootstrap and kiosk.cli.
Touches that directory.
"""

import os
from pathlib import Path

from kiosk.store.problems import DataUnusable

LEDGER_FILE = "ledger.sqlite3"
IN_USE_FILE = "in-use"  # there while the ledger is open; names the last number now and then
SET_ASIDE = "set-aside"  # damaged ledgers, each in a folder of its own
_OURS = 0o700
_OTHERS = 0o077


def make_private(folder: Path) -> None:
    """Make the data directory if it is missing, and close it to others unless it holds strangers' files too.

    Raises DataUnusable when it cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=_OURS)
        _sync_names(folder)
        if folder.stat().st_mode & _OTHERS and _is_ours(folder):
            folder.chmod(_OURS)
    except OSError as error:
        raise DataUnusable(f"{folder} cannot be the data directory: {error.strerror}") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise DataUnusable(f"{folder} cannot be the data directory: it is not writable")


def _sync_names(folder: Path) -> None:
    """Bring the names on the way to a folder to the disk, made now or when an earlier start failed."""
    for above in folder.absolute().parents:
        if os.access(above, os.R_OK | os.W_OK):  # what cannot be written got no name from here
            sync_folder(above)


def sync_folder(folder: Path) -> None:
    """Bring the names in a directory to the disk, as fsync does for what is in a file."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def mark_in_use(folder: Path, ledger: str, last: int) -> None:
    """Leave word that the ledger is open, and how far it has come; not brought to the disk each time."""
    descriptor = os.open(folder / IN_USE_FILE, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        os.pwrite(descriptor, f"{ledger} {last}\n".encode(), 0)  # it only ever grows longer
    finally:
        os.close(descriptor)


def last_mark(folder: Path) -> dict[str, int]:
    """Read the word that was left: a ledger and its last number then; empty if there is none."""
    try:
        ledger, last = (folder / IN_USE_FILE).read_text().split()
        return {ledger: int(last)}
    except (OSError, ValueError):
        return {}


def _is_ours(folder: Path) -> bool:
    names = {entry.name for entry in folder.iterdir()}
    return folder.stat().st_uid == os.geteuid() and (not names or LEDGER_FILE in names)
