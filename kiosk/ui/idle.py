"""Waiting, by monotonic time: until a shopper has gone, and until a finger has left the old screen.

Called by kiosk.ui.screens and kiosk.ui.app. Pure: the time is handed in, in seconds.
"""

SETTLE_S = 0.35  # a new screen takes no touch so soon: it was meant for the old one
QUIET_S = 0.25  # and while someone keeps hammering, not before a pause of this length
HAMMER_S = 3.0  # but no longer than this


class Countdown:
    """Whether nothing has happened for a while."""

    def __init__(self, limit_s: float, now: float) -> None:
        self._limit_s = limit_s
        self._since = now

    def touch(self, now: float) -> None:
        """Begin anew."""
        self._since = now

    def left_s(self, now: float) -> float:
        """Seconds until it is over; 0 or less when it is."""
        return self._since + self._limit_s - now


class Settling:
    """Guards a screen that has just come up against touches meant for the one before."""

    def __init__(self) -> None:
        self._changed = self._touched = float("-inf")

    def change(self, now: float) -> None:
        """A new screen comes up."""
        self._changed, self._touched = now, float("-inf")

    def accepts(self, now: float) -> bool:
        """Whether a finger that comes down now is meant for this screen; a refused one prolongs the wait."""
        age = now - self._changed
        settled = age >= SETTLE_S and now - self._touched >= QUIET_S
        if settled or age >= HAMMER_S:
            return True
        self._touched = now
        return False
