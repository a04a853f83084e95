"""Moments as ISO 8601 with a site's offset, by the thousand: each minute of a zone is worked out once.

Used by `stretches`. Touches nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

MINUTE_MS = 60_000
MOST = 50_000  # minutes remembered


class Minutes(dict[int, tuple[str, str]]):
    """The minutes of a zone's clock: what stands before the seconds, and the offset behind them."""

    def __init__(self, timezone: str) -> None:
        super().__init__()
        self._zone = ZoneInfo(timezone)

    def __missing__(self, minute: int) -> tuple[str, str]:
        if len(self) >= MOST:
            self.clear()
        local = datetime.fromtimestamp(minute * MINUTE_MS / 1000, self._zone)
        written = local.isoformat(timespec="seconds")
        found = self[minute] = (written[:17], written[19:])
        return found


class Moments(dict[str, Minutes]):
    """The clocks of all zones, for as long as an export lasts."""

    def __init__(self) -> None:
        super().__init__()
        self._seconds = [f"{rest // 1000:02}.{rest % 1000:03}" for rest in range(MINUTE_MS)]

    def __missing__(self, timezone: str) -> Minutes:
        found = self[timezone] = Minutes(timezone)
        return found

    def column(self, moments_ms: Sequence[int], timezones: Sequence[str]) -> list[str]:
        """Write moments, ms since 1970 UTC, each in its time zone, as records.local_time does.

        Offsets are whole minutes: since 1972 every country's are.
        """
        seconds = self._seconds
        if len(set(timezones)) == 1:
            minutes = self[timezones[0]]
            return [
                (around := minutes[at_ms // MINUTE_MS])[0] + seconds[at_ms % MINUTE_MS] + around[1]
                for at_ms in moments_ms
            ]
        return [
            (around := self[zone][at_ms // MINUTE_MS])[0] + seconds[at_ms % MINUTE_MS] + around[1]
            for at_ms, zone in zip(moments_ms, timezones, strict=True)
        ]
