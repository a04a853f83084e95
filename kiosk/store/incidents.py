"""What went wrong with the ledger's file itself, kept so that staff and head office are told.

Called by kiosk.store.ledger, outbox, salvage and state.
Touches only the connection it is given.
"""

import sqlite3
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from kiosk.store.folder import SET_ASIDE
from kiosk.store.rows import put, rows
from survey.told import told


class Kind(StrEnum):
    """What can go wrong with it."""

    DAMAGED = "damaged"
    LOG_MISSING = "log_missing"
    FORKED = "forked"


@dataclass(frozen=True, kw_only=True)
class Incident:
    """A row of table incidents; `at` in ms since 1970 UTC, `lost` None where nobody can tell."""

    id: str
    at: int
    kind: str
    folder: str = ""  # in the data directory's set-aside
    saved: int = 0
    lost: int | None = 0

    def words(self) -> str:
        """Tell it to people, in English, with the date in UTC."""
        day = f"{datetime.fromtimestamp(self.at / 1000, UTC):%Y-%m-%d}"
        match self.kind:
            case Kind.DAMAGED:
                lost = told("an unknown number") if self.lost is None else self.lost
                return told(
                    "{day}: the ledger was damaged; {saved} taps saved, {lost} lost",
                    day=day,
                    saved=self.saved,
                    lost=lost,
                )
            case Kind.LOG_MISSING:
                return told(
                    "{day}: the ledger's log was missing; the newest taps before it may be lost", day=day
                )
            case Kind.FORKED:
                return told(
                    "{day}: head office held other taps under the same numbers; {saved} renumbered",
                    day=day,
                    saved=self.saved,
                )
        return f"{day}: {self.kind}"


def note(connection: sqlite3.Connection, incident: Incident) -> None:
    """Keep an incident."""
    put(connection, "incidents", astuple(incident))


def incidents(connection: sqlite3.Connection, *, since: int = 0) -> list[Incident]:
    """Read those since a time in ms, the oldest first. Raises LedgerDamaged for a row that decayed."""
    found = rows(connection, "incidents", "WHERE at >= ? ORDER BY at, id", (since,))
    return [_incident(*row[:-1]) for row in found]


def waiting(folder: Path, connection: sqlite3.Connection) -> list[Path]:
    """Name the set-aside folders that were not brought back yet, the oldest first."""
    done = {name for (name,) in connection.execute("SELECT folder FROM incidents")}
    return [place for place in set_aside(folder) if place.name not in done]


def set_aside(folder: Path) -> list[Path]:
    """Name every folder of a damaged ledger, the oldest first."""
    try:
        return sorted((folder / SET_ASIDE).iterdir())
    except FileNotFoundError:
        return []


def _incident(*values: Any) -> Incident:
    incident_id, at, kind, folder, saved, lost = values
    return Incident(id=incident_id, at=at, kind=kind, folder=folder, saved=saved, lost=lost)
