"""Copies of the whole database file: backups, and how one takes the database's place.

Called by `work.backup`.
May touch the file a backup is written to, and at a restore the database's own files.
"""

import os
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

from headoffice.problems import DataUnusable
from headoffice.store.sqlite import APPLICATION_ID, SqliteDatabase, claim


def write_copy(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment into a new file, while it may go on being written."""
    target.touch(mode=0o600, exist_ok=False)
    with closing(_open(source)) as reading, closing(sqlite3.connect(target)) as writing:
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode = DELETE")  # a copy is one file, with nothing beside it
    _to_disk(target)


def check_copy(copy: Path) -> None:
    """Raise DataUnusable unless a file is a whole database of head office."""
    try:
        with closing(_open(copy)) as reading:
            application = reading.execute("PRAGMA application_id").fetchone()[0]
            found = reading.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        raise DataUnusable(f"{copy}: is no backup of head office: {error}") from error
    if application != APPLICATION_ID:
        raise DataUnusable(f"{copy}: is no backup of head office, but a database of another program")
    if found != "ok":
        raise DataUnusable(f"{copy}: is damaged ({found}); take another backup")


def begin_epoch(copy: Path) -> None:
    """Let a database live a new life: readers of the feed notice that their cursors are of another."""
    with closing(sqlite3.connect(copy)) as writing, writing:
        writing.execute("UPDATE settings SET value = ? WHERE name = 'epoch'", (secrets.token_hex(8),))
    _to_disk(copy)


def put_in_place(copy: Path, path: Path, *, aside: Path) -> None:
    """Let a copy take the place of the database, which is set aside. Raises InUse while it is served."""
    with closing(claim(path)), closing(SqliteDatabase(path)) as database, database.alone():
        for beside in ("", "-wal", "-shm"):  # what was committed last may still be in the log
            old = path.with_name(path.name + beside)
            if old.exists():
                old.rename(aside.with_name(aside.name + beside))
        copy.rename(path)
        _to_disk(path.parent)


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
