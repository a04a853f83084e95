"""Surveys by version, the questions of each, and the programmes that put them in force.

Called by the verbs. May touch `surveys`, `questions` and `programmes`, and read `survey_edits`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, or_, select

from headoffice.store.engine import Connection, driver
from headoffice.store.tables import programmes, questions, survey_edits, surveys
from survey.model import Question, Survey
from survey.parse import canonical, parse_survey
from survey.terms import Terms

FACES_SLOTS = 3
NO_PROGRAMME: tuple[str, ...] = ()
OPEN = Terms(locked=False)


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
    """Find a survey version."""
    row = driver(connection).execute(FIND, (version,)).fetchone()
    if row is None:
        return None
    survey, document = row
    numbers = driver(connection).execute(NUMBERS, (survey,)).fetchall()
    return KnownSurvey(parse_survey(json.loads(document)), dict(numbers))


def put_programme(
    connection: Connection, *, versions: Sequence[str], terms: Sequence[Terms], site: int | None, now: int
) -> str:
    """Put surveys in force, in this order and on these terms, at a site or everywhere; returns the etag."""
    etag = etag_of(versions, terms)
    row = {
        "site": site,
        "etag": etag,
        "versions": json.dumps(versions),
        "terms": json.dumps([each.document() for each in terms], ensure_ascii=False),
        "published_at": now,
    }
    connection.execute(insert(programmes).values(row))
    return etag


@dataclass(frozen=True)
class InForce:
    """A programme: its etag, its documents in order, and on what terms each is given."""

    etag: str
    surveys: list[object]
    terms: list[object]


def documents_in_force(connection: Connection, site: int) -> InForce:
    """Give the programme in force at a site, an empty one where none was published."""
    newest = select(programmes.c.etag, programmes.c.versions, programmes.c.terms).where(
        or_(programmes.c.site.is_(None), programmes.c.site == site)
    )
    row = connection.execute(newest.order_by(programmes.c.id.desc()).limit(1)).one_or_none()
    if row is None:
        return InForce(etag_of(NO_PROGRAMME), [], [])
    versions = json.loads(row.versions)
    kept = connection.execute(
        select(surveys.c.version, surveys.c.document).where(surveys.c.version.in_(versions))
    )
    documents = {version: json.loads(document) for version, document in kept}
    terms = json.loads(row.terms) if row.terms else [OPEN.document() for _ in versions]
    return InForce(row.etag, [documents[version] for version in versions], terms)


def count_in_force(connection: Connection) -> int:
    """Count the programmes that some site, or every one, has been given last."""
    return len(connection.execute(select(programmes.c.site).distinct()).all())


def etag_of(versions: Sequence[str], terms: Sequence[Terms] = ()) -> str:
    """Name a programme by what is in it, so that publishing the same again changes nothing."""
    bound = [(each.locked, each.places, each.ask) for each in terms]
    said = json.dumps(bound) if any(each != (False, 0, "") for each in bound) else ""
    return hashlib.sha256((" ".join(versions) + said).encode()).hexdigest()[:16]


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
