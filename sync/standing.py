"""I know how things stand with head office, in fields that people's words are made of, and how long to pause.

``agent`` tells me what happened, under its lock; the screens and the status command show my ``State``.
I am pure: clocks and dice are given to me.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync.backoff import LONGEST_NAMED_S, UNWELCOME_S, backoff_s, jittered_s
from sync.errors import Busy, SyncError, Unwelcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync.clocks import Clocks


@dataclass(frozen=True)
class State:
    """How things stand: "offline since 09:12; 1,204 answers waiting; next try in 40 s".

    ``online`` says whether the last exchange was acknowledged, ``since_ms`` (wall clock) since when that is
    so. ``next_try_s`` is None while an exchange goes on. ``code`` names the problem for translation
    (errors.py), ``problem`` says it in English; an online kiosk can have one too, such as a bad programme.
    """

    online: bool
    since_ms: int
    pending: int
    rejected: int
    next_try_s: float | None
    code: str | None
    problem: str | None


class Standing:
    """The story so far. Every pause (seconds) is jittered, so that kiosks do not come in step."""

    def __init__(self, *, every_s: float, draw: Callable[[], float], clocks: Clocks) -> None:
        self._every_s = every_s
        self._draw = draw
        self._clocks = clocks
        self._online = False
        self._since_s = clocks.monotonic_s()
        self._failures = 0
        self._error: Exception | None = None
        self._programme_error: Exception | None = None
        self._pending = 0
        self._rejected = 0

    @property
    def is_well(self) -> bool:
        """Whether the last exchange was acknowledged."""
        return self._online

    def counted(self, *, pending: int, rejected: int) -> None:
        """Note how many taps wait and how many were rejected."""
        self._pending, self._rejected = pending, rejected

    def heard(self) -> None:
        """Note an ack."""
        self._turn(online=True)
        self._failures = 0
        self._error = None

    def programme(self, error: Exception | None) -> None:
        """Note whether the programme could be brought up to date."""
        self._programme_error = error

    def drained(self) -> float:
        """Give the pause after everything is settled."""
        return jittered_s(self._every_s, self._draw())

    def failed(self, error: Exception) -> float:
        """Note a failure and give the pause that it asks for."""
        self._turn(online=False)
        self._failures += 1
        self._error = error
        if isinstance(error, Unwelcome):
            return UNWELCOME_S
        if isinstance(error, Busy) and error.retry_after_s is not None:
            return min(LONGEST_NAMED_S, error.retry_after_s * (1 + 0.2 * self._draw()))
        return backoff_s(self._failures, self._draw())

    def state(self, next_try_s: float | None) -> State:
        """Give what there is to show; ``since_ms`` is reckoned back from now: setting the clock rights it."""
        error = self._error or self._programme_error
        ago_s = self._clocks.monotonic_s() - self._since_s
        return State(
            online=self._online,
            since_ms=round((self._clocks.now().timestamp() - ago_s) * 1000),
            pending=self._pending,
            rejected=self._rejected,
            next_try_s=next_try_s,
            code=_code(error),
            problem=None if error is None else str(error) or type(error).__name__,
        )

    def _turn(self, *, online: bool) -> None:
        if self._online != online:
            self._online = online
            self._since_s = self._clocks.monotonic_s()


def _code(error: Exception | None) -> str | None:
    if error is None:
        return None
    return error.code if isinstance(error, SyncError) else "kiosk"
