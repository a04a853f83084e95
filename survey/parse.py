"""From a document to a survey and back: all that is wrong is told at once, each with its place.

Called by the kiosk's settings, the sync agent's pull and head office.
Pure functions of documents: touches nothing.
"""

import re
from collections.abc import Sequence
from typing import TypeVar

from survey.canonical import canonical_of, version_of
from survey.documents import from_json, from_toml
from survey.languages import check_languages
from survey.model import KINDS, METRICS, STAFF, STAFF_METRICS, Document, Programme, Survey
from survey.problems import Fault, InvalidSurvey, shown
from survey.questions import Draft, read_question
from survey.reading import Notes, Table, identifier, one_of, several, table
from survey.routes import check_routes
from survey.schedule import read_when
from survey.told import told

__all__ = [
    "canonical",
    "loads_json",
    "loads_toml",
    "parse_programme",
    "parse_survey",
    "render",
    "version_of",
]

T = TypeVar("T")

TITLE_CHARACTERS = 60
MOST_QUESTIONS = 50
NUMBER_IN_PLACE = re.compile(r"\[([0-9]{1,9})\]")


def loads_toml(text: str | bytes) -> Programme:
    """Read a programme from TOML: nothing but `[[survey]]`. Raises InvalidSurvey."""
    return _programme_in(from_toml(text))


def loads_json(text: str | bytes) -> Programme:
    """Read a programme from JSON: `{"survey": […]}`. Raises InvalidSurvey."""
    return _programme_in(from_json(text))


def parse_programme(documents: object, place: str = "survey") -> Programme:
    """Read a list of survey documents. Raises InvalidSurvey with the faults of all of them."""
    notes = Notes()
    return _sound(_programme(documents, place, notes=notes), notes)


def parse_survey(document: object, place: str = "survey") -> Survey:
    """Read one survey document, or the kiosk's own question to its staff, which no programme may hold.

    Raises InvalidSurvey with all its faults, in the document's order.
    """
    notes = Notes()
    return _sound(_survey(document, place, notes=notes, kinds=(*KINDS, STAFF)), notes)


def render(survey: Survey) -> Document:
    """Write a survey as the document it was read from, ready for JSON."""
    return survey.document()


def canonical(survey: Survey) -> bytes:
    """Write a survey as the canonical JSON that its version is the hash of."""
    return canonical_of(survey.document())


def _programme_in(document: object) -> Programme:
    if not isinstance(document, dict):
        raise InvalidSurvey(
            [
                Fault(
                    "document",
                    told("is {document}; it needs survey, a list of surveys", document=shown(document)),
                )
            ]
        )
    notes = Notes()
    opened = table(document, "", notes=notes, known=("survey",))
    documents = opened and opened.read("survey", several, needs="[[survey]]")
    return _sound(None if documents is None else _programme(documents, "survey", notes=notes), notes)


def _programme(documents: object, place: str, *, notes: Notes) -> Programme | None:
    if not isinstance(documents, list) or not documents:
        notes.fault(
            place,
            told(
                "is {value}; it needs a list of surveys",
                value=told("empty") if documents == [] else shown(documents),
            ),
        )
        return None
    surveys: list[Survey] = []
    numbers: dict[str, int] = {}
    for number, document in enumerate(documents):
        survey = _survey(document, f"{place}[{number}]", notes=notes, kinds=KINDS)
        if survey is None:
            continue
        surveys.append(survey)
        if survey.id and numbers.setdefault(survey.id, number) != number:
            taken = f"{place}[{numbers[survey.id]}]"
            message = told("is {id}, as {taken} is; take another id", id=shown(survey.id), taken=taken)
            notes.fault(f"{place}[{number}].id", message)
    return Programme(surveys=tuple(surveys))


def _survey(document: object, place: str, *, notes: Notes, kinds: Sequence[str]) -> Survey | None:
    opened = table(document, place, notes=notes, known=("id", "kind", "title", "when", "question"))
    if opened is None:
        return None
    before = len(notes.texts)
    kind = opened.read("kind", one_of(kinds), needs=f'kind = "{KINDS[0]}"') or ""
    metrics = STAFF_METRICS if kind == STAFF else METRICS
    survey = Survey(
        id=opened.read("id", identifier, needs='id = "checkout"') or "",
        kind=kind,
        title=opened.texts("title", TITLE_CHARACTERS, needs='title = { ja = "…", en = "…" }') or {},
        when=read_when(opened),
        questions=tuple(draft.question for draft in _questions(opened, metrics)),
    )
    if survey.title:
        title, *others = notes.texts[before:]
        check_languages(title, others, notes=notes)
    return survey


def _questions(opened: Table, metrics: Sequence[str]) -> list[Draft]:
    values = opened.read("question", several, needs=told("a [[survey.question]]"))
    if values is None:
        return []
    if not 1 <= len(values) <= MOST_QUESTIONS:
        opened.fault(
            "question",
            told(
                "has {count} questions; it needs 1 to {most_questions}",
                count=len(values),
                most_questions=MOST_QUESTIONS,
            ),
        )
    place, notes = opened.at("question"), opened.notes
    drafts = [
        read_question(value, f"{place}[{number}]", notes=notes, is_first=number == 0, metrics=metrics)
        for number, value in enumerate(values)
    ]
    read = [draft for draft in drafts if draft is not None]
    if len(read) == len(values) and "question" not in opened.broken:
        check_routes(read, notes)
    return read


def _sound(value: T | None, notes: Notes) -> T:
    # Faults are told in the order of the document, not in that of the checks.
    if value is None or notes.faults:
        raise InvalidSurvey(sorted(notes.faults, key=_order))
    return value


def _order(fault: Fault) -> list[int]:
    return [int(number) for number in NUMBER_IN_PLACE.findall(fault.place)]
