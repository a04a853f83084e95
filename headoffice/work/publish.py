"""Publish: keep surveys by version, and put programmes of them in force.

Programmes are published by `cli`; single surveys are put by kiosks through `web.kiosk_api`.
May touch `surveys`, `questions`, `programmes` and the audit.
"""

from collections.abc import Sequence

from headoffice.problems import Invalid
from headoffice.store import surveys
from headoffice.store.audit import note
from headoffice.store.engine import Connection
from headoffice.store.sites import Site
from survey.model import Programme
from survey.parse import parse_survey, version_of
from survey.problems import Fault


def publish(
    connection: Connection, programme: Programme, *, sites: Sequence[Site], who: str, now: int
) -> str:
    """Put a programme in force at some sites, or everywhere when none is named; returns its etag."""
    for survey in programme.surveys:
        surveys.add_survey(connection, survey, kiosk=None, now=now)
    versions = [survey.version for survey in programme.surveys]
    for site in [each.id for each in sites] or [None]:
        surveys.put_programme(connection, versions=versions, site=site, now=now)
    what = {"versions": versions, "sites": [site.id for site in sites] or "all"}
    note(connection, who=who, did="publish", what=what, now=now)
    return surveys.etag_of(versions)


def put_survey(connection: Connection, *, version: str, document: object, kiosk: int, now: int) -> None:
    """Keep a survey that staff made on a kiosk.

    Raises InvalidSurvey for a document with faults, Invalid where the version is not the document's.
    """
    found = version_of(document)
    if found != version:
        raise Invalid([Fault("version", f"is {version!r}; this document's version is {found!r}")])
    surveys.add_survey(connection, parse_survey(document), kiosk=kiosk, now=now)
