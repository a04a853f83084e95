"""A metric day by day, with the band in which chance alone would keep it.

Called by the web pages with a reading connection. May read through work.report; writes nothing.
"""

from dataclasses import replace
from datetime import date, timedelta

from headoffice.intervals import NO_ANSWERS
from headoffice.signals import control_limits
from headoffice.store.engine import Connection
from headoffice.work.overview import Day
from headoffice.work.ranking import enough
from headoffice.work.report import MetricQuery, measure


def daily(connection: Connection, query: MetricQuery) -> tuple[Day, ...]:
    """Each day from the first that has answers to the last asked for; only shares have a band."""
    metric, scope = query.metric, query.scope
    rows = {
        date.fromisoformat(str(row.by["day"])): row
        for row in measure(connection, replace(query, by=("day",)))
    }
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
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    return tuple(Day(day=day, score=scores.get(day, NO_ANSWERS), limits=band.get(day)) for day in days)
