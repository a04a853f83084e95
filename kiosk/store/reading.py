"""The way in for those who only read, beside a running kiosk or without one.

Called by kiosk.store.database for the agent's peeks, by kiosk.bootstrap before the first frame, by status and
export. Touches nothing; imports no sqlite_utils, because the first frame does not wait for it.
"""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from kiosk.store.migrations import version
from kiosk.store.problems import LedgerDamaged
from kiosk.store.wal import log_of

BUSY_TIMEOUT_MS = 5_000


def decoded(text: bytes) -> str:
    """Give a column's text, decayed bytes replaced: the row's check then tells, not a failing decoder."""
    return text.decode(errors="replace")


def open_reader(file: Path) -> sqlite3.Connection:
    """Open a ledger so that nothing can be written through this connection; any thread may use it.

    Raises LedgerTooNew for a newer program's ledger that lies closed.
    """
    _refuse_newer(file)
    reader = _connected(file, as_it_lies=_is_sealed(file))
    reader.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    return reader


def _connected(file: Path, *, as_it_lies: bool) -> sqlite3.Connection:
    address = f"{file.absolute().as_uri()}?mode=ro{'&immutable=1' if as_it_lies else ''}"
    reader = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
    reader.text_factory = decoded
    reader.execute("PRAGMA query_only = ON")
    return reader


def _refuse_newer(file: Path) -> None:
    """Look at the version alone, without the log that SQLite lays out beside a file for other readers."""
    if not _is_closed(file):
        return
    with suppress(sqlite3.Error, LedgerDamaged), closing(_connected(file, as_it_lies=True)) as reader:
        version(reader)


def _is_sealed(file: Path) -> bool:
    """Whether a ledger closed in order lies on a card that is write-protected: SQLite would want its log."""
    return _is_closed(file) and not os.access(file.parent, os.W_OK)


def _is_closed(file: Path) -> bool:
    return file.exists() and not log_of(file).exists()
