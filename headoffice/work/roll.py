"""Roll up: which days, weeks and months are over and not rolled up, or were changed since.

Asked by the clock, which has each of them rolled up by itself, so that taps come in between.
May read what is rolled up.
"""

from datetime import UTC, date, datetime, timedelta

from headoffice.store import rolled
from headoffice.store.engine import Connection
from headoffice.store.spans import A_DAY, Span, day_span, spans_with

OVER_AFTER = timedelta(days=2)  # when a day is over everywhere, and most kiosks have sent the last of it
LONGEST = timedelta(days=1100)  # back: what is older is added up from its days


def due(connection: Connection, *, now_ms: int) -> list[Span]:
    """Every span that is to be rolled up now: days first, the newest first."""
    today = datetime.fromtimestamp(now_ms / 1000, UTC).date()
    written, end = rolled.first_day(connection), today - OVER_AFTER + A_DAY
    if written is None:
        return []
    first, had = max(date.fromisoformat(written), today - LONGEST), rolled.names(connection)
    days = [end - A_DAY * step for step in range(1, (end - first).days + 1)]
    longer = {span for day in days for span in spans_with(day)[1:] if span.end <= end}
    found = [day_span(day) for day in days] + sorted(longer, reverse=True)
    return [span for span in found if span.name not in had]
