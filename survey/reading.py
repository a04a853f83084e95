"""How a table of a survey document is read: value by value, noting every fault and going on.

Called by parse.py, questions.py and schedule.py.
Touches nothing but the Notes it is given.

    ValueError
    └── ReadingError   a value is not what its key needs; Table.read makes it a Fault, so it stays in here
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import TypeVar

from survey.model import END, SKIP, Texts
from survey.problems import Fault, at, closest, has_unseen, shown
from survey.ruby import plain
from survey.told import told
from survey.values import frozen

T = TypeVar("T")

ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
MAX_UNKNOWN_KEYS = 20  # a table with more is something else altogether; one line says so


class ReadingError(ValueError):
    """A value is not what its key needs; the text says what it needs."""


@frozen
class Said:
    """A text of the survey: where it stands and in which languages."""

    place: str
    tags: tuple[str, ...]


@frozen
class Notes:
    """What a reading has found so far: the faults, and the texts whose languages are compared at the end."""

    faults: list[Fault] = field(default_factory=list)
    texts: list[Said] = field(default_factory=list)

    def fault(self, place: str, message: str) -> None:
        """Note one mistake."""
        self.faults.append(Fault(place, message))


@frozen
class Table:
    """A table of the document with its place; `broken` gathers the keys that are at fault."""

    raw: Mapping[str, object]
    place: str
    notes: Notes
    broken: set[str] = field(default_factory=set)

    def at(self, key: object) -> str:
        """Name the place of a key."""
        return at(self.place, key)

    def fault(self, key: str, message: str) -> None:
        """Note that a key is at fault, so that no other check builds on it."""
        self.broken.add(key)
        self.notes.fault(self.at(key), message)

    def inner(self, key: str, known: Sequence[str]) -> "Table | None":
        """Open the table under a key; None when it is absent or at fault."""
        if key in self.broken or key not in self.raw:
            return None
        opened = table(self.raw[key], self.at(key), notes=self.notes, known=known)
        if opened is None:
            self.broken.add(key)
        return opened

    def read(self, key: str, reader: Callable[[object], T], *, needs: str = "") -> T | None:
        """Read a key; None when it is absent or at fault.

        `needs` is the line to write for a key that must not be absent.
        """
        if key in self.broken:
            return None
        if key not in self.raw:
            if needs:
                self.fault(key, told("is missing; write {needs}", needs=needs))
            return None
        try:
            return reader(self.raw[key])
        except ReadingError as wrong:
            self.fault(key, wrong.args[0])
            return None

    def texts(self, key: str, longest: int, *, needs: str = "") -> Texts | None:
        """Read one text in several languages; which languages is compared when the whole survey is read."""
        value = self.read(key, _by_language, needs=needs)
        if value is None:
            return None
        texts = Table(value, self.at(key), self.notes)
        self.notes.texts.append(Said(texts.place, tuple(value)))
        read = {tag: texts.read(tag, lambda text: line(text, longest)) for tag in value}
        return {tag: text for tag, text in read.items() if text is not None}


def table(value: object, place: str, *, notes: Notes, known: Sequence[str]) -> Table | None:
    """Take a value as a table with these known keys; anything else is one fault."""
    if not isinstance(value, dict):
        notes.fault(
            place,
            told("is {value}; it needs a table with {known}", value=shown(value), known=", ".join(known)),
        )
        return None
    opened = Table(value, place, notes)
    unknown = [key for key in value if key not in known]
    for key in unknown[:MAX_UNKNOWN_KEYS]:
        near = closest(key, known) if isinstance(key, str) else None
        notes.fault(
            opened.at(key),
            told("unknown key; did you mean {near}?", near=near)
            if near
            else told("unknown key; take it out"),
        )
        if near and near not in value:
            opened.broken.add(near)  # a mistyped key is not missing too
    if len(unknown) > MAX_UNKNOWN_KEYS:
        notes.fault(
            place, told("has {count} more unknown keys; take them out", count=len(unknown) - MAX_UNKNOWN_KEYS)
        )
    return opened


def several(value: object) -> list[object]:
    """Read a list."""
    if not isinstance(value, list):
        raise ReadingError(told("is {value}; it needs a list", value=shown(value)))
    return value


def identifier(value: object) -> str:
    """Read the id of a survey, question or option."""
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise ReadingError(
            told(
                "is {value}; an id is up to 40 of a-z, 0-9 and _, and begins with a letter",
                value=shown(value),
            )
        )
    if value in {END, SKIP}:
        raise ReadingError(
            told('is "{value}", which has a meaning of its own in next; take another id', value=value)
        )
    return value


def name(value: object) -> str:
    """Read the name of an icon."""
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise ReadingError(
            told(
                "is {value}; a name is up to 40 of a-z, 0-9, - and _, and begins with a letter",
                value=shown(value),
            )
        )
    return value


def line(value: object, longest: int) -> str:
    """Read one line of text that fits where it is shown."""
    if not isinstance(value, str):
        raise ReadingError(told("is {value}; it needs a text", value=shown(value)))
    if not value.strip():
        raise ReadingError(told("is blank; write what the shopper is to read"))
    if has_unseen(value):
        raise ReadingError(told("holds a line break or another control character; take it out"))
    if (length := len(plain(value))) > longest:
        raise ReadingError(
            told(
                "has {length} characters; at most {most} fit the smallest screen",
                length=length,
                most=longest,
            )
        )
    return value


@frozen
class OneOf:
    """The reader of a word out of a few."""

    allowed: tuple[str, ...]

    def __call__(self, value: object) -> str:
        """Read it. Raises ReadingError."""
        if isinstance(value, str) and value in self.allowed:
            return value
        near = closest(value, self.allowed) if isinstance(value, str) else None
        hint = (
            told('did you mean "{near}"?', near=near)
            if near
            else told("it is one of {allowed}", allowed=", ".join(self.allowed))
        )
        raise ReadingError(told("is {value}; {hint}", value=shown(value), hint=hint))


@frozen
class Whole:
    """The reader of a whole number within bounds, both included; 5.0 is 5."""

    low: int
    high: int

    def __call__(self, value: object) -> int:
        """Read it. Raises ReadingError."""
        number = int(value) if isinstance(value, float) and value.is_integer() else value
        if isinstance(number, bool) or not isinstance(number, int) or not self.low <= number <= self.high:
            raise ReadingError(
                told(
                    "is {value}; it needs a whole number from {low} to {high}",
                    value=shown(value),
                    low=self.low,
                    high=self.high,
                )
            )
        return int(number)


def one_of(allowed: Sequence[str]) -> OneOf:
    """Make the reader of a word out of a few."""
    return OneOf(tuple(allowed))


def whole(low: int, high: int) -> Whole:
    """Make the reader of a whole number within bounds, both included; 5.0 is 5."""
    return Whole(low, high)


def share(value: object) -> float:
    """Read a share of visits."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        raise ReadingError(
            told(
                "is {value}; it needs a number above 0, up to 1 (0.25 asks every fourth visit)",
                value=shown(value),
            )
        )
    return float(value)


def flag(value: object) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise ReadingError(told("is {value}; it needs true or false", value=shown(value)))
    return value


def _by_language(value: object) -> dict[str, object]:
    if isinstance(value, dict) and value and all(isinstance(tag, str) for tag in value):
        return value
    raise ReadingError(
        told('is {value}; it needs one text a language: {{ ja = "…", en = "…" }}', value=shown(value))
    )
