"""Who may see which sites: the one place that decides it, and the filter that every reader goes through.

Put on a connection by `web.context`; asked by each module of this folder that gives anything of a site away.
May read `grants` and `site_tags`, and write `grants`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import text

from headoffice.store import kept
from headoffice.store.engine import Connection, Database

Sites = frozenset[int] | None  # None: every site, also those that are still to come
T = TypeVar("T")
OPTION = "egao_sites"


@contextmanager
def reading(database: Database, sites: Sites, keeping: kept.Kept | None = None) -> Iterator[Connection]:
    """Give a reading connection over which nothing but these sites can be seen."""
    with database.read() as connection:
        connection.execution_options(**{OPTION: sites, kept.OPTION: kept.Keeping(keeping)})
        yield connection


def sites_of(connection: Connection) -> Sites:
    """The sites that may be seen over a connection."""
    found: Sites = connection.get_execution_options().get(OPTION)
    return found


def only(
    connection: Connection, rows: Iterable[T], site: Callable[[Any], int | None] = attrgetter("site")
) -> list[T]:
    """The rows of sites that may be seen; a row of no site is for those who see every one."""
    sites = sites_of(connection)
    return [row for row in rows if sites is None or site(row) in sites]


def term(connection: Connection, column: str) -> str:
    """A condition for SQL: that this column's site may be seen. Numbers only: nothing needs quoting."""
    sites = sites_of(connection)
    if sites is None:
        return "1 = 1"
    return f"{column} IN ({', '.join(str(int(site)) for site in sorted(sites))})" if sites else "1 = 0"


def granted(connection: Connection, *, person: int | None = None, token: int | None = None) -> Sites:
    """The sites of a person or a token, by their id and by their tags as they are now; None if unbound."""
    named, tags = granted_by(connection, person=person, token=token)
    if not named and not tags:
        return None
    sites = set(named)
    for tag, value in tags:
        tagged = text("SELECT site FROM site_tags WHERE tag = :tag AND value = :value")
        sites |= {int(row.site) for row in connection.execute(tagged, {"tag": tag, "value": value})}
    return frozenset(sites)


def granted_by(
    connection: Connection, *, person: int | None = None, token: int | None = None
) -> tuple[tuple[int, ...], tuple[tuple[str, str], ...]]:
    """What a person or a token was bound to: sites by id, and tags as (tag, value), both in order."""
    grants = connection.execute(
        text("SELECT site, tag, value FROM grants WHERE person = :person OR token = :token"),
        {"person": person, "token": token},
    ).all()
    sites = sorted(int(each.site) for each in grants if each.site is not None)
    return tuple(sites), tuple(sorted((each.tag, each.value) for each in grants if each.tag is not None))


def grant(
    connection: Connection,
    *,
    sites: Sequence[int],
    tags: Iterable[tuple[str, str]],
    person: int | None = None,
    token: int | None = None,
) -> None:
    """Bind a person or a token to sites and tags, in the place of what they were bound to before."""
    who = {"person": person, "token": token}
    connection.execute(text("DELETE FROM grants WHERE person = :person OR token = :token"), who)
    rows: list[dict[str, object]] = [{"site": site, "tag": None, "value": None} for site in sites]
    rows += [{"site": None, "tag": tag, "value": value} for tag, value in tags]
    for row in rows:
        connection.execute(
            text(
                "INSERT INTO grants (person, token, site, tag, value) "
                "VALUES (:person, :token, :site, :tag, :value)"
            ),
            {**who, **row},
        )
