"""Programmes: what was published where, and what of it is in force at each site.

Called by the verbs and by `store.sites`. May touch `programmes`, `programme_targets` and `in_force`; reads
sites, their tags and `surveys`. What is in force at a site is all that was published for it, taken in order:
a whole programme replaces everything, one survey takes the place of its other version. See docs/who-wins.md.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from sqlalchemy import delete, insert, select, text

from headoffice.store.dialects import is_postgres
from headoffice.store.engine import Connection, driver
from headoffice.store.tables import in_force, programme_targets, programmes, site_tags, surveys
from headoffice.store.tables import sites as all_sites
from survey.terms import Terms, read_terms

OPEN = Terms(locked=False)
FIRST, LAST = "first", "last"
SETTLING = 0x45676170  # the advisory lock of those who publish, or give a site other tags


@dataclass(frozen=True)
class Target:
    """The sites that are meant: those named by id and those with one of the tags; none of both: every one."""

    sites: tuple[int, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sites or self.tags)

    def meets(self, site: int, tags: Mapping[str, str]) -> bool:
        """Whether a site is meant."""
        return not self or site in self.sites or any(tags.get(tag) == value for tag, value in self.tags)


EVERYWHERE = Target()


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A survey in a programme: its id, its version, and on what terms a store has it."""

    survey: str
    version: str
    terms: Terms = OPEN


@dataclass(frozen=True, kw_only=True)
class Published:
    """What was published: a whole programme where `survey` is None, otherwise that survey alone.

    Without an entry it was withdrawn. `place` is where one survey goes: FIRST, LAST, or None: where it stood,
    a new one first. `at` in ms.
    """

    entries: tuple[Entry, ...]
    target: Target = EVERYWHERE
    survey: str | None = None
    place: str | None = None
    who: str | None = None
    at: int = 0
    id: int = 0

    def upon(self, before: Sequence[Entry]) -> tuple[Entry, ...]:
        """What is in force where this is published and that was before."""
        if self.survey is None:
            return self.entries
        names = [each.survey for each in before]
        others = [each for each in before if each.survey != self.survey]
        if self.place == LAST:
            return (*others, *self.entries)
        stood = names.index(self.survey) if self.survey in names and self.place is None else 0
        return (*others[:stood], *self.entries, *others[stood:])


@dataclass(frozen=True)
class InForce:
    """A programme: its etag, its documents in order, and on what terms each is given."""

    etag: str
    surveys: list[object]
    terms: list[object]


def publish(connection: Connection, change: Published) -> int:
    """Keep what is published and put it in force at the sites that it is for; returns its number."""
    alone(connection)
    row = {
        **_row(change.entries),
        "published_at": change.at,
        "survey": change.survey,
        "place": change.place,
        "who": change.who,
    }
    number = connection.execute(insert(programmes).values(row).returning(programmes.c.id)).scalar_one()
    targets: list[dict[str, object]] = [{"programme": number, "site": site} for site in change.target.sites]
    targets += [{"programme": number, "tag": tag, "value": value} for tag, value in change.target.tags]
    for target in targets:
        connection.execute(insert(programme_targets).values(target))
    before = entries_in_force(connection)
    wanted = met_by(connection, change.target)
    _put(connection, {site: change.upon(before.get(site, ())) for site in wanted})
    return int(number)


def settle(connection: Connection, site: int) -> None:
    """Say anew what is in force at a site: it is new, or has other tags."""
    alone(connection)
    tagged = connection.execute(select(site_tags).where(site_tags.c.site == site))
    tags = {row.tag: row.value for row in tagged}
    meant = [each for each in reversed(published(connection)) if each.target.meets(site, tags)]
    if meant:
        _put(connection, {site: reduce(lambda before, each: each.upon(before), meant, ())})
    else:
        connection.execute(delete(in_force).where(in_force.c.site == site))


def alone(connection: Connection) -> None:
    """Wait for others who change what is in force; SQLite's writer is alone already."""
    if is_postgres(connection):
        driver(connection).execute("SELECT pg_advisory_xact_lock(?)", (SETTLING,))


