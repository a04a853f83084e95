"""A metric day by day with the band of what is usual: points outside it are unlikely to be chance.

Called by the pages. Pure functions of values: touches nothing.
"""

from collections.abc import Sequence

from headoffice.metrics import Metric
from headoffice.web.charts.chart import Cell, Chart, Column, Table, cell, estimate_cells, estimate_columns
from headoffice.web.charts.trend_drawing import trend_drawing
from headoffice.web.words import Words
from headoffice.work.overview import Day


def trend_chart(words: Words, metric: Metric, days: Sequence[Day]) -> Chart:
    """The chart of these days, the oldest first."""
    has_band = any(day.limits for day in days)
    named = words(f"score.{metric.name}")
    bands = metric.name == "csat"
    key = "trend.title" if has_band else "trend.title_no_band" if bands else "trend.title_plain"
    head = (
        Column(name="day", title=words("table.day")),
        *estimate_columns(words),
        Column(name="band_low", title=words("table.band_low")),
        Column(name="band_high", title=words("table.band_high")),
        Column(name="outside", title=words("table.signal")),
    )
    return Chart(
        name="trend",
        kind="trend",
        title=words(key, metric=named),
        alt=_alt(words, metric, days, has_band=has_band),
        table=Table(columns=head, rows=tuple(_row(words, metric, day) for day in reversed(days))),
        drawing=trend_drawing(words, metric, days),
        none=words("trend.none"),
        wide=True,
    )


def _alt(words: Words, metric: Metric, days: Sequence[Day], *, has_band: bool) -> str:
    scored = [(day, day.score.value) for day in days if day.score.value is not None]
    if not scored:
        return words("trend.none")
    values = [value for _, value in scored]
    span = words(
        "trend.alt",
        metric=words(f"score.{metric.name}"),
        first=words.day(days[0].day),
        last=words.day(days[-1].day),
        low=words.score(metric, min(values)),
        high=words.score(metric, max(values)),
        value=words.score(metric, values[-1]),
    )
    outside = [f"{words.day(day.day)} {words.score(metric, value)}" for day, value in scored if day.is_signal]
    if outside:
        return f"{span} {words('trend.alt_outside', days=words.beside(outside))}"
    return f"{span} {words('trend.alt_inside' if has_band else 'trend.alt_no_band')}"


def _row(words: Words, metric: Metric, day: Day) -> tuple[Cell, ...]:
    none, limits = words("table.few"), day.limits
    band = (cell(None, none), cell(None, none))
    if limits is not None and day.score.value is not None:
        band = (
            cell(limits.low, words.score(metric, limits.low)),
            cell(limits.high, words.score(metric, limits.high)),
        )
    return (
        cell(day.day.isoformat(), words.weekday(day.day)),
        *estimate_cells(words, metric, day.score),
        *band,
        cell("true" if day.is_signal else "", words("table.yes") if day.is_signal else ""),
    )
