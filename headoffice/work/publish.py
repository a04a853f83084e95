"""Publish: keep surveys by version, and put programmes of them in force.

Programmes are published by `cli`, single surveys from the pages; kiosks put theirs through `web.kiosk_api`.
May touch `surveys`, `questions`, `survey_edits`, what is published and the audit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from headoffice.problems import Invalid, Overtaken
from headoffice.store import programmes, surveys
from headoffice.store.audit import By, note
from headoffice.store.engine import Connection
from headoffice.store.programmes import OPEN, Entry, Published, Target, alone, etag_of, signed
from headoffice.store.sites import Site
from headoffice.store.survey_edits import SurveyEdit, add_edit
from survey.model import Programme, Survey
from survey.parse import parse_survey, version_of
from survey.problems import Fault, shown
from survey.terms import MOST_CHARACTERS, MOST_PLACES, Terms, read_terms
from sync.contract import Made


def publish(  # noqa: PLR0913 - where is said in two ways
    connection: Connection,
    programme: Programme,
    *,
    sites: Sequence[Site],
    by: By,
    terms: Mapping[str, Terms] = MappingProxyType({}),
    tags: Sequence[tuple[str, str]] = (),
) -> str:
    """Put a whole programme in force at some sites and those with a tag, or everywhere where none is named.

    `terms` says by a survey's id who may change it; every store may change the others. Returns its etag.
    """
    for survey in programme.surveys:
        _keep(connection, survey, by=by)
    given = [
        Entry(survey=each.id, version=each.version, terms=terms.get(each.id, OPEN))
        for each in programme.surveys
    ]
    target = Target(sites=tuple(site.id for site in sites), tags=tuple(tags))
    entries = signed(given, who=by.who, at=by.at)
    change = Published(entries=entries, target=target, who=by.who, at=by.at)
    programmes.publish(connection, change)
    _note_published(connection, change, by=by)
    return etag_of([each.version for each in given], [each.terms for each in given])


def publish_survey(
    connection: Connection, survey: Survey, change: Published, *, seen: int, by: By
) -> Published:
    """Put one survey in force where `change` says, beside the others there, or in the place of its version.

    `seen` is the number of what was published last when it was decided. Raises Overtaken where somebody has
    published since; the same again, as a second click sends it, changes nothing.
    """
    alone(connection)
    signed_change = replace(
        change, entries=signed(change.entries, who=by.who, at=by.at), who=by.who, at=by.at
    )
    twice = _twice(connection, survey.id, signed_change, seen=seen)
    if twice is not None:
        return twice
    _keep(connection, survey, by=by)
    number = programmes.publish(connection, signed_change)
    _note_published(connection, signed_change, by=by)
    return replace(signed_change, id=number)


def withdraw_survey(
    connection: Connection, survey: str, target: Target, *, seen: int | None, by: By
) -> Published:
    """Take one survey out of what is in force at some sites; the others there stay, its answers too.

    `seen` as in `publish_survey`, None for who looks at nothing. Raises Overtaken as it does, and Invalid
    where the survey is in force at none of the sites, nor waits for the first of them.
    """
    alone(connection)
    change = Published(entries=(), target=target, survey=survey, who=by.who, at=by.at)
    twice = None if seen is None else _twice(connection, survey, change, seen=seen)
    if twice is not None:
        return twice
    met, in_force = programmes.met_by(connection, target), programmes.entries_in_force(connection)
    waits = [] if met else [entry for each in programmes.published(connection) for entry in each.entries]
    there = (entry for site in met for entry in in_force.get(site, ()))
    if not any(entry.survey == survey for entry in (*there, *waits)):
        raise Invalid([Fault("survey", f"{shown(survey)} is in force at none of these sites")])
    number = programmes.publish(connection, change)
    _note_published(connection, change, by=by)
    return replace(change, id=number)


def _twice(connection: Connection, survey: str, change: Published, *, seen: int) -> Published | None:
    """What the first of two clicks did, if this is the second. Raises Overtaken where another was quicker."""
    since = last_published(connection, survey)
    if not since or since[0].id == seen:
        return None
    before = since[1].id if len(since) > 1 else 0
    if before == seen and _same(since[0], change):
        return since[0]
    raise Overtaken(f"{since[0].who or 'somebody'} published this survey meanwhile: look at it again")


def last_published(connection: Connection, survey: str) -> list[Published]:
    """What was published that decides over a survey: of it alone, or whole programmes; the newest first."""
    return [each for each in programmes.published(connection) if each.survey in (None, survey)]


def read_locks(locks: Sequence[str], ask: str, programme: Programme) -> dict[str, Terms]:
    """Read `SURVEY` or `SURVEY=N`, `*` for all, into terms. Raises Invalid with all faults at once."""
    known = [survey.id for survey in programme.surveys]
    faults, terms = [], dict[str, Terms]()
    for lock in locks:
        name, _, places = lock.partition("=")
        if name != "*" and name not in known:
            faults.append(Fault("--lock", f"{shown(name)} is no survey of this file: {', '.join(known)}"))
        if places and not (places.isascii() and places.isdecimal() and int(places[:3]) <= MOST_PLACES):
            faults.append(Fault("--lock", f"{shown(places)} is no number of places from 0 to {MOST_PLACES}"))
            continue
        bound = Terms(locked=True, places=int(places or 0), ask=ask)
        terms |= dict.fromkeys(known if name == "*" else [name], bound)
    if read_terms({"ask": ask}).ask != ask:
        faults.append(Fault("--ask", f"needs one line of up to {MOST_CHARACTERS} characters"))
    if faults:
        raise Invalid(faults)
    return terms


def read_survey(version: str, document: object) -> Survey:
    """Read a survey that staff made on a kiosk.

    Raises InvalidSurvey for a document with faults, Invalid where the version is not the document's.
    """
    found = version_of(document)
    if found != version:
        raise Invalid([Fault("version", f"is {shown(version)}; this document's version is {found!r}")])
    return parse_survey(document)


def put_survey(
    connection: Connection, survey: Survey, *, kiosk: int, now: int, made: Made | None = None
) -> None:
    """Keep a survey that staff made on a kiosk, and who did; no programme changes by it."""
    surveys.add_survey(connection, survey, kiosk=kiosk, now=now)
    if made is not None:
        _note_edit(connection, made, survey.version, kiosk=kiosk, now=now)


def _keep(connection: Connection, survey: Survey, *, by: By) -> None:
    base = surveys.newest_published(connection, survey.id)
    if base == survey.version:
        return
    surveys.add_survey(connection, survey, kiosk=None, now=by.at)
    _note_edit(connection, Made(author=by.who, at=by.at, base=base), survey.version, kiosk=None, now=by.at)


def _same(one: Published, other: Published) -> bool:
    """Whether somebody published the same thing twice."""
    unsigned = [
        replace(each, id=0, at=0, entries=signed(each.entries, who="", at=0)) for each in (one, other)
    ]
    return unsigned[0] == unsigned[1]


def _note_published(connection: Connection, change: Published, *, by: By) -> None:
    what: dict[str, object] = {"versions": [each.version for each in change.entries]}
    what["sites"] = list(change.target.sites) if change.target else "all"
    if change.target.tags:
        what["tags"] = [f"{tag}={value}" for tag, value in change.target.tags]
    if change.survey is not None:
        what["survey"] = change.survey
    note(connection, by=by, did="publish" if change.entries else "withdraw", what=what)


def _note_edit(connection: Connection, made: Made, version: str, *, kiosk: int | None, now: int) -> None:
    edit = SurveyEdit(
        version=version,
        kiosk=kiosk,
        author=made.author,
        made_at=made.at,
        base=made.base,
        received_at=now,
    )
    add_edit(connection, edit)
