"""The history of a survey: every version, who made it, when, where, from what, and what it changed.

Mounted by publishing/routing.py. For those who see every site; reads only. Rolling back is publishing again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from headoffice.problems import Unknown
from headoffice.store import programmes
from headoffice.store.engine import Connection
from headoffice.store.lists import all_kiosks, all_sites, all_surveys
from headoffice.store.programmes import Target
from headoffice.store.roster import all_people
from headoffice.store.survey_edits import SurveyEdit, all_edits
from headoffice.web.office.desk import Clock, Desk, clock
from headoffice.web.publishing.changes import MOST_CHANGES, terms_told, title_of, told
from headoffice.web.words import Words

HERE = "/surveys"
WHO = ("admin", "analyst")
MOST_STEPS = 200
MOST_PLACES = 8


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something that was done with a survey; `version` None: it was withdrawn."""

    at: int
    who: str
    where: str
    version: str | None
    base: str | None
    changes: tuple[str, ...] = ()
    count: int = 0
    terms: str = ""
    at_kiosk: bool = False
    sites_now: int = 0


@dataclass(frozen=True, kw_only=True)
class View:
    """Everything that the template shows; `now` says at how many sites each version is in force."""

    survey: str
    title: str
    steps: tuple[Step, ...]
    older: int
    now: tuple[tuple[str, int], ...]
    newest: str


async def show(desk: Desk, request: Request) -> Response:
    """The steps, the newest first."""
    session = await desk.enter(request, WHO)
    words, survey = desk.shell.words(request), str(request.path_params["survey"])
    question = partial(_read, words=words, survey=survey, names=session.person.is_admin)
    view, when = await desk.context.read(partial(_clocked, question=question, now=desk.context.now_ms()))
    return desk.show(request, session, "survey_history.html", here=HERE, view=view, when=when)


def _clocked(connection: Connection, *, question: Any, now: int) -> tuple[View, Clock]:
    return question(connection), clock(all_sites(connection), now)


def _read(connection: Connection, *, words: Words, survey: str, names: bool) -> View:
    seen = [each for each in all_surveys(connection) if each.survey == survey]
    if not seen:
        raise Unknown("there is no survey of this name")
    documents = {each.version: each.document for each in seen}
    people = {}
    if names:
        people = {f"person {each.id}": each.email for each in all_people(connection, now=0)}
    in_force: dict[str, int] = {}
    for entries in programmes.entries_in_force(connection).values():
        for each in entries:
            if each.survey == survey:
                in_force[each.version] = in_force.get(each.version, 0) + 1
    reading = _Reading(words=words, survey=survey, documents=documents, people=people)
    steps = [*_published(connection, reading), *_made(connection, reading)]
    steps.sort(key=lambda step: -step.at)
    shown = [replace(step, sites_now=in_force.get(step.version or "", 0)) for step in steps[:MOST_STEPS]]
    return View(
        survey=survey,
        title=title_of(words, ([each for each in seen if each.kiosk is None] or seen)[-1].document),
        steps=tuple(shown),
        older=len(steps) - len(shown),
        now=tuple(sorted(in_force.items(), key=lambda each: -each[1])),
        newest=seen[-1].version,
    )


@dataclass(frozen=True, kw_only=True)
class _Reading:
    words: Words
    survey: str
    documents: Mapping[str, Mapping[str, Any]]
    people: Mapping[str, str]

    def who(self, author: str) -> str:
        """Somebody by their address, where the reader may know it."""
        return self.people.get(author) or self.words.texts.get(f"publish.author.{author}", author)

    def changed(self, base: str | None, version: str) -> tuple[tuple[str, ...], int]:
        """What changed, as much as is read, and how many changes there are."""
        if base is not None and base not in self.documents:
            return (), 0
        before = None if base is None else self.documents[base]
        said = told(self.words, before, self.documents[version])
        return tuple(said[:MOST_CHANGES]), len(said)


def _published(connection: Connection, reading: _Reading) -> list[Step]:
    sites = {site.id: site.name for site in all_sites(connection)}
    steps, base = [], None
    for each in reversed(programmes.published(connection)):
        entry = next((entry for entry in each.entries if entry.survey == reading.survey), None)
        if entry is None and each.survey != reading.survey:
            continue
        step = Step(
            at=each.at,
            who=reading.who(each.who or (entry.terms.author if entry else "") or "?"),
            where=_where(reading.words, each.target, sites),
            version=entry.version if entry else None,
            base=base if entry and base != entry.version else None,
            terms=terms_told(reading.words, entry.terms) if entry else "",
        )
        if entry is not None:
            changes, count = ((), 0) if base == entry.version else reading.changed(base, entry.version)
            step, base = replace(step, changes=changes, count=count), entry.version
        steps.append(step)
    return steps


def _made(connection: Connection, reading: _Reading) -> list[Step]:
    kiosks = {kiosk.id: f"{kiosk.site_name} {kiosk.name}" for kiosk in all_kiosks(connection)}
    edits = all_edits(connection)
    return [
        _of_kiosk(reading, each, kiosks)
        for version in reading.documents
        for each in edits.get(version, ())
        if each.kiosk is not None
    ]


def _of_kiosk(reading: _Reading, edit: SurveyEdit, kiosks: Mapping[int, str]) -> Step:
    changes, count = reading.changed(edit.base, edit.version)
    where = kiosks.get(edit.kiosk or 0, reading.words("surveys.a_kiosk"))
    return Step(
        at=edit.made_at,
        who=reading.who(edit.author),
        where=where,
        version=edit.version,
        base=edit.base,
        changes=changes,
        count=count,
        at_kiosk=True,
    )


def _where(words: Words, target: Target, sites: Mapping[int, str]) -> str:
    if not target:
        return words("publish.everywhere")
    named: Sequence[str] = [
        *(sites.get(site, str(site)) for site in target.sites),
        *(f"{tag}={value}" for tag, value in target.tags),
    ]
    more = len(named) - MOST_PLACES
    said = words.beside(list(named[:MOST_PLACES]))
    return said + (words("publish.and_more", n=more) if more > 0 else "")
