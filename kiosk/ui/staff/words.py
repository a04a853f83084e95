"""How things stand, in staff's own words: head office, minutes, moments.

Used by the pages beside me. Pure: values in, words out.
"""

from collections.abc import Callable
from datetime import datetime

from kiosk.ui.staff.backroom import Standing

Say = Callable[..., str]
KNOWN = frozenset(
    {
        *("offline", "unreachable", "too_slow", "not_head_office", "server_trouble", "busy", "unauthorised"),
        *("revoked", "bad_programme"),
    }
)


def sync_words(standing: Standing, say: Say) -> str:
    """How things stand with head office: since when, how many answers wait, and what is wrong."""
    if standing.server is None:
        return say("sync.alone", count=standing.taps)
    parts = [_line(standing, say), say("sync.waiting", count=standing.pending)]
    if standing.rejected:
        parts.append(say("sync.rejected", count=standing.rejected))
    if standing.code:
        parts.append(say(f"sync.{standing.code}") if standing.code in KNOWN else say("sync.trouble"))
    if standing.next_try_s is not None and not standing.online:
        parts.append(say("sync.next", seconds=f"{standing.next_try_s:.0f}"))
    return say("sync.comma").join(parts)


def _line(standing: Standing, say: Say) -> str:
    if standing.since_ms is None:
        return say("sync.not_yet")
    since = datetime.fromtimestamp(standing.since_ms / 1000).astimezone()
    return say("sync.online" if standing.online else "sync.away", since=f"{since:%H:%M}")
