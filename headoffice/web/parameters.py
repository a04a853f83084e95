"""The parameters of a question to the API, read all at once, with every fault found in them.

Called by the results API and by frame/serve.py. Pure values: touches nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TypeVar

from starlette.datastructures import QueryParams

from headoffice.web.errors import invalid
from headoffice.work.batch import is_language
from survey.problems import Fault, did_you_mean, shown

MOST_DIGITS = 12
ALWAYS = ("format", "bom")  # read by negotiate.py

T = TypeVar("T")


class Parameters:
    """Reads parameters one by one and keeps the faults; `check` raises them together."""

    def __init__(self, given: QueryParams, known: Iterable[str]) -> None:
        self._given = given
        self._faults: list[Fault] = []
        names = sorted({*known, *ALWAYS})
        for name in given:
            if name not in names:
                self.fault(name, f"there is no such parameter{did_you_mean(name, names) or _one_of(names)}")

    def fault(self, place: str, message: str) -> None:
        """Note a fault."""
        self._faults.append(Fault(place, message))

    def check(self) -> None:
        """Raise every fault noted so far, as one 400."""
        if self._faults:
            some = "a parameter has a fault" if len(self._faults) == 1 else "parameters have faults"
            raise invalid(some, self.faults)

    @property
    def faults(self) -> list[Fault]:
        """Every fault noted so far, each once."""
        return list(dict.fromkeys(self._faults))

    def word(self, name: str) -> str | None:
        """A parameter that is given at most once; the empty one counts as not given."""
        values = self._given.getlist(name)
        if len(values) > 1:
            self.fault(name, "is given more than once")
        return values[-1] or None if values else None

    def words(self, name: str) -> tuple[str, ...] | None:
        """A list: repeated, or parted by commas; None when it is not given."""
        parts = [part.strip() for value in self._given.getlist(name) for part in value.split(",")]
        return tuple(dict.fromkeys(part for part in parts if part)) or None

    def choice(self, name: str, choices: Sequence[str], *, default: str | None = None) -> str | None:
        """One of the choices; a fault when it is none of them, or missing without a default."""
        value = self.word(name)
        if value is None:
            if default is None:
                self.fault(name, f"is missing{_one_of(choices)}")
            return default
        if value not in choices:
            self.fault(name, f"{shown(value)} is unknown{did_you_mean(value, choices) or _one_of(choices)}")
            return default
        return value

    def choices(self, name: str, choices: Sequence[str]) -> tuple[str, ...]:
        """A list of choices, each at most once."""
        values = self.words(name) or ()
        for value in values:
            if value not in choices:
                self.fault(
                    name, f"{shown(value)} is unknown{did_you_mean(value, choices) or _one_of(choices)}"
                )
        return values

    def named(self, name: str, known: Mapping[str, T]) -> tuple[T, ...] | None:
        """A list of things by what people call them; None when it is not given, which means all."""
        values = self.words(name)
        if values is None:
            return None
        for value in values:
            if value not in known:
                self.fault(name, f"{shown(value)} is unknown{did_you_mean(value, known)}")
        return tuple(dict.fromkeys(known[value] for value in values if value in known))

    def languages(self, name: str = "language") -> tuple[str, ...] | None:
        """Shoppers' languages by their tags; None when it is not given, which means all."""
        values = self.words(name)
        for value in values or ():
            if not is_language(value):
                self.fault(name, f"{shown(value)} is no language; write its tag, as ja or zh-Hans")
        return values

    def period(self) -> tuple[date | None, date | None]:
        """`from`, which is included, and `to`, which is not."""
        first, end = self.day("from"), self.day("to")
        if first is not None and end is not None and end <= first:
            self.fault("to", f"must be after `from` ({first}); the day named by `to` is not included")
        return first, end

    def integer(self, name: str, *, low: int, high: int, default: int) -> int:
        """A whole number within bounds."""
        value = self.word(name)
        if value is None:
            return default
        if len(value) > MOST_DIGITS or not value.isascii() or not value.isdigit():
            self.fault(name, f"{shown(value)} is no whole number from {low} to {high}")
            return default
        if not low <= int(value) <= high:
            self.fault(name, f"{value} is not from {low} to {high}")
        return int(value)

    def yes(self, name: str) -> bool:
        """A switch: `true` or `false`, which is also the default."""
        return self.choice(name, ("true", "false"), default="false") == "true"

    def day(self, name: str) -> date | None:
        """A local date of the site; None when it is not given."""
        value = self.word(name)
        if value is None:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fault(name, f"{shown(value)} is no date; write it as 2026-11-21 (local date of the site)")
            return None


def _one_of(choices: Iterable[str]) -> str:
    return f"; write one of {', '.join(choices)}"
