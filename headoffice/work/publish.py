"""Publish: keep surveys by version, and put programmes of them in force.

Programmes are published by `cli`; single surveys are put by kiosks through `web.kiosk_api`.
May touch `surveys`, `questions`, `programmes` and the audit.
"""

from collections.abc import Sequence

from headoffice.problems import Invalid
from headoffice.store import surveys
from headoffice.store.audit import By, note
from headoffice.store.engine import Connection
from headoffice.store.sites import Site
from survey.model import Programme, Survey
from survey.parse import parse_survey, version_of
from survey.problems import Fault, shown


def publish(connection: Connection, programme: Programme, *, sites: Sequence[Site], by: By) -> str:
    """Put a programme in force at some sites, or everywhere when none is named; returns its etag."""
    for survey in programme.surveys:
        surveys.add_survey(connection, survey, kiosk=None, now=by.at)
    versions = [survey.version for survey in programme.surveys]
    where: list[int | None] = [site.id for site in sites] or [None]
    for each in where:
        surveys.put_programme(connection, versions=versions, site=each, now=by.at)
    what = {"versions": versions, "sites": [site.id for site in sites] or "all"}
    note(connection, by=by, did="publish", what=what)
    return surveys.etag_of(versions)


def read_survey(version: str, document: object) -> Survey:
    """Read a survey that staff made on a kiosk.

    Raises InvalidSurvey for a document with faults, Invalid where the version is not the document's.
    """
    found = version_of(document)
    if found != version:
        raise Invalid([Fault("version", f"is {shown(version)}; this document's version is {found!r}")])
    return parse_survey(document)


def put_survey(connection: Connection, survey: Survey, *, kiosk: int, now: int) -> None:
    """Keep a survey that staff made on a kiosk; no programme changes by it."""
    surveys.add_survey(connection, survey, kiosk=kiosk, now=now)
