"""Scores with their intervals on one scale, one line each: what differs, and what only seems to.

Called by the pages. Pure functions of values: touches nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from markupsafe import Markup

from headoffice.intervals import Estimate
from headoffice.metrics import Metric
from headoffice.web.charts.chart import Cell, Chart, Column, Table, cell, estimate_cells, estimate_columns
from headoffice.web.charts.scale import Scale, Tick, scale_for
from headoffice.web.words import Words

HIDDEN = 'aria-hidden="true"'
_MOST_LISTED = 24  # lines that the words for those who do not see them name; the table has all
_NARROW = 15.0  # per cent of the width beside which words are set inwards


class Line(NamedTuple):
    """What a line is about: its name, its score, where it leads, and what is said beside it.

    `plain` is its name for programs, where that is another. `said` is said of it in a few words; `more` are
    cells of its own at the end of the table.
    """

    key: str
    name: str
    score: Estimate
    plain: str | None = None
    href: str | None = None
    said: str = ""
    strong: bool = False
    more: tuple[Cell, ...] = ()


class Dot(NamedTuple):
    """A line as it is drawn; x, width and dot in per cent; `few` lines have nothing but their name."""

    line: Line
    few: bool
    x: float
    width: float
    dot: float
    value: str
    margin: str
    n: str


@dataclass(frozen=True, kw_only=True)
class Dots:
    """The drawing: its lines, its scale, and where all together stand."""

    dots: tuple[Dot, ...]
    ticks: tuple[Tick, ...]
    overall: float | None
    overall_anchor: str
    overall_said: str
    has_said: bool

    def lines(self, alt: str) -> Markup:
        """The lines as HTML, the first with the words for them all; made here since there may be hundreds."""
        shown = [
            self._line(dot, HIDDEN if at else f'role="img" aria-label="{escape(alt)}"')
            for at, dot in enumerate(self.dots)
        ]
        return Markup("\n".join(shown))  # noqa: S704 - each text is escaped

    def _line(self, dot: Dot, told: str) -> str:
        line, name = dot.line, escape(dot.line.name)
        if line.href:
            name = f'<a href="{escape(line.href)}">{name}</a>'
        drawn = margin = said = ""
        if not dot.few:
            drawn = (
                f'<rect class="range" x="{dot.x}%" width="{dot.width}%" y="13" height="8" rx="4"/>'
                f'<circle class="mean" cx="{dot.dot}%" cy="17" r="6"/>'
            )
        if dot.margin:
            margin = f"<small>± {escape(dot.margin)}</small>"
        if self.has_said:
            said = f'<span class="said{" signal" if line.strong else ""}">{escape(line.said)}</span>'
        return (
            f'<div class="site{" few" if dot.few else ""}"><span class="name">{name}</span>'
            f'<svg class="track" width="100%" height="34" {told}>{drawn}</svg>'
            f'<span class="value"><b>{escape(dot.value)}</b>{margin}</span>'
            f'<span class="n">{escape(dot.n)}</span>{said}</div>'
        )


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What a chart of lines says besides its lines; `first` heads the column of names."""

    name: str
    title: str
    first: str
    none: str
    notes: tuple[str, ...] = ()
    more: tuple[Column, ...] = ()


def dots_chart(
    words: Words, metric: Metric, lines: Sequence[Line], *, overall: Estimate, wording: Wording
) -> Chart:
    """The chart of these lines, in their order."""
    listed = _listed(words, metric, [line for line in lines if line.score.value is not None])
    head = (Column(name="name", title=wording.first), *estimate_columns(words), *wording.more)
    rows = [
        (
            cell(line.plain or line.name, line.name, href=line.href),
            *estimate_cells(words, metric, line.score),
            *(line.more or tuple(cell(None, "") for _ in wording.more)),
        )
        for line in lines
    ]
    return Chart(
        name=wording.name,
        kind="dots",
        title=wording.title,
        alt=words("chart.alt", title=wording.title, listed=words.beside(listed)),
        table=Table(columns=head, rows=tuple(rows)),
        drawing=_drawing(words, metric, lines, overall) if listed else None,
        none=wording.none,
        notes=wording.notes,
    )


def _listed(words: Words, metric: Metric, lines: Sequence[Line]) -> list[str]:
    """What each line says; of many the first."""
    listed = [
        words(
            "chart.alt_line",
            name=line.name,
            value=words.score(metric, line.score.value),
            low=words.score(metric, line.score.low),
            high=words.score(metric, line.score.high),
        )
        for line in lines[:_MOST_LISTED]
    ]
    left = len(lines) - len(listed)
    return [*listed, words("chart.alt_more", n=left)] if left else listed


def _drawing(words: Words, metric: Metric, lines: Sequence[Line], overall: Estimate) -> Dots:
    ends = [end for line in lines for end in (line.score.low, line.score.high) if end is not None]
    scale = scale_for(metric, [*ends, *([] if overall.value is None else [overall.value])])
    at = None if overall.value is None else scale.at(overall.value)
    middle = at is not None and _NARROW < at < 100 - _NARROW
    return Dots(
        dots=tuple(_dot(words, metric, line, scale) for line in lines),
        ticks=scale.ticks(words, metric),
        overall=at,
        overall_anchor="middle" if middle else "start" if (at or 0.0) <= _NARROW else "end",
        overall_said=words("sites.overall", value=words.score(metric, overall.value)),
        has_said=any(line.said for line in lines),
    )


def _dot(words: Words, metric: Metric, line: Line, scale: Scale) -> Dot:
    score = line.score
    if score.value is None or score.low is None or score.high is None:
        return Dot(line=line, few=True, x=0.0, width=0.0, dot=0.0, value="–", margin="", n="")
    low, high = scale.at(score.low), scale.at(score.high)
    return Dot(
        line=line,
        few=False,
        x=low,
        width=round(high - low, 3),
        dot=scale.at(score.value),
        value=words.score(metric, score.value),
        margin=words.margin(metric, score),
        n=words("score.answers", n=score.n),
    )
