"""The shape of the ledger's file, version by version.

Called by kiosk.store.database when it opens the file, inside one transaction.
Touches only the database it is given.
"""

import sqlite3
from typing import TYPE_CHECKING, TypeAlias

from kiosk.store.problems import LedgerDamaged, LedgerTooNew
from kiosk.store.rows import COLUMNS, is_whole, put

if TYPE_CHECKING:  # readers ask for the version too, and do not wait for that import
    from collections.abc import Callable

    import sqlite_utils

Migration: TypeAlias = "Callable[[sqlite_utils.Database], None]"


def _first(db: "sqlite_utils.Database") -> None:
    """Create every table, WITHOUT ROWID: one page written for a tap, one place to salvage it from."""
    db.execute("""
        CREATE TABLE taps (
          ledger TEXT NOT NULL, seq INTEGER NOT NULL, visit TEXT NOT NULL, survey TEXT NOT NULL,
          question TEXT NOT NULL, answer TEXT NOT NULL, language TEXT NOT NULL,
          at INTEGER NOT NULL, uptime INTEGER NOT NULL, boot TEXT NOT NULL, took INTEGER NOT NULL,
          synced_clock INTEGER NOT NULL, "check" TEXT NOT NULL,
          PRIMARY KEY (ledger, seq)
        ) STRICT, WITHOUT ROWID
    """)
    # `last` of an open ledger is the newest number when the row was written.
    # Numbers up to `purged_through` were settled and deleted.
    db.execute("""
        CREATE TABLE ledgers (
          id TEXT NOT NULL PRIMARY KEY, opened INTEGER NOT NULL, closed INTEGER, last INTEGER NOT NULL,
          settled_through INTEGER NOT NULL, purged_through INTEGER NOT NULL, "check" TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
    """)
    for table, words in (("rejected", "problem"), ("withheld", "reason")):
        db.execute(f"""
            CREATE TABLE {table} (
              ledger TEXT NOT NULL, seq INTEGER NOT NULL, {words} TEXT NOT NULL, "check" TEXT NOT NULL,
              PRIMARY KEY (ledger, seq)
            ) STRICT, WITHOUT ROWID
        """)
    db.execute("""
        CREATE TABLE programmes (
          number INTEGER NOT NULL PRIMARY KEY, etag TEXT NOT NULL, received INTEGER NOT NULL,
          documents TEXT NOT NULL, "check" TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
    """)
    db.execute("""
        CREATE TABLE surveys (
          version TEXT NOT NULL PRIMARY KEY, document TEXT NOT NULL, "check" TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
    """)
    db.execute("""
        CREATE TABLE settings (
          name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL, "check" TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
    """)
    # What went wrong with the file itself: `lost` is NULL where nobody can tell.
    db.execute("""
        CREATE TABLE incidents (
          id TEXT NOT NULL PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, folder TEXT NOT NULL,
          saved INTEGER NOT NULL, lost INTEGER, "check" TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
    """)


MIGRATIONS: tuple[Migration, ...] = (_first,)


def migrate(db: "sqlite_utils.Database") -> None:
    """Bring the file to the version of this program, all in one transaction.

    Raises LedgerTooNew for the file of a newer program, LedgerDamaged for one that no program wrote.
    """
    found = version(db.conn)
    if found == len(MIGRATIONS):
        return
    with db.atomic():
        for migration in MIGRATIONS[found:]:
            migration(db)
        put(db.conn, "settings", ("schema", str(len(MIGRATIONS))), verb="INSERT OR REPLACE")
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def version(connection: sqlite3.Connection) -> int:
    """Read the file's version, and confirm it: a flipped bit in it must not look like a newer program.

    Raises LedgerTooNew and LedgerDamaged as `migrate` does.
    """
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    sealed = _sealed_version(connection)
    if sealed is not None and sealed != found:
        raise LedgerDamaged(f"the ledger's version reads {found}, but it was written as {sealed}")
    if found > len(MIGRATIONS):
        raise LedgerTooNew(found=found, known=len(MIGRATIONS))
    if found == len(MIGRATIONS):
        _confirm_tables(connection)
    return int(found)


def _sealed_version(connection: sqlite3.Connection) -> int | None:
    try:
        row = connection.execute(
            "SELECT name, value, \"check\" FROM settings WHERE name = 'schema'"
        ).fetchone()
    except sqlite3.OperationalError:  # no such table: a new file, or one that a newer program shaped
        return None
    except UnicodeDecodeError as error:  # SQLite's own words quote what it stumbled over
        raise LedgerDamaged("the ledger's schema is not what was written") from error
    return int(row[1]) if row and is_whole("settings", row) else None


def _confirm_tables(connection: sqlite3.Connection) -> None:
    for table, columns in COLUMNS.items():
        try:
            connection.execute(f'SELECT {", ".join(columns)}, "check" FROM {table} LIMIT 0')  # noqa: S608 - our own
        except sqlite3.OperationalError as error:
            raise LedgerDamaged(f"the ledger's table {table} is not what was written: {error}") from error
