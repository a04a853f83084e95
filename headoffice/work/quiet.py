"""Find kiosks that call but bring no visit in hours that usually bring many: turned to a wall, screen dead.

Called by `alert`. May read kiosks and tallies.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from headoffice.store import alerts
from headoffice.store.alerts import Wrong
from headoffice.store.engine import Connection
from headoffice.store.lists import KioskSeen

HOURS = 3  # whole ones, and the one that has begun
WEEKS = 4  # the same hours of the same weekday, so that a quiet Monday morning is no alarm
FEWEST_USUAL = 12  # visits; that none comes where so many are usual is chance once in 160,000 times


def quiet(connection: Connection, heard: Sequence[KioskSeen], *, now_ms: int) -> Iterator[Wrong]:
    """The kiosks among these, all heard of lately, that have had no visit for hours against what is usual.

    What waits on a kiosk may be its visits, so such a one is left out. Before three in the morning nobody is.
    """
    together: dict[tuple[date, int], list[KioskSeen]] = defaultdict(list)
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    local = {zone: now.astimezone(ZoneInfo(zone)) for zone in {kiosk.timezone for kiosk in heard}}
    for kiosk in heard:
        there = local[kiosk.timezone]
        if there.hour >= HOURS and not kiosk.pending:
            together[there.date(), there.hour].append(kiosk)
    for (today, hour), kiosks in together.items():
        yield from _quiet(connection, kiosks, today=today, hour=hour)


def _quiet(connection: Connection, kiosks: Sequence[KioskSeen], *, today: date, hour: int) -> Iterator[Wrong]:
    before = [today - timedelta(weeks=week) for week in range(1, WEEKS + 1)]
    since = hour - HOURS
    known = alerts.usual_visits(connection, before, hours=(since, hour))
    busy = [kiosk for kiosk in kiosks if known.get(kiosk.placement, 0.0) >= FEWEST_USUAL]
    visited = alerts.visited(connection, today, hours=(since, hour)) if busy else frozenset()
    for kiosk in busy:
        if kiosk.placement not in visited:
            usual = known[kiosk.placement]
            words = f"no visit since {since}:00; {usual:g} are usual from then to {hour}:00 on such a day"
            place = {"subject": f"kiosk {kiosk.id}", "site": kiosk.site, "kiosk": kiosk.id}
            yield Wrong(kind="kiosk_quiet", detail=words, **place)  # type: ignore[arg-type]
