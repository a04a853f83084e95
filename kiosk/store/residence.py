"""On which machine this card lives, for which one it was enrolled, and what it brought from another.

Called by kiosk.store.opened, outbox, enrolment and state, by the doctor. Touches only the connection given.

A ledger that began elsewhere belongs to the kiosk that was enrolled there. Another kiosk does not send it:
that machine may live and send it too, and head office would then hold its answers under two names.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from kiosk.store.rows import put, rows

HERE, ENROLLED_ON, BROUGHT = "machine", "enrolled_on", "brought"


@dataclass(frozen=True)
class Machine:
    """Hashes of a board's number and of the system's; empty where nobody can tell."""

    board: str = ""
    system: str = ""

    def is_other_than(self, another: "Machine") -> bool:
        """Whether two are certainly not the same: the boards' numbers decide, else the systems'."""
        if self.board and another.board:
            return self.board != another.board
        return bool(self.system and another.system) and self.system != another.system

    def also(self, another: "Machine") -> "Machine":
        """What either tells of one machine, this one first."""
        return Machine(board=self.board or another.board, system=self.system or another.system)


def arrive(writer: sqlite3.Connection, here: Machine, ledgers: Iterable[str]) -> bool:
    """Note where the card is now; whether it comes from another machine, with these ledgers."""
    before = _machine(writer, HERE) or Machine()
    came = here.is_other_than(before)
    if came:
        owner = _owner(writer)
        _put(writer, BROUGHT, {**dict.fromkeys(ledgers, owner), **brought(writer)})
    if (now := here if came else here.also(before)) != before:
        _put(writer, HERE, asdict(now))
    if (at := _machine(writer, ENROLLED_ON)) is None:
        enrolled_here(writer)  # by a version that did not ask
    elif not here.is_other_than(at) and here.also(at) != at:
        _put(writer, ENROLLED_ON, asdict(here.also(at)))
    return came


def enrolled_here(writer: sqlite3.Connection) -> None:
    """Note that the enrolment is for the machine where the card is now."""
    if _owner(writer):
        _put(writer, ENROLLED_ON, asdict(_machine(writer, HERE) or Machine()))


def is_elsewhere(reader: sqlite3.Connection, here: Machine | None = None) -> bool:
    """Whether the enrolment is for another machine than the one where the card is, or than `here`."""
    at, now = _machine(reader, ENROLLED_ON), _machine(reader, HERE) or Machine()
    return at is not None and (here.also(now) if here else now).is_other_than(at)


def brought(reader: sqlite3.Connection) -> dict[str, str]:
    """Name the ledgers that began on another machine, and whose each is."""
    found: dict[str, str] = _read(reader, BROUGHT) or {}
    return found


def held_back(reader: sqlite3.Connection) -> frozenset[str]:
    """Name the ledgers that are not this kiosk's to send."""
    if not (came := brought(reader)):
        return frozenset()
    mine = _owner(reader)
    return frozenset(ledger for ledger, owner in came.items() if owner != mine)


def take_over(writer: sqlite3.Connection) -> None:
    """Make every ledger this kiosk's: the machine where it began is gone for good."""
    writer.execute("DELETE FROM settings WHERE name = ?", (BROUGHT,))


def _owner(reader: sqlite3.Connection) -> str:
    """Whose a ledger is that begins now: a kiosk at a head office, empty where it is not enrolled."""
    found = {row[0]: row[1] for row in rows(reader, "settings", "WHERE name IN ('server', 'kiosk')")}
    return f"{found['kiosk']} at {str(found['server']).rstrip('/')}" if len(found) > 1 else ""


def _machine(reader: sqlite3.Connection, name: str) -> Machine | None:
    found = _read(reader, name)
    return None if found is None else Machine(**found)


def _read(reader: sqlite3.Connection, name: str) -> dict[str, str] | None:
    found = next(rows(reader, "settings", "WHERE name = ?", (name,)), None)
    read: dict[str, str] | None = None if found is None else json.loads(str(found[1]))
    return read


def _put(writer: sqlite3.Connection, name: str, value: dict[str, str]) -> None:
    put(writer, "settings", (name, json.dumps(value)), verb="INSERT OR REPLACE")
