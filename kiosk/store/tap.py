"""A tap before and after it is stored, and the moment it was given.

Made by kiosk.visit and kiosk.store.ledger; read by everything that prints or sends taps.
Pure values: touches nothing.
"""

import json
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from survey.answers import Answer


class Moment(NamedTuple):
    """Now, by all clocks of the kiosk: wall clock ms since 1970 UTC, ms since boot, the boot's id."""

    at: int
    uptime: int
    boot: str
    synced_clock: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """A tap as the visit knows it; `took_ms` runs from question shown to tap, an answer of None is a skip."""

    visit: str
    survey: str
    question: str
    answer: Answer
    language: str
    took_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredTap:
    """A tap as the ledger holds it; the fields are the columns of table taps, in their order."""

    ledger: str
    seq: int
    visit: str
    survey: str
    question: str
    answer: object
    language: str
    at: int
    uptime: int
    boot: str
    took: int
    synced_clock: bool
    check: str

    def values(self) -> tuple[object, ...]:
        """Give the row that holds it, without its check."""
        *head, answer, language, at, uptime, boot, took, _, _check = self.columns().values()
        return (*head, encode_answer(answer), language, at, uptime, boot, took, int(self.synced_clock))

    def columns(self) -> dict[str, object]:
        """Give what stands in each column, by its name."""
        return {name: getattr(self, name) for name in _COLUMNS}

    def line(self) -> str:
        """Write it as one line of NDJSON, without the line's end."""
        return json.dumps(self.columns(), ensure_ascii=False, separators=(",", ":"))


_COLUMNS = tuple(field.name for field in fields(StoredTap))


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # made once: each tap needs it


def encode_answer(answer: object) -> str:
    """Write an answer as it stands in its column."""
    return _encode(answer)


def stored_tap(row: tuple[Any, ...]) -> StoredTap:
    """Read a row of table taps, `check` included."""
    ledger, seq, visit, survey, question, answer, language, at, uptime, boot, took, synced, check = row
    return StoredTap(
        ledger=ledger,
        seq=seq,
        visit=visit,
        survey=survey,
        question=question,
        answer=json.loads(answer),
        language=language,
        at=at,
        uptime=uptime,
        boot=boot,
        took=took,
        synced_clock=synced == 1,
        check=check,
    )
