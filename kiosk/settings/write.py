"""Surveys written into the text of a config.toml: what did not change keeps its bytes, remarks stay.

Called by kiosk.settings.publish.
Pure functions of text and documents: touches nothing.
"""

import tomllib
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from kiosk.settings import table
from kiosk.settings.blocks import Group, cut
from survey.canonical import plain
from survey.documents import from_toml
from survey.problems import Fault, InvalidSurvey
from survey.told import told

INDENT = "  "
Documents = Sequence[Mapping[str, Any]]


def rewritten(text: str, documents: Documents) -> str:
    """Put surveys into a file's text. Raises InvalidSurvey where they are written in an unusual way."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix(mark)
    now: Any = from_toml(body)
    if plain(now.get("survey")) == plain(documents):
        return text
    pieces = cut(body)
    groups = [piece for piece in pieces if isinstance(piece, Group)]
    if len(groups) != len(now["survey"]):
        raise InvalidSurvey(
            [Fault("survey", told("is not written as [[survey]]; write it so to change it here"))]
        )
    line_end = "\r\n" if "\r\n" in body else "\n"
    partners = matched(now["survey"], documents)
    written = [
        _survey(groups[old], now["survey"][old], document, line_end=line_end)
        if old is not None
        else _new_survey(document, line_end=line_end)
        for old, document in zip(partners, documents, strict=True)
    ]
    return mark + _joined(_placed(pieces, written), line_end)


def surveys_toml(documents: Documents) -> str:
    """Write surveys as TOML by themselves."""
    return "\n".join(_new_survey(document, line_end="\n").lstrip("\n") for document in documents)


def matched(old: Documents, new: Documents) -> list[int | None]:
    """Find for each new table the old one that it comes from: by id, else by its words, else by its place."""
    free = dict(enumerate(old))
    found: list[int | None] = [None] * len(new)

    def take(number: int, candidates: list[int]) -> None:
        if found[number] is None and candidates:
            found[number] = candidates[0]
            free.pop(candidates[0])

    for number, wanted in enumerate(new):
        take(number, [each for each, other in free.items() if other.get("id") == wanted.get("id")])
    for number, wanted in enumerate(new):
        take(number, [each for each, other in free.items() if _words(other) == _words(wanted)])
    for number in range(len(new)):
        take(number, [number] if number in free else [])
    return found


def _words(table: Mapping[str, Any]) -> object:
    return plain({key: value for key, value in table.items() if key not in ("id", "next")})


def _placed(pieces: list[str | Group], written: list[str]) -> list[str]:
    """Fill the places of the surveys in order; more of them follow the last one."""
    last = max((number for number, piece in enumerate(pieces) if isinstance(piece, Group)), default=-1)
    waiting = iter(written)
    placed: list[str] = []
    for number, piece in enumerate(pieces):
        placed.append(next(waiting, "") if isinstance(piece, Group) else piece)
        if number == last:
            placed.extend(waiting)
    return placed


def _joined(texts: list[str], line_end: str) -> str:
    """Join blocks, each beginning on a line of its own."""
    filled = [text for text in texts if text]
    return "".join(
        text if text.endswith("\n") or following is None else text + line_end
        for text, following in zip_longest(filled, filled[1:])
    )


def _survey(group: Group, old: Mapping[str, Any], new: Mapping[str, Any], *, line_end: str) -> str:
    if plain(old) == plain(new):
        return group.text()
    head = _block(group.head, ("survey",), _head(old), _head(new), line_end=line_end)
    if len(group.questions) != len(old["question"]):  # written as an inline list
        return _new_survey(new, line_end=line_end)
    indent = _indent(group.questions[0])
    questions = [
        _block(
            group.questions[from_],
            ("survey", "question"),
            old["question"][from_],
            question,
            line_end=line_end,
        )
        if from_ is not None
        else _new(("survey", "question"), question, indent=indent, line_end=line_end)
        for from_, question in zip(matched(old["question"], new["question"]), new["question"], strict=True)
    ]
    return _joined([head, *questions], line_end)


def _block(
    text: str, path: tuple[str, ...], old: Mapping[str, Any], new: Mapping[str, Any], *, line_end: str
) -> str:
    if plain(old) == plain(new):
        return text
    changed = table.changed(text, path, new)
    if changed is not None and _says(changed, path) == plain(new):
        return changed
    remarks = text[: _begin(text)]
    return remarks + _new(path, new, indent=_indent(text), line_end=line_end).removeprefix(line_end)


def _says(block: str, path: tuple[str, ...]) -> object:
    """Read one block by itself; None when it is no TOML or holds another table."""
    try:
        value: Any = tomllib.loads(block)
        for name in path:
            if list(value) != [name]:
                return None
            value = value[name]
            value = value[0] if isinstance(value, list) and len(value) == 1 else value
    except tomllib.TOMLDecodeError:
        return None
    return plain(value)


def _begin(block: str) -> int:
    """Find the line of a block's own header: the first that is neither empty nor a remark."""
    at = 0
    for line in block.splitlines(keepends=True):
        if line.strip() and not line.lstrip().startswith("#"):
            break
        at += len(line)
    return at


def _indent(block: str) -> str:
    line = block[_begin(block) :]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _head(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != "question"}


def _new_survey(document: Mapping[str, Any], *, line_end: str) -> str:
    questions = [
        _new(("survey", "question"), question, indent=INDENT, line_end=line_end)
        for question in document["question"]
    ]
    return _new(("survey",), _head(document), indent="", line_end=line_end) + "".join(questions)


def _new(path: tuple[str, ...], document: Mapping[str, Any], *, indent: str, line_end: str) -> str:
    lines = [f"[[{'.'.join(path)}]]", *table.lines(document)]
    return "".join([line_end, *(f"{indent}{line}{line_end}" for line in lines)])
