"""Surveys while they are being edited: every step gives a new value, and each can be taken back.

Called by whatever edits surveys: the kiosk's question editor, and the drafts of head office's web.
Pure values: touches nothing.

Surveys, questions and options are named by their number, counted from 0: while somebody types, an id may be
missing or there twice.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from itertools import count
from typing import Any

from survey.model import END, Programme
from survey.parse import parse_programme
from survey.problems import Fault, InvalidSurvey

Document = dict[str, Any]
Change = Callable[[list[Document]], None]
STEPS_BACK = 200


@dataclass(frozen=True)
class Editing:
    """The surveys as they are now, and as they were before each step."""

    documents: tuple[Document, ...]
    past: tuple[tuple[Document, ...], ...] = ()
    undone: tuple[tuple[Document, ...], ...] = ()

    @classmethod
    def of(cls, programme: Programme) -> "Editing":
        """Begin with what is in force."""
        return cls(tuple(survey.document() for survey in programme.surveys))

    def undo(self) -> "Editing":
        """Take the last step back; itself where there is none."""
        if not self.past:
            return self
        return Editing(self.past[-1], self.past[:-1], (*self.undone, self.documents))

    def redo(self) -> "Editing":
        """Do again what was taken back last; itself where there is nothing."""
        if not self.undone:
            return self
        return Editing(self.undone[-1], (*self.past, self.documents), self.undone[:-1])

    def faults(self) -> tuple[Fault, ...]:
        """Name all that keeps the surveys from being published, each with its place."""
        try:
            parse_programme(list(self.documents))
        except InvalidSurvey as invalid:
            return invalid.faults
        return ()

    def add_survey(self, at: int, document: Mapping[str, Any]) -> "Editing":
        """Put a survey, as of the library, at a place."""

        def change(surveys: list[Document]) -> None:
            surveys.insert(at, _renamed(document, surveys))

        return self._step(change)

    def set_survey(self, survey: int, key: str, value: object) -> "Editing":
        """Write a survey's own key (id, kind, title, when); None takes it out."""
        return self._step(lambda surveys: _set(surveys[survey], key, value))

    def add_language(self, survey: int, tag: str) -> "Editing":
        """Have a survey speak one more language: its place in every text is there, and empty."""
        return self._step(lambda surveys: _each_text(surveys[survey], lambda text: text.setdefault(tag, "")))

    def remove_language(self, survey: int, tag: str) -> "Editing":
        """Take a language out of every text of a survey."""
        return self._step(lambda surveys: _each_text(surveys[survey], lambda text: text.pop(tag, None)))

    def move_survey(self, survey: int, to: int) -> "Editing":
        """Put a survey at another place: the first whose time fits is shown."""
        return self._step(lambda surveys: surveys.insert(to, surveys.pop(survey)))

    def duplicate_survey(self, survey: int) -> "Editing":
        """Put a copy with an id of its own below a survey."""
        return self.add_survey(survey + 1, self.documents[survey])

    def delete_survey(self, survey: int) -> "Editing":
        """Take a survey out."""
        return self._step(lambda surveys: surveys.__delitem__(survey))

    def add_question(self, survey: int, at: int, document: Mapping[str, Any]) -> "Editing":
        """Put a question at a place; where its id is taken it gets one of its own."""

        def change(surveys: list[Document]) -> None:
            questions = surveys[survey]["question"]
            questions.insert(at, _renamed(document, questions))

        return self._step(change)

    def set_question(self, survey: int, question: int, key: str, value: object) -> "Editing":
        """Write a key of a question; None takes it out. A new id goes into every `next` that has the old."""

        def change(surveys: list[Document]) -> None:
            questions = surveys[survey]["question"]
            if key == "id" and not _is_shared(questions, questions[question]):
                _redirect(questions, questions[question].get("id"), value)
            _set(questions[question], key, value)

        return self._step(change)

    def replace_question(self, survey: int, question: int, document: Mapping[str, Any]) -> "Editing":
        """Write a question anew, its id kept: as another type, with other values, another way on."""

        def change(surveys: list[Document]) -> None:
            questions = surveys[survey]["question"]
            questions[question] = deepcopy(dict(document)) | {"id": questions[question].get("id")}

        return self._step(change)

    def move_question(self, survey: int, question: int, to: int) -> "Editing":
        """Put a question at another place; those without `next` lead to the one that now stands below."""

        def change(surveys: list[Document]) -> None:
            questions = surveys[survey]["question"]
            questions.insert(to, questions.pop(question))

        return self._step(change)

    def duplicate_question(self, survey: int, question: int) -> "Editing":
        """Put a copy with an id of its own below a question."""
        return self.add_question(survey, question + 1, self.documents[survey]["question"][question])

    def delete_question(self, survey: int, question: int) -> "Editing":
        """Take a question out; what led to it leads where it led, or to the end where it had several ways."""

        def change(surveys: list[Document]) -> None:
            questions = surveys[survey]["question"]
            gone = questions.pop(question)
            below = questions[question].get("id", END) if question < len(questions) else END
            heir = gone.get("next", below)
            if not _is_shared([gone, *questions], gone):
                _redirect(questions, gone.get("id"), heir if isinstance(heir, str) else END)

        return self._step(change)

    def add_option(self, survey: int, question: int, at: int, document: Mapping[str, Any]) -> "Editing":
        """Put an option at a place; where each option has its way, this one leads to the end."""

        def change(surveys: list[Document]) -> None:
            asked = surveys[survey]["question"][question]
            options = asked.setdefault("options", [])
            option = _renamed(document, options)
            options.insert(at, option)
            if isinstance(ways := asked.get("next"), dict) and "id" in option:
                ways.setdefault(option["id"], END)

        return self._step(change)

    def set_option(self, survey: int, question: int, option: int, key: str, value: object) -> "Editing":
        """Write a key of an option (id, text, icon); None takes it out. A new id keeps its way."""

        def change(surveys: list[Document]) -> None:
            asked = surveys[survey]["question"][question]
            options, ways = asked["options"], asked.get("next")
            old = options[option].get("id")
            if key == "id" and isinstance(ways, dict) and not _is_shared(options, options[option]):
                asked["next"] = {value if way == old else way: to for way, to in ways.items()}
            _set(options[option], key, value)

        return self._step(change)

    def move_option(self, survey: int, question: int, option: int, to: int) -> "Editing":
        """Put an option at another place."""

        def change(surveys: list[Document]) -> None:
            options = surveys[survey]["question"][question]["options"]
            options.insert(to, options.pop(option))

        return self._step(change)

    def duplicate_option(self, survey: int, question: int, option: int) -> "Editing":
        """Put a copy with an id of its own below an option."""
        copied = self.documents[survey]["question"][question]["options"][option]
        return self.add_option(survey, question, option + 1, copied)

    def delete_option(self, survey: int, question: int, option: int) -> "Editing":
        """Take an option out, and its way."""

        def change(surveys: list[Document]) -> None:
            asked = surveys[survey]["question"][question]
            gone = asked["options"].pop(option)
            if isinstance(ways := asked.get("next"), dict) and not _is_shared(
                [gone, *asked["options"]], gone
            ):
                ways.pop(gone.get("id"), None)

        return self._step(change)

    def _step(self, change: Change) -> "Editing":
        surveys = deepcopy(list(self.documents))
        change(surveys)
        return Editing(tuple(surveys), (*self.past, self.documents)[-STEPS_BACK:])


