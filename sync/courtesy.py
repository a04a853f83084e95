"""I let a finger go first: while somebody uses the kiosk, what is sent waits a little, though not for ever.

``push`` asks me before a batch, between its pieces and before it is settled, the housework between its steps.
The kiosk tells me of every touch, which costs its thread nothing; I wait on the caller's.
"""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING

from sync.clocks import Clocks

if TYPE_CHECKING:
    from collections.abc import Callable

QUIET_S = 2.0  # without a touch for so long: nobody is there, and a backlog goes at full speed
BREATH_S = 0.25  # so soon after an answer the next question stands, and nobody has answered it yet;
BREATH_ENDS_S = 0.5  # somebody may, after this
TURN_S = 1.5  # while somebody is there: one batch in this time, in such a breath
PATIENCE_S = (
    3.0  # a series without a breath holds a batch up no longer than this, nor its making, nor its settling
)
_LOOK_S = 0.1  # how often the finger is looked after, where sync waits for it


class Courtesy:
    """Whether it is sync's turn. Batches are begun and finished on one thread, touches come from another.

    Housework has a thread of its own.
    """

    def __init__(self, *, clocks: Clocks | None = None, rest: Callable[[float], bool] | None = None) -> None:
        """Make one that nobody has touched; ``rest`` waits so many seconds, True means to wait no more."""
        self._monotonic_s = (clocks or Clocks()).monotonic_s
        self._ended = threading.Event()
        self._rest = rest or self._ended.wait
        self._touched_s = self._answered_s = self._begun_s = -math.inf
        self._gave_way_s = -math.inf  # when a batch that is being made went on; later touches hold it up anew

    def touched(self) -> None:
        """Note that a finger is at work; any thread may call it."""
        self._touched_s = self._monotonic_s()

    def answered(self) -> None:
        """Note that the finger has answered, so that a breath follows; any thread may call it."""
        self._answered_s = self._touched_s = self._monotonic_s()

    def begin(self) -> None:
        """Wait until a batch may begin."""
        self._give_way(after_s=self._begun_s + TURN_S)
        self._begun_s = self._gave_way_s = self._monotonic_s()

    def between(self) -> None:
        """Wait, between two pieces of a batch, for a finger that came meanwhile: its tap comes first."""
        if self._touched_s >= self._gave_way_s:
            self._give_way(after_s=self._begun_s, until_s=self._begun_s + PATIENCE_S)
            self._gave_way_s = self._monotonic_s()

    def finish(self) -> None:
        """Wait until it may be settled: at once, if nobody has touched the kiosk since it began."""
        if self._touched_s >= self._begun_s:
            self._give_way(after_s=self._begun_s)

    def standing_back(self) -> Callable[[], None]:
        """Give a wait until nobody is there, for work of many steps; in sum no longer than the patience."""
        left_s = PATIENCE_S

        def stand_back() -> None:
            nonlocal left_s
            while left_s > 0 and self._monotonic_s() < self._touched_s + QUIET_S:
                asked_s = self._monotonic_s()
                is_over = self._rest(min(_LOOK_S, left_s))
                left_s = 0.0 if is_over else left_s - (self._monotonic_s() - asked_s)

        return stand_back

    def end(self) -> None:
        """Never wait again; any thread may call it."""
        self._ended.set()

    def _give_way(self, *, after_s: float, until_s: float | None = None) -> None:
        """Wait until nobody is there, or for a breath not before ``after_s``; at most the patience."""
        now_s = self._monotonic_s()
        end_s = now_s + PATIENCE_S if until_s is None else until_s
        while now_s < end_s:
            idle_s = now_s - self._touched_s
            breathes = self._touched_s == self._answered_s and BREATH_S <= idle_s < BREATH_ENDS_S
            if idle_s >= QUIET_S or (breathes and now_s >= after_s) or self._rest(_LOOK_S):
                return
            now_s = self._monotonic_s()
