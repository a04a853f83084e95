"""Answer what a metric was: by site, day, question …, with its interval, small cells hidden.

Called by web/metrics_api.py and work/overview.py with a reading connection.
May read through store.results; writes nothing.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import NamedTuple

from headoffice.intervals import NO_ANSWERS, Estimate
from headoffice.metrics import Counts, Metric
from headoffice.store.engine import Connection
from headoffice.suppression import FEWEST_ANSWERS, suppressed
from headoffice.work.cells import Cell, cells_of, is_tagged, joined
from headoffice.work.columns import TAG, Key, Value, order
from headoffice.work.hiding import hidden_cells
from headoffice.work.scope import Scope

NOTHING: Mapping[str, Estimate] = MappingProxyType({})
UNPAIRED = ("hour", "weekday", "language", "survey", "version", "question")  # what only one side has


@dataclass(frozen=True, kw_only=True)
class MetricQuery:
    """What is asked. With `everything` small cells are shown too (admins)."""

    metric: Metric
    by: tuple[str, ...] = ()
    scope: Scope = field(default_factory=Scope)
    everything: bool = False


class Row(NamedTuple):
    """One line of the answer; a suppressed one has no numbers. `also` is what else the metric reports.

    `counts` are the metric's buckets, `all_counts` those with the flagged answers; None where the difference
    would be a small cell of its own.
    """

    metric: Metric
    by: Mapping[str, Value]
    counts: Counts
    all_counts: Counts | None
    estimate: Estimate
    suppressed: bool
    also: Mapping[str, Estimate]

    @property
    def unfiltered(self) -> Estimate | None:
        """The estimate with the flagged answers, None where it may not be seen; pages have no need of it."""
        if self.all_counts is None:
            return None
        return self.estimate if self.all_counts == self.counts else self.metric.estimate(self.all_counts)


def measure(connection: Connection, query: MetricQuery) -> list[Row]:
    """The rows of a metric, one for each group that has an answer, in order; without `by` always one row.

    For readers who may not see small cells the whole table says what is hidden, filters being columns of it
    like any other: so a filtered answer shows no more than the grouped one, and cannot be subtracted from it.
    """
    cells = _cells(connection, query, query.by) if query.everything else _cells_to_show(connection, query)
    if not query.by and not cells:
        cells = {(): Cell(query.metric.nothing, query.metric.nothing)}
    return [_row(query, key, cells[key]) for key in sorted(cells, key=order(query.by))]


def _cells(connection: Connection, query: MetricQuery, columns: Sequence[str]) -> Mapping[Key, Cell]:
    """One cell for each combination of the columns."""
    return cells_of(connection, query.metric, columns, query.scope)


def _cells_to_show(connection: Connection, query: MetricQuery) -> dict[Key, Cell]:
    """The cells of a filtered table, with those marked that must be hidden."""
    columns = (*query.by, *(name for name in query.scope.filters if name not in query.by))
    if is_tagged(columns) or query.metric.other is not None:
        table = _cells(connection, replace(query, scope=query.scope.unfiltered), columns)
        counts = {key: query.metric.shoppers(cell.counted) for key, cell in table.items()}
        if is_tagged(columns):
            counts |= dict.fromkeys(_given_away(connection, query, columns), 1)
        hidden: AbstractSet[Key] = suppressed(counts)
    else:
        table = _cells(connection, query, columns)
        hidden = hidden_cells(connection, query.metric, columns, query.scope)
    shown: dict[Key, Cell] = {}
    holds = query.scope.of_key(columns)
    for key, cell in table.items():
        if holds(key):
            group = key[: len(query.by)]
            marked = Cell(cell.counted, cell.all, key in hidden)
            shown[group] = joined([shown[group], marked]) if group in shown else marked
    return shown


def _given_away(connection: Connection, query: MetricQuery, columns: Sequence[str]) -> set[Key]:
    """The groups of tags whose total, less those of their sites that are shown, would be a small cell."""
    bare = tuple(dict.fromkeys([*(name for name in columns if not name.startswith(TAG)), "site"]))
    hidden = hidden_cells(connection, query.metric, bare, query.scope)
    if not hidden:
        return set()
    finest = _cells(connection, replace(query, scope=query.scope.unfiltered), (*columns, *bare))
    behind: dict[Key, int] = {}
    for key, cell in finest.items():
        if key[len(columns) :] in hidden:
            group = key[: len(columns)]
            behind[group] = behind.get(group, 0) + query.metric.shoppers(cell.counted)
    return {group for group, n in behind.items() if 0 < n < FEWEST_ANSWERS}


def _row(query: MetricQuery, key: Key, cell: Cell) -> Row:
    # By place, not by name: a page makes a thousand of these.
    metric, by = query.metric, MappingProxyType(dict(zip(query.by, key, strict=True)))
    counted, whole, hidden = cell
    if hidden:
        return Row(metric, by, (), None, NO_ANSWERS, True, dict.fromkeys(metric.also, NO_ANSWERS))
    flagged = metric.shoppers(whole) - metric.shoppers(counted) if whole != counted else 0
    all_counts = whole if query.everything or not 0 < flagged < FEWEST_ANSWERS else None
    also = {name: formula(counted) for name, formula in metric.also.items()} if metric.also else NOTHING
    return Row(metric, by, counted, all_counts, metric.estimate(counted), False, also)
