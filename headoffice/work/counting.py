"""How answers become counts: the slot of each, the local day and hour, and the sums by tally.

Used by `work.ingest` for what comes and by `work.rebuild` for all that is held: one way of counting for both.
May touch nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from headoffice.store.surveys import KnownSurvey
from headoffice.store.tallies import COUNTS, DayKey, HourKey, Key
from headoffice.store.taps import Held, StoredTap
from headoffice.store.verbatims import ELSEWHERE
from survey.answers import check_answer
from survey.model import FACES, Question

Counted = StoredTap | Held

QUARTER_MS = 15 * 60 * 1000  # every zone's offset is a multiple of it
WORTH = dict(zip(FACES, (0, 50, 100), strict=True))
SLOTS_FROM = COUNTS.index("c0")


@dataclass(frozen=True, eq=False, slots=True)
class Reckoned:
    """An answer that fits its question: as it is stored, the slots it counts in, and its value for the sum.

    Usual ones are made once, so that equal answers are found by being the same.
    """

    answer: str
    slots: tuple[int, ...]
    value: int


SKIPPED = Reckoned("null", (), 0)
WRITTEN = Reckoned(ELSEWHERE, (), 0)  # open text, whatever it says
MOST_SEVERAL = 1000  # answers of several options kept ready for a question


@dataclass(frozen=True)
class Countable:
    """A question of one survey version with its number, and what its usual answers come to."""

    id: int
    question: Question
    ready: Mapping[str | int, Reckoned]
    options: Mapping[str, int]
    several: dict[tuple[object, ...], Reckoned] = field(default_factory=dict)  # as they turn up

    def reckon(self, answer: object) -> Reckoned:
        """Give what an answer comes to. Raises InvalidAnswer where it does not fit."""
        if answer is None:
            return SKIPPED
        if type(answer) is str or type(answer) is int:  # not bool: True would find 1
            found = self.ready.get(answer)
            if found is not None:
                return found
        if type(answer) is list and all(type(option) is str for option in answer):
            found = self.several.get(tuple(answer))
            if found is None:
                found = self._several(answer)
                if len(self.several) < MOST_SEVERAL:
                    self.several[tuple(answer)] = found
            return found
        return self._several(answer)

    def _several(self, answer: object) -> Reckoned:
        fitting = check_answer(self.question, answer)
        if fitting is None:
            return SKIPPED
        if self.question.type == "text":
            return WRITTEN
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


class Zone(dict[int, tuple[str, int]]):
    """Day and hour of a zone's clock, remembered by the quarter of an hour."""

    MOST = 50_000

    def __init__(self, timezone: str) -> None:
        super().__init__()
        self._zone = ZoneInfo(timezone)

    def at(self, moment_ms: int) -> tuple[str, int]:
        """Give the local date (2026-11-21) and hour (0 … 23) of a moment, ms since 1970 UTC."""
        return self[moment_ms // QUARTER_MS]

    def __missing__(self, quarter: int) -> tuple[str, int]:
        if len(self) >= self.MOST:
            self.clear()
        local = datetime.fromtimestamp(quarter * QUARTER_MS / 1000, self._zone)
        found = self[quarter] = (local.date().isoformat(), local.hour)
        return found


class LocalTimes(dict[str, Zone]):
    """The clocks of all zones."""

    def __missing__(self, timezone: str) -> Zone:
        found = self[timezone] = Zone(timezone)
        return found

    def at(self, timezone: str, moment_ms: int) -> tuple[str, int]:
        """Give the local date and hour of a moment, as `Zone.at` does."""
        return self[timezone].at(moment_ms)


@dataclass(frozen=True)
class Sums:
    """What changes in the tallies: counts in the order of COUNTS, by the key of their row."""

    days: dict[Key, list[int]] = field(default_factory=dict)
    hours: dict[Key, list[int]] = field(default_factory=dict)

    def add(self, tap: Counted, reckoned: Reckoned, *, day: str, hour: int, times: int) -> None:
        """Count an answer once (times 1), or take it back (times -1)."""
        counted = 1 if tap.flag is None else 0
        by_day = DayKey(tap.question, day, tap.placement, tap.ledger, tap.language, counted)
        by_hour = HourKey(tap.question, day, hour, tap.placement, tap.ledger, counted)
        count(self.days, by_day, reckoned, times)
        count(self.hours, by_hour, reckoned, times)


def count(sums: dict[Key, list[int]], key: Key, reckoned: Reckoned, times: int) -> None:
    """Count an answer so many times in the row of a key."""
    counts = sums.get(key)
    if counts is None:
        counts = sums[key] = [0] * len(COUNTS)
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
