"""The trend's drawing: dots, line and band in per cent of the box, and which words stand beside them.

Called by charts/trend.py. Pure functions of values: touches nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from headoffice.metrics import Metric
from headoffice.web.charts.scale import Scale, Tick, scale_for
from headoffice.web.words import Words
from headoffice.work.overview import Day

_EDGE = 1.0  # per cent kept free at both ends, so that no dot is cut
_LABEL_WIDTH = 16.0  # per cent of the width that a label may take on a phone
_MOST_DATES = 5
_ROOM_FOR_WORDS = 0.15  # of the height, where words stand below or above a point
_FEW_DAYS = 21  # so few that every point is drawn


@dataclass(frozen=True, kw_only=True)
class Dot:
    """A day's point; x and y in per cent from the left and the top. `y` is None for a day of few answers.

    `marked` are points that the line alone would not show: few in all, or one without neighbours.
    """

    day: Day
    x: float
    y: float | None
    marked: bool


@dataclass(frozen=True, kw_only=True)
class Label:
    """Words at a run of days outside the band: which dots, and how they are set."""

    first: Dot
    last: Dot
    x: float
    y: float
    below: bool
    anchor: str


@dataclass(frozen=True, kw_only=True)
class TrendChart:
    """The trend: `line` and `band` as points in a box of 1000 by 1000, everything else in per cent.

    `marks` are the dots that are drawn and the words beside them; `readouts` is what is said of each dot.
    """

    period: str
    ticks: tuple[Tick, ...]
    readouts: tuple[str, ...]
    names: tuple[str, ...]
    dots: tuple[Dot, ...]
    lines: tuple[str, ...]
    bands: tuple[str, ...]
    centre: float | None
    labels: tuple[Label, ...]
    dates: tuple[tuple[Dot, str], ...]
    half_day: float

    @property
    def marks(self) -> Markup:
        """The days as HTML, each with what is said of it; made here since there may be hundreds."""
        half = self.half_day
        shown = [
            f'<g class="day{" signal" if dot.day.is_signal else ""}{" marked" if dot.marked else ""}">'
            f'<rect class="hit" x="{dot.x - half}%" y="0" width="{half * 2}%" height="100%"/>{_mark(dot)}'
            f'<text class="readout" x="99%" y="0" dy="-8" text-anchor="end">{escape(said)}</text></g>'
            for dot, said in zip(self.dots, self.readouts, strict=True)
        ]
        return Markup("\n".join(shown))  # noqa: S704 - what is said is escaped, all else are numbers

    @property
    def has_signals(self) -> bool:
        """Whether a day lies outside the band."""
        return any(dot.day.is_signal for dot in self.dots)

    @property
    def has_few(self) -> bool:
        """Whether a day has too few answers."""
        return any(dot.y is None for dot in self.dots)


def trend_drawing(words: Words, metric: Metric, days: Sequence[Day]) -> TrendChart | None:
    """The trend's drawing; None without a single day to draw."""
    if not any(day.score.value is not None for day in days):
        return None
    scale = scale_for(metric, _reach(metric, days))
    dots = tuple(_dot(scale, days, place) for place in range(len(days)))
    centre = next((day.limits.centre for day in days if day.limits), None)
    labels = tuple(_labels(dots))
    return TrendChart(
        period=period_of(days),
        ticks=scale.ticks(words, metric),
        readouts=tuple(readout(words, metric, day) for day in days),
        names=tuple(_name(words, metric, label) for label in labels),
        dots=dots,
        lines=tuple(_points(run) for run in _runs(dots) if len(run) > 1),
        bands=tuple(_band(scale, run) for run in _runs(dots) if run[0].day.limits),
        centre=None if centre is None else 100 - scale.at(centre),
        labels=labels,
        dates=tuple(_dates(dots)),
        half_day=round((100 - 2 * _EDGE) / max(len(days) - 1, 1) / 2, 3),
    )


def _reach(metric: Metric, days: Sequence[Day]) -> list[float]:
    """Every value that must find room, with some more where words stand below or above a point."""
    reach = [day.score.value for day in days if day.score.value is not None]
    reach += [end for day in days if day.limits for end in (day.limits.low, day.limits.high)]
    room = (max(reach) - min(reach)) * _ROOM_FOR_WORDS
    for day in days:
        if day.is_signal and day.limits is not None and day.score.value is not None:
            value = day.score.value
            low, high = metric.bounds
            reach.append(max(low, value - room) if value < day.limits.low else min(high, value + room))
    return reach


def period_of(days: Sequence[Day]) -> str:
    """What the points of a trend stand for: a day each, or a week."""
    return "week" if days and days[0].length > 1 else "day"


