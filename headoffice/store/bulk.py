"""Many rows in one statement: many VALUES for SQLite; arrays by `unnest`, or COPY, for PostgreSQL.

Used by `taps`, `tallies`, `ledgers` and `feed`, and by `transfer`.
May touch the table that a `Bulk` names.
"""

# ruff: noqa: S608 - every name that is put into a statement here is a constant of this folder

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

from headoffice.store.dialects import DRIVER, is_postgres

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection

INT, BIG, SMALL, TEXT, BYTES = "integer", "bigint", "smallint", "text", "bytea"
AT_ONCE = (
    32  # rows of one INSERT on SQLite: a statement's call then costs a tap little, and no other thread waits
)


def array(kind: str, values: Sequence[Any]) -> str:
    """Write an array as PostgreSQL reads it; psycopg's own way searches each value by regular expressions."""
    if kind == BYTES:
        written = ["NULL" if value is None else f'"\\\\x{value.hex()}"' for value in values]
    elif kind == TEXT:
        written = ["NULL" if value is None else _text(value) for value in values]
    else:
        written = ["NULL" if value is None else str(value) for value in values]
    return f"{{{','.join(written)}}}"


def _text(value: str) -> str:
    if "\\" in value:
        value = value.replace("\\", "\\\\")
    return f'"{value.replace(QUOTE, ESCAPED)}"' if QUOTE in value else f'"{value}"'


def _column(kind: str, values: Sequence[Any]) -> list[str]:
    """Write a column as COPY reads it."""
    if kind == BYTES:
        return ["\\N" if value is None else f"\\\\x{value.hex()}" for value in values]
    if kind == TEXT:
        return ["\\N" if value is None else _line(value) for value in values]
    return ["\\N" if value is None else str(value) for value in values]


def _line(value: str) -> str:
    return value if value.isprintable() and "\\" not in value else value.translate(COPIED)


@dataclass(frozen=True)
class Bulk:
    """Rows of a table: its columns with their types in PostgreSQL, in the rows' order.

    With `key`, a row that is there already gets the columns of `added` added to its own, and those of
    `replaced` in the place of its own, where `where` holds. `copied` rows go to PostgreSQL by COPY.
    """

    table: str
    columns: Mapping[str, str]
    key: Sequence[str] = ()
    added: Collection[str] = ()
    replaced: Collection[str] = ()
    where: str = ""
    copied: bool = False

    def put(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> int:
        """Write rows; without a key every one must be new. Returns how many were written."""
        if not rows:
            return 0
        if not is_postgres(connection):
            return self._put_here(connection.info[DRIVER], rows)
        if self.copied:
            connection.info[DRIVER].copy(self.copy, self.lines(rows))
            return len(rows)
        return int(connection.info[DRIVER].execute(self.postgres, self.arrays(rows)).rowcount)

    def arrays(self, rows: Sequence[Sequence[Any]]) -> list[str]:
        """Write rows as the arrays that `postgres` takes."""
        columns = zip(self.columns.values(), zip(*rows, strict=True), strict=True)
        return [array(kind, column) for kind, column in columns]

    def lines(self, rows: Sequence[Sequence[Any]]) -> str:
        """Write rows as the lines that `copy` takes."""
        columns = zip(self.columns.values(), zip(*rows, strict=True), strict=True)
        written = [_column(kind, column) for kind, column in columns]
        return "\n".join(map("\t".join, zip(*written, strict=True))) + "\n"

    def _put_here(self, bare: Any, rows: Sequence[Sequence[Any]]) -> int:
        written = at = 0
        while at < len(rows):
            # The largest power of two that is left: few statements to keep, few calls for any number of rows.
            size = min(AT_ONCE, 1 << (len(rows) - at).bit_length() - 1)
            values = tuple(chain.from_iterable(rows[at : at + size]))
            written += bare.execute(self.sqlite_many[size], values).rowcount
            at += size
        return written

    @cached_property
    def sqlite(self) -> str:
        """The statement for `executemany`."""
        return f"{self._into} VALUES {self._row} {self._conflict}"

    @cached_property
    def sqlite_many(self) -> Mapping[int, str]:
        """The statements for so many rows, by the powers of two up to AT_ONCE."""
        sizes = [1 << power for power in range(AT_ONCE.bit_length())]
        return {
            size: f"{self._into} VALUES {', '.join([self._row] * size)} {self._conflict}" for size in sizes
        }

    @cached_property
    def postgres(self) -> str:
        """The statement that takes an array for each column."""
        arrays = ", ".join(f"?::{kind}[]" for kind in self.columns.values())
        return f"{self._into} SELECT * FROM unnest({arrays}) {self._conflict}"

    @cached_property
    def copy(self) -> str:
        """The statement that takes a line for each row."""
        return f"COPY {self.table} ({', '.join(self.columns)}) FROM STDIN"

    @property
    def _into(self) -> str:
        return f"INSERT INTO {self.table} ({', '.join(self.columns)})"

    @property
    def _row(self) -> str:
        return f"({', '.join('?' for _ in self.columns)})"

    @property
    def _conflict(self) -> str:
        if not self.key:
            return ""
        changes = [f"{name} = {self.table}.{name} + excluded.{name}" for name in self.added]
        changes += [f"{name} = excluded.{name}" for name in self.replaced]
        where = f"WHERE {self.where}" if self.where else ""
        return f"ON CONFLICT ({', '.join(self.key)}) DO UPDATE SET {', '.join(changes)} {where}"


QUOTE, ESCAPED = '"', '\\"'
COPIED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
