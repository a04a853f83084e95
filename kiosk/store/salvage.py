"""Brings back what a ledger that was set aside still holds, with its numbers.

Called by kiosk.store.upkeep, by the outbox after it met damage, and by commands before they start.
Reads the set-aside folders, writes to the database. Begun again after a crash, it doubles nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from sqlite3 import Connection

from kiosk.store.database import Database
from kiosk.store.folder import LEDGER_FILE, last_mark
from kiosk.store.incidents import Incident, Kind, note, waiting
from kiosk.store.ledgers import LedgerRow, find_ledger, keep, ledger_of, new_ledger
from kiosk.store.pages import dig
from kiosk.store.rows import Row, put

ROWS_AT_ONCE = 1_000  # in one transaction, so that a shopper's tap need not wait
_KEY_COLUMNS = {"rejected": 2, "withheld": 2}  # elsewhere it is one


@dataclass
class _Found:
    """What a file gave besides readable taps. Of a row that changed, the newest image stays."""

    rows: dict[tuple[str, Row], Row] = field(default_factory=dict)
    torn: dict[str, set[int]] = field(default_factory=dict)  # ledger → numbers of unreadable taps
    ledgers: set[str] = field(default_factory=set)

    def taps(self, file: Path) -> Iterator[Row]:
        """Dig through a file: give its readable taps, note everything else."""
        for table, row, whole in dig(file):
            if table == "taps" and whole:
                self.ledgers.add(str(row[0]))
                yield row
            elif table == "taps":
                if isinstance(row[0], str) and isinstance(row[1], int):
                    self.torn.setdefault(row[0], set()).add(row[1])
            else:
                self.rows[table, row[: _KEY_COLUMNS.get(table, 1)]] = row

    def ledger(self, ledger_id: str) -> LedgerRow | None:
        row = self.rows.get(("ledgers", (ledger_id,)))
        return None if row is None else ledger_of(row)


def salvage(database: Database, *, at: int) -> None:
    """Bring back everything that waits; `at`, in ms since 1970 UTC, closes the ledgers that were open."""
    with database.read() as reader:
        places = waiting(database.folder, reader)
    for place in places:
        _bring_back(database, place, at)


def _bring_back(database: Database, place: Path, at: int) -> None:
    found = _Found()
    taps = found.taps(place / LEDGER_FILE)
    while some := list(islice(taps, ROWS_AT_ONCE)):
        with database.write() as writer:
            for row in some:
                put(writer, "taps", row[:-1], verb="INSERT OR IGNORE")
    mark = last_mark(place)
    with database.write() as writer:  # the ledgers come last: until then, no number counts as unreadable
        for (table, _), row in found.rows.items():
            if table != "ledgers":
                put(writer, table, row[:-1], verb="INSERT OR IGNORE")
        known = found.ledgers | {str(key[0]) for table, key in found.rows if table == "ledgers"}
        saved, lost = 0, 0
        for ledger_id in sorted(known):
            if find_ledger(writer, ledger_id) is None:
                ledger = _closed(writer, found, ledger_id, at=at, mark=mark.get(ledger_id, 0))
                keep(writer, ledger)
                saved += _count(writer, ledger_id, 0)
                lost += ledger.unsettled - _count(writer, ledger_id, ledger.settled_through)
        told = lost if known else None
        note(
            writer,
            Incident(id=place.name, at=at, kind=Kind.DAMAGED, folder=place.name, saved=saved, lost=told),
        )


def _closed(writer: Connection, found: _Found, ledger_id: str, *, at: int, mark: int) -> LedgerRow:
    """Give the row of a salvaged ledger, closed behind the last number that was given to a tap."""
    lowest, highest = writer.execute(
        "SELECT MIN(seq), MAX(seq) FROM taps WHERE ledger = ?", (ledger_id,)
    ).fetchone()
    row = found.ledger(ledger_id)
    if row is not None and row.closed is not None:  # an image from before a fork may hold taps that moved on
        writer.execute("DELETE FROM taps WHERE ledger = ? AND seq > ?", (ledger_id, row.last))
        return row
    if row is None:  # head office names the true cursor; from here on it can
        row = replace(new_ledger(ledger_id, opened=at), settled_through=(lowest or 1) - 1)
    last = max(highest or 0, row.last, row.settled_through, row.purged_through, mark)
    while last + 1 in found.torn.get(ledger_id, ()):
        last += 1
    return replace(row, closed=at, last=last)


def _count(writer: Connection, ledger_id: str, after: int) -> int:
    counting = "SELECT COUNT(*) FROM taps WHERE ledger = ? AND seq > ?"
    return int(writer.execute(counting, (ledger_id, after)).fetchone()[0])
