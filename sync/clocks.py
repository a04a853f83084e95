"""I am the two clocks that sync goes by, in one value, so that a test can bring its own.

``client``, ``standing`` and ``agent`` are given me.
I read clocks and do nothing else.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from survey.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable


def utc_now() -> datetime:
    """Give the wall clock, in UTC."""
    return datetime.now(UTC)


@frozen
class Clocks:
    """Seconds that only grow, for every wait; and the wall clock, which may jump, to tell people."""

    monotonic_s: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = utc_now
