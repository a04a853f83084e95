"""Surveys as three tables, and back: one of questions, one of options, one of translations.

Called by survey.bulk.content and by both rooms. Pure functions of rows and documents: touches nothing.
A row of `questions` without a question is the survey itself. See docs/bulk.md.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from survey.languages import TAG
from survey.problems import Fault, did_you_mean, shown
from survey.told import either, told

Document = dict[str, Any]
Cell = str | int | float | bool | date | datetime | None

QUESTIONS, OPTIONS, TRANSLATIONS = "questions", "options", "translations"
SURVEY_KEYS = ("kind", "languages", "weekdays", "hours", "from", "to")
QUESTION_KEYS = ("type", "metric", "next", "ask", "min", "max", "many", "shuffle", "max_length", "keyboard")
HEADS: Mapping[str, tuple[str, ...]] = {
    QUESTIONS: ("survey", "question", *SURVEY_KEYS, *QUESTION_KEYS),
    OPTIONS: ("survey", "question", "option", "icon"),
    TRANSLATIONS: ("survey", "question", "option", "what"),
}
WHEN = ("weekdays", "hours", "from", "to")
ALWAYS = "always"  # a schedule that is written down and holds at any time
NUMBERS = ("ask", "min", "max", "max_length")
FLAGS: Mapping[str, bool] = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}
WHATS = ("title", "text", "help", "low", "high")
NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?(e-?[0-9]+)?")
DIGITS = 15


@dataclass(frozen=True)
class Sheet:
    """A table: its heads, and its rows with as many cells. The first row of cells is the sheet's second."""

    name: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass
class Reading:
    """What was read so far: the documents, the cell of each place in them, and the faults."""

    documents: list[Document] = field(default_factory=list)
    cells: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def place(self, fault: Fault) -> Fault:
        """Say of a fault of the documents in which cell it stands."""
        place = fault.place
        while place and place not in self.cells:
            place = place[: max(place.rfind("."), place.rfind("["), 0)]
        where = self.cells.get(place)
        if not where:
            return fault
        return Fault(where, told("{place} {message}", place=fault.place, message=fault.message))


@dataclass(frozen=True)
class Row:
    """A row by its heads, with where each cell stands."""

    sheet: str
    number: int
    cells: Mapping[str, Cell]
    columns: Mapping[str, str]

    def at(self, head: str) -> str:
        """Name a cell, such as `questions!C7`; the row's first where it has no such column."""
        return f"{self.sheet}!{self.columns.get(head, 'A')}{self.number}"

    def text(self, head: str) -> str:
        """Read a cell as a word, "" where it is empty."""
        return _word(self.cells.get(head))


def sheets_of(documents: Sequence[Document]) -> tuple[Sheet, Sheet, Sheet]:
    """Write sound survey documents as the three tables."""
    tags = tuple(dict.fromkeys(tag for document in documents for tag in document["title"]))
    questions: list[tuple[Cell, ...]] = []
    options: list[tuple[Cell, ...]] = []
    texts: list[tuple[Cell, ...]] = []
    for document in documents:
        name = document["id"]
        questions.append(_survey_row(document))
        texts.append((name, None, None, "title", *_by_tag(document["title"], tags)))
        for question in document["question"]:
            values = (_written(question.get(key)) for key in QUESTION_KEYS)
            questions.append((name, question["id"], *(None for _ in SURVEY_KEYS), *values))
            said = {"text": question["text"], "help": question.get("help"), **question.get("labels", {})}
            texts += [
                (name, question["id"], None, what, *_by_tag(said[what], tags))
                for what in WHATS
                if said.get(what)
            ]
            for option in question.get("options", ()):
                options.append((name, question["id"], option["id"], option.get("icon")))
                texts.append((name, question["id"], option["id"], "text", *_by_tag(option["text"], tags)))
    return (
        Sheet(QUESTIONS, HEADS[QUESTIONS], tuple(questions)),
        Sheet(OPTIONS, HEADS[OPTIONS], tuple(options)),
        Sheet(TRANSLATIONS, (*HEADS[TRANSLATIONS], *tags), tuple(texts)),
    )


def read_sheets(sheets: Mapping[str, Sheet]) -> Reading:
    """Read the three tables into documents, noting every fault and going on; they are not checked here."""
    reading = Reading()
    found = {name: _rows(sheets.get(name), name, reading) for name in HEADS}
    surveys: dict[str, Document] = {}
    questions: dict[tuple[str, str], Document] = {}
    places: dict[tuple[str, ...], str] = {}
    for row in found[QUESTIONS]:
        _read_question(row, surveys, questions, places, reading)
    options: dict[tuple[str, str, str], Document] = {}
    for row in found[OPTIONS]:
        _read_option(row, questions, options, places, reading)
    for row in found[TRANSLATIONS]:
        _read_texts(row, {(): {}, **_by_key(surveys, questions, options)}, places, reading)
    for document in surveys.values():
        _order_languages(document, list(_tags(sheets.get(TRANSLATIONS))))
    reading.documents = list(surveys.values())
    return reading


