"""Moments as ISO 8601 with a site's offset, by the thousand: a quarter of an hour is worked out at once.

Used by `stretches`. Touches nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

MINUTE_MS = 60_000
QUARTER = 15  # minutes
QUARTER_MS = QUARTER * MINUTE_MS
MOST = 50_000  # quarters of an hour remembered: more than a year has
Quarter = tuple[str, Sequence[str], Sequence[str]]


class Quarters(dict[int, Quarter]):
    """The quarters of the hours of a zone's clock.

    Of each what stands before its minutes, each minute, and the offset behind each minute's seconds.
    """

    def __init__(self, timezone: str) -> None:
        super().__init__()
        self._zone = ZoneInfo(timezone)
        self._offsets: dict[str, Sequence[str]] = {}

    def __missing__(self, quarter: int) -> Quarter:
        if len(self) >= MOST:
            self.clear()
        first = quarter * QUARTER
        begin, end = self._at(first), self._at(first + QUARTER - 1)
        if (begin[:14], begin[19:]) == (end[:14], end[19:]):
            past, offset = int(begin[14:16]), begin[19:]
            offsets = self._offsets.setdefault(offset, (offset,) * QUARTER)
            self[quarter] = (begin[:14], OF_AN_HOUR[past], offsets)
            return self[quarter]
        # The clock was changed in it, or the hour of this zone does not begin with a quarter.
        written = [self._at(first + place) for place in range(QUARTER)]
        self[quarter] = ("", [each[:17] for each in written], [each[19:] for each in written])
        return self[quarter]

    def _at(self, minute: int) -> str:
        return datetime.fromtimestamp(minute * MINUTE_MS / 1000, self._zone).isoformat(timespec="seconds")


class Moments(dict[str, Quarters]):
    """The clocks of all zones, for as long as an export lasts."""

    def __init__(self) -> None:
        super().__init__()
        self._seconds = [f"{rest // 1000:02}.{rest % 1000:03}" for rest in range(MINUTE_MS)]

    def __missing__(self, timezone: str) -> Quarters:
        found = self[timezone] = Quarters(timezone)
        return found

    def column(self, moments_ms: Sequence[int], timezones: Sequence[str]) -> list[str]:
        """Write moments, ms since 1970 UTC, each in its time zone, as records.local_time does.

        Offsets are whole minutes: since 1972 every country's are.
        """
        seconds = self._seconds
        if len(set(timezones)) == 1:
            quarters = self[timezones[0]]
            return [
                (around := quarters[at_ms // QUARTER_MS])[0]
                + around[1][minute := at_ms // MINUTE_MS % QUARTER]
                + seconds[at_ms % MINUTE_MS]
                + around[2][minute]
                for at_ms in moments_ms
            ]
        return [
            (around := self[zone][at_ms // QUARTER_MS])[0]
            + around[1][minute := at_ms // MINUTE_MS % QUARTER]
            + seconds[at_ms % MINUTE_MS]
            + around[2][minute]
            for at_ms, zone in zip(moments_ms, timezones, strict=True)
        ]


# By the minute that a quarter of an hour begins with, its minutes as they are written.
OF_AN_HOUR = tuple(tuple(f"{minute:02}:" for minute in range(past, past + QUARTER)) for past in range(60))
