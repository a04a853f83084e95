"""Publish: keep surveys by version, and put programmes of them in force.

Programmes are published by `cli`; single surveys are put by kiosks through `web.kiosk_api`.
May touch `surveys`, `questions`, `survey_edits`, `programmes` and the audit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from headoffice.problems import Invalid
from headoffice.store import surveys
from headoffice.store.audit import By, note
from headoffice.store.engine import Connection
from headoffice.store.sites import Site
from headoffice.store.survey_edits import SurveyEdit, add_edit
from survey.model import Programme, Survey
from survey.parse import parse_survey, version_of
from survey.problems import Fault, shown
from survey.terms import MOST_CHARACTERS, MOST_PLACES, Terms, read_terms
from sync.contract import Made


def publish(
    connection: Connection,
    programme: Programme,
    *,
    sites: Sequence[Site],
    by: By,
    terms: Mapping[str, Terms] = MappingProxyType({}),
) -> str:
    """Put a programme in force at some sites, or everywhere when none is named; returns its etag.

    `terms` says by a survey's id who may change it; every store may change the others.
    """
    for survey in programme.surveys:
        base = surveys.newest_published(connection, survey.id)
        if base == survey.version:
            continue
        surveys.add_survey(connection, survey, kiosk=None, now=by.at)
        _note_edit(
            connection, Made(author=by.who, at=by.at, base=base), survey.version, kiosk=None, now=by.at
        )
    given = [
        replace(terms.get(each, surveys.OPEN), author=by.who, made_at=by.at)
        for each in (survey.id for survey in programme.surveys)
    ]
    versions = [survey.version for survey in programme.surveys]
    where: list[int | None] = [site.id for site in sites] or [None]
    for each in where:
        surveys.put_programme(connection, versions=versions, terms=given, site=each, now=by.at)
    what = {"versions": versions, "sites": [site.id for site in sites] or "all"}
    note(connection, by=by, did="publish", what=what)
    return surveys.etag_of(versions, given)


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