def _each_text(survey: Document, change: Callable[[dict[str, str]], object]) -> None:
    tables = [survey.get("title")]
    for question in survey["question"]:
        labels = question.get("labels", {})
        tables += [question.get("text"), question.get("help"), labels.get("low"), labels.get("high")]
        tables += [option.get("text") for option in question.get("options", ())]
    for text in tables:
        if isinstance(text, dict):
            change(text)


def _set(table: Document, key: str, value: object) -> None:
    if value is None:
        table.pop(key, None)
    else:
        table[key] = deepcopy(value)


def _renamed(document: Mapping[str, Any], beside: list[Document]) -> Document:
    """Copy a table, with another id where a neighbour has its own: rating, rating_2, rating_3."""
    copied = deepcopy(dict(document))
    taken = {each.get("id") for each in beside}
    if copied.get("id") in taken:
        stem = str(copied["id"])
        copied["id"] = next(name for number in count(2) if (name := _numbered(stem, number)) not in taken)
    return copied


def _numbered(stem: str, number: int) -> str:
    tail = f"_{number}"
    return stem[: 40 - len(tail)] + tail  # an id has up to 40 characters


def _is_shared(tables: list[Document], table: Document) -> bool:
    """Whether another one has the same id, so that nobody knows which one is meant."""
    return [each.get("id") for each in tables].count(table.get("id")) > 1


def _redirect(questions: list[Document], old: object, new: object) -> None:
    for question in questions:
        way = question.get("next")
        if isinstance(way, dict):
            question["next"] = {key: new if to == old else to for key, to in way.items()}
        elif way is not None and way == old:
            question["next"] = new
