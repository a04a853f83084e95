"""Sites: the stores, with their time zone and tags.

Called by the command line and the verbs. May touch `sites` and `site_tags`, read what arrived
from there, settles what is in force there, and has each change noted by `chain`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from sqlalchemy import delete, insert, or_, select, update

from headoffice.problems import Invalid, Unknown
from headoffice.store import chain, programmes
from headoffice.store.engine import Connection
from headoffice.store.tables import ledger_heads, ledgers, placements, site_tags, sites
from survey.problems import Fault, did_you_mean

LONGEST_NAME = 100


@dataclass(frozen=True)
class Site:
    """A store; `timezone` is an IANA name."""

    id: int
    name: str
    timezone: str


def add_site(connection: Connection, *, name: str, timezone: str, tags: Mapping[str, str], now: int) -> int:
    """Add a site; returns its id. Raises Invalid with every fault."""
    faults = _faults(connection, name, timezone, site=None)
    faults += [
        Fault("tag", "write key=value, both not empty") for key, value in tags.items() if not (key and value)
    ]
    if faults:
        raise Invalid(faults)
    chain.note_change(connection)
    row = {"name": name, "timezone": timezone, "created_at": now}
    site = int(connection.execute(insert(sites).values(row).returning(sites.c.id)).scalar_one())
    _put_tags(connection, site, tags)
    programmes.settle(connection, site)
    return site


def change_site(connection: Connection, site: Site, wanted: Site) -> None:
    """Give a site another name, and another time zone as long as no kiosk that stood there holds a tap.

    Days and hours are counted by the zone as each tap arrives. Raises Invalid with every fault.
    """
    faults = _faults(connection, wanted.name, wanted.timezone, site=site.id)
    if wanted.timezone != site.timezone and _was_tapped(connection, site.id):
        words = "is kept: taps were counted by it; add another site and move its kiosks there"
        faults.append(Fault("timezone_kept", f"{site.timezone} {words}"))
    if faults:
        raise Invalid(faults)
    chain.note_change(connection)
    values = {"name": wanted.name, "timezone": wanted.timezone}
    connection.execute(update(sites).where(sites.c.id == site.id).values(values))


@cache
def zones() -> frozenset[str]:
    """The names of all time zones: IANA's, as this machine has them."""
    return frozenset(available_timezones())


def _faults(connection: Connection, name: str, timezone: str, *, site: int | None) -> list[Fault]:
    faults = []
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable() or name != name.strip():
        faults.append(Fault("name", f"must have 1 to {LONGEST_NAME} printable characters"))
    same = connection.execute(select(sites.c.id).where(sites.c.name == name)).scalar_one_or_none()
    if same is not None and same != site:
        faults.append(Fault("name" if site is None else "name_taken", f"there is a site {name!r} already"))
    if timezone not in zones():
        hint = did_you_mean(timezone, zones())
        faults.append(Fault("timezone", f"there is no time zone {timezone!r}{hint}"))
    return faults


def _was_tapped(connection: Connection, site: int) -> bool:
    """Whether a kiosk that ever stood there has sent anything, from wherever."""
    stood = select(placements.c.kiosk).where(placements.c.site == site)
    held = select(ledger_heads.c.ledger).join(ledgers, ledgers.c.id == ledger_heads.c.ledger)
    return (
        connection.execute(held.where(ledgers.c.kiosk.in_(stood), ledger_heads.c.through > 0)).first()
        is not None
    )


def put_tags(connection: Connection, site: int, tags: Mapping[str, str]) -> None:
    """Give a site these tags, in the place of those before: what it is sent, and who sees it, follow them."""
    chain.note_change(connection)
    _put_tags(connection, site, tags)
    programmes.settle(connection, site)


def _put_tags(connection: Connection, site: int, tags: Mapping[str, str]) -> None:
    connection.execute(delete(site_tags).where(site_tags.c.site == site))
    if tags:
        connection.execute(
            insert(site_tags), [{"site": site, "tag": tag, "value": tags[tag]} for tag in tags]
        )


def find_site(connection: Connection, named: str) -> Site:
    """Find a site by its id or its name; the name goes first. Raises Unknown."""
    which = sites.c.name == named
    if named.isascii() and named.isdigit() and len(named) < 19:  # noqa: PLR2004 - what an id's column holds
        which = or_(which, sites.c.id == int(named))
    found = connection.execute(select(sites.c.id, sites.c.name, sites.c.timezone).where(which)).all()
    if not found:
        names = list(connection.execute(select(sites.c.name)).scalars())
        raise Unknown(f"there is no site {named!r}{did_you_mean(named, names)}")
    return Site(*next((row for row in found if row.name == named), found[0]))
