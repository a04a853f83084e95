"""A simple XLSForm as a survey: select_one, select_multiple, range, integer, text, note, simple conditions.

Called by survey.bulk.content. Pure functions of rows: touches nothing. What cannot be carried over is listed.
The format: https://xlsform.org/en/
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from survey.bulk.relevant import branch
from survey.bulk.sheets import Document, Reading, Sheet, column
from survey.languages import TAG
from survey.problems import shown
from survey.reading import ID

SURVEY, CHOICES, SETTINGS = "survey", "choices", "settings"
RELEVANT = "relevant"
CARRIED = ("type", "name", "label", "hint", "parameters", "constraint", RELEVANT)
LABEL = re.compile(r"(label|hint)(?:::\s*(?:[^()]*\(\s*([A-Za-z-]+)\s*\)|([A-Za-z-]+))\s*)?")
BOUNDS = re.compile(r"\s*\.\s*>=\s*(\d+)\s+and\s+\.\s*<=\s*(\d+)\s*")
PARAMETER = re.compile(r"(start|end|step)\s*=\s*(\d+)")
SILENT = ("start", "end", "today", "deviceid", "username", "simserial", "phonenumber", "audit")
DEFAULT_LANGUAGE = "en"


@dataclass
class _Form:
    """What is read, and what is left behind."""

    reading: Reading
    choices: Mapping[str, list[tuple[int, Document]]]
    language: str
    left: list[tuple[int, str, str]] = field(default_factory=list)  # row, column, words
    relevant: dict[int, tuple[int, str, str]] = field(default_factory=dict)  # by question: row, column, words

    def leave(self, row: int, head: str, words: str) -> None:
        """Note what cannot be carried over."""
        self.left.append((row, head, words))


def is_xlsform(sheets: Mapping[str, Sheet]) -> bool:
    """Whether a workbook is an XLSForm: a sheet `survey` with types and names."""
    return SURVEY in sheets and {"type", "name"} <= set(sheets[SURVEY].heads)


def read_xlsform(sheets: Mapping[str, Sheet]) -> tuple[Reading, list[str]]:
    """Read a form into one survey document, not checked here; also say what could not be carried over."""
    settings = _settings(sheets.get(SETTINGS))
    default = LABEL.fullmatch(f"label::{settings.get('default_language', '')}")
    language = (default and (default[2] or default[3])) or DEFAULT_LANGUAGE
    form = _Form(Reading(), _choices(sheets.get(CHOICES), language), language)
    questions = list(_questions(sheets[SURVEY], form))
    for number in branch(questions, {at: words for at, (_, _, words) in form.relevant.items()}, _id):
        row, letter, words = form.relevant[number]
        form.leave(row, letter, f"{RELEVANT} {shown(words)} of {shown(questions[number]['id'])}")
    tags = dict.fromkeys(tag for question in questions for tag in question["text"])
    name = str(settings.get("form_id") or "imported").lower()
    title = str(settings.get("form_title") or name)
    form.reading.documents = [
        {
            "id": name if ID.fullmatch(name) else "imported",
            "kind": "in_the_moment",
            "title": dict.fromkeys(tags or {language: None}, title),
            "question": questions,
        }
    ]
    left = sorted(form.left, key=lambda each: (each[0], len(each[1]), each[1]))
    return form.reading, [f"{SURVEY}!{head}{row}: {words}" for row, head, words in left]


def _settings(sheet: Sheet | None) -> dict[str, Any]:
    return dict(zip(sheet.heads, sheet.rows[0], strict=True)) if sheet and sheet.rows else {}


def _choices(sheet: Sheet | None, language: str) -> dict[str, list[tuple[int, Document]]]:
    listed: dict[str, list[tuple[int, Document]]] = {}
    for number, cells in enumerate(sheet.rows if sheet else (), 2):
        row = dict(zip(sheet.heads, cells, strict=True)) if sheet else {}
        name = str(row.get("list_name") or row.get("list name") or "").strip()
        if name:
            option = {"id": _id(row.get("name")), "text": _texts(row, "label", language)}
            listed.setdefault(name, []).append((number, option))
    return listed


def _questions(sheet: Sheet, form: _Form) -> Iterator[Document]:
    columns = {head: column(number) for number, head in enumerate(sheet.heads)}
    carried = count()
    for number, cells in enumerate(sheet.rows, 2):
        row = dict(zip(sheet.heads, cells, strict=True))
        kind = str(row.get("type") or "").strip()
        if not kind:
            continue
        condition = str(row.get(RELEVANT) or "").strip()
        for head, cell in row.items():
            if head and cell not in (None, "", "no", "false") and not _is_carried(head):
                form.leave(number, columns[head], f"{head} {shown(cell)} of {shown(row.get('name'))}")
        answered = _answered(kind, row, form)
        if answered is None:
            if kind not in SILENT:
                form.leave(number, columns["type"], f"a question of type {shown(kind)}")
            continue
        at = next(carried)
        place = f"survey[0].question[{at}]"
        if condition:
            form.relevant[at] = number, columns[RELEVANT], condition
        _note(form, place, number, columns, answered)
        question = {"id": _id(row.get("name")), **answered, "text": _texts(row, "label", form.language)}
        if hint := _texts(row, "hint", form.language):
            question["help"] = hint
        yield question


def _answered(kind: str, row: Mapping[str, Any], form: _Form) -> Document | None:
    """Give the keys of a type, None for one that has no like here."""
    word, _, rest = kind.partition(" ")
    if word in ("select_one", "select_multiple"):
        options = [option for _, option in form.choices.get(rest.strip(), ())]
        return {"type": "choice", "options": options} | ({"many": True} if word == "select_multiple" else {})
    if word == "range":
        found = dict(PARAMETER.findall(str(row.get("parameters") or "")))
        low, high = int(found.get("start", 1)), int(found.get("end", 10))
        return {"type": "scale", "min": low, "max": high} if found.get("step", "1") == "1" else None
    if word == "integer":
        bounds = BOUNDS.fullmatch(str(row.get("constraint") or ""))
        return {"type": "scale", "min": int(bounds[1]), "max": int(bounds[2])} if bounds else None
    return {"text": {"type": "text"}, "note": {"type": "notice"}}.get(word)


def _note(form: _Form, place: str, number: int, columns: Mapping[str, str], answered: Document) -> None:
    """Keep where each part of a question stands, for the faults."""
    cells = form.reading.cells
    cells[place] = f"{SURVEY}!{columns['type']}{number}"
    cells[f"{place}.id"] = f"{SURVEY}!{columns['name']}{number}"
    for head, letter in columns.items():
        if said := LABEL.fullmatch(head):
            key = "text" if said[1] == "label" else "help"
            cells[f"{place}.{key}.{said[2] or said[3] or form.language}"] = f"{SURVEY}!{letter}{number}"
    listed = [row for options in form.choices.values() for row, each in options if each in _options(answered)]
    for at, row in enumerate(listed[: len(_options(answered))]):
        cells[f"{place}.options[{at}]"] = f"{CHOICES}!A{row}"


def _options(answered: Document) -> list[Document]:
    options: list[Document] = answered.get("options", [])
    return options


def _texts(row: Mapping[str, Any], key: str, language: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for head, cell in row.items():
        said = LABEL.fullmatch(head or "")
        tag = (said[2] or said[3] or language) if said and said[1] == key else ""
        if TAG.fullmatch(tag) and cell not in (None, ""):
            texts[tag] = str(cell)
    return texts


def _is_carried(head: str) -> bool:
    return head in CARRIED or LABEL.fullmatch(head) is not None


def _id(name: object) -> str:
    """Write a name as an id, which has small letters, digits and _; what does not fit is a fault later."""
    return re.sub(r"[^a-z0-9_]", "_", str(name or "").strip().lower())
