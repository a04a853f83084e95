"""A chart with everything that goes with it: title, drawing, words for those who do not see it, its table.

Made by the modules of this folder and by the pages. Pure values: touches nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup

from headoffice.intervals import Estimate
from headoffice.metrics import Metric
from headoffice.web.tabular import as_csv
from headoffice.web.words import Words

MARKS = frozenset("&<>\"'")
Plain = str | float | int | None


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a chart's table: its name for programs, and its title for people."""

    name: str
    title: str


class Cell(NamedTuple):
    """A value as programs read it, and as people do; `href` leads to more of it. A page has thousands."""

    plain: Plain
    shown: str
    href: str | None = None


@dataclass(frozen=True, kw_only=True)
class Table:
    """The numbers behind a chart."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def csv(self) -> str:
        """The same for spreadsheets: numbers as numbers, text that is no formula."""
        names = [column.name for column in self.columns]
        rows = [dict(zip(names, (cell.plain for cell in row), strict=True)) for row in self.rows]
        return as_csv(rows, names)

    @property
    def body(self) -> Markup:
        """The rows as HTML: made here since a template takes five times as long for thousands of cells."""
        return Markup("\n".join(_row(row) for row in self.rows))  # noqa: S704 - each cell is escaped


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart. `kind` names its templates, `name` itself in addresses and files.

    `drawing` is what the kind's templates take; None where there is nothing to draw, and `none` says why.
    """

    name: str
    kind: str
    title: str
    alt: str
    table: Table
    drawing: object | None
    none: str = ""
    notes: tuple[str, ...] = ()
    wide: bool = False


def _row(row: Sequence[Cell]) -> str:
    first, *others = row
    name = escape(first.shown)
    if first.href:
        name = f'<a href="{escape(first.href)}">{name}</a>'
    shown = [each.shown for each in others]
    if not MARKS.isdisjoint("".join(shown)):
        shown = [escape(each) for each in shown]
    return f'<tr><th scope="row">{name}</th>{"".join([f"<td>{each}</td>" for each in shown])}</tr>'


def cell(plain: Plain, shown: str | None = None, *, href: str | None = None) -> Cell:
    """A cell; without other words it is shown as it is."""
    return Cell(plain, str(plain) if shown is None else shown, href)


def estimate_columns(words: Words) -> tuple[Column, ...]:
    """The columns of a number with its error."""
    return (
        Column(name="value", title=words("table.score")),
        Column(name="low", title=words("table.low")),
        Column(name="high", title=words("table.high")),
        Column(name="n", title=words("table.answers")),
    )


def estimate_cells(words: Words, metric: Metric, score: Estimate) -> tuple[Cell, ...]:
    """The same columns of one number; of too few answers there are none."""
    if score.value is None:
        return (Cell(None, words("table.few")),) * 4
    return (
        Cell(score.value, words.score(metric, score.value)),
        Cell(score.low, words.score(metric, score.low)),
        Cell(score.high, words.score(metric, score.high)),
        Cell(score.n, words.number(score.n)),
    )


def spans(places: Sequence[int]) -> list[tuple[int, int]]:
    """Runs of whole numbers that follow one another, as (first, last); the numbers ascend."""
    if not places:
        return []
    ends = [before for before, after in pairwise(places) if after != before + 1]
    starts = [after for before, after in pairwise(places) if after != before + 1]
    return list(zip([places[0], *starts], [*ends, places[-1]], strict=True))
