"""How answers become counts: the slot of each, the local day and hour, and the sums by tally.

Used by `work.ingest` for what comes and by `work.rebuild` for all that is held: one way of counting for both.
May touch nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from headoffice.store.surveys import KnownSurvey
from headoffice.store.tallies import COUNTS, DayKey, HourKey, Key
from headoffice.store.taps import StoredTap
from survey.answers import check_answer
from survey.model import FACES, Question

QUARTER_MS = 15 * 60 * 1000  # every zone's offset is a multiple of it
WORTH = dict(zip(FACES, (0, 50, 100), strict=True))
SLOTS_FROM = COUNTS.index("c0")


class Reckoned(NamedTuple):
    """An answer that fits its question: as JSON, the slots it counts in, and its value for the sum."""

    answer: str
    slots: tuple[int, ...]
    value: int


SKIPPED = Reckoned("null", (), 0)


@dataclass(frozen=True)
class Countable:
    """A question of one survey version with its number, and what its usual answers come to."""

    id: int
    question: Question
    ready: Mapping[str | int, Reckoned]
    options: Mapping[str, int]

    def reckon(self, answer: object) -> Reckoned:
        """Give what an answer comes to. Raises InvalidAnswer where it does not fit."""
        if answer is None:
            return SKIPPED
        if type(answer) is str or type(answer) is int:  # not bool: True would find 1
            found = self.ready.get(answer)
            if found is not None:
                return found
        fitting = check_answer(self.question, answer)
        if fitting is None:
            return SKIPPED
        slots: tuple[int, ...] = ()
        if isinstance(fitting, list):
            slots = tuple(self.options[option] for option in fitting)
        return Reckoned(_json(fitting), slots, 0)

    def reckon_stored(self, answer: str) -> Reckoned:
        """Give what an answer as it is stored comes to."""
        return self.reckon(json.loads(answer))


def countables(known: KnownSurvey) -> dict[str, Countable]:
    """Make the questions of a survey ready to be counted, by their ids."""
    return {
        question.id: Countable(
            known.questions[question.id],
            question,
            _ready(question),
            {option.id: slot for slot, option in enumerate(question.options)},
        )
        for question in known.survey.questions
    }


class LocalTimes:
    """Day and hour of a site's clock, remembered by the quarter of an hour."""

    MOST = 50_000

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], tuple[str, int]] = {}

    def at(self, timezone: str, moment_ms: int) -> tuple[str, int]:
        """Give the local date (2026-11-21) and hour (0 … 23) of a moment, ms since 1970 UTC."""
        quarter = (timezone, moment_ms // QUARTER_MS)
        found = self._known.get(quarter)
        if found is None:
            if len(self._known) >= self.MOST:
                self._known.clear()
            local = datetime.fromtimestamp(quarter[1] * QUARTER_MS / 1000, ZoneInfo(timezone))
            found = self._known[quarter] = (local.date().isoformat(), local.hour)
        return found


@dataclass(frozen=True)
class Sums:
    """What changes in the tallies: counts in the order of COUNTS, by the key of their row."""

    days: dict[Key, list[int]] = field(default_factory=dict)
    hours: dict[Key, list[int]] = field(default_factory=dict)

    def add(self, tap: StoredTap, reckoned: Reckoned, *, day: str, hour: int, times: int) -> None:
        """Count an answer once (times 1), or take it back (times -1)."""
        counted = 1 if tap.flag is None else 0
        by_day = DayKey(tap.question, day, tap.placement, tap.ledger, tap.language, counted)
        by_hour = HourKey(tap.question, day, hour, tap.placement, tap.ledger, counted)
        for sums, key in ((self.days, by_day), (self.hours, by_hour)):
            counts = sums.get(key)
            if counts is None:
                counts = sums[key] = [0] * len(COUNTS)
            _add(counts, reckoned, times)


def _add(counts: list[int], reckoned: Reckoned, times: int) -> None:
    counts[1 if reckoned is SKIPPED else 0] += times
    counts[2] += reckoned.value * times
    for slot in reckoned.slots:
        counts[SLOTS_FROM + slot] += times


def _ready(question: Question) -> dict[str | int, Reckoned]:
    match question.type:
        case "faces":
            return {face: Reckoned(_json(face), (slot,), WORTH[face]) for slot, face in enumerate(FACES)}
        case "scale" | "stars":
            values = range(question.lowest, question.highest + 1)
            return {value: Reckoned(str(value), (slot,), value) for slot, value in enumerate(values)}
        case "choice" if not question.many:
            options = [option.id for option in question.options]
            return {option: Reckoned(_json(option), (slot,), 0) for slot, option in enumerate(options)}
    return {}


def _json(answer: object) -> str:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
