"""Many rows in one statement: `executemany` for SQLite, arrays by `unnest` for PostgreSQL.

Used by `taps`, `tallies` and `feed`, and by `transfer`.
May touch the table that a `Bulk` names.
"""

# ruff: noqa: S608 - every name that is put into a statement here is a constant of this folder

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from headoffice.store.dialects import DRIVER, is_postgres

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection

INT, BIG, SMALL, TEXT, BYTES = "integer", "bigint", "smallint", "text", "bytea"


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
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@dataclass(frozen=True)
class Bulk:
    """Rows of a table: its columns with their types in PostgreSQL, in the rows' order.

    With `key`, a row that is there already gets the columns of `added` added to its own.
    """

    table: str
    columns: Mapping[str, str]
    key: Sequence[str] = ()
    added: Collection[str] = ()

    def put(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Write rows; without a key every one must be new."""
        if not rows:
            return
        driver = connection.info[DRIVER]
        if is_postgres(connection):
            columns = zip(self.columns.values(), zip(*rows, strict=True), strict=True)
            driver.execute(self.postgres, [array(kind, column) for kind, column in columns])
        else:
            driver.executemany(self.sqlite, rows)

    @cached_property
    def sqlite(self) -> str:
        """The statement for `executemany`."""
        return f"{self._into} VALUES ({', '.join('?' for _ in self.columns)}) {self._conflict}"

    @cached_property
    def postgres(self) -> str:
        """The statement that takes an array for each column."""
        arrays = ", ".join(f"?::{kind}[]" for kind in self.columns.values())
        return f"{self._into} SELECT * FROM unnest({arrays}) {self._conflict}"

    @property
    def _into(self) -> str:
        return f"INSERT INTO {self.table} ({', '.join(self.columns)})"

    @property
    def _conflict(self) -> str:
        if not self.key:
            return ""
        added = ", ".join(f"{name} = {self.table}.{name} + excluded.{name}" for name in self.added)
        return f"ON CONFLICT ({', '.join(self.key)}) DO UPDATE SET {added}"
