"""The page of the surveys: the newest version of each, its languages side by side, its ways, its history.

Shown by web/pages.py. May read surveys, edits and kiosks with a reading connection.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from headoffice.store.engine import Connection
from headoffice.store.lists import SurveySeen, all_kiosks, all_surveys
from headoffice.store.survey_edits import SurveyEdit, all_edits
from headoffice.web.charts.chart import Chart
from headoffice.web.frame.filters import TIMELESS
from headoffice.web.frame.serve import Asked, Show
from headoffice.web.survey_pages.sheet import Sheet, read_sheet
from survey.compare import differences

MOST_VERSIONS = 20
MOST_CHANGES = 30


@dataclass(frozen=True, kw_only=True)
class Version:
    """A version: its name, when and where it was made and by whom, and what changed with it."""

    version: str
    when: str
    who: str
    changes: tuple[str, ...]
    more: str


@dataclass(frozen=True, kw_only=True)
class SurveyShown:
    """A survey: its title, its newest version in all languages, its history, newest first."""

    survey: str
    title: str
    kind: str
    sheet: Sheet
    versions: tuple[Version, ...]
    older: str


@dataclass(frozen=True, kw_only=True)
class SurveysPage:
    """Everything that the template shows."""

    surveys: tuple[SurveyShown, ...]
    charts: tuple[Chart, ...] = ()


def read_page(connection: Connection, asked: Asked) -> SurveysPage:
    """The surveys that the URL asks for; those of kiosks that may not be seen are left out."""
    kiosks = {kiosk.id: f"{kiosk.site_name} {kiosk.name}" for kiosk in all_kiosks(connection)}
    seen = [each for each in all_surveys(connection) if each.kiosk is None or each.kiosk in kiosks]
    chosen, edits = asked.filters.scope.versions, all_edits(connection)
    runs: dict[str, list[SurveySeen]] = {}
    for each in seen:
        if chosen is None or each.version in chosen:
            runs.setdefault(each.survey, []).append(each)
    documents = {each.version: each.document for each in seen}
    telling = _Telling(asked=asked, kiosks=kiosks, documents=documents, edits=edits)
    return SurveysPage(surveys=tuple(_survey(telling, survey, run) for survey, run in runs.items()))


@dataclass(frozen=True, kw_only=True)
class _Telling:
    """What is needed to tell of a version: kiosks by name, documents and edits by version."""

    asked: Asked
    kiosks: Mapping[int, str]
    documents: Mapping[str, Mapping[str, object]]
    edits: Mapping[str, Sequence[SurveyEdit]]


def _survey(telling: _Telling, survey: str, run: Sequence[SurveySeen]) -> SurveyShown:
    words, newest = telling.asked.words, run[-1]
    shown = list(reversed(run))[:MOST_VERSIONS]
    older = len(run) - len(shown)
    return SurveyShown(
        survey=survey,
        title=telling.asked.catalogue.survey(survey),
        kind=newest.kind,
        sheet=read_sheet(words, newest.document),
        versions=tuple(_version(telling, each) for each in shown),
        older=words("surveys.older", n=older) if older else "",
    )


def _version(telling: _Telling, seen: SurveySeen) -> Version:
    words = telling.asked.words
    edits = telling.edits.get(seen.version, ())
    edit = edits[0] if edits else None
    base = None if edit is None or edit.base is None else telling.documents.get(edit.base)
    changes = [str(each) for each in differences(base, seen.document)] if base is not None else []
    where = words("surveys.head_office")
    if edit is not None and edit.kiosk is not None:
        where = telling.kiosks.get(edit.kiosk, words("surveys.a_kiosk"))
    return Version(
        version=seen.version,
        when=words.stamp(seen.added_at if edit is None else edit.made_at),
        who=where if edit is None else words("surveys.by", author=edit.author, where=where),
        changes=tuple(changes[:MOST_CHANGES]),
        more=words("surveys.more", n=len(changes) - MOST_CHANGES) if len(changes) > MOST_CHANGES else "",
    )


SURVEYS = Show(path="/surveys", template="surveys.html", read=read_page, filters=("survey", TIMELESS))
