"""What publishing would change, site by site, in words: sites where the same changes stand together.

Called by publishing/page.py with a reading connection. May read what is in force, surveys and sites.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headoffice.store import programmes
from headoffice.store.engine import Connection
from headoffice.store.lists import SiteSeen, all_sites, all_surveys
from headoffice.store.programmes import Entry, Published
from headoffice.web.words import Words
from survey.compare import Difference, differences
from survey.model import Survey
from survey.problems import shown
from survey.ruby import plain
from survey.terms import Terms

MOST_CHANGES = 40
MOST_NAMES = 12

Document = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A survey in the order of a programme: its title; whether it is this one; whether nobody will see it."""

    title: str
    this: bool
    hidden: bool


@dataclass(frozen=True, kw_only=True)
class Group:
    """Sites where the same changes: from which version, what, and what stands there in order afterwards."""

    sites: tuple[str, ...]
    count: int
    more: str
    before: str | None
    changes: tuple[str, ...]
    further: str
    order: tuple[Standing, ...]

    @property
    def hidden(self) -> bool:
        """Whether this survey will not be seen: one that is always shown stands before it."""
        return any(each.this and each.hidden for each in self.order)


def read_groups(connection: Connection, words: Words, survey: Survey, change: Published) -> tuple[Group, ...]:
    """The groups of sites that publishing reaches, the largest first."""
    documents: dict[str, Document] = {each.version: each.document for each in all_surveys(connection)}
    documents[survey.version] = survey.document()
    sites = {site.id: site for site in all_sites(connection)}
    now = programmes.entries_in_force(connection)
    alike: dict[tuple[tuple[str, Terms], ...], list[SiteSeen]] = {}
    standing: dict[tuple[tuple[str, Terms], ...], tuple[Entry, ...]] = {}
    for site in programmes.met_by(connection, change.target):
        there = now.get(site, ())
        key = tuple((each.version, _unsigned(each.terms)) for each in there)
        alike.setdefault(key, []).append(sites[site])
        standing[key] = there
    telling = _Telling(words=words, survey=survey, change=change, documents=documents)
    groups = [_group(telling, found, standing[key]) for key, found in alike.items()]
    return tuple(sorted(groups, key=lambda group: -group.count))


@dataclass(frozen=True, kw_only=True)
class _Telling:
    """What is published, and what is needed to tell of it."""

    words: Words
    survey: Survey
    change: Published
    documents: Mapping[str, Document]


def _group(telling: _Telling, sites: Sequence[SiteSeen], there: Sequence[Entry]) -> Group:
    words, survey, change, documents = telling.words, telling.survey, telling.change, telling.documents
    before = next((each for each in there if each.survey == survey.id), None)
    after = change.upon(there)
    said = list(told(words, None if before is None else documents[before.version], survey.document()))
    (mine,) = change.entries
    if before is not None and _unsigned(before.terms) != _unsigned(mine.terms):
        said.append(f"{terms_told(words, before.terms)} → {terms_told(words, mine.terms)}")
    elif before is None:
        said.append(terms_told(words, mine.terms))
    if [each.survey for each in after] != [each.survey for each in there] and before is not None:
        said.append(words("publish.moved"))
    names = sorted(site.name for site in sites)
    over = len(said) - MOST_CHANGES
    return Group(
        sites=tuple(names[:MOST_NAMES]),
        count=len(names),
        more=words("publish.more_sites", n=len(names) - MOST_NAMES) if len(names) > MOST_NAMES else "",
        before=None if before is None else before.version,
        changes=tuple(said[:MOST_CHANGES]),
        further=words("surveys.more", n=over) if over > 0 else "",
        order=tuple(_order(telling, after)),
    )


def _order(telling: _Telling, entries: Sequence[Entry]) -> list[Standing]:
    rows, covered = [], False
    for each in entries:
        document = telling.documents[each.version]
        title, this = title_of(telling.words, document), each.survey == telling.survey.id
        rows.append(Standing(title=title, this=this, hidden=covered))
        covered = covered or not document.get("when")
    return rows


def title_of(words: Words, document: Document) -> str:
    """A document's title in the reader's language, else in any."""
    titles = document.get("title")
    said = titles if isinstance(titles, Mapping) else {}
    return plain(str(said.get(words.language) or next(iter(said.values()), document.get("id", ""))))


def told(words: Words, before: Document | None, after: Document) -> list[str]:
    """What changed from one document to the next, in the reader's language; nothing where they are alike."""
    if before is None:
        return [words("publish.new")]
    return [_said(words, each) for each in differences(before, after)]


def terms_told(words: Words, terms: Terms) -> str:
    """On what terms a store has a survey."""
    if not terms.locked:
        return words("publish.terms.open")
    said = words("publish.terms.places", n=terms.places) if terms.places else words("publish.terms.locked")
    return said + (words("publish.terms.ask", ask=terms.ask) if terms.ask else "")


def _said(words: Words, difference: Difference) -> str:
    match difference.before, difference.after:
        case None, dict() | list():
            return words("publish.change.added", place=difference.place)
        case None, after:
            return words("publish.change.added_as", place=difference.place, after=shown(after))
        case _, None:
            return words("publish.change.out", place=difference.place)
        case list(), list() as after:
            order = words.beside([str(each) for each in after])
            return words("publish.change.order", place=difference.place, order=order)
        case before, after:
            return words(
                "publish.change.to", place=difference.place, before=shown(before), after=shown(after)
            )


def _unsigned(terms: Terms) -> Terms:
    return Terms(locked=terms.locked, places=terms.places, ask=terms.ask)
