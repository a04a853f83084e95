"""All that staff's pages need from the rest of the kiosk.

Implemented by kiosk.backroom, called on the thread of kiosk.ui.staff.errands: each of these
may read, write, hash or talk to head office. May touch nothing.
"""

from dataclasses import dataclass
from typing import Protocol

from kiosk.settings.pin import Entered


@dataclass(frozen=True, kw_only=True)
class PinState:
    """How a role's PIN stands: whether there is one, and how long nobody may try it."""

    is_set: bool
    wait_ms: int = 0


class Backroom(Protocol):
    """What lies behind the screens."""

    def pin(self, role: str) -> PinState:
        """How a role's PIN stands. Raises PinsDamaged, OSError."""

    def enter(self, role: str, pin: str) -> Entered:
        """Try a PIN. Raises PinsDamaged, OSError; then nobody gets in."""

    def put_pin(self, role: str, pin: str) -> None:
        """Set a role's PIN in place of any before. Raises WeakPin, OSError."""
