"""Every row of one database into another, in one transaction, and whether both then hold the same.

Called by `work.move`.
May read the whole source, and fill the target, which has to be empty.
"""

# ruff: noqa: S608 - every name that is put into a statement here is one of `tables`

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Integer, LargeBinary, SmallInteger, Table, func, select, text

from headoffice.problems import DataUnusable
from headoffice.store import partitions
from headoffice.store.bulk import BIG, BYTES, INT, SMALL, TEXT, Bulk
from headoffice.store.dialects import is_postgres
from headoffice.store.engine import Connection, driver
from headoffice.store.tables import feed_lanes, metadata, misuse_filters, settings, taps

AT_ONCE = 10_000
PRIME = 1_000_003  # numbers are summed by their rest, so that no sum grows beyond what SQLite can hold
FILLED = (settings, misuse_filters, feed_lanes)  # what the migrations put rows into

Say = Callable[[str], None]


@dataclass(frozen=True)
class Held:
    """What a table holds: how many rows, and of each column the sum of its numbers or of its lengths."""

    rows: int
    sums: tuple[int, ...]


def check_empty(connection: Connection) -> None:
    """Raise DataUnusable unless a database has the tables and nothing in them."""
    for table in metadata.sorted_tables:
        if table not in FILLED and connection.execute(select(1).select_from(table).limit(1)).first():
            raise DataUnusable(
                f"the database to copy to holds data already (table {table.name}): name an empty one"
            )


def fill(source: Connection, target: Connection, *, say: Say) -> None:
    """Copy every row; `say` is told how far it is."""
    for table in (settings, misuse_filters):
        target.execute(table.delete())
    for table in metadata.sorted_tables:
        whole = source.execute(select(func.count()).select_from(table)).scalar_one()
        done = 0
        for rows in _rows(source, table):
            if table is taps:
                place = table.columns.keys().index("received_at")
                partitions.make_for(target, {row[place] for row in rows})
            _bulk(table).put(target, rows)
            done += len(rows)
            say(f"{table.name}: {done:,} of {whole:,}")
    if is_postgres(target):
        go_on(target)


def go_on(target: Connection) -> None:
    """Let PostgreSQL number new rows after those that were copied with their numbers."""
    for table in metadata.sorted_tables:
        _go_on(target, table)


def held(connection: Connection) -> dict[str, Held]:
    """Count and sum every table."""
    found = {}
    for table in metadata.sorted_tables:
        sums = ", ".join(f"COALESCE(SUM({_worth(column)}), 0)" for column in table.columns)
        rest = "" if table is not feed_lanes else "WHERE n > 0"  # a lane that was never used is as none
        rows, *worth = (
            driver(connection).execute(f"SELECT count(*), {sums} FROM {table.name} {rest}").fetchone()
        )
        found[table.name] = Held(rows, tuple(int(each) for each in worth))
    return found


def _rows(source: Connection, table: Table) -> Iterator[Sequence[Sequence[Any]]]:
    asked = select(table).order_by(*table.primary_key.columns)
    with source.execute(asked, execution_options={"stream_results": True, "yield_per": AT_ONCE}) as found:
        for rows in found.partitions(AT_ONCE):
            yield [tuple(row) for row in rows]


def _bulk(table: Table) -> Bulk:
    columns = {_quoted(column.name): _kind(column.type) for column in table.columns}
    if table is feed_lanes:  # every lane of PostgreSQL is there from the beginning, at 0
        return Bulk(table.name, columns, key=("ledger", "lane"), added=("n", "gone"))
    return Bulk(table.name, columns)


def _kind(kind: object) -> str:
    for known, name in ((SmallInteger, SMALL), (BigInteger, BIG), (Integer, INT), (LargeBinary, BYTES)):
        if isinstance(kind, known):
            return name
    return TEXT


def _worth(column: object) -> str:
    name, kind = _quoted(column.name), _kind(column.type)  # type: ignore[attr-defined]
    return f"length({name})" if kind in {TEXT, BYTES} else f"{name} % {PRIME}"


def _quoted(name: str) -> str:
    return f'"{name}"'


def _go_on(target: Connection, table: Table) -> None:
    column = table.autoincrement_column
    if column is None:
        return
    target.execute(
        text(
            f"""
            SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'),
                          (SELECT max("{column.name}") FROM {table.name}))
             WHERE EXISTS (SELECT 1 FROM {table.name})
            """
        )
    )
