"""Score and volume by hour and weekday: a cell each, dark where it differs, grey where answers are few.

Called by the pages. Pure functions of values: touches nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from headoffice.intervals import NO_ANSWERS, Estimate
from headoffice.metrics import Metric
from headoffice.suppression import FEWEST_ANSWERS
from headoffice.web.charts.chart import Chart, Column, Table, cell, estimate_cells, estimate_columns
from headoffice.web.words import Words
from headoffice.work.columns import WEEKDAYS

SHADES = 9  # h0 … h8 in charts.css; h4 is the middle
_SPAN = {"share": 0.08, "points": 10.0, "mean": 0.4}  # half a scale that is narrower would colour noise

_NEARLY_FULL = 0.8  # of the farthest score's way
_ERRORS = 1.6  # half intervals that a full colour is away from the middle at least

Cells = Mapping[tuple[str, int], Estimate]


@dataclass(frozen=True, kw_only=True)
class Square:
    """A cell: its shade, its score, how many answers as a bar (per cent), and all of it in words."""

    shade: str
    score: str
    volume: float
    title: str


@dataclass(frozen=True, kw_only=True)
class HeatLine:
    """A weekday: its name, and a cell for each hour."""

    name: str
    squares: tuple[Square, ...]


@dataclass(frozen=True, kw_only=True)
class Heat:
    """The drawing: hours on top, weekdays as lines; `shades` explain the colours."""

    hours: tuple[str, ...]
    lines: tuple[HeatLine, ...]
    shades: tuple[str, ...]
    low: str
    middle: str
    high: str


@dataclass(frozen=True, kw_only=True)
class _Colours:
    """How far a score may lie from the middle before its colour is full."""

    metric: Metric
    middle: float
    span: float

    def shade(self, value: float) -> str:
        """The class of a score's colour."""
        half = SHADES // 2
        step = round((value - self.middle) / self.span * half)
        return f"h{half + max(-half, min(half, step))}"


def heat_chart(words: Words, metric: Metric, cells: Cells, *, overall: Estimate, name: str) -> Chart:
    """The chart of these cells, by weekday and hour; hours at which nobody ever answered are left out."""
    title = words("heat.title", metric=words(f"score.{metric.name}"))
    hours = _hours(cells)
    head = (
        Column(name="weekday", title=words("table.weekday")),
        Column(name="hour", title=words("table.hour")),
        *estimate_columns(words),
    )
    rows = [
        (
            cell(day, words.weekday_name(place)),
            cell(hour, words.hour(hour)),
            *estimate_cells(words, metric, _enough(cells.get((day, hour)))),
        )
        for place, day in enumerate(WEEKDAYS)
        for hour in hours
        if (day, hour) in cells
    ]
    return Chart(
        name=name,
        kind="heat",
        title=title,
        alt=_alt(words, metric, cells, title),
        table=Table(columns=head, rows=tuple(rows)),
        drawing=_drawing(words, metric, cells, overall),
        none=words("heat.none"),
        wide=True,
    )


def _drawing(words: Words, metric: Metric, cells: Cells, overall: Estimate) -> Heat | None:
    scores = [each for each in cells.values() if _enough(each).value is not None]
    if overall.value is None or not scores:
        return None
    middle, hours = overall.value, _hours(cells)
    span = _span(metric, middle, scores)
    colours = _Colours(metric=metric, middle=middle, span=span)
    most = max(each.n for each in cells.values())
    floor, ceiling = metric.bounds
    return Heat(
        hours=tuple(str(hour) for hour in hours),
        lines=tuple(
            HeatLine(
                name=words.weekday_name(place),
                squares=tuple(
                    _square(words, colours, (place, hour), cells.get((day, hour)), most) for hour in hours
                ),
            )
            for place, day in enumerate(WEEKDAYS)
        ),
        shades=tuple(f"h{shade}" for shade in range(SHADES)),
        low=words.score(metric, max(floor, middle - span)),
        middle=words("heat.middle", value=words.score(metric, middle)),
        high=words.score(metric, min(ceiling, middle + span)),
    )


def _span(metric: Metric, middle: float, scores: Sequence[Estimate]) -> float:
    """How far from the middle a colour is full: so far that mere chance stays pale."""
    farthest = max(abs((each.value or 0.0) - middle) for each in scores)
    error = median(((each.high or 0.0) - (each.low or 0.0)) / 2 for each in scores)
    return max(_SPAN[metric.unit], farthest * _NEARLY_FULL, error * _ERRORS)


def _square(
    words: Words, colours: _Colours, place: tuple[int, int], score: Estimate | None, most: int
) -> Square:
    when = words("heat.when", weekday=words.weekday_name(place[0]), hour=words.hour(place[1]))
    enough = _enough(score)
    if score is None or enough.value is None:
        key = "heat.empty" if score is None or not score.n else "heat.few"
        volume = 0.0 if score is None else round(score.n / most * 100, 1)
        dash = "" if score is None else "–"
        return Square(shade="few", score=dash, volume=volume, title=f"{when} {words(key)}")
    said = words("heat.cell", value=words.score(colours.metric, enough.value), n=enough.n)
    return Square(
        shade=colours.shade(enough.value),
        score=words.brief(colours.metric, enough.value),
        volume=round(enough.n / most * 100, 1),
        title=f"{when} {said}",
    )


def _hours(cells: Cells) -> Sequence[int]:
    seen = [hour for (_, hour) in cells]
    return range(min(seen), max(seen) + 1) if seen else ()


def _enough(score: Estimate | None) -> Estimate:
    return score if score is not None and score.n >= FEWEST_ANSWERS else NO_ANSWERS


def _alt(words: Words, metric: Metric, cells: Cells, title: str) -> str:
    """The best and the worst cell in words."""
    scored = {key: each.value for key, each in cells.items() if _enough(each).value is not None}
    ranked = sorted(scored, key=lambda key: scored[key] or 0.0)
    if not ranked:
        return f"{title} {words('heat.none')}"
    named = [
        words(
            "heat.alt_cell",
            weekday=words.weekday_name(WEEKDAYS.index(day)),
            hour=words.hour(hour),
            value=words.score(metric, scored[day, hour]),
        )
        for day, hour in (ranked[0], ranked[-1])
    ]
    return f"{title} {words('heat.alt', lowest=named[0], highest=named[1])}"