def column(number: int) -> str:
    """Name a column, counted from 0, as spreadsheets do: Z, then AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _survey_row(document: Document) -> tuple[Cell, ...]:
    when = document.get("when")
    said = {**(when or {}), "kind": document["kind"], "languages": ", ".join(document["title"])}
    if when == {}:
        said["weekdays"] = ALWAYS
    values = (_written(said.get(key)) for key in SURVEY_KEYS)
    return (document["id"], None, *values, *(None for _ in QUESTION_KEYS))


def _by_tag(texts: Mapping[str, str], tags: Iterable[str]) -> Iterable[Cell]:
    return (texts.get(tag) for tag in tags)


def _written(value: Any) -> Cell:
    if isinstance(value, Mapping):
        return "; ".join(f"{answer}: {target}" for answer, target in value.items())
    if isinstance(value, float) and float(f"{value:.{DIGITS}g}") != value:
        return repr(value)  # as a text: a spreadsheet's numbers have fewer digits
    return value.isoformat() if isinstance(value, date) else value


def _rows(sheet: Sheet | None, name: str, reading: Reading) -> list[Row]:
    if sheet is None:
        heads = ", ".join(HEADS[name])
        reading.faults.append(Fault(name, told("is missing; a sheet of this name has {heads}", heads=heads)))
        return []
    columns: dict[str, str] = {}
    for number, head in enumerate(sheet.heads):
        at = f"{name}!{column(number)}1"
        if head in columns:
            reading.faults.append(
                Fault(at, told("{head} stands over two columns; leave one", head=shown(head)))
            )
        elif head and head not in HEADS[name] and not (name == TRANSLATIONS and TAG.fullmatch(head)):
            hint = did_you_mean(head, HEADS[name]) or told(
                "; there are {names}", names=", ".join(HEADS[name])
            )
            words = told("there is no column {head}{hint}", head=shown(head), hint=hint)
            reading.faults.append(Fault(at, words))
        columns[head] = column(number)
    return [
        Row(name, number, dict(zip(sheet.heads, cells, strict=True)), columns)
        for number, cells in enumerate(sheet.rows, 2)
        if any(cell not in (None, "") for cell in cells)
    ]


def _read_question(
    row: Row,
    surveys: dict[str, Document],
    questions: dict[tuple[str, str], Document],
    places: dict[tuple[str, ...], str],
    reading: Reading,
) -> None:
    survey, question = row.text("survey"), row.text("question")
    if not question:
        if survey in surveys:
            _again(reading, row, "survey", survey)
            return
        places[survey,] = f"survey[{len(surveys)}]"
        surveys[survey] = _survey(row, survey, places[survey,], reading)
        return
    if survey not in surveys:
        _unknown(row, "survey", survey, surveys, reading)
        return
    if (survey, question) in questions:
        _again(reading, row, "question", question)
        return
    asked: list[Document] = surveys[survey]["question"]
    place = places[survey, question] = f"{places[survey,]}.question[{len(asked)}]"
    _note(reading, row, place, "question", ("id", *QUESTION_KEYS))
    reading.cells[f"{place}.id"] = row.at("question")
    read = {key: _value(key, row) for key in QUESTION_KEYS if row.cells.get(key) not in (None, "")}
    questions[survey, question] = {"id": question, **read}
    asked.append(questions[survey, question])


def _survey(row: Row, name: str, place: str, reading: Reading) -> Document:
    _note(reading, row, place, "survey", ("kind",))
    reading.cells[f"{place}.id"] = row.at("survey")
    document: Document = {"id": name, "title": {}, "question": []}
    if row.text("kind"):
        document["kind"] = row.text("kind")
    if row.text("languages"):
        document["languages"] = [tag.strip() for tag in row.text("languages").split(",")]
    when = {key: row.text(key) for key in WHEN if row.text(key)}
    if when.get("weekdays") == ALWAYS:
        del when["weekdays"]
        document["when"] = when
    elif when:
        document["when"] = when
    for key in WHEN:
        reading.cells[f"{place}.when.{key}"] = row.at(key)
    return document


def _read_option(
    row: Row,
    questions: Mapping[tuple[str, str], Document],
    options: dict[tuple[str, str, str], Document],
    places: dict[tuple[str, ...], str],
    reading: Reading,
) -> None:
    survey, question, name = (row.text(head) for head in ("survey", "question", "option"))
    if (survey, question) not in questions:
        known = [asked for _, asked in questions]
        _unknown(row, "question", question, known, reading)
        return
    if (survey, question, name) in options:
        _again(reading, row, "option", name)
        return
    listed: list[Document] = questions[survey, question].setdefault("options", [])
    place = places[survey, question, name] = f"{places[survey, question]}.options[{len(listed)}]"
    _note(reading, row, place, "option", ("icon",))
    reading.cells[f"{place}.id"] = row.at("option")
    option: Document = {"id": name}
    if row.text("icon"):
        option["icon"] = row.text("icon")
    options[survey, question, name] = option
    listed.append(option)


def _read_texts(
    row: Row,
    known: Mapping[tuple[str, ...], Document],
    places: Mapping[tuple[str, ...], str],
    reading: Reading,
) -> None:
    key = tuple(name for head in ("survey", "question", "option") if (name := row.text(head)))
    what = row.text("what")
    if key not in places:
        words = told("there is no {name} to be told", name=shown(" / ".join(key)))
        reading.faults.append(Fault(row.at("survey"), words))
        return
    allowed = {1: ("title",), 2: ("text", "help", "low", "high"), 3: ("text",)}[len(key)]
    if what not in allowed:
        words = told("is {what}; here it is {allowed}", what=shown(what), allowed=either(allowed))
        reading.faults.append(Fault(row.at("what"), words))
        return
    texts = {tag: _word(cell, strip=False) for tag, cell in row.cells.items() if TAG.fullmatch(tag) and cell}
    texts = {tag: said for tag, said in texts.items() if tag not in HEADS[TRANSLATIONS]}
    holder, place = known[key], f"{places[key]}.{what}"
    if what in ("low", "high"):
        holder, place = holder.setdefault("labels", {}), f"{places[key]}.labels.{what}"
    if holder.get(what):
        words = told("{what} stands here again for {name}", what=what, name=shown(" / ".join(key)))
        reading.faults.append(Fault(row.at("what"), words))
        return
    holder[what] = texts
    reading.cells[place] = row.at("what")
    reading.cells |= {f"{place}.{tag}": row.at(tag) for tag in row.columns if tag not in HEADS[TRANSLATIONS]}


def _by_key(
    surveys: Mapping[str, Document],
    questions: Mapping[tuple[str, str], Document],
    options: Mapping[tuple[str, str, str], Document],
) -> dict[tuple[str, ...], Document]:
    found: dict[tuple[str, ...], Document] = {(name,): document for name, document in surveys.items()}
    found.update(questions.items())
    found.update(options.items())
    return found


def _order_languages(document: Document, tags: list[str]) -> None:
    """Put the title's languages in the order that the survey's row names, else in that of the columns."""
    title: dict[str, str] = document["title"]
    wanted = document.pop("languages", tags)
    document["title"] = {tag: title[tag] for tag in dict.fromkeys([*wanted, *title]) if tag in title}


def _tags(sheet: Sheet | None) -> Iterable[str]:
    return (head for head in sheet.heads if TAG.fullmatch(head)) if sheet else ()


def _unknown(row: Row, head: str, name: str, known: Iterable[str], reading: Reading) -> None:
    hint = did_you_mean(name, known) or told("; it needs a row of its own in questions, above")
    words = told("there is no {head} {name}{hint}", head=head, name=shown(name), hint=hint)
    reading.faults.append(Fault(row.at(head), words))


def _again(reading: Reading, row: Row, head: str, name: str) -> None:
    reading.faults.append(
        Fault(row.at(head), told("{head} {name} stands here again", head=head, name=shown(name)))
    )


def _note(reading: Reading, row: Row, place: str, head: str, keys: Iterable[str]) -> None:
    reading.cells[place] = row.at(head)
    reading.cells |= {f"{place}.{key}": row.at(key) for key in keys if key in row.columns}


def _value(key: str, row: Row) -> object:
    cell = row.cells[key]
    if key in NUMBERS and isinstance(cell, str) and NUMBER.fullmatch(cell.strip()):
        return float(cell)
    if key in ("many", "shuffle") and not isinstance(cell, bool):
        return FLAGS.get(_word(cell).lower(), cell)
    if key == "next":
        return _ways(_word(cell))
    return cell if key in NUMBERS or isinstance(cell, bool) else _word(cell)


def _ways(written: str) -> str | dict[str, str]:
    if ":" not in written:
        return written
    ways = (way.partition(":") for way in written.split(";") if way.strip())
    return {answer.strip(): target.strip() for answer, _, target in ways}


def _word(cell: Cell, *, strip: bool = True) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    said = "" if cell is None else str(cell)
    return said.strip() if strip else said