def published(connection: Connection) -> list[Published]:
    """All that was published, the newest first."""
    targets: dict[int, list[Any]] = {}
    for row in connection.execute(select(programme_targets).order_by(programme_targets.c.id)):
        targets.setdefault(row.programme, []).append(row)
    names = _names(connection)
    return [
        Published(
            entries=_entries(row, names),
            target=_target(targets.get(row.id, ())),
            survey=row.survey,
            place=row.place,
            who=row.who,
            at=row.published_at,
            id=row.id,
        )
        for row in connection.execute(select(programmes).order_by(programmes.c.id.desc()))
    ]


def entries_in_force(connection: Connection) -> dict[int, tuple[Entry, ...]]:
    """What is in force at each site, by its id; sites for which nothing was published are not there."""
    names = _names(connection)
    return {row.site: _entries(row, names) for row in connection.execute(select(in_force))}


def met_by(connection: Connection, target: Target) -> list[int]:
    """The ids of the sites that are meant as they are now."""
    tags = _tags(connection)
    known = connection.execute(select(all_sites.c.id).order_by(all_sites.c.id)).scalars()
    return [site for site in known if target.meets(site, tags.get(site, {}))]


def documents_in_force(connection: Connection, site: int) -> InForce:
    """Give the programme in force at a site, an empty one where none was published."""
    row = connection.execute(select(in_force).where(in_force.c.site == site)).one_or_none()
    if row is None:
        return InForce(NOTHING, [], [])
    versions = json.loads(row.versions)
    kept = connection.execute(
        select(surveys.c.version, surveys.c.document).where(surveys.c.version.in_(versions))
    )
    documents = {version: json.loads(document) for version, document in kept}
    terms = json.loads(row.terms) if row.terms else [OPEN.document() for _ in versions]
    return InForce(row.etag, [documents[version] for version in versions], terms)


def count_in_force(connection: Connection) -> int:
    """Count the programmes that differ from site to site; 1 where there is no site yet to have what waits."""
    count = "SELECT count(DISTINCT etag), (SELECT count(*) FROM programmes) FROM in_force"
    found, waiting = connection.execute(text(count)).one()
    return int(found) or min(1, int(waiting))


def etag_of(versions: Sequence[str], terms: Sequence[Terms] = ()) -> str:
    """Name a programme by what is in it, so that publishing the same again changes nothing."""
    bound = [(each.locked, each.places, each.ask) for each in terms]
    said = json.dumps(bound) if any(each != (False, 0, "") for each in bound) else ""
    return hashlib.sha256((" ".join(versions) + said).encode()).hexdigest()[:16]


def signed(entries: Iterable[Entry], *, who: str, at: int) -> tuple[Entry, ...]:
    """The same, with who published them and when among the terms."""
    return tuple(replace(each, terms=replace(each.terms, author=who, made_at=at)) for each in entries)


def _put(connection: Connection, wanted: Mapping[int, Sequence[Entry]]) -> None:
    rows = [{"site": site, **_row(entries)} for site, entries in wanted.items()]
    for row in rows:
        connection.execute(delete(in_force).where(in_force.c.site == row["site"]))
    if rows:
        connection.execute(insert(in_force), rows)


def _row(entries: Sequence[Entry]) -> dict[str, object]:
    versions, terms = [each.version for each in entries], [each.terms for each in entries]
    return {
        "etag": etag_of(versions, terms),
        "versions": json.dumps(versions),
        "terms": json.dumps([each.document() for each in terms], ensure_ascii=False),
    }


def _entries(row: Any, names: Mapping[str, str]) -> tuple[Entry, ...]:
    versions = json.loads(row.versions)
    terms = [read_terms(each) for each in json.loads(row.terms)] if row.terms else [OPEN for _ in versions]
    return tuple(
        Entry(survey=names[version], version=version, terms=each)
        for version, each in zip(versions, terms, strict=True)
    )


def _target(rows: Sequence[Any]) -> Target:
    return Target(
        sites=tuple(row.site for row in rows if row.site is not None),
        tags=tuple((row.tag, row.value) for row in rows if row.tag is not None),
    )


def _names(connection: Connection) -> dict[str, str]:
    return {
        row.version: row.survey for row in connection.execute(select(surveys.c.version, surveys.c.survey))
    }


def _tags(connection: Connection) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for row in connection.execute(select(site_tags)):
        found.setdefault(row.site, {})[row.tag] = row.value
    return found


NOTHING = etag_of(())  # the etag where nothing was published
