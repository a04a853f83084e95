"""Find kiosks that call but bring no visit in hours that usually bring many: turned to a wall, screen dead.

Called by `alert`. May read kiosks and tallies.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from headoffice.store import alerts
from headoffice.store.alerts import Wrong
from headoffice.store.engine import Connection
from headoffice.store.lists import KioskSeen

HOURS = 3  # whole ones, and the one that has begun
WEEKS = 4  # the same hours of the same weekday, so that a quiet Monday morning is no alarm
FEWEST_USUAL = 12  # visits; that none comes where so many are usual is chance once in 160,000 times


def quiet(connection: Connection, heard: Iterable[KioskSeen], *, now_ms: int) -> Iterator[Wrong]:
    """The kiosks among these, all heard of lately, that have had no visit for hours against what is usual.

    What waits on a kiosk may be its visits, so such a one is left out. Before three in the morning nobody is.
    """
    together: dict[tuple[date, int], list[KioskSeen]] = defaultdict(list)
    for kiosk in heard:
        now = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(kiosk.timezone))
        if now.hour >= HOURS and not kiosk.pending:
            together[now.date(), now.hour].append(kiosk)
    for (today, hour), kiosks in together.items():
        yield from _quiet(connection, kiosks, today=today, hour=hour)


def _quiet(connection: Connection, kiosks: Sequence[KioskSeen], *, today: date, hour: int) -> Iterator[Wrong]:
    before = [(today - timedelta(weeks=week)).isoformat() for week in range(1, WEEKS + 1)]
    found = alerts.visits_in_hours(connection, (today.isoformat(), *before), hours=(hour - HOURS, hour))
    for kiosk in kiosks:
        usual = median(found.get((kiosk.id, day), (0, 0))[0] for day in before)
        if usual >= FEWEST_USUAL and not any(found.get((kiosk.id, today.isoformat()), ())):
            since = hour - HOURS
            words = f"no visit since {since}:00; {usual:g} are usual from then to {hour}:00 on such a day"
            place = {"subject": f"kiosk {kiosk.id}", "site": kiosk.site, "kiosk": kiosk.id}
            yield Wrong(kind="kiosk_quiet", detail=words, **place)  # type: ignore[arg-type]
