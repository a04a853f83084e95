"""The ledgers a kiosk has had: which is open, how far each is settled.

Called by kiosk.store.ledger, outbox, upkeep, salvage and state.
Touches only the connection it is given.
"""

import sqlite3
from dataclasses import astuple, dataclass, fields, replace
from typing import Any

from kiosk.store.rows import put, rows


@dataclass(frozen=True, kw_only=True)
class LedgerRow:
    """A row of table ledgers; times in ms since 1970 UTC.

    The `last` of an open ledger that was read is its newest number; as written it may be an earlier one.
    """

    id: str
    opened: int
    closed: int | None
    last: int
    settled_through: int
    purged_through: int

    @property
    def unsettled(self) -> int:
        """How many numbers head office has not decided yet."""
        return max(0, self.last - self.settled_through)


def ledgers(connection: sqlite3.Connection) -> list[LedgerRow]:
    """Read all of them in the order in which they drain: the closed ones from the oldest, then the open one.

    Raises LedgerDamaged for a row that is not what was written.
    """
    order = "ORDER BY closed IS NULL, opened, id"
    return [_filled(connection, row) for row in rows(connection, "ledgers", order)]


def find_ledger(connection: sqlite3.Connection, ledger_id: str) -> LedgerRow | None:
    """Read one, None if it is not here. Raises LedgerDamaged as `ledgers` does."""
    found = list(rows(connection, "ledgers", "WHERE id = ?", (ledger_id,)))
    return _filled(connection, found[0]) if found else None


def new_ledger(ledger_id: str, *, opened: int) -> LedgerRow:
    """Give the row of a ledger without taps."""
    return LedgerRow(id=ledger_id, opened=opened, closed=None, last=0, settled_through=0, purged_through=0)


def keep(connection: sqlite3.Connection, row: LedgerRow) -> None:
    """Write a ledger's row anew, or for the first time."""
    put(connection, "ledgers", astuple(row), verb="INSERT OR REPLACE")


def ledger_of(row: tuple[Any, ...]) -> LedgerRow:
    """Read a row of table ledgers, `check` included, as it stands."""
    names = (field.name for field in fields(LedgerRow))
    return LedgerRow(**dict(zip(names, row[:-1], strict=True)))


def _filled(connection: sqlite3.Connection, row: tuple[Any, ...]) -> LedgerRow:
    found = ledger_of(row)
    if found.closed is not None:
        return found
    (newest,) = connection.execute("SELECT MAX(seq) FROM taps WHERE ledger = ?", (found.id,)).fetchone()
    # Its taps may all be purged, or the newest lost: their numbers are given to no others.
    return replace(found, last=max(newest or 0, found.last, found.settled_through, found.purged_through))
