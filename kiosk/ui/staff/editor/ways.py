"""Where the answers of a question lead: all the same way, or each its own; a scale's by spans of values.

Opened from kiosk.ui.staff.editor.question. May touch Kivy's widgets. What would lead round is not offered.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from kivy.uix.widget import Widget

from kiosk.ui.staff.editor.bench import Bench, BenchPage
from kiosk.ui.staff.lists import PickPage
from kiosk.ui.staff.parts import ChoiceRow, Heading, Row, StepperRow, Words
from survey.faults import Place
from survey.model import END, FACES, SKIP
from survey.outline import (
    Span,
    answers,
    bounds,
    grouped,
    possible,
    said,
    spans,
    table_of,
    unfolded_ways,
    ways,
)

if TYPE_CHECKING:
    from kiosk.ui.staff.desk import Desk

SAME, EACH = "same", "each"
NPS = ((0, 6), (7, 8), (9, 10))


def target_words(bench: Bench, survey: int, target: str, desk: "Desk") -> str:
    """A question by its number and text, or the end."""
    for number, asked in enumerate(bench.survey(survey)["question"], start=1):
        if asked.get("id") == target:
            return f"{desk.say('editor.numbered', number=number)} {bench.said(asked.get('text'))}"
    return desk.say("editor.the_end")


def answer_words(bench: Bench, place: Place, key: str, desk: "Desk") -> str:
    """An answer as staff know it."""
    if key == SKIP or key in FACES:
        return desk.say(f"answers.{key}")
    for option in bench.question(place).get("options", ()):
        if option.get("id") == key:
            return said(option.get("text"), desk.language) or key
    return key.replace("-", "–")


def way_words(bench: Bench, place: Place, desk: "Desk") -> str:
    """All ways of a question on a line."""
    led = grouped(ways(bench.survey(place.survey), place.question))
    parts = []
    for target, keys in led.items():
        named = desk.say("editor.comma").join(answer_words(bench, place, key, desk) for key in keys)
        to = target_words(bench, place.survey, target, desk)
        parts.append(f"{named} → {to}" if named else f"→ {to}")
    return "   ".join(parts)


class WaysPage(BenchPage):
    """The ways on from a question."""

    def __init__(self, desk: "Desk", bench: Bench, place: Place) -> None:
        self._at = Place(place.survey, place.question)
        super().__init__(desk, bench, title=desk.say("ways.title"))

    def rows(self) -> list[Widget]:
        """The same way for all, or a row for each answer."""
        say, bench, at = self.desk.say, self.bench, self._at
        asked = bench.question(at)
        self.note = say("editor.numbered", number=at.question + 1) + " " + bench.said(asked.get("text"))
        wrong = bench.told(Place(at.survey, at.question, key="next"))
        rows: list[Widget] = [Words(words=wrong, loud=True)] if wrong else []
        way = asked.get("next")
        if answers(asked):
            rows.append(
                ChoiceRow(
                    [(SAME, say("ways.same")), (EACH, say("ways.each"))],
                    EACH if isinstance(way, Mapping) else SAME,
                    self._turn,
                    title=say("ways.how"),
                )
            )
        if not isinstance(way, Mapping):
            (target,) = ways(bench.survey(at.survey), at.question).values()
            return [*rows, self._row(say("ways.next"), target, self._set)]
        if asked.get("type") in ("scale", "stars"):
            rows += self._of_scale(spans(asked))
        else:
            rows += [
                self._row(
                    answer_words(bench, at, key, self.desk), way.get(key, END), partial(self._set_key, key)
                )
                for key in answers(asked)
            ]
        return [*rows, self._row(say("answers.skip"), way.get(SKIP, END), partial(self._set_key, SKIP))]

    def _row(self, title: str, target: str, changed: object) -> Row:
        return Row(
            title=title,
            value=target_words(self.bench, self._at.survey, target, self.desk),
            on_tap=partial(self._pick, title, target, changed),
        )

    def _pick(self, title: str, now: str, changed: object) -> None:
        bench, at = self.bench, self._at
        choices = [
            (target, target_words(bench, at.survey, target, self.desk))
            for target in possible(bench.survey(at.survey), at.question)
        ]
        self.desk.open(PickPage(self.desk, choices, now, changed, title=title))  # type: ignore[arg-type] # one of the two below

    def _of_scale(self, led: Sequence[Span]) -> list[Widget]:
        say = self.desk.say
        rows: list[Widget] = []
        for number, span in enumerate(led):
            rows.append(
                self._row(span.key.replace("-", " – "), span.target, partial(self._set_key, span.key))
            )
            if number + 1 < len(led):
                rows.append(
                    StepperRow(
                        partial(self._move_border, number),
                        title=say("ways.border"),
                        value=span.high,
                        least=span.low,
                        most=led[number + 1].high - 1,
                    )
                )
        widest = max(span.high - span.low for span in led)
        rows.append(Heading(words=say("ways.spans")))
        rows.append(
            Row(title=say("ways.part"), sign="plus", leads_on=False, on_tap=self._part if widest else None)
        )
        if len(led) > 1:
            rows.append(Row(title=say("ways.join"), sign="bin", leads_on=False, on_tap=self._join))
        return rows

    def _turn(self, how: str) -> None:
        bench, at = self.bench, self._at
        survey, asked = bench.survey(at.survey), bench.question(at)
        if how == EACH and not isinstance(asked.get("next"), Mapping):
            low, high = bounds(asked)
            middle = (low + high) // 2
            scale = NPS if (low, high) == (NPS[0][0], NPS[-1][1]) else ((low, middle), (middle + 1, high))
            is_scale = asked.get("type") in ("scale", "stars")
            self._set(unfolded_ways(survey, at.question, scale=scale if is_scale else ()))
        elif how == SAME and isinstance(asked.get("next"), Mapping):
            self._set(next(iter(asked["next"].values()), END))

    def _set(self, way: object) -> None:
        self.put(self.bench.editing.set_question(self._at.survey, self._at.question, "next", way))

    def _set_key(self, key: str, target: str) -> None:
        asked = self.bench.question(self._at)
        way = {**asked["next"], key: target}
        if key == SKIP and target == END:
            del way[SKIP]
        self._set(way)

    def _spans(self) -> list[Span]:
        return list(spans(self.bench.question(self._at)))

    def _set_spans(self, led: Sequence[Span]) -> None:
        way = self.bench.question(self._at)["next"]
        self._set(table_of(led) | ({SKIP: way[SKIP]} if SKIP in way else {}))

    def _move_border(self, number: int, high: float) -> None:
        led = self._spans()
        this, other = led[number], led[number + 1]
        led[number] = Span(low=this.low, high=int(high), target=this.target)
        led[number + 1] = Span(low=int(high) + 1, high=other.high, target=other.target)
        self._set_spans(led)

    def _part(self) -> None:
        led = self._spans()
        number = max(range(len(led)), key=lambda each: led[each].high - led[each].low)
        span = led[number]
        middle = (span.low + span.high) // 2
        led[number : number + 1] = [
            Span(low=span.low, high=middle, target=span.target),
            Span(low=middle + 1, high=span.high, target=span.target),
        ]
        self._set_spans(led)

    def _join(self) -> None:
        *led, before, last = self._spans()
        self._set_spans([*led, Span(low=before.low, high=last.high, target=before.target)])
