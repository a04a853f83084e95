"""A year that is filled once and kept in a folder: whole and with a tenth of its taps, on both databases.

Called by `bench.dashboard`. I write the folder that I am given, and run a PostgreSQL of my own in it.
"""

# ruff: noqa: S608 - every name that is put into a statement here is one of `tables`

import signal
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
from sqlalchemy import Table

from bench.year.__main__ import Wanted, fill
from headoffice.store import engine, schema, transfer
from headoffice.store.engine import open_database, place_of
from headoffice.store.rolled import KEYS
from headoffice.store.sqlite import FILE_NAME
from headoffice.store.tables import feed_lanes, metadata
from headoffice.store.tallies import KINDS
from headoffice.work import roll
from tests.headoffice import postgres

PARTS: Mapping[str, float] = {"whole": 1.0, "tenth": 0.1}
MANY = frozenset({*KINDS, *KEYS})  # tables of millions of rows, of numbers and plain words only
AT_ONCE = 20_000
MADE = "filled"  # a file that says so
# As deploy/postgresql/egao.conf has it, for a machine with less memory.
SETTINGS = (
    *("shared_buffers=1GB", "work_mem=32MB", "random_page_cost=1.1", "jit=off"),
    *("max_wal_size=8GB", "wal_level=minimal", "max_wal_senders=0"),  # what is filled anew needs no log
)
PATIENCE_S = 120.0

Told = Callable[[str], None]
Place = Path | str


@contextmanager
def year(folder: Path, wanted: Wanted, *, told: Told) -> Iterator[Mapping[tuple[str, str], Place]]:
    """Give each part on each database, filled and rolled up; what is there from before stays."""
    folder.mkdir(parents=True, exist_ok=True)
    for each in (folder, folder.parent):
        each.chmod(0o711)  # PostgreSQL's own user must get through
    files = {part: folder / part for part in PARTS}
    for part, share in PARTS.items():
        with _once(files[part], told) as missing:
            if missing:
                _fill(files[part], replace(wanted, visits=wanted.visits * share), told)
        _bring_up(place_of(files[part], None))
    with _server(folder / "postgres") as server:
        for part, file in files.items():
            with _once(folder / f"postgres-{part}", told) as missing:
                if missing:
                    _copy(file / FILE_NAME, server, part, told)
            _bring_up(place_of(Path(), server.url(part)))
        urls = {("PostgreSQL", part): server.url(part) for part in PARTS}
        yield {**{("SQLite", part): file for part, file in files.items()}, **urls}


@contextmanager
def _once(folder: Path, told: Told) -> Iterator[bool]:
    """Say whether it is to be made, and note when it was."""
    folder.mkdir(parents=True, exist_ok=True)
    note, begin = folder / MADE, time.monotonic()
    missing = not note.exists()
    yield missing
    if missing:
        note.touch()
        told(f"{folder.name} was made in {time.monotonic() - begin:.0f} s")


def _fill(data: Path, wanted: Wanted, told: Told) -> None:
    for begun in data.iterdir():  # by somebody who was stopped
        begun.unlink()
    _bring_up(place_of(data, None))
    with closing(open_database(place_of(data, None))) as database:
        fill(database, wanted, told=told)
        told("tallies are written; they are rolled up now")
        _roll_up(database)


def _bring_up(place: engine.Place) -> None:
    """Take what was kept for long to the tables of today, and roll up what is over since."""
    with closing(open_database(place)) as database:
        if not schema.is_current(database):
            schema.migrate(database)
        _roll_up(database)


def _roll_up(database: engine.Database) -> None:
    roll.roll_up(database, now_ms=time.time_ns() // 1_000_000)


@contextmanager
def _server(folder: Path) -> Iterator[postgres.Postgres]:
    process = postgres.start(folder, SETTINGS)
    try:
        server = postgres.Postgres(folder, "bench")
        postgres.wait_for(lambda: postgres.answers(server), within_s=PATIENCE_S)
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE_S)


def _copy(file: Path, server: postgres.Postgres, name: str, told: Told) -> None:
    """Every row of a file into a new database, the tallies as lines that SQLite writes itself."""
    server.admin(f"DROP DATABASE IF EXISTS {name}")
    server.admin(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    postgres.migrate(server.url(name))
    with (
        closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, isolation_level=None)) as source,
        psycopg.connect(server.url(name)) as target,
    ):
        source.execute("BEGIN")  # one state of it, whoever writes meanwhile
        for table in metadata.sorted_tables:
            if table is not feed_lanes:  # PostgreSQL has its own
                begin = "TRUNCATE" if table.name in MANY else "DELETE FROM"
                target.execute(f"{begin} {table.name}".encode())
                rows = _copy_table(source, target, table)
                if table.name in MANY:
                    told(f"PostgreSQL, {name}: {table.name}, {rows:,} rows")
    with (
        closing(open_database(place_of(Path(), server.url(name)))) as database,
        database.write() as connection,
    ):
        transfer.go_on(connection)
    server.admin("VACUUM ANALYZE", database=name)


def _copy_table(source: sqlite3.Connection, target: psycopg.Connection, table: Table) -> int:
    names = [f'"{column.name}"' for column in table.columns]
    many, count = table.name in MANY, 0
    shown = " || char(9) || ".join(names) + " || char(10)" if many else ", ".join(names)
    found = source.execute(f"SELECT {shown} FROM {table.name}")
    into = f"COPY {table.name} ({', '.join(names)}) FROM STDIN{' (FREEZE)' if many else ''}"
    with target.cursor() as cursor, cursor.copy(into.encode()) as copy:
        while rows := found.fetchmany(AT_ONCE):
            count += len(rows)
            if many:
                copy.write("".join([line for (line,) in rows]))
                continue
            for row in rows:
                copy.write_row(row)
    return count
