"""The columns of every table, and the check that each row carries against bit rot.

Called by everything in kiosk.store that writes, reads or salvages rows.
Touches only the connection it is given.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from types import MappingProxyType

from kiosk.store.problems import LedgerDamaged

CHECK_BYTES = 8  # against decay, not against forgery
_canonical = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":")
).encode  # made once: it reads every row

# Table → its columns without the last one, which is `check` everywhere. The primary key comes first, so that
# a row looks the same in the file (every table is WITHOUT ROWID) as it does here.
COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "taps": (
            *("ledger", "seq", "visit", "survey", "question", "answer", "language"),
            *("at", "uptime", "boot", "took", "synced_clock"),
        ),
        "ledgers": ("id", "opened", "closed", "last", "settled_through", "purged_through"),
        "rejected": ("ledger", "seq", "problem"),
        "withheld": ("ledger", "seq", "reason"),
        "programmes": ("number", "etag", "received", "documents"),
        "surveys": ("version", "document"),
        "settings": ("name", "value"),
        "incidents": ("id", "at", "kind", "folder", "saved", "lost"),
    }
)

Row = tuple[object, ...]


def check_of(table: str, values: Sequence[object]) -> str:
    """Give the check of a row: BLAKE2b over its values as canonical JSON, in the table's name."""
    return blake2b(_canonical(values).encode(), digest_size=CHECK_BYTES, person=table.encode()).hexdigest()


def is_whole(table: str, row: Row) -> bool:
    """Tell whether a row, its check last, is what was written."""
    return row[-1] == check_of(table, row[:-1])


def put_sql(table: str, verb: str = "INSERT") -> str:
    """Give the statement that writes a whole row; `verb` may be INSERT OR REPLACE or INSERT OR IGNORE."""
    columns = (*COLUMNS[table], '"check"')
    marks = ", ".join("?" * len(columns))
    return f"{verb} INTO {table} ({', '.join(columns)}) VALUES ({marks})"


def put(connection: sqlite3.Connection, table: str, values: Row, *, verb: str = "INSERT") -> None:
    """Write a row together with its check."""
    connection.execute(put_sql(table, verb), (*values, check_of(table, values)))


def rows(connection: sqlite3.Connection, table: str, rest: str = "", parameters: Row = ()) -> Iterator[Row]:
    """Read rows with their check, which holds; `rest` is what follows the table's name in the SELECT.

    Raises LedgerDamaged at the first row that is not what was written.
    """
    yield from _whole(table, _select(connection, table, rest, parameters))


def rows_at_once(connection: sqlite3.Connection, table: str, rest: str, parameters: Row) -> Iterator[Row]:
    """Read rows as `rows` does, where they are few enough to be held; a third faster.

    Between two rows SQLite lets go of the interpreter, and at once takes it again: a finger's thread, woken
    each time, comes too late each time.
    """
    return _whole(table, _select(connection, table, rest, parameters).fetchall())


def _select(connection: sqlite3.Connection, table: str, rest: str, parameters: Row) -> sqlite3.Cursor:
    columns = ", ".join(COLUMNS[table])
    return connection.execute(
        f'SELECT {columns}, "check" FROM {table} {rest}',  # noqa: S608 - names of our own tables
        parameters,
    )


def _whole(table: str, found: Iterable[Row]) -> Iterator[Row]:
    for row in found:
        if not is_whole(table, row):
            raise LedgerDamaged(f"table {table}: the row {row[0]!r}, {row[1]!r} is not what was written")
        yield row
