"""A metric by day or by week with the band of what is usual: points outside it are unlikely to be chance.

Called by the pages. Pure functions of values: touches nothing.
"""

from collections.abc import Sequence

from headoffice.metrics import Metric
from headoffice.web.charts.chart import Cell, Chart, Column, Table, cell, estimate_cells, estimate_columns
from headoffice.web.charts.trend_drawing import named, period_of, trend_drawing
from headoffice.web.words import Words
from headoffice.work.overview import Day


def trend_chart(words: Words, metric: Metric, days: Sequence[Day]) -> Chart:
    """The chart of these days, the oldest first."""
    has_band, period = any(day.limits for day in days), period_of(days)
    score = words(f"score.{metric.name}")
    bands = metric.name == "csat"
    key = "title" if has_band else "title_no_band" if bands else "title_plain"
    head = (
        Column(name=period, title=words(f"table.{period}")),
        *estimate_columns(words),
        Column(name="band_low", title=words("table.band_low")),
        Column(name="band_high", title=words("table.band_high")),
        Column(name="outside", title=words("table.signal")),
    )
    return Chart(
        name="trend",
        kind="trend",
        title=words(f"trend.{period}.{key}", metric=score),
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
    values, period = [value for _, value in scored], period_of(days)
    span = words(
        f"trend.{period}.alt",
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
    key = "alt_inside" if has_band else "alt_no_band"
    return f"{span} {words(f'trend.{period}.{key}')}"


def _row(words: Words, metric: Metric, day: Day) -> tuple[Cell, ...]:
    none, limits = words("table.few"), day.limits
    band = (cell(None, none), cell(None, none))
    if limits is not None and day.score.value is not None:
        band = (
            cell(limits.low, words.score(metric, limits.low)),
            cell(limits.high, words.score(metric, limits.high)),
        )
    return (
        cell(day.day.isoformat(), named(words, day)),
        *estimate_cells(words, metric, day.score),
        *band,
        cell("true" if day.is_signal else "", words("table.yes") if day.is_signal else ""),
    )
