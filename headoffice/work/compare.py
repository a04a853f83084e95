"""Compare each row of a metric with an earlier period, or with all the others together.

Called by web/metrics_api.py with the rows that the reader may see. May read through work.report.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from headoffice.intervals import Difference, Estimate, difference
from headoffice.metrics import Counts
from headoffice.problems import Invalid
from headoffice.significance import ALPHA, adjusted, p_value
from headoffice.store.engine import Connection
from headoffice.suppression import FEWEST_ANSWERS
from headoffice.work.report import MetricQuery, Row, measure
from survey.problems import Fault

PREVIOUS, YEAR_BEFORE, OTHERS = "previous", "year_before", "others"
WITH = (PREVIOUS, YEAR_BEFORE, OTHERS)
WEEKS_A_YEAR = 52  # whole weeks, so that the same weekdays are compared
OF_TIME = ("day", "week", "month")  # columns that no earlier period shares


class Compared(NamedTuple):
    """A row beside what it is compared with; `p_adjusted` minds how many rows are compared at once."""

    other: Estimate
    difference: Difference
    p: float
    p_adjusted: float

    @property
    def significant(self) -> bool:
        """Whether it differs, at 5 % and for all rows together."""
        return self.p_adjusted < ALPHA


def compare(
    connection: Connection, query: MetricQuery, rows: Sequence[Row], *, against: str, correction: str
) -> list[Compared | None]:
    """For each row what it is compared with; None where either side is hidden, empty or too small to tell."""
    others = (
        _others(connection, query, rows) if against == OTHERS else _before(connection, query, rows, against)
    )
    found: list[tuple[Estimate, Difference, float] | None] = []
    for row, counts in zip(rows, others, strict=True):
        estimate = None if counts is None else query.metric.estimate(counts)
        gap = None if estimate is None else difference(row.estimate, estimate)
        p = None if counts is None or gap is None else p_value(query.metric.name, row.counts, counts)
        found.append(None if estimate is None or gap is None or p is None else (estimate, gap, p))
    ps = iter(adjusted([each[2] for each in found if each is not None], correction))
    return [None if each is None else Compared(*each, next(ps)) for each in found]


def earlier(query: MetricQuery, against: str) -> MetricQuery:
    """The same question of the period before, or of the same weeks a year before. Raises Invalid."""
    first, end = query.scope.first, query.scope.end
    if first is None or end is None:
        raise ValueError("only a period that has a beginning and an end has one before it")
    back = end - first if against == PREVIOUS else timedelta(weeks=WEEKS_A_YEAR)
    if first.toordinal() <= back.days:
        raise Invalid([Fault("compare", f"there is no day so long before {first}")])
    return replace(query, scope=replace(query.scope, first=first - back, end=end - back))


def _before(
    connection: Connection, query: MetricQuery, rows: Sequence[Row], against: str
) -> list[Counts | None]:
    then = {tuple(row.by.values()): row for row in measure(connection, earlier(query, against))}
    found = [then.get(tuple(row.by.values())) for row in rows]
    return [
        None if row.suppressed or other is None or other.suppressed else other.counts
        for row, other in zip(rows, found, strict=True)
    ]


def _others(connection: Connection, query: MetricQuery, rows: Sequence[Row]) -> list[Counts | None]:
    """All rows but each one, from the whole that the reader may see too."""
    [whole] = measure(connection, replace(query, by=()))
    return [None if row.suppressed or whole.suppressed else _rest(query, whole, row) for row in rows]


def _rest(query: MetricQuery, whole: Row, row: Row) -> Counts | None:
    rest = tuple(all_ - own for all_, own in zip(whole.counts, row.counts, strict=True))
    return rest if query.everything or sum(rest) >= FEWEST_ANSWERS else None
