"""What there is: sites with their tags, kiosks with their health, surveys by version.

Called by web/results_api.py and work/overview.py with a reading connection.
May read sites, site_tags, kiosks, placements, ledger_heads and surveys; writes nothing.

What stands of sites and kiosks is read once until `chain` notes a change of them: a page asks for hundreds.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import text

from headoffice.store import chain
from headoffice.store.engine import Connection, driver
from headoffice.store.kept import lasting, once
from headoffice.store.looks import offset_ms
from headoffice.store.sight import only


class SiteSeen(NamedTuple):
    """A store."""

    id: int
    name: str
    timezone: str
    tags: Mapping[str, str]


class KioskSeen(NamedTuple):
    """A kiosk where it stands now, with what it said of itself when it was last heard of (ms, or None).

    `placement` is what its tallies name; `clock_offset_ms`: by how much its clock is ahead of ours. A tuple,
    since a page reads thousands.
    """

    id: int
    name: str
    enrolled_at: int
    site: int
    site_name: str
    timezone: str
    touchpoint: str
    placement: int
    heard_at: int | None
    version: str | None
    pending: int | None
    free_bytes: int | None
    programme: str | None
    problems: tuple[str, ...]
    clock_offset_ms: int | None


class KioskHeard(NamedTuple):
    """The little of a kiosk that its being heard of is judged by: ms, and the taps it said are waiting."""

    id: int
    name: str
    site: int
    heard_at: int | None
    pending: int | None


@dataclass(frozen=True, kw_only=True)
class SurveySeen:
    """One version of a survey, with its whole document."""

    version: str
    survey: str
    kind: str
    added_at: int
    kiosk: int | None
    document: Mapping[str, object]


def all_sites(connection: Connection) -> list[SiteSeen]:
    """Every site, oldest first."""
    return once(connection, "sites", partial(_all_sites, connection))


def _all_sites(connection: Connection) -> list[SiteSeen]:
    key = ("sites", chain.state(connection))
    return only(connection, lasting(connection, key, partial(_read_sites, connection), len), attrgetter("id"))


def _read_sites(connection: Connection) -> list[SiteSeen]:
    tags: dict[int, dict[str, str]] = {}
    bare = driver(connection)
    for site, tag, value in bare.execute(
        "SELECT site, tag, value FROM site_tags ORDER BY site, tag"
    ).fetchall():
        tags.setdefault(site, {})[tag] = value
    return [
        SiteSeen(id=number, name=name, timezone=timezone, tags=tags.get(number, {}))
        for number, name, timezone in bare.execute(
            "SELECT id, name, timezone FROM sites ORDER BY id"
        ).fetchall()
    ]


def all_kiosks(connection: Connection) -> list[KioskSeen]:
    """Every kiosk, oldest first; of several ledgers the one heard of last speaks."""
    heads = _last(driver(connection).execute(HEADS).fetchall())
    kiosks = []
    for place in _kept_rows(connection, KIOSKS):
        _, heard_at, _, *head, problems, looks = heads.get(place[0], UNHEARD)
        told = (*place, heard_at, *head, _problems(problems), offset_ms(looks) if looks else None)
        kiosks.append(KioskSeen._make(told))
    return only(connection, kiosks)


def heard_kiosks(connection: Connection) -> list[KioskHeard]:
    """The same kiosks in the same order, read in half the time."""
    heads, kiosks = _last(driver(connection).execute(HEARD).fetchall()), []
    for place in _kept_rows(connection, PLACED):
        _, heard_at, _, pending, *_ = heads.get(place[0], UNHEARD)
        kiosks.append(KioskHeard._make((*place, heard_at, pending)))
    return only(connection, kiosks)


def _kept_rows(connection: Connection, statement: str) -> list[tuple[Any, ...]]:
    """What a statement finds of the chain, read once until something of that changes."""

    def read() -> list[tuple[Any, ...]]:
        return list(map(tuple, driver(connection).execute(statement).fetchall()))

    return lasting(connection, (statement, chain.state(connection)), read, len)


def _last(heads: Iterable[tuple[Any, ...]]) -> dict[int, tuple[Any, ...]]:
    """Of each kiosk the head of the ledger that was heard of last: (kiosk, heard_at, ledger, …)."""
    found: dict[int, tuple[Any, ...]] = {}
    for head in heads:
        had = found.setdefault(head[0], head)
        if had is not head and had[1:3] < head[1:3]:
            found[head[0]] = head
    return found


def all_surveys(connection: Connection) -> list[SurveySeen]:
    """Every survey version, oldest first; they are only ever added to."""
    return lasting(connection, surveys_key(connection), partial(_all_surveys, connection), len)


def surveys_key(connection: Connection) -> tuple[object, ...]:
    """What changes whenever a survey version is added."""
    found = driver(connection).execute("SELECT COUNT(*), MAX(id) FROM surveys").fetchone()
    return ("surveys", *found)


def _all_surveys(connection: Connection) -> list[SurveySeen]:
    rows = connection.execute(
        text("SELECT version, survey, kind, added_at, kiosk, document FROM surveys ORDER BY id")
    )
    return [
        SurveySeen(
            version=row.version,
            survey=row.survey,
            kind=row.kind,
            added_at=row.added_at,
            kiosk=row.kiosk,
            document=json.loads(row.document),
        )
        for row in rows
    ]


# In the order of a KioskSeen: where it stands, then what its ledgers' heads say. Put together here: to choose
# the one ledger that was heard of last in SQL takes half as long again.
KIOSKS = """
    SELECT kiosks.id, kiosks.name, kiosks.enrolled_at, placements.site, sites.name AS site_name,
           sites.timezone, placements.touchpoint, kiosks.placement
    FROM kiosks
    JOIN placements ON placements.id = kiosks.placement
    JOIN sites ON sites.id = placements.site
    ORDER BY kiosks.id
"""
HEADS = """
    SELECT ledgers.kiosk, heads.heard_at, ledgers.id, heads.version, heads.pending, heads.free_bytes,
           heads.programme, heads.problems, heads.looks
    FROM ledgers
    JOIN ledger_heads AS heads ON heads.ledger = ledgers.id
"""
PLACED = """
    SELECT kiosks.id, kiosks.name, placements.site
    FROM kiosks
    JOIN placements ON placements.id = kiosks.placement
    ORDER BY kiosks.id
"""
HEARD = """
    SELECT ledgers.kiosk, heads.heard_at, ledgers.id, heads.pending
    FROM ledgers
    JOIN ledger_heads AS heads ON heads.ledger = ledgers.id
"""
UNHEARD = (None,) * 9


def _problems(written: str | None) -> tuple[str, ...]:
    return () if written in {None, "[]"} else tuple(str(problem) for problem in json.loads(written))
