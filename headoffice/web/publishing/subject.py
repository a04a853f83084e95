"""What is to be published, shown or compared: a draft, or a version that is known.

Called by the pages of this folder with a connection. May read drafts and surveys.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headoffice.problems import Unknown
from headoffice.store import drafts, surveys
from headoffice.store.engine import Connection
from survey.model import Survey
from survey.parse import parse_programme
from survey.problems import Fault, InvalidSurvey
from survey.ruby import plain


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A document and where it comes from; `survey` is None while it has faults."""

    path: str
    name: str
    document: Mapping[str, Any]
    survey: Survey | None
    faults: Sequence[Fault]
    draft: drafts.Draft | None = None

    def title(self, language: str) -> str:
        """What it is called in a language, else in any it has, else by its id."""
        titles = self.document.get("title")
        said = titles if isinstance(titles, Mapping) else {}
        words = said.get(language) or next((each for each in said.values() if each), None) or self.name
        return plain(str(words))


def of_draft(connection: Connection, number: int) -> Subject:
    """A draft. Raises Unknown."""
    draft = drafts.read(connection, number)
    if draft is None:
        raise Unknown(f"there is no draft {number} (any more): look among the surveys what became of it")
    return _subject(f"/surveys/drafts/{number}", draft.survey, draft.document, draft)


def of_version(connection: Connection, version: str) -> Subject:
    """A version that was published here, or that a kiosk's staff made. Raises Unknown."""
    known = surveys.find_survey(connection, version)
    if known is None:
        raise Unknown(f"there is no survey version {version!r}")
    return _subject(f"/surveys/versions/{version}", known.survey.id, known.survey.document(), None)


def _subject(path: str, name: str, document: Mapping[str, Any], draft: drafts.Draft | None) -> Subject:
    survey: Survey | None = None
    faults: Sequence[Fault] = ()
    try:
        (survey,) = parse_programme([document]).surveys
    except InvalidSurvey as invalid:
        faults = invalid.faults
    return Subject(path=path, name=name, document=document, survey=survey, faults=faults, draft=draft)
