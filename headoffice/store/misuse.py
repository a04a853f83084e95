"""Misuse: the rules in force, how far each ledger is judged by them, and the flags they leave.

Called by `work.flag`. May touch `misuse_filters`, `misuse_heads` and `taps.flag`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from headoffice.store.engine import Connection
from headoffice.store.taps import StoredTap


@dataclass(frozen=True)
class Filter:
    """A version of the rules; `rules` are their numbers by name, as work.misuse reads them."""

    version: int
    rules: Mapping[str, Mapping[str, object]]

    @property
    def name(self) -> str:
        """What stands beside each number: v3."""
        return f"v{self.version}"


@dataclass(frozen=True)
class Behind:
    """A ledger with taps that are not judged by the rules in force; `through` is how far it is judged."""

    ledger: int
    through: int


@dataclass(frozen=True)
class Place:
    """Where a placement is: its site's time zone and its opening hours as its tag `hours` has them."""

    site: int
    timezone: str
    hours: str | None


def in_force(connection: Connection) -> Filter:
    """The newest version of the rules."""
    row = connection.execute(
        text("SELECT version, rules FROM misuse_filters ORDER BY version DESC LIMIT 1")
    ).one()
    return Filter(row.version, json.loads(row.rules))


def put_in_force(connection: Connection, rules: Mapping[str, object], *, who: str, now: int) -> Filter:
    """Put other rules in force; returns them with their version."""
    version = in_force(connection).version + 1
    connection.execute(
        text(
            "INSERT INTO misuse_filters (version, rules, made_at, who) VALUES (:version, :rules, :now, :who)"
        ),
        {"version": version, "rules": json.dumps(rules, sort_keys=True), "now": now, "who": who},
    )
    return in_force(connection)


def behind(connection: Connection, version: int, *, limit: int) -> list[Behind]:
    """Some ledgers that are not judged by this version to their end, lowest number first."""
    rows = connection.execute(
        text(
            """
            SELECT heads.ledger,
                   CASE WHEN judged.version = :version THEN judged.through ELSE 0 END AS through
              FROM ledger_heads AS heads
              LEFT JOIN misuse_heads AS judged ON judged.ledger = heads.ledger
             WHERE judged.ledger IS NULL OR judged.version <> :version OR judged.through < heads.through
             ORDER BY heads.ledger
             LIMIT :limit
            """
        ),
        {"version": version, "limit": limit},
    )
    return [Behind(row.ledger, row.through) for row in rows]


def ledgers(connection: Connection) -> list[int]:
    """Every ledger that holds anything."""
    rows = connection.execute(text("SELECT ledger FROM ledger_heads ORDER BY ledger"))
    return [row.ledger for row in rows]


def judged(connection: Connection, ledger: int, *, version: int, through: int) -> None:
    """Note how far a ledger is judged, and by which version."""
    connection.execute(
        text(
            """
            INSERT INTO misuse_heads (ledger, version, through) VALUES (:ledger, :version, :through)
            ON CONFLICT (ledger) DO UPDATE SET version = excluded.version, through = excluded.through
            """
        ),
        {"ledger": ledger, "version": version, "through": through},
    )


def through_of(connection: Connection, ledger: int) -> int:
    """Up to which number a ledger is decided."""
    statement = text("SELECT through FROM ledger_heads WHERE ledger = :ledger")
    return int(connection.execute(statement, {"ledger": ledger}).scalar_one())


def taps_after(connection: Connection, ledger: int, seq: int, *, limit: int) -> list[StoredTap]:
    """The next taps of a ledger, by its primary key."""
    rows = connection.execute(TAPS, {"ledger": ledger, "seq": seq, "limit": limit})
    return [StoredTap(*row) for row in rows]


def set_flags(connection: Connection, ledger: int, flags: Sequence[tuple[int, str | None]]) -> None:
    """Set the flag of some taps, by their number; None counts them again."""
    if flags:
        connection.execute(
            text("UPDATE taps SET flag = :flag WHERE ledger = :ledger AND seq = :seq"),
            [{"ledger": ledger, "seq": seq, "flag": flag} for seq, flag in flags],
        )


def places(connection: Connection) -> dict[int, Place]:
    """Where each placement is."""
    rows = connection.execute(
        text(
            """
            SELECT placements.id, placements.site, sites.timezone, site_tags.value AS hours
              FROM placements
              JOIN sites ON sites.id = placements.site
              LEFT JOIN site_tags ON site_tags.site = placements.site AND site_tags.tag = 'hours'
            """
        )
    )
    return {row.id: Place(row.site, row.timezone, row.hours) for row in rows}


def all_taps(connection: Connection, ledger: int, *, at_once: int) -> Iterator[list[StoredTap]]:
    """Every tap of a ledger, some thousands at a time."""
    last = 0
    while rows := taps_after(connection, ledger, last, limit=at_once):
        yield rows
        last = rows[-1].seq


TAPS = text(
    f"SELECT {', '.join(StoredTap._fields)} FROM taps WHERE ledger = :ledger AND seq > :seq "  # noqa: S608 - the row's own names
    "ORDER BY seq LIMIT :limit"
)
