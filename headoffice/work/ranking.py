"""Rank groups of answers by a metric, and say which differences are more than chance.

Called by the web pages with a reading connection. May read through work.report; writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from headoffice.intervals import Estimate
from headoffice.metrics import Metric
from headoffice.signals import alike, pairwise_confidence
from headoffice.store.engine import Connection
from headoffice.suppression import FEWEST_ANSWERS
from headoffice.work.columns import Value
from headoffice.work.report import MetricQuery, Row, measure

MOST_ALIKE = 40  # of more places, pairs are too many to be told in words


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """Groups by score, best first, and those of `few` answers; `left_out` lie between the best and the last.

    `alike` are runs of places, as (first, last), within which no difference is more than the error, all
    pairs of groups minded.
    """

    rows: tuple[Row, ...]
    left_out: int
    few: tuple[Row, ...]
    overall: Estimate
    alike: tuple[tuple[int, int], ...]


def rank(connection: Connection, query: MetricQuery, *, most: int) -> Ranked:
    """The groups of a query that is asked by one column; no score of fewer than five answers is one.

    Of more than `most` the best and the last are given.
    """
    rows = measure(connection, query)
    scored = [row for row in rows if _is_scored(row)]
    ordered = sorted(scored, key=lambda row: (-(row.estimate.value or 0.0), -row.estimate.n, key_of(row)))
    shown = ordered if len(ordered) <= most else [*ordered[: most // 2], *ordered[-(most // 2) :]]
    return Ranked(
        rows=tuple(shown),
        left_out=len(ordered) - len(shown),
        few=tuple(row for row in rows if not _is_scored(row)),
        overall=total(connection, query),
        alike=tuple(_alike(query.metric, shown, len(ordered))) if len(shown) <= MOST_ALIKE else (),
    )


def total(connection: Connection, query: MetricQuery) -> Estimate:
    """All of the groups together; of too few answers there is no score."""
    [whole] = measure(connection, replace(query, by=()))
    return enough(query.metric, whole)


def enough(metric: Metric, row: Row) -> Estimate:
    """A row's score where it has five answers and more."""
    return row.estimate if _is_scored(row) else metric.estimate(metric.nothing)


def _is_scored(row: Row) -> bool:
    return not row.suppressed and row.estimate.n >= FEWEST_ANSWERS


def key_of(row: Row) -> tuple[str, ...]:
    """What a row is about."""
    return tuple(str(value) for value in row.by.values())


def only_key(row: Row) -> Value:
    """What a row that is asked by one column is about."""
    [value] = row.by.values()
    return value


def _alike(metric: Metric, shown: Sequence[Row], places: int) -> list[tuple[int, int]]:
    confidence = pairwise_confidence(places)
    return alike([metric.estimate(row.counts, confidence=confidence) for row in shown])
