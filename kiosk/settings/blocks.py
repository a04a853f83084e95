"""A config.toml cut into blocks: one for each survey's head and each question, with the remarks above it.

Called by kiosk.settings.write. What is not a survey's stays in blocks of its own, byte for byte.
Pure functions of text that was read as TOML before: touches nothing.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\]|\\.)*"|\'[^\']*\'|#[^\n]*|\n|[\[\]{}]|[^"\'#\n\[\]{}]+',
    re.DOTALL,
)
SURVEY, QUESTION = ("survey",), ("survey", "question")


@dataclass(frozen=True)
class Group:
    """One survey as it is written: its own keys, then its questions."""

    head: str
    questions: tuple[str, ...]

    def text(self) -> str:
        """Write it as it stood."""
        return self.head + "".join(self.questions)


@dataclass(frozen=True)
class Block:
    """A piece of the file; `path` names the table that it opens, () for what is no survey's."""

    path: tuple[str, ...]
    text: str


def cut(text: str) -> list[str | Group]:
    """Cut a file into surveys and all else, in order."""
    pieces: list[str | Group] = []
    last = None  # where the newest survey stands: a question may follow another table
    for block in _blocks(text):
        if block.path == SURVEY:
            last = len(pieces)
            pieces.append(Group(block.text, ()))
        elif block.path == QUESTION and last is not None:
            group = pieces[last]
            assert isinstance(group, Group)  # noqa: S101 - for mypy: `last` is set with a Group alone
            pieces[last] = Group(group.head, (*group.questions, block.text))
        elif block.text:
            pieces.append(block.text)
    return pieces


def _blocks(text: str) -> Iterator[Block]:
    path: tuple[str, ...] = ()
    begin = 0
    for at, opened in _headers(text):
        if opened[:1] == SURVEY and opened not in (SURVEY, QUESTION):
            continue  # [survey.title] and the like belong to what they stand in
        path_here = opened if opened in (SURVEY, QUESTION) else ()
        if path_here or path:
            above = _remarks(text, begin, at, is_survey=path_here == SURVEY)
            yield Block(path, text[begin:above])
            begin, path = above, path_here
    end = _remarks(text, begin, len(text), is_survey=False) if path else len(text)
    yield Block(path, text[begin:end])
    yield Block((), text[end:])


def _headers(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Find where each line with a [table] begins, and its path."""
    line, depth, is_start = 0, 0, True
    for token in TOKEN.finditer(text):
        match token.group():
            case "\n":
                line = token.end()
                is_start = depth == 0
            case "[" if is_start:
                end = text.find("\n", line)
                yield line, _path(text[line : end if end >= 0 else len(text)])
                depth, is_start = 1, False
            case "[" | "{":
                depth += 1
            case "]" | "}":
                depth -= 1
            case words if words.strip(" \t\r"):
                is_start = False


def _path(header: str) -> tuple[str, ...]:
    value: object = tomllib.loads(header.strip())
    names: list[str] = []
    while value:
        value = value[0] if isinstance(value, list) else value
        if isinstance(value, dict) and value:
            ((name, value),) = value.items()
            names.append(name)
    return tuple(names)


def _remarks(text: str, begin: int, at: int, *, is_survey: bool) -> int:
    """Find where the remarks that belong to a header begin.

    For a question these are all after an empty line; for a survey, only those right above it: what stands
    above the first [[survey]] explains them all.
    """
    lines = text[begin:at].splitlines(keepends=True)
    count = len(lines)
    while count and (not lines[count - 1].strip() or lines[count - 1].lstrip().startswith("#")):
        count -= 1
    trailing = lines[count:]
    if is_survey:
        remarks = len(trailing)
        while remarks and trailing[remarks - 1].strip():
            remarks -= 1
        while remarks and not trailing[remarks - 1].strip():
            remarks -= 1
    else:
        empty = [number for number, line in enumerate(trailing) if not line.strip()]
        remarks = empty[0] if empty else 0 if at < len(text) else len(trailing)
    return at - sum(map(len, trailing[remarks:]))
