"""What can be wrong with a survey or an answer, and how it is told.

Called by every module of this package; caught by the kiosk's settings and head office.
Pure values: touches nothing.

    Exception
    ├── InvalidSurvey   a document is at fault; `.faults` names all of it at once
    └── InvalidAnswer   an answer does not fit its question; `.message` says why
"""

import json
import re
import unicodedata
from collections.abc import Iterable

from survey.told import told
from survey.values import frozen

BARE_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")
SHOWN_CHARACTERS = 40
SHOWN_NUMBER = 10**15  # longer ones tell a reader nothing, and past 4300 digits Python refuses to write them
UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})  # control, lone surrogate, line and paragraph separators


@frozen
class Fault:
    """One mistake: where it stands, counted from 0, and how to mend it."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class InvalidSurvey(Exception):  # noqa: N818 - it is told to people: "invalid survey"
    """A document that is no survey, with every fault found in it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


class InvalidAnswer(Exception):  # noqa: N818 - the same
    """An answer that its question cannot have."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


def has_unseen(text: str) -> bool:
    """Tell whether the text holds a character that no screen or log can show."""
    return any(unicodedata.category(character) in UNSEEN for character in text)


def printable(text: str) -> str:
    """Write what cannot be printed or sent as its escape: controls, odd spaces, lone surrogates."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def shown(value: object) -> str:
    """Write a value of a document for a message: short, on one line, safe to print and to send."""
    match value:
        case str():
            cut = value if len(value) <= SHOWN_CHARACTERS else value[: SHOWN_CHARACTERS - 1] + "…"
            words = printable(json.dumps(cut, ensure_ascii=False))
        case None | bool():
            words = json.dumps(value)
        case int():
            words = str(value) if abs(value) < SHOWN_NUMBER else told("a huge number")
        case float():
            words = repr(value)
        case dict():
            words = told("a table")
        case _:
            words = told("a {kind}", kind=type(value).__name__)
    return words


def at(place: str, key: object) -> str:
    """Name the place of a key of a table, as TOML would write it."""
    name = key if isinstance(key, str) and BARE_KEY.fullmatch(key) else shown(key)
    return f"{place}.{name}" if place else str(name)


def closest(word: str, known: Iterable[str]) -> str | None:
    """Find the known word that a mistyped one most likely stands for."""
    if len(word) > SHOWN_CHARACTERS:
        return None
    from difflib import get_close_matches  # noqa: PLC0415 - only a word that is wrong needs it

    return next(iter(get_close_matches(word, list(known), n=1)), None)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Write the hint that ends a message about an unknown word; empty when nothing is near."""
    near = closest(word, known)
    return told("; did you mean {near}?", near=shown(near)) if near else ""
