"""Moments as ISO 8601 with a site's offset, by the thousand: a quarter of an hour is worked out at once.

Used by `stretches`. Touches nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

QUARTER_S = 900
QUARTER_MS = QUARTER_S * 1000
MOST = 50_000  # quarters of an hour remembered: more than a year has
Quarter = tuple[str, Sequence[str], Sequence[str]]


class Uneven(Exception):  # noqa: N818 - no error: such moments are written one by one
    """In this quarter of an hour the clock was changed, or the zone's hours do not begin with a quarter."""


class Quarters(dict[int, Quarter]):
    """The quarters of the hours of a zone's clock, by their number since 1970 UTC.

    Of each what stands before its minutes, each of its seconds with the minute, and each millisecond with the
    offset. Raises Uneven for one that cannot be told so.
    """

    def __init__(self, timezone: str) -> None:
        super().__init__()
        self._zone = ZoneInfo(timezone)
        self._ends: dict[str, Sequence[str]] = {}

    def __missing__(self, quarter: int) -> Quarter:
        if len(self) >= MOST:
            self.clear()
        first = quarter * QUARTER_S
        begin, end = self.written(first * 1000), self.written((first + QUARTER_S) * 1000 - 1)
        minutes = OF_AN_HOUR.get(begin[14:16])
        if minutes is None or (begin[:14], begin[17:]) != (end[:14], f"00.000{end[23:]}"):
            raise Uneven
        offset = begin[23:]
        if offset not in self._ends:
            self._ends[offset] = [f".{thousandth:03}{offset}" for thousandth in range(1000)]
        self[quarter] = (begin[:14], minutes, self._ends[offset])
        return self[quarter]

    def written(self, at_ms: int) -> str:
        """Write one moment."""
        return datetime.fromtimestamp(at_ms / 1000, self._zone).isoformat(timespec="milliseconds")


class Moments(dict[str, Quarters]):
    """The clocks of all zones, for as long as an export lasts."""

    def __missing__(self, timezone: str) -> Quarters:
        found = self[timezone] = Quarters(timezone)
        return found

    def column(self, moments_ms: Sequence[int], timezones: Sequence[str]) -> list[str]:
        """Write moments, ms since 1970 UTC, each in its time zone, as records.local_time does."""
        try:
            if len(set(timezones)) == 1:
                quarters = self[timezones[0]]
                return [
                    f"{hour}{seconds[at_ms // 1000 % QUARTER_S]}{ends[at_ms % 1000]}"
                    for at_ms in moments_ms
                    for hour, seconds, ends in (quarters[at_ms // QUARTER_MS],)
                ]
            return [
                f"{hour}{seconds[at_ms // 1000 % QUARTER_S]}{ends[at_ms % 1000]}"
                for at_ms, zone in zip(moments_ms, timezones, strict=True)
                for hour, seconds, ends in (self[zone][at_ms // QUARTER_MS],)
            ]
        except Uneven:
            return [self[zone].written(at_ms) for at_ms, zone in zip(moments_ms, timezones, strict=True)]


# By the minute that a quarter of an hour begins with, its minutes and seconds as they are written.
OF_AN_HOUR = {
    f"{past:02}": tuple(f"{past + second // 60:02}:{second % 60:02}" for second in range(QUARTER_S))
    for past in (0, 15, 30, 45)
}
