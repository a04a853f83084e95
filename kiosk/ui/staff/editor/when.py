"""When a survey is shown: in words, and the page on which that is chosen.

Opened from kiosk.ui.staff.editor.survey. May touch Kivy's widgets.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from kivy.uix.widget import Widget

from kiosk.ui.staff.editor.bench import Bench, BenchPage
from kiosk.ui.staff.parts import ChoiceRow, Row, Segmented, StepperRow, SwitchRow, Words
from kiosk.ui.staff.writing import Wanted, WritePage
from survey.faults import Place
from survey.model import WEEKDAYS
from survey.reading import ReadingError
from survey.schedule import days_of_week, hours_of_day

if TYPE_CHECKING:
    from kiosk.ui.staff.desk import Desk

Say = Callable[..., str]
HALF_HOURS = 48
DATE_DIGITS = 8
NINE_TO_NINE = (18, 42)  # in half hours


def when_words(when: Mapping[str, Any] | None, say: Say) -> str:
    """A schedule in a few words."""
    if not when:
        return say("when.always")
    parts = []
    days = _days(when)
    if days is not None and len(days) < len(WEEKDAYS):
        parts.append(say("when.between").join(say(f"when.{WEEKDAYS[day]}") for day in sorted(days)))
    if "hours" in when:
        parts.append(str(when["hours"]).replace("-", "–"))
    if "from" in when or "to" in when:
        parts.append(f"{when.get('from', '')} – {when.get('to', '')}".strip())
    return say("when.comma").join(parts) or say("when.always")


def _days(when: Mapping[str, Any]) -> frozenset[int] | None:
    try:
        return days_of_week(when["weekdays"]) if "weekdays" in when else None
    except ReadingError:
        return None


def halves(when: Mapping[str, Any]) -> tuple[int, int]:
    """Begin and end of the hours, in half hours since midnight."""
    try:
        opens, closes = hours_of_day(when["hours"])
    except (KeyError, ReadingError):
        return NINE_TO_NINE
    end = closes.hour * 2 + closes.minute // 30
    return opens.hour * 2 + opens.minute // 30, end or HALF_HOURS


def clock(half: float) -> str:
    """Half hours as the time of day."""
    return f"{int(half) // 2:02d}:{int(half) % 2 * 30:02d}"


class Several(Segmented):
    """Choices side by side, any of which may be chosen."""

    def mark(self, key: object) -> None:
        """Show exactly these as chosen."""
        held = key if isinstance(key, frozenset) else frozenset()
        self.chosen = held
        for segment in self.children:
            segment.chosen = segment.key in held

    def choose(self, key: object) -> None:
        """In or out."""
        self.mark(self.chosen ^ {key})
        self._changed(self.chosen)


class DaysRow(ChoiceRow):
    """The days of a week."""

    def __init__(
        self, names: list[str], days: frozenset[int], changed: Callable[[frozenset[int]], None], **kwargs: Any
    ) -> None:
        choices = list(enumerate(names))
        super().__init__(choices, None, changed, **kwargs)
        self.remove_widget(self.segmented)
        self.segmented = Several(choices, None, changed)
        self.segmented.mark(days)
        self.add_widget(self.segmented)
        self._place()


class WhenPage(BenchPage):
    """Always, or on these days, at these hours, between these dates."""

    def __init__(self, desk: "Desk", bench: Bench, survey: int) -> None:
        self._survey = survey
        super().__init__(desk, bench, title=desk.say("when.title"))

    @property
    def _when(self) -> dict[str, Any]:
        return dict(self.bench.survey(self._survey).get("when") or {})

    def rows(self) -> list[Widget]:
        """What may be chosen."""
        say, when = self.desk.say, self._when
        self.note = when_words(when, say)
        names = [say(f"when.{day}") for day in WEEKDAYS]
        days = _days(when)
        everyday = frozenset(range(len(WEEKDAYS)))
        rows: list[Widget] = [
            DaysRow(names, everyday if days is None else days, self._set_days, title=say("when.days")),
            SwitchRow(self._turn_hours, title=say("when.some_hours"), on="hours" in when),
        ]
        if "hours" in when:
            opens, closes = halves(when)
            rows += [
                StepperRow(
                    partial(self._set_hour, 0),
                    clock,
                    title=say("when.opens"),
                    value=opens,
                    most=HALF_HOURS - 1,
                ),
                StepperRow(
                    partial(self._set_hour, 1), clock, title=say("when.closes"), value=closes, most=HALF_HOURS
                ),
            ]
        for key in ("from", "to"):
            rows.append(
                Row(
                    title=say(f"when.{key}"),
                    value=str(when.get(key) or say("when.open_end")),
                    on_tap=partial(self._write_date, key),
                )
            )
        wrong = self.bench.told(Place(self._survey, key="when"))
        return [*([Words(words=wrong, loud=True)] if wrong else []), *rows, Words(words=say("when.order"))]

    def _set(self, key: str, value: object) -> None:
        when = {**self._when, key: value}
        when = {name: each for name, each in when.items() if each is not None}
        self.put(self.bench.editing.set_survey(self._survey, "when", when or None))

    def _set_days(self, days: frozenset[int]) -> None:
        if not days:
            self.fill()
            self.toast(self.desk.say("when.some_day"))
            return
        is_all = len(days) == len(WEEKDAYS)
        self._set("weekdays", None if is_all else ",".join(WEEKDAYS[day] for day in sorted(days)))

    def _turn_hours(self, on: bool) -> None:  # noqa: FBT001 - a switch tells it so
        opens, closes = NINE_TO_NINE
        self._set("hours", f"{clock(opens)}-{clock(closes)}" if on else None)

    def _set_hour(self, side: int, half: float) -> None:
        hours = list(halves(self._when))
        step = 1 if half >= hours[side] else -1
        hours[side] = int(half)
        if hours[0] == hours[1] % HALF_HOURS:  # no time at all: on to the next
            hours[side] = (hours[side] + step) % (HALF_HOURS + side)
        self._set("hours", f"{clock(hours[0])}-{clock(hours[1])}")

    def _write_date(self, key: str) -> None:
        now = str(self._when.get(key, "")).replace("-", "")
        wanted = Wanted(language=self.desk.language, longest=DATE_DIGITS, keyboard="numeric")
        title = f"{self.desk.say(f'when.{key}')} · {self.desk.say('when.digits')}"
        self.desk.open(WritePage(self.desk, now, partial(self._written, key), wanted, title=title))

    def _written(self, key: str, digits: str) -> None:
        if not digits:
            self._set(key, None)
            return
        try:
            day = date.fromisoformat(f"{digits[:4]}-{digits[4:6]}-{digits[6:]}")
        except ValueError:
            self.toast(self.desk.say("when.no_such_day", digits=digits))
        else:
            self._set(key, day.isoformat())
