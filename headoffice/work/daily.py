"""A metric day by day, with the band in which chance alone would keep it; of a long time week by week.

Called by the web pages with a reading connection. May read through work.report; writes nothing.
"""

from dataclasses import replace
from datetime import date, timedelta

from headoffice.intervals import NO_ANSWERS
from headoffice.signals import control_limits
from headoffice.store.engine import Connection
from headoffice.work.columns import Value
from headoffice.work.overview import Day
from headoffice.work.ranking import enough
from headoffice.work.report import MetricQuery, measure
from headoffice.work.scope import Scope

MOST_BY_DAY = 183  # days: of half a year and more a point each is a thicket, on a phone above all
A_WEEK = 7


def daily(connection: Connection, query: MetricQuery) -> tuple[Day, ...]:
    """Each day from the first that has answers to the last asked for; only shares have a band.

    Of more than MOST_BY_DAY days each week, from its Monday.
    """
    metric, scope = query.metric, query.scope
    length = A_WEEK if _is_long(scope) else 1
    column, begins = ("week", _monday) if length == A_WEEK else ("day", _day)
    rows = {begins(row.by[column]): row for row in measure(connection, replace(query, by=(column,)))}
    if not rows:
        return ()
    scores = {day: enough(metric, row) for day, row in rows.items()}
    ordered = sorted(day for day, score in scores.items() if score.value is not None)
    limits = None
    if metric.name == "csat":
        limits = control_limits([(rows[day].counts[1], scores[day].n) for day in ordered])
    band = dict(zip(ordered, limits, strict=True)) if limits else {}
    first, last = min(rows), max(rows)
    if scope.end is not None:
        last = max(last, scope.end - timedelta(days=1))
    days = [first + timedelta(days=step) for step in range(0, (last - first).days + 1, length)]
    return tuple(
        Day(day=day, score=scores.get(day, NO_ANSWERS), limits=band.get(day), length=length) for day in days
    )


def _is_long(scope: Scope) -> bool:
    return scope.first is not None and scope.end is not None and (scope.end - scope.first).days > MOST_BY_DAY


def _day(written: Value) -> date:
    return date.fromisoformat(str(written))


def _monday(written: Value) -> date:
    year, _, week = str(written).partition("-W")
    return date.fromisocalendar(int(year), int(week), 1)
