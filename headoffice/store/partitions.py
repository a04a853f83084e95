"""The months of `taps` on PostgreSQL: a table for what was received in each, made ahead or when needed.

Called by `taps` before it stores, and by the clock, which drops those that retention has emptied. SQLite has
one table, and nothing is done.
May touch the partitions of `taps`.

PostgreSQL wants the column it partitions by in every unique key of the whole table, so the whole has none:
each month has its own primary key (ledger, seq), half as large. That a number is stored once over all months
is kept by the ledger's head: every number up to its `through` is decided, and only later ones are stored, in
the transaction that moves `through` on from where it was found.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from headoffice.store.dialects import DRIVER, is_postgres

if TYPE_CHECKING:
    from collections.abc import Collection

    from headoffice.store.engine import Connection

AHEAD = 2  # months that are there before they begin
DECEMBER = 12
LONGEST_WAIT_MS = 1000
MAKING = 0x4567616D  # the advisory lock of those who make one


def make_for(connection: Connection, moments: Collection[int]) -> None:
    """See that there is a partition for each of some moments, ms since 1970 UTC."""
    if not is_postgres(connection):
        return
    known: set[str] = connection.info[DRIVER].months
    for month in {datetime.fromtimestamp(moment / 1000, UTC).replace(day=1).date() for moment in moments}:
        if month.isoformat() not in known:
            _make(connection, month.year, month.month)
            known.add(month.isoformat())


def make_ahead(connection: Connection, *, now: int) -> None:
    """See that this month and the next ones have a partition."""
    moment = datetime.fromtimestamp(now / 1000, UTC)
    moments = []
    for _ in range(AHEAD + 1):
        moments.append(_starts(moment.year, moment.month))
        moment = datetime.fromtimestamp(_starts(*_next(moment.year, moment.month)) / 1000, UTC)
    make_for(connection, moments)


def emptied(connection: Connection, *, before_ms: int) -> list[str]:
    """Name the months that were over before a moment and hold no tap any more, oldest first."""
    if not is_postgres(connection):
        return []
    driver = connection.info[DRIVER]
    moment = datetime.fromtimestamp(before_ms / 1000, UTC)
    # By their names: nothing is received any more in a month that was over so long ago.
    found = [name for (name,) in driver.execute(MONTHS).fetchall() if name < _name(moment.year, moment.month)]
    return [name for name in found if _is_empty(driver, name)]


def drop(connection: Connection, month: str) -> None:
    """Drop a month's table, if it is still empty. Fails rather than let taps wait behind a long reader."""
    driver = connection.info[DRIVER]
    driver.execute(f"SET LOCAL lock_timeout = {LONGEST_WAIT_MS}")
    driver.execute(f"LOCK TABLE {month} IN ACCESS EXCLUSIVE MODE")
    if _is_empty(driver, month):
        driver.execute(f"DROP TABLE {month}")
        driver.months.clear()
    driver.execute("SET LOCAL lock_timeout = 0")


def _is_empty(driver: Any, month: str) -> bool:
    # The name is the catalogue's own.
    return not driver.execute(f"SELECT EXISTS (SELECT 1 FROM {month})").fetchone()[0]  # noqa: S608


def _name(year: int, month: int) -> str:
    return f"taps_{year:04}_{month:02}"


def _make(connection: Connection, year: int, month: int) -> None:
    driver = connection.info[DRIVER]
    name = _name(year, month)
    if _is_there(driver, name):
        return
    driver.execute("SELECT pg_advisory_xact_lock(?)", (MAKING,))
    if _is_there(driver, name):
        return
    first, end = _starts(year, month), _starts(*_next(year, month))
    # Attached rather than made as a part: that would keep out every other writer until the commit.
    driver.execute(f"CREATE TABLE {name} (LIKE taps INCLUDING DEFAULTS, PRIMARY KEY (ledger, seq))")
    driver.execute(f"ALTER TABLE taps ATTACH PARTITION {name} FOR VALUES FROM ({first}) TO ({end})")


def _is_there(driver: Any, name: str) -> bool:
    # Asked of the catalogue itself: to_regclass may remember that there was none before another made it.
    return bool(driver.execute(IS_THERE, (name,)).fetchone()[0])


def _starts(year: int, month: int) -> int:
    return int(datetime(year, month, 1, tzinfo=UTC).timestamp() * 1000)


def _next(year: int, month: int) -> tuple[int, int]:
    return (year + 1, 1) if month == DECEMBER else (year, month + 1)


MONTHS = """
    SELECT month.relname
      FROM pg_inherits AS part JOIN pg_class AS month ON month.oid = part.inhrelid
     WHERE part.inhparent = 'taps'::regclass
     ORDER BY month.relname
"""
IS_THERE = """
    SELECT count(*) FROM pg_class WHERE relname = ? AND relnamespace = current_schema()::regnamespace
"""
