"""Tallies: counts of answers by day and by hour, so that a dashboard never reads the taps.

Added to by `work.ingest` in the taps' own transaction; recounted and mended by `work.rebuild`.
May touch `tallies_day` and `tallies_hour`, what is noted of taps that were let go, and `rolled`.
"""

# ruff: noqa: S608 - every name that is put into a statement here is a constant of this file

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from headoffice.store import rolled
from headoffice.store.bulk import BIG, INT, SMALL, TEXT, Bulk
from headoffice.store.dialects import is_postgres
from headoffice.store.engine import Connection, driver
from headoffice.store.tables import SLOT_COLUMNS

COUNTS = ("n", "skipped", "sum", *SLOT_COLUMNS)


class DayKey(NamedTuple):
    """What a row of `tallies_day` counts, in the order of its key."""

    question: int
    day: str
    placement: int
    ledger: int
    language: str
    counted: int


class HourKey(NamedTuple):
    """What a row of `tallies_hour` counts, in the order of its key."""

    question: int
    day: str
    hour: int
    placement: int
    ledger: int
    counted: int


Key = tuple[int | str, ...]  # of a DayKey or an HourKey
KINDS: Mapping[str, type[DayKey] | type[HourKey]] = {"tallies_day": DayKey, "tallies_hour": HourKey}


def add_counts(connection: Connection, table: str, rows: Mapping[Key, list[int]]) -> None:
    """Add counts (in the order of COUNTS) to the rows of a table of tallies, in key order."""
    if table == "tallies_day":
        rolled.forget(connection, {str(key[DAY_AT]) for key in rows})
    ADD[table].put(connection, [(*key, *rows[key]) for key in sorted(rows)])


def open_recounts(connection: Connection) -> None:
    """Make empty tables `recount_day` and `recount_hour` beside the tallies, seen by this connection only."""
    bare = driver(connection)
    if is_postgres(connection):
        bare.execute("SET TRANSACTION READ WRITE")  # where it only reads: not even a table of its own else
    for table, recount in RECOUNTS.items():
        columns = ", ".join((*KINDS[table]._fields, *COUNTS))
        key = ", ".join(KINDS[table]._fields)
        shape = f"({columns}, PRIMARY KEY ({key})) WITHOUT ROWID"
        if is_postgres(connection):
            shape = f"(LIKE {table} INCLUDING INDEXES)"
        bare.execute(f"CREATE TEMP TABLE {recount} {shape}")


def begin_with_let_go(connection: Connection) -> None:
    """Let the recounts begin with what is noted of taps that are no longer held."""
    for table, recount in RECOUNTS.items():
        names = ", ".join((*KINDS[table]._fields, *COUNTS))
        driver(connection).execute(f"INSERT INTO {recount} ({names}) SELECT {names} FROM {LET_GO[table]}")


def close_recounts(connection: Connection) -> None:
    """Drop what `open_recounts` made."""
    for recount in RECOUNTS.values():
        driver(connection).execute(f"DROP TABLE {recount}")


def differences(connection: Connection) -> dict[str, int]:
    """Count, for each table of tallies, the rows that differ from the recount; zeros count nothing."""
    return {table: driver(connection).execute(DIFFERENCES[table]).fetchone()[0] for table in RECOUNTS}


def replace_by_recounts(connection: Connection) -> None:
    """Put the recounts in the tallies' place; what was rolled up of them counts no longer."""
    rolled.forget_all(connection)
    for table, recount in RECOUNTS.items():
        driver(connection).execute(f"DELETE FROM {table}")
        names = ", ".join((*KINDS[table]._fields, *COUNTS))
        driver(connection).execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {recount}")


def _add(table: str, key: Iterable[str]) -> Bulk:
    columns = {name: KEY_TYPES.get(name, INT) for name in key}
    return Bulk(table, columns | dict.fromkeys(COUNTS, INT) | {"sum": BIG}, key=tuple(key), added=COUNTS)


def _differences(table: str, recount: str) -> str:
    some = " OR ".join(f"{name} <> 0" for name in COUNTS)
    key = ", ".join(KINDS[table]._fields)
    names = f"{key}, {', '.join(COUNTS)}"
    kept = f"SELECT {names} FROM {table} WHERE {some}"
    told = f"SELECT {names} FROM {recount} WHERE {some}"
    return f"""
        SELECT count(*)
          FROM (SELECT {key} FROM ({kept} EXCEPT {told}) AS wrong
                UNION
                SELECT {key} FROM ({told} EXCEPT {kept}) AS missing) AS found
    """


KEY_TYPES = {"day": TEXT, "hour": SMALL, "language": TEXT, "counted": SMALL}
RECOUNTS = {"tallies_day": "recount_day", "tallies_hour": "recount_hour"}
DAY_AT = DayKey._fields.index("day")
LET_GO = {"tallies_day": "let_go_day", "tallies_hour": "let_go_hour"}
ADD = {
    table: _add(table, KINDS[kind]._fields)
    for kind in KINDS
    for table in (kind, RECOUNTS[kind], LET_GO[kind])
}
DIFFERENCES = {table: _differences(table, recount) for table, recount in RECOUNTS.items()}
