"""What somebody typed into the form of a question, put into its document.

Called by drafts/steps.py. Pure: a form and a document in, a document out; what a form does not name stays.

Fields of a question stand under `q3.`, 3 being its number: `q3.text.ja`, `q3.option.0.icon`, `q3.way.1`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from survey.model import END, KEYBOARDS, METRICS, SKIP, TYPES
from survey.outline import Span, answers, bounds, spans, table_of, unfolded_ways, ways
from survey.problems import Fault, shown
from survey.shape import bounded, measuring, of_many, retyped

Document = dict[str, Any]
BREAKS = re.compile(r"[\r\n\t]+")
SAME, EACH = "same", "each"
NPS = ((0, 6), (7, 8), (9, 10))
WHOLE = 100


@dataclass(frozen=True)
class Typed:
    """The fields of one question; numbers that are none are noted in `faults`."""

    fields: Mapping[str, str]
    tags: Sequence[str]
    faults: list[Fault] = field(default_factory=list)

    def question(self, survey: Mapping[str, Any], number: int) -> Document:
        """The question as the form has it."""
        asked = survey["question"][number]
        made: Document = {**asked, "text": self.texts("text", asked.get("text")) or {}}
        self._put(made, "help", self.texts("help", asked.get("help"), may_lack=True))
        self._put(made, "labels", self._labels(asked.get("labels", {})))
        if "options" in asked:
            made["options"] = [self._option(place, each) for place, each in enumerate(asked["options"])]
        self._put(made, "next", self._next(survey, number))
        self._set_simple(made)
        return self._turned(made)

    def texts(self, key: str, now: object, *, may_lack: bool = False) -> dict[str, str] | None:
        """A text in every language; None where it may lack and is blank in all."""
        was = now if isinstance(now, Mapping) else {}
        names = {tag: f"{key}.{tag}" for tag in self.tags}
        given = {tag: clean(self.fields[name]) for tag, name in names.items() if name in self.fields}
        if not given:
            return None if now is None else dict(was)
        made = {tag: str(was.get(tag, "")) for tag in (*was, *self.tags)} | given
        return None if may_lack and not any(made.values()) else made

    def number(self, name: str, low: int, high: int) -> int | None:
        """A whole number; None where the field is not there or blank. One that is none is a fault."""
        written = self.fields.get(name, "").strip()
        if not written:
            return None
        if written.isascii() and written.isdigit() and len(written) <= len(str(high)):
            value = int(written)
            if low <= value <= high:
                return value
        self.faults.append(Fault(name, shown(written)))
        return None

    def _labels(self, now: Mapping[str, object]) -> Document | None:
        sides = {side: self.texts(side, now.get(side), may_lack=True) for side in ("low", "high")}
        return {side: texts for side, texts in sides.items() if texts is not None} or None

    def _option(self, place: int, option: Mapping[str, Any]) -> Document:
        made = {**option, "text": self.texts(f"option.{place}.text", option.get("text")) or {}}
        icon = self.fields.get(f"option.{place}.icon")
        if icon is not None:
            self._put(made, "icon", icon or None)
        return made

    def _next(self, survey: Mapping[str, Any], number: int) -> object:
        asked = survey["question"][number]
        now, how = asked.get("next"), self.fields.get("ways")
        if how == SAME:
            if isinstance(now, Mapping):
                return next(iter(now.values()), END)
            return self.fields.get("next", now or "") or None
        if how != EACH or not answers(asked):
            return now
        if not isinstance(now, Mapping):
            return unfolded_ways(survey, number, scale=_halves(asked))
        if asked["type"] in ("scale", "stars"):
            led = self._spans(spans(asked)) if spans(asked) else {}
        else:
            keys = answers(asked)
            led = {key: self.fields.get(f"way.{at}", now.get(key, END)) for at, key in enumerate(keys)}
        skip = self.fields.get("way.skip", now.get(SKIP, END))
        return led | ({SKIP: skip} if skip != END or SKIP in now else {})

    def _spans(self, led: Sequence[Span]) -> dict[str, str]:
        """The borders and targets as they were typed; a border that leaves no room is moved on."""
        made: list[Span] = []
        low, highest = led[0].low, led[-1].high
        for at, span in enumerate(led):
            room = highest - (len(led) - 1 - at)
            high = self.number(f"span.{at}", 0, WHOLE)
            high = room if at == len(led) - 1 else min(max(span.high if high is None else high, low), room)
            made.append(Span(low=low, high=high, target=self.fields.get(f"way.{at}", span.target)))
            low = high + 1
        return table_of(made)

    def _set_simple(self, made: Document) -> None:
        if "shuffle" in self.fields:
            self._put(made, "shuffle", True if self.fields["shuffle"] else None)
        if "keyboard" in self.fields:
            keyboard = self.fields["keyboard"]
            self._put(made, "keyboard", keyboard if keyboard in KEYBOARDS else None)
        if "max_length" in self.fields:
            self._put(made, "max_length", self.number("max_length", 1, 1000) or made.get("max_length"))
        if "ask" in self.fields:
            percent = self.number("ask", 1, WHOLE)
            share = None if percent == WHOLE else (percent or 0) / WHOLE or made.get("ask")
            self._put(made, "ask", share)

    def _turned(self, made: Document) -> Document:
        """As another type, for another metric, with other values: what that takes along is seen to."""
        kind, metric = (
            self.fields.get("type", made["type"]),
            self.fields.get("metric", made.get("metric", "")),
        )
        if made["type"] in ("scale", "stars") and ("min" in self.fields or "max" in self.fields):
            now = bounds(made)
            low = self.number("min", 0, WHOLE)
            high = self.number("max", 0, WHOLE)
            wanted = (now[0] if low is None else low, now[1] if high is None else high)
            if wanted != now:
                made = bounded(made, *wanted)
        if kind in TYPES and kind != made["type"]:
            made = retyped(made, kind, self.tags)
        if metric != made.get("metric", "") and "metric" in self.fields and (not metric or metric in METRICS):
            made = measuring(made, metric or None)
        if made["type"] == "choice" and "many" in self.fields:
            made = of_many(made, many=bool(self.fields["many"]))
        return made

    @staticmethod
    def _put(made: Document, key: str, value: object) -> None:
        if value is None:
            made.pop(key, None)
        else:
            made[key] = value


def clean(written: str) -> str:
    """A text as it is kept: on one line."""
    return BREAKS.sub(" ", written).strip()


def part(survey: Mapping[str, Any], number: int) -> dict[str, str]:
    """A scale's ways with one more border, in the middle of its widest span."""
    asked = survey["question"][number]
    led = list(spans(asked))
    if not led:
        return ways(survey, number)
    at = max(range(len(led)), key=lambda each: led[each].high - led[each].low)
    span = led[at]
    middle = (span.low + span.high) // 2
    if span.low < span.high:
        led[at : at + 1] = [
            Span(low=span.low, high=middle, target=span.target),
            Span(low=middle + 1, high=span.high, target=span.target),
        ]
    return _with_skip(ways(survey, number), table_of(led))


def join(survey: Mapping[str, Any], number: int, at: int) -> dict[str, str]:
    """A scale's ways with a span taken into the one before it, or the first into the second."""
    led = list(spans(survey["question"][number]))
    if 0 <= at < len(led) > 1:
        first = max(at - 1, 0)
        one, other = led[first], led[first + 1]
        kept = other.target if at == 0 else one.target
        led[first : first + 2] = [Span(low=one.low, high=other.high, target=kept)]
    return _with_skip(ways(survey, number), table_of(led))


def _with_skip(now: Mapping[str, str], led: dict[str, str]) -> dict[str, str]:
    return led | ({SKIP: now[SKIP]} if SKIP in now else {})


def _halves(asked: Mapping[str, Any]) -> Sequence[tuple[int, int]]:
    if asked["type"] not in ("scale", "stars"):
        return ()
    low, high = bounds(asked)
    middle = (low + high) // 2
    return NPS if (low, high) == (NPS[0][0], NPS[-1][1]) else ((low, middle), (middle + 1, high))
