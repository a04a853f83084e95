"""Surveys by version, and the questions of each.

Called by the verbs. May touch `surveys` and `questions`, and read `survey_edits`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from sqlalchemy import insert, select

from headoffice.store.engine import Connection, driver
from headoffice.store.kept import lasting
from headoffice.store.tables import questions, survey_edits, surveys
from survey.model import Question, Survey
from survey.parse import canonical, parse_survey

FACES_SLOTS = 3


@dataclass(frozen=True)
class KnownSurvey:
    """A survey version with the number that taps carry for each of its questions."""

    survey: Survey
    questions: Mapping[str, int]


def add_survey(connection: Connection, survey: Survey, *, kiosk: int | None, now: int) -> None:
    """Keep a survey version; one that is known already stays as it is."""
    if connection.execute(select(surveys.c.id).where(surveys.c.version == survey.version)).first():
        return
    row = {
        "version": survey.version,
        "survey": survey.id,
        "kind": survey.kind,
        "document": canonical(survey).decode(),
        "kiosk": kiosk,
        "added_at": now,
    }
    added = connection.execute(insert(surveys).values(row).returning(surveys.c.id)).scalar_one()
    rows = [_question_row(question, position) for position, question in enumerate(survey.questions)]
    connection.execute(insert(questions), [{"survey": added, **row} for row in rows])


def newest_published(connection: Connection, survey: str) -> str | None:
    """Name the version of a survey that head office published last, None before the first."""
    mine = select(survey_edits.c.version).join(surveys, surveys.c.version == survey_edits.c.version)
    mine = mine.where(surveys.c.survey == survey, survey_edits.c.kiosk.is_(None))
    version: str | None = connection.execute(
        mine.order_by(survey_edits.c.id.desc()).limit(1)
    ).scalar_one_or_none()
    return version


def find_survey(connection: Connection, version: str) -> KnownSurvey | None:
    """Find a survey version; what a version says never changes."""
    return lasting(connection, ("survey", version), partial(_find_survey, connection, version))


def _find_survey(connection: Connection, version: str) -> KnownSurvey | None:
    row = driver(connection).execute(FIND, (version,)).fetchone()
    if row is None:
        return None
    survey, document = row
    numbers = driver(connection).execute(NUMBERS, (survey,)).fetchall()
    return KnownSurvey(parse_survey(json.loads(document)), dict(numbers))


def _question_row(question: Question, position: int) -> dict[str, object]:
    base, slots = _slots(question)
    return {
        "question": question.id,
        "position": position,
        "type": question.type,
        "metric": question.metric,
        "base": base,
        "slots": slots,
    }


def _slots(question: Question) -> tuple[int, int]:
    match question.type:
        case "faces":
            return 0, FACES_SLOTS
        case "scale" | "stars":
            return question.lowest, question.highest - question.lowest + 1
        case "choice":
            return 0, len(question.options)
    return 0, 0


FIND = "SELECT id, document FROM surveys WHERE version = ?"
NUMBERS = "SELECT question, id FROM questions WHERE survey = ?"
