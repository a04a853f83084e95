"""Small multiples: the same little line for each of many, all on one scale, so that shapes can be compared.

Called by the pages. Pure functions of values: touches nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from headoffice.intervals import NO_ANSWERS, Estimate
from headoffice.metrics import Metric
from headoffice.web.charts.chart import Chart, Column, Table, cell, estimate_cells, estimate_columns
from headoffice.web.charts.scale import Scale, Tick, scale_for
from headoffice.web.words import Words

_EDGE = 2.0  # per cent kept free at both ends, so that no dot is cut


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One of the many: its name, the scores of its periods by their keys, and where it leads."""

    name: str
    scores: Mapping[str, Estimate]
    href: str | None = None


@dataclass(frozen=True, kw_only=True)
class Small:
    """A panel as it is drawn: lines in a box of 1000 by 1000, single points in per cent, its last value."""

    name: str
    href: str | None
    lines: tuple[str, ...]
    points: tuple[tuple[float, float], ...]
    last: str


@dataclass(frozen=True, kw_only=True)
class Multiples:
    """The drawing: panels on one scale, and where all together stand."""

    panels: tuple[Small, ...]
    ticks: tuple[Tick, ...]
    overall: float | None
    first: str
    last: str


@dataclass(frozen=True, kw_only=True)
class Periods:
    """The periods of every panel: their keys in order, their names, what heads their column, the title."""

    keys: tuple[str, ...]
    names: Mapping[str, str]
    head: str
    title: str


def multiples_chart(
    words: Words, metric: Metric, panels: Sequence[Panel], *, periods: Periods, overall: Estimate
) -> Chart:
    """The chart of these panels, in their order."""
    head = (
        Column(name="name", title=words("table.name")),
        Column(name="period", title=periods.head),
        *estimate_columns(words),
    )
    rows = [
        (
            cell(panel.name, href=panel.href),
            cell(key, periods.names[key]),
            *estimate_cells(words, metric, panel.scores.get(key, NO_ANSWERS)),
        )
        for panel in panels
        for key in periods.keys
        if key in panel.scores
    ]
    values = [each.value for panel in panels for each in panel.scores.values() if each.value is not None]
    drawing = None
    if values and len(periods.keys) > 1:
        scale = scale_for(metric, values)
        drawing = Multiples(
            panels=tuple(_small(words, metric, panel, periods, scale) for panel in panels),
            ticks=scale.ticks(words, metric),
            overall=None if overall.value is None else round(100 - scale.at(overall.value), 3),
            first=periods.names[periods.keys[0]],
            last=periods.names[periods.keys[-1]],
        )
    return Chart(
        name="multiples",
        kind="multiples",
        title=periods.title,
        alt=words("chart.alt", title=periods.title, listed=words.beside(_listed(words, metric, panels))),
        table=Table(columns=head, rows=tuple(rows)),
        drawing=drawing,
        none=words("multiples.none"),
        wide=True,
    )


def _listed(words: Words, metric: Metric, panels: Sequence[Panel]) -> list[str]:
    """Of each panel its first and last score."""
    listed = []
    for panel in panels:
        values = [each.value for each in panel.scores.values() if each.value is not None]
        if values:
            first, last = words.score(metric, values[0]), words.score(metric, values[-1])
            listed.append(words("multiples.alt_panel", name=panel.name, first=first, last=last))
    return listed


def _small(words: Words, metric: Metric, panel: Panel, periods: Periods, scale: Scale) -> Small:
    count = max(len(periods.keys) - 1, 1)
    runs: list[list[tuple[float, float]]] = [[]]
    last = "–"
    for place, key in enumerate(periods.keys):
        value = panel.scores.get(key, NO_ANSWERS).value
        if value is None:
            runs.append([])
            continue
        x = round(_EDGE + place / count * (100 - 2 * _EDGE), 2)
        runs[-1].append((x, round(100 - scale.at(value), 2)))
        last = words.score(metric, value)
    return Small(
        name=panel.name,
        href=panel.href,
        lines=tuple(" ".join(f"{x * 10:.0f},{y * 10:.0f}" for x, y in run) for run in runs if len(run) > 1),
        points=tuple(run[0] for run in runs if len(run) == 1),
        last=last,
    )
