"""The ledgers, as what still has to be sent: the agent peeks, sends, and settles on head office's word.

Called by sync.push on the agent's thread; it is the Outbox that stands there.
Touches the database: its reader for peeks, its writer for decisions.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from kiosk.store.database import Database
from kiosk.store.incidents import Incident, Kind, note
from kiosk.store.ledger import Ledger
from kiosk.store.ledgers import LedgerRow, find_ledger, keep, ledgers
from kiosk.store.problems import is_damage
from kiosk.store.residence import held_back
from kiosk.store.rows import Row, put, rows, rows_at_once
from kiosk.store.tap import Moment, StoredTap, stored_tap
from sync.contract import UNREADABLE, Head, Item, Rejected, Tap, Withheld

Found = TypeVar("Found")

MOVED_AT_ONCE = 1_000  # taps held in memory while a forked ledger is renumbered


class Outbox:
    """What the agent sees of the store. `salvage` brings back what a file that was set aside still holds."""

    def __init__(
        self,
        database: Database,
        open_ledger: Ledger,
        *,
        now: Callable[[], Moment],
        new_id: Callable[[], str],
        salvage: Callable[[], object],
    ) -> None:
        self._database, self._ledger = database, open_ledger
        self._now, self._new_id, self._salvage = now, new_id, salvage

    def head(self) -> Head:
        """Name the unsettled part of the oldest ledger that has one, else the open ledger's empty end."""
        return self._healed(_head)

    def closed(self) -> list[Head]:
        """Name the empty end of every closed ledger that is settled and has taps, the oldest first."""
        return self._healed(_closed)

    def read(self, ledger: str, first: int, limit: int) -> list[Item]:
        """Give the items numbered `first`, `first + 1`, …; a number without a readable tap is withheld."""
        return self._healed(lambda reader: _items(reader, ledger, first, limit))

    def settle(self, ledger: str, through: int, rejected: Sequence[Rejected]) -> None:
        """Note that everything up to `through` is decided; the cursor never moves back here.

        A ledger that was set aside meanwhile is not here: once salvaged, it is sent and settled again.
        """
        with self._database.write() as writer:
            row = find_ledger(writer, ledger)
            if row is None:
                return
            for refused in rejected:
                values = (ledger, refused.seq, refused.problem)
                put(writer, "rejected", values, verb="INSERT OR REPLACE")
            if row.settled_through < through <= row.last:
                keep(writer, replace(row, settled_through=through))

    def rewind(self, ledger: str, through: int) -> None:
        """Move the cursor back: head office holds the ledger only up to `through`."""
        with self._database.write() as writer:
            row = find_ledger(writer, ledger)
            if row is not None and 0 <= through < row.settled_through:
                keep(writer, replace(row, settled_through=through))

    def fork(self, ledger: str, same: int) -> None:
        """Close the ledger at `same` and move its later taps, with new numbers, to a new open one.

        What head office has settled for this kiosk stays where it is: moved too, it would be counted twice.
        """
        with self._database.lock:
            try:
                with self._database.write() as writer:
                    self._fork(writer, ledger, same)
            finally:
                self._ledger.resume()

    def withhold(self, ledger: str, seq: int, reason: str) -> None:
        """Keep the tap, but from now on send only why it is withheld."""
        with self._database.write() as writer:
            put(writer, "withheld", (ledger, seq, reason), verb="INSERT OR REPLACE")

    def pending(self) -> int:
        """Count the numbers that head office has not decided yet."""
        return self._healed(lambda reader: sum(row.unsettled for row in _ours(reader)))

    def rejected(self) -> int:
        """Count the taps that head office rejected."""
        with self._database.read() as reader:
            (count,) = reader.execute("SELECT COUNT(*) FROM rejected").fetchone()
        return int(count)

    def _healed(self, look: Callable[[sqlite3.Connection], Found]) -> Found:
        generation = self._database.generation
        try:
            with self._database.read() as reader:
                return look(reader)
        except Exception as error:
            if not is_damage(error):
                raise
        self._ledger.heal(generation)
        self._salvage()
        with self._database.read() as reader:
            return look(reader)

    def _fork(self, writer: sqlite3.Connection, ledger: str, same: int) -> None:
        row = find_ledger(writer, ledger)
        if row is None:
            return
        stays, moment = min(max(same, row.settled_through), row.last), self._now()
        keep(writer, replace(row, closed=moment.at, last=stays))
        self._ledger.begin()
        moved = 0
        for tap in _after(writer, ledger, stays):
            moved += 1
            put(writer, "taps", replace(tap, ledger=self._ledger.id, seq=moved).values())
        for table in ("taps", "rejected", "withheld"):
            writer.execute(f"DELETE FROM {table} WHERE ledger = ? AND seq > ?", (ledger, stays))  # noqa: S608 - ours
        lost = max(0, row.last - stays - moved)
        note(writer, Incident(id=self._new_id(), at=moment.at, kind=Kind.FORKED, saved=moved, lost=lost))


def _ours(reader: sqlite3.Connection) -> list[LedgerRow]:
    """The ledgers but those that another machine sends: the open one is last."""
    others = held_back(reader)
    return [row for row in ledgers(reader) if row.id not in others]


def _head(reader: sqlite3.Connection) -> Head:
    present = _ours(reader)
    row = next((row for row in present if row.unsettled), present[-1])
    return Head(ledger=row.id, first=row.settled_through + 1, last=row.last)


def _closed(reader: sqlite3.Connection) -> list[Head]:
    return [
        Head(ledger=row.id, first=row.last + 1, last=row.last)
        for row in _ours(reader)
        if row.closed is not None and row.last and not row.unsettled
    ]


def _items(reader: sqlite3.Connection, ledger: str, first: int, limit: int) -> list[Item]:
    row = find_ledger(reader, ledger)
    last = min(first + limit - 1, row.last) if row else first - 1
    span = (ledger, first, last)
    between = "WHERE ledger = ? AND seq BETWEEN ? AND ?"  # by the primary key
    kept = {tap.seq: tap for tap in map(_sent, rows_at_once(reader, "taps", between, span))}
    reasons = {held[1]: str(held[2]) for held in rows(reader, "withheld", between, span)}
    return [_item(seq, kept.get(seq), reasons.get(seq)) for seq in range(first, last + 1)]


def _item(seq: int, tap: Tap | None, reason: str | None) -> Item:
    if tap is None or reason is not None:
        return Withheld(seq=seq, withheld=reason or UNREADABLE)
    return tap


def _sent(row: tuple[Any, ...]) -> Tap:
    """Read a row of table taps as it is sent; a backlog has a million of them."""
    _ledger, seq, visit, survey, question, answer, language, at, uptime, boot, took, synced, _check = row
    return Tap(
        seq=seq,
        question=question,
        answer=json.loads(answer),
        took=took,
        uptime=uptime,
        at=at,
        boot=boot,
        synced_clock=synced == 1,
        survey=survey,
        language=language,
        visit=visit,
    )


def _after(writer: sqlite3.Connection, ledger: str, seq: int) -> Iterator[StoredTap]:
    while True:
        rest, some = "WHERE ledger = ? AND seq > ? ORDER BY seq LIMIT ?", (ledger, seq, MOVED_AT_ONCE)
        found: list[Row] = list(rows(writer, "taps", rest, some))
        yield from map(stored_tap, found)
        if len(found) < MOVED_AT_ONCE:
            return
        seq = stored_tap(found[-1]).seq
