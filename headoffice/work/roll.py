"""Roll up: which days, weeks and months are over and not rolled up, or were changed since.

Asked by the clock, which has each of them rolled up by itself and in steps, so that taps come in between.
May read sites, and read and write what is rolled up.
"""

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from headoffice.store import rolled
from headoffice.store.engine import Connection, Database
from headoffice.store.lists import all_sites
from headoffice.store.rolled import Rolling
from headoffice.store.spans import A_DAY, Span, day_span, spans_with

SETTLED_AFTER = timedelta(hours=2)  # from a day's end on: then nearly every kiosk has sent the last of it
LONGER_SETTLED_AFTER = timedelta(days=2)  # a month takes seconds: few taps that come late undo it then
A_STEP_S = 0.05  # after which taps go first; the piece that is under way is finished
LONGEST = timedelta(days=1100)  # back: what is older is added up from its days


def due(connection: Connection, *, now_ms: int) -> list[Span]:
    """Every span that is to be rolled up now: days first, the newest first."""
    written, end = rolled.first_day(connection), _first_open(connection, now_ms, SETTLED_AFTER)
    if written is None:
        return []
    first, had = max(date.fromisoformat(written), end - LONGEST), rolled.names(connection)
    days = [end - A_DAY * step for step in range(1, (end - first).days + 1)]
    longer_end = _first_open(connection, now_ms, LONGER_SETTLED_AFTER)
    longer = {span for day in days for span in spans_with(day)[1:] if span.end <= longer_end}
    found = [day_span(day) for day in days] + sorted(longer, reverse=True)
    return [span for span in found if span.name not in had]


def _first_open(connection: Connection, now_ms: int, settled_after: timedelta) -> date:
    """The first day that is not over at every site, or has not been so for long enough."""
    settled = datetime.fromtimestamp(now_ms / 1000, UTC) - settled_after
    zones = {site.timezone for site in all_sites(connection)} or {"UTC"}
    return min(settled.astimezone(ZoneInfo(zone)).date() for zone in zones)


def step(
    connection: Connection, rolling: Rolling, *, now_ms: int, a_step_s: float = A_STEP_S
) -> Rolling | None:
    """Roll up some more of a span that was begun; None when there is no more."""
    end = time.perf_counter() + a_step_s
    return rolled.go_on(connection, rolling, now=now_ms, enough=lambda: time.perf_counter() >= end)


def roll_up(database: Database, *, now_ms: int) -> list[Span]:
    """Roll up all that is due, as the clock does in its time; returns what was."""
    with database.read() as connection:
        found = due(connection, now_ms=now_ms)
    for span in found:
        with database.write() as connection:
            rolling: Rolling | None = rolled.begin(connection, span)
        while rolling is not None:
            with database.write() as connection:
                rolling = step(connection, rolling, now_ms=now_ms)
    return found
