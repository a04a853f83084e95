"""Moments as ISO 8601 with a site's offset, by the thousand: each minute of a zone is worked out once.

Used by `stretches`. Touches nothing.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

MINUTE_MS = 60_000
MOST = 50_000  # minutes remembered


class Minutes(dict[int, tuple[str, str]]):
    """The minutes of a zone's clock: what stands before the seconds, and the offset behind them."""

    def __init__(self, timezone: str) -> None:
        super().__init__()
        self._zone = ZoneInfo(timezone)

    def written(self, at_ms: int) -> str:
        """Write a moment, ms since 1970 UTC, as records.local_time does."""
        minute, rest = divmod(at_ms, MINUTE_MS)
        before, offset = self[minute]
        if not before:  # an offset with seconds, as a few countries had until 1972
            return datetime.fromtimestamp(at_ms / 1000, self._zone).isoformat(timespec="milliseconds")
        return f"{before}{rest // 1000:02}.{rest % 1000:03}{offset}"

    def __missing__(self, minute: int) -> tuple[str, str]:
        if len(self) >= MOST:
            self.clear()
        local = datetime.fromtimestamp(minute * MINUTE_MS / 1000, self._zone)
        written = local.isoformat(timespec="seconds")
        found = (written[:17], written[19:]) if local.second == 0 else ("", "")
        self[minute] = found
        return found


class Moments(dict[str, Minutes]):
    """The clocks of all zones."""

    def __missing__(self, timezone: str) -> Minutes:
        found = self[timezone] = Minutes(timezone)
        return found
