"""I remember which closed ledgers head office is still to be asked about, and when the next asking is due.

``push`` asks me whenever nothing waits to be sent.
I am pure: the ledgers and the clock are handed to me.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sync.clocks import Clocks
    from sync.contract import Head

EVERY_S = 24 * 60 * 60.0


class LookBack:
    """A head office that was restored names its gap when it hears of a ledger.

    Of a closed one, with nothing left to send, it hears only so: once after a start, once a day, and after
    any gap. ``closed`` gives the empty end of every settled one.
    """

    def __init__(self, closed: Callable[[], Sequence[Head]], clocks: Clocks) -> None:
        self._closed = closed
        self._clocks = clocks
        self._due_s = clocks.monotonic_s()
        self._ends: deque[Head] = deque()

    def hurry(self) -> None:
        """Ask about all of them: one ledger had a gap."""
        self._due_s = self._clocks.monotonic_s()

    def next(self) -> Head | None:
        """Give the end of the ledger to ask about now, None if there is none."""
        now_s = self._clocks.monotonic_s()
        if now_s >= self._due_s:
            self._due_s = now_s + EVERY_S
            self._ends = deque(self._closed())
        return self._ends[0] if self._ends else None

    def answered(self) -> None:
        """Note that head office has said what it has to say about that ledger."""
        self._ends.popleft()
