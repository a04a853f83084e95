"""The ranking of a level: its lines with their errors, what they are compared with, and what really differs.

Called by sites/page.py with a reading connection. May read through work/.
"""

from collections.abc import Sequence

from headoffice.metrics import Metric
from headoffice.significance import WORTH
from headoffice.store.engine import Connection
from headoffice.web.charts.chart import Cell, Chart, Column, cell
from headoffice.web.charts.dots import Line, Wording, dots_chart
from headoffice.web.frame.serve import Asked
from headoffice.web.sites.level import Level
from headoffice.web.words import Words
from headoffice.work.compare import WITH, Compared, compare
from headoffice.work.ranking import Ranked, enough, only_key
from headoffice.work.report import MetricQuery

_MOST_NAMES = 8


def ranking_chart(
    connection: Connection, asked: Asked, level: Level, query: MetricQuery, ranked: Ranked
) -> Chart:
    """The chart of a ranking; hours stay in their order."""
    words, metric = asked.words, query.metric
    rows = [*ranked.rows, *ranked.few]
    if level.column == "hour":
        rows.sort(key=lambda row: int(only_key(row)))
    against = asked.parameters.choice("compare", WITH, default="") or ""
    beside: Sequence[Compared | None] = [None] * len(rows)
    if against and metric.name in WORTH:
        beside = compare(connection, query, rows, against=against, correction="holm")
    lines = [
        Line(
            key=str(only_key(row)),
            name=level.name(only_key(row)),
            plain=str(only_key(row)) if level.column == "hour" else None,
            score=enough(metric, row),
            href=level.href(only_key(row)),
            said=_said(words, metric, each) if against else "",
            strong=each is not None and each.significant,
            more=_cells(words, metric, each) if against else (),
        )
        for row, each in zip(rows, beside, strict=True)
    ]
    named = words(f"score.{metric.name}")
    return dots_chart(
        words,
        metric,
        lines,
        overall=ranked.overall,
        wording=Wording(
            name="ranking",
            title=words(f"sites.title_{level.column}", metric=named),
            first=words(f"table.{level.column}"),
            none=words("sites.none_here"),
            notes=tuple(_notes(words, level, ranked, against)),
            more=_columns(words) if against else (),
        ),
    )


def _columns(words: Words) -> tuple[Column, ...]:
    return (
        Column(name="compared.value", title=words("table.compared")),
        Column(name="compared.difference", title=words("table.difference")),
        Column(name="compared.significant", title=words("table.significant")),
    )


def _cells(words: Words, metric: Metric, each: Compared | None) -> tuple[Cell, ...]:
    if each is None:
        return tuple(cell(None, words("table.few")) for _ in range(3))
    return (
        cell(each.other.value, words.score(metric, each.other.value)),
        cell(each.difference.value, words.change(metric, each.difference.value)),
        cell("true" if each.significant else "false", words("table.yes" if each.significant else "table.no")),
    )


def _said(words: Words, metric: Metric, each: Compared | None) -> str:
    """How a line differs from what it is compared with, in a few words."""
    if each is None:
        return words("sites.no_comparison")
    key = "same" if not each.significant else "up" if each.difference.value > 0 else "down"
    return words(f"sites.change_{key}", change=words.change(metric, each.difference.value))


def _notes(words: Words, level: Level, ranked: Ranked, against: str) -> list[str]:
    """Which lines cannot be told apart, which stand alone, which have too few answers."""
    notes = [words(f"sites.against_{against}")] if against else []
    names = [level.name(only_key(row)) for row in ranked.rows]
    if level.column != "hour" and names:
        notes += _differences(words, names, ranked)
    if ranked.left_out:
        notes.append(words("sites.left_out_here", n=ranked.left_out))
    few = [level.name(only_key(row)) for row in ranked.few]
    if few:
        notes.append(words("sites.few", names=_some(words, few)))
    return notes


def _differences(words: Words, names: Sequence[str], ranked: Ranked) -> list[str]:
    if len(names) == 1:
        return []
    if not ranked.alike:
        return [words("sites.all_differ_here")] if not ranked.left_out else []
    notes = [
        words("sites.alike", names=_some(words, names[first : last + 1])) for first, last in ranked.alike
    ]
    among = {place for first, last in ranked.alike for place in range(first, last + 1)}
    alone = [name for place, name in enumerate(names) if place not in among]
    return [*notes, words("sites.alone_here", names=_some(words, alone))] if alone else notes


def _some(words: Words, names: Sequence[str]) -> str:
    """Names one after the other; of many the first and how many more."""
    if len(names) <= _MOST_NAMES:
        return words.listed(list(names))
    return words("sites.and_more", names=words.beside(list(names[:_MOST_NAMES])), n=len(names) - _MOST_NAMES)
