"""The trend: CSAT day by day with the band of what is usual, in words and as a drawing.

Called by page.py. Pure functions of values: touches nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from headoffice.metrics import METRICS
from headoffice.web.overview.trend_chart import Label, TrendChart, trend_chart
from headoffice.web.words import Words
from headoffice.work.overview import Day

_CSAT = METRICS["csat"]


@dataclass(frozen=True, kw_only=True)
class DayRow:
    """A day in the table behind the drawing."""

    day: str
    value: str
    interval: str
    answers: str
    band: str
    signal: str


@dataclass(frozen=True, kw_only=True)
class TrendCard:
    """The trend; `chart` is None as long as there is no day to draw."""

    words: Words
    days: Sequence[Day]
    chart: TrendChart | None
    title: str
    alt: str
    rows: tuple[DayRow, ...]

    @property
    def has_signals(self) -> bool:
        """Whether a day lies outside the band."""
        return any(day.is_signal for day in self.days)

    @property
    def has_few(self) -> bool:
        """Whether a day has too few answers."""
        return any(day.score.value is None for day in self.days)

    def readout(self, day: Day) -> str:
        """What is said of the day under the pointer."""
        words, name = self.words, self.words.weekday(day.day)
        if day.score.value is None:
            return words("trend.readout_few", day=name)
        value, margin = words.score(_CSAT, day.score.value), words.margin(_CSAT, day.score)
        return words("trend.readout", day=name, value=value, margin=margin, n=day.score.n)

    def name(self, label: Label) -> str:
        """What stands beside days outside the band: one with its value, several as a span."""
        first, last = self.words.day(label.first.day.day), self.words.day(label.last.day.day)
        if label.first == label.last:
            return f"{first} {self.words.percent(label.first.day.score.value or 0.0, digits=0)}"
        return f"{first} – {last}"


def trend_card(words: Words, days: Sequence[Day]) -> TrendCard:
    """The card of the trend."""
    has_band = any(day.limits for day in days)
    return TrendCard(
        words=words,
        days=days,
        chart=trend_chart(days),
        title=words("trend.title" if has_band else "trend.title_no_band"),
        alt=_alt(words, days, has_band=has_band),
        rows=tuple(_row(words, day) for day in reversed(days)),
    )


def _alt(words: Words, days: Sequence[Day], *, has_band: bool) -> str:
    scored = [(day, day.score.value) for day in days if day.score.value is not None]
    if not scored:
        return words("trend.none")
    values = [value for _, value in scored]
    span = words(
        "trend.alt",
        first=words.day(days[0].day),
        last=words.day(days[-1].day),
        low=words.score(_CSAT, min(values)),
        high=words.score(_CSAT, max(values)),
        value=words.score(_CSAT, values[-1]),
    )
    outside = [f"{words.day(day.day)} {words.score(_CSAT, value)}" for day, value in scored if day.is_signal]
    if outside:
        return f"{span} {words('trend.alt_outside', days=words.listed(outside))}"
    return f"{span} {words('trend.alt_inside' if has_band else 'trend.alt_no_band')}"


def _row(words: Words, day: Day) -> DayRow:
    none, score, limits = words("table.few"), day.score, day.limits
    if score.value is None:
        return DayRow(
            day=words.weekday(day.day), value=none, interval=none, answers=none, band=none, signal=none
        )
    return DayRow(
        day=words.weekday(day.day),
        value=words.score(_CSAT, score.value),
        interval=f"{words.score(_CSAT, score.low)} – {words.score(_CSAT, score.high)}",
        answers=words.number(score.n),
        band=f"{words.score(_CSAT, limits.low)} – {words.score(_CSAT, limits.high)}" if limits else none,
        signal=words("table.yes") if day.is_signal else "",
    )