def named(words: Words, day: Day) -> str:
    """A point's own name."""
    return words.weekday(day.day) if day.length == 1 else words("week", day=words.day(day.day))


def readout(words: Words, metric: Metric, day: Day) -> str:
    """What is said of the day under the pointer."""
    name = named(words, day)
    if day.score.value is None:
        return words("trend.readout_few", day=name)
    value, margin = words.score(metric, day.score.value), words.margin(metric, day.score)
    return words("trend.readout", day=name, value=value, margin=margin, n=day.score.n)


def _name(words: Words, metric: Metric, label: Label) -> str:
    """What stands beside days outside the band: one with its value, several as a span."""
    first, last = words.day(label.first.day.day), words.day(label.last.day.day)
    if label.first == label.last:
        return f"{first} {words.score(metric, label.first.day.score.value)}"
    return f"{first} – {last}"


def _dot(scale: Scale, days: Sequence[Day], place: int) -> Dot:
    value, count = days[place].score.value, len(days)
    neighbours = (*days[max(0, place - 1) : place], *days[place + 1 : place + 2])
    return Dot(
        day=days[place],
        x=50.0 if count == 1 else round(_EDGE + place * (100 - 2 * _EDGE) / (count - 1), 3),
        y=None if value is None else round(100 - scale.at(value), 3),
        marked=count <= _FEW_DAYS or all(day.score.value is None for day in neighbours),
    )


def _mark(dot: Dot) -> str:
    if dot.y is None:
        return f'<line class="thin" x1="{dot.x}%" x2="{dot.x}%" y1="97%" y2="100%"/>'
    return f'<circle cx="{dot.x}%" cy="{dot.y}%" r="{6 if dot.day.is_signal else 4}"/>'


def _runs(dots: Sequence[Dot]) -> list[list[Dot]]:
    """The dots without those of few answers, broken where such a day lies between."""
    runs: list[list[Dot]] = [[]]
    for dot in dots:
        if dot.y is None:
            runs.append([])
        else:
            runs[-1].append(dot)
    return [run for run in runs if run]


def _points(run: Sequence[Dot]) -> str:
    return " ".join(f"{dot.x * 10:.1f},{(dot.y or 0.0) * 10:.1f}" for dot in run)


def _band(scale: Scale, run: Sequence[Dot]) -> str:
    """The band's outline; a single day gets half a day to both sides."""
    limits = [(dot.x, dot.day.limits) for dot in run if dot.day.limits]
    if len(limits) == 1:
        x, only = limits[0]
        limits = [(x - 0.5, only), (x + 0.5, only)]
    upper = [f"{x * 10:.1f},{(100 - scale.at(limit.high)) * 10:.1f}" for x, limit in limits]
    lower = [f"{x * 10:.1f},{(100 - scale.at(limit.low)) * 10:.1f}" for x, limit in reversed(limits)]
    return " ".join([*upper, *lower])


def _labels(dots: Sequence[Dot]) -> list[Label]:
    """Words for each run of days outside the band, where they do not run into the words before."""
    runs: list[list[Dot]] = []
    for dot in dots:
        if not dot.day.is_signal:
            continue
        if runs and _next_day(runs[-1][-1], dot) and _below(runs[-1][-1]) == _below(dot):
            runs[-1].append(dot)
        else:
            runs.append([dot])
    labels: list[Label] = []
    for run in runs:
        label = _label(run)
        if not any(abs(label.x - other.x) < _LABEL_WIDTH and label.below == other.below for other in labels):
            labels.append(label)
    return labels


def _label(run: Sequence[Dot]) -> Label:
    below = _below(run[0])
    ys = [dot.y for dot in run if dot.y is not None]
    x = (run[0].x + run[-1].x) / 2
    half = _LABEL_WIDTH / 2
    anchor = "start" if x < half else "end" if x > 100 - half else "middle"
    x = min(max(x, _EDGE), 100 - _EDGE)
    return Label(first=run[0], last=run[-1], x=x, y=max(ys) if below else min(ys), below=below, anchor=anchor)


def _next_day(before: Dot, after: Dot) -> bool:
    return (after.day.day - before.day.day).days == before.day.length


def _below(dot: Dot) -> bool:
    value, limits = dot.day.score.value, dot.day.limits
    return value is not None and limits is not None and value < limits.low


def _dates(dots: Sequence[Dot]) -> list[tuple[Dot, str]]:
    """The dots that have their date beneath, at most five, and how it is set."""
    last = len(dots) - 1
    count = min(_MOST_DATES, len(dots))
    places = sorted({round(step * last / max(count - 1, 1)) for step in range(count)})
    if last == 0:
        return [(dots[0], "middle")]
    anchors = {0: "start", last: "end"}
    return [(dots[place], anchors.get(place, "middle")) for place in places]
