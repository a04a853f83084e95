"""Brakes in memory: on guessing, by counting failures; on haste, by counting requests; on hoarding, by bytes.

Made by `app`, used by `auth` and `kiosk_api`. A restart forgets them: a guesser gains little by that.
May touch nothing.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from headoffice.problems import Busy
from headoffice.web.errors import busy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MINUTE_MS = 60_000
GATE_MS = 15 * 60_000  # a kiosk calls every half minute, or every few
MOST_SEEN = 100_000
MOST_KEYS = 10_000  # remembered at once; the one that failed longest ago goes first
BODIES_RETRY_AFTER_S = 2


class Throttle:
    """Lets a key fail so many times in a window; success is free, so a whole chain may enrol at once."""

    def __init__(self, *, most: int, window_ms: int, now_ms: Callable[[], int]) -> None:
        self._most = most
        self._window_ms = window_ms
        self._now_ms = now_ms
        self._failures: OrderedDict[str, deque[int]] = OrderedDict()

    def check(self, *keys: str) -> None:
        """Raise a 429 problem when one of the keys has failed too often."""
        for key in keys:
            recent = self._recent(key)
            if len(recent) >= self._most:
                wait_s = max(1, (recent[0] + self._window_ms - self._now_ms()) // 1000)
                words = "too many failed attempts: try again later"
                raise busy(words, status=HTTPStatus.TOO_MANY_REQUESTS, retry_after_s=wait_s)

    def failed(self, *keys: str) -> None:
        """Remember a failure."""
        for key in keys:
            failures = self._failures.setdefault(key, deque(maxlen=self._most))
            failures.append(self._now_ms())
            self._failures.move_to_end(key)
        while len(self._failures) > MOST_KEYS:
            self._failures.popitem(last=False)

    def _recent(self, key: str) -> deque[int]:
        failures = self._failures.get(key, deque())
        while failures and failures[0] <= self._now_ms() - self._window_ms:
            failures.popleft()
        return failures


class Pace:
    """Lets a key ask so often a minute, with as much at once; refills evenly (a token bucket)."""

    def __init__(self, *, a_minute: int, now_ms: Callable[[], int]) -> None:
        self._a_minute = a_minute
        self._now_ms = now_ms
        self._left: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def take(self, key: str) -> None:
        """Count one request; raise a 429 problem when the key has asked too often."""
        now = self._now_ms()
        left, since = self._left.get(key, (float(self._a_minute), now))
        left = min(float(self._a_minute), left + (now - since) * self._a_minute / MINUTE_MS)
        if left < 1.0:
            wait_s = max(1, round((1.0 - left) * MINUTE_MS / self._a_minute / 1000))
            words = f"this token asks more often than {self._a_minute} times a minute"
            raise busy(words, status=HTTPStatus.TOO_MANY_REQUESTS, retry_after_s=wait_s)
        self._left[key] = (left - 1.0, now)
        self._left.move_to_end(key)
        while len(self._left) > MOST_KEYS:
            self._left.popitem(last=False)


class Budget:
    """Bytes that request bodies may take together, so that many large ones give 503 and spare the memory."""

    def __init__(self, most_bytes: int) -> None:
        self._left = most_bytes

    @contextmanager
    def share(self) -> Iterator[Callable[[int], None]]:
        """Give a function that takes bytes, raising Busy when they are used up; all come back at the end."""
        taken = 0

        def take(size_bytes: int) -> None:
            nonlocal taken
            self.take(size_bytes)
            taken += size_bytes

        try:
            yield take
        finally:
            self.give_back(taken)

    def has(self, size_bytes: int) -> bool:
        """Whether so many bytes are left."""
        return size_bytes <= self._left

    def take(self, size_bytes: int) -> None:
        """Take bytes. Raises Busy, with none taken, when there are not so many left."""
        if not self.has(size_bytes):
            raise Busy(BODIES_RETRY_AFTER_S)
        self._left -= size_bytes

    def give_back(self, size_bytes: int) -> None:
        """Give bytes back that were taken."""
        self._left += size_bytes


class Gate:
    """Which kiosks' keys were valid a moment ago, so that strangers cannot send bodies; hashes only.

    Whether a key still is, the ingest itself checks.
    """

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._seen: dict[bytes, int] = {}

    def is_open(self, key: bytes) -> bool:
        """Whether a key's hash was let through lately."""
        return self._seen.get(key, 0) > self._now_ms() - GATE_MS

    def let_through(self, key: bytes) -> None:
        """Remember a key's hash that was found valid now."""
        if len(self._seen) >= MOST_SEEN:
            self._seen.clear()
        self._seen[key] = self._now_ms()

    def close(self, key: bytes) -> None:
        """Forget a key's hash that is no longer valid: its next body is not even read."""
        self._seen.pop(key, None)
