"""Sites: the stores, with their time zone and tags.

Called by the command line and the verbs. May touch `sites` and `site_tags`, and settles what is in force
there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import available_timezones

from sqlalchemy import delete, insert, or_, select

from headoffice.problems import Invalid, Unknown
from headoffice.store import programmes
from headoffice.store.engine import Connection
from headoffice.store.tables import site_tags, sites
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
    faults = []
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable() or name != name.strip():
        faults.append(Fault("name", f"must have 1 to {LONGEST_NAME} printable characters"))
    if connection.execute(select(sites.c.id).where(sites.c.name == name)).first():
        faults.append(Fault("name", f"there is a site {name!r} already"))
    if timezone not in available_timezones():
        hint = did_you_mean(timezone, available_timezones())
        faults.append(Fault("timezone", f"there is no time zone {timezone!r}{hint}"))
    faults += [
        Fault("tag", "write key=value, both not empty") for key, value in tags.items() if not (key and value)
    ]
    if faults:
        raise Invalid(faults)
    row = {"name": name, "timezone": timezone, "created_at": now}
    site = int(connection.execute(insert(sites).values(row).returning(sites.c.id)).scalar_one())
    _put_tags(connection, site, tags)
    programmes.settle(connection, site)
    return site


def put_tags(connection: Connection, site: int, tags: Mapping[str, str]) -> None:
    """Give a site these tags, in the place of those before: what it is sent, and who sees it, follow them."""
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
