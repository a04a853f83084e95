"""I am the two clocks that sync goes by, in one value, so that a test can bring its own.

``client``, ``standing`` and ``agent`` are given me.
I read clocks and do nothing else.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def utc_now() -> datetime:
    """Give the wall clock, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Clocks:
    """Seconds that only grow, for every wait; and the wall clock, which may jump, to tell people."""

    monotonic_s: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = utc_now
