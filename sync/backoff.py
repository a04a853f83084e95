"""I say how long to wait before the next try.

``client`` asks me what a Retry-After means, ``agent`` asks me for every pause.
I am pure: time and randomness are given to me, durations are seconds.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

SHORTEST_S = 1.0
LONGEST_S = 300.0
LONGEST_NAMED_S = 900.0  # the most a Retry-After is followed
UNWELCOME_S = 3600.0  # after 401 or 403

_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?", re.ASCII)
_MANY_SECONDS = re.compile(r"[0-9]+", re.ASCII)


def backoff_s(failures: int, draw: float) -> float:
    """Give the pause after so many failures in a row (from 1), 1 s … 5 min, for a draw from [0, 1).

    Full jitter: evenly spread between the shortest pause and a ceiling that doubles with every failure
    (M. Brooker, "Exponential Backoff And Jitter", 2015), so that a thousand kiosks do not come back at once.
    """
    ceiling_s = min(LONGEST_S, SHORTEST_S * 2.0 ** min(failures, 16))
    return SHORTEST_S + draw * (ceiling_s - SHORTEST_S)


def jittered_s(every_s: float, draw: float) -> float:
    """Give an interval within a tenth of ``every_s``, for a draw from [0, 1)."""
    return every_s * (0.9 + 0.2 * draw)


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """Read a Retry-After header (seconds or a date) as 1 s … 15 min; None if there is none or it is junk.

    ``now`` is the answer's own Date where it has one, since a kiosk's clock may be wrong by years.
    """
    if value is None:
        return None
    text = value.strip()
    if _SECONDS.fullmatch(text):
        wanted_s = float(text)
    elif _MANY_SECONDS.fullmatch(text):
        wanted_s = LONGEST_NAMED_S
    else:
        moment = http_date(text)
        if moment is None:
            return None
        wanted_s = (moment - now).total_seconds()
    return min(LONGEST_NAMED_S, max(SHORTEST_S, wanted_s))


def http_date(text: str | None) -> datetime | None:
    """Read a date as HTTP writes it, None if it is not one."""
    if text is None:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
