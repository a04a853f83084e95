"""Bars from nothing, each with its count and share, on a scale that is written beneath.

Called by the pages. Pure functions of values: touches nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from headoffice.web.charts.chart import Cell, Chart, Column, Table, cell
from headoffice.web.charts.scale import Tick, scale_from_nothing
from headoffice.web.words import Words


@dataclass(frozen=True, kw_only=True)
class Length:
    """A bar's share (0 … 1) of the whole, what it counts, and how it looks.

    `face` names the answer that it is, which alone gives it a colour of its own. `said` stands beside it,
    `more` are cells of its own at the end of its row in the table.
    """

    name: str
    share: float
    n: int
    plain: str | None = None
    face: str = ""
    said: str = ""
    href: str | None = None
    more: tuple[Cell, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A bar as it is drawn, in per cent of the box."""

    length: Length
    width: float
    share: str
    n: str


@dataclass(frozen=True, kw_only=True)
class Bars:
    """The drawing."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    has_said: bool


@dataclass(frozen=True, kw_only=True)
class Heading:
    """What a chart of bars says besides them; `first` heads the names, `more` the columns of their own."""

    name: str
    title: str
    first: str
    none: str
    notes: tuple[str, ...] = ()
    more: tuple[Column, ...] = ()


def bars_chart(words: Words, lengths: Sequence[Length], heading: Heading, *, enough: bool = True) -> Chart:
    """The chart of these bars, in their order; without `enough` answers there is none."""
    listed = [
        words("bars.alt_bar", name=each.name, share=words.percent(each.share, digits=0), n=each.n)
        for each in lengths
    ]
    columns = (
        Column(name="name", title=heading.first),
        Column(name="n", title=words("table.answers")),
        Column(name="share", title=words("table.share")),
        *heading.more,
    )
    rows = [
        (
            cell(each.plain or each.name, each.name, href=each.href),
            cell(each.n, words.number(each.n)),
            cell(each.share, words.percent(each.share)),
            *each.more,
        )
        for each in lengths
        if enough
    ]
    return Chart(
        name=heading.name,
        kind="bars",
        title=heading.title,
        alt=words("chart.alt", title=heading.title, listed=words.beside(listed)) if enough else heading.none,
        table=Table(columns=columns, rows=tuple(rows)),
        drawing=_drawing(words, lengths) if lengths and enough else None,
        none=heading.none,
        notes=heading.notes,
    )


def _drawing(words: Words, lengths: Sequence[Length]) -> Bars:
    scale = scale_from_nothing(max(each.share for each in lengths))
    places = range(round(scale.high / scale.step) + 1)
    return Bars(
        bars=tuple(
            Bar(
                length=each,
                width=scale.at(each.share),
                share=words.percent(each.share, digits=0),
                n=words("score.answers", n=each.n),
            )
            for each in lengths
        ),
        ticks=tuple(
            Tick(
                at=scale.at(place * scale.step),
                label=words.percent(place * scale.step, digits=0 if scale.step >= 0.01 - 1e-9 else 1),
            )
            for place in places
        ),
        has_said=any(each.said for each in lengths),
    )
