"""Where this kiosk is enrolled, and the key it was given.

Called by kiosk.bootstrap and kiosk.cli.
Touches only the connection it is given.
"""

import sqlite3
from dataclasses import asdict, fields

from kiosk.store.residence import enrolled_here
from kiosk.store.rows import put, rows
from survey.values import frozen_named


@frozen_named
class Enrolment:
    """Head office's address and what it gave for the one-time code."""

    server: str
    key: str
    kiosk: str
    site: str
    touchpoint: str
    timezone: str


def find_enrolment(reader: sqlite3.Connection) -> Enrolment | None:
    """Read it, None if the kiosk was never enrolled. Raises LedgerDamaged for a row that decayed."""
    kept = {str(row[0]): str(row[1]) for row in rows(reader, "settings")}
    names = [field.name for field in fields(Enrolment)]
    return Enrolment(**{name: kept[name] for name in names}) if kept.keys() >= set(names) else None


def keep_enrolment(writer: sqlite3.Connection, enrolment: Enrolment) -> None:
    """Keep it in place of any before, for the machine where the card is now."""
    for name, value in asdict(enrolment).items():
        put(writer, "settings", (name, value), verb="INSERT OR REPLACE")
    enrolled_here(writer)
