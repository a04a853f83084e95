"""What staff do on the kiosk, behind the screens: PINs, settings, figures, head office.

Made by kiosk.bootstrap when staff first come, called by kiosk.ui.staff on a thread of its own.
May touch the data directory, config.toml and head office.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from kiosk.health import boot_id, uptime_ms
from kiosk.settings.lockout import Uptime, read
from kiosk.settings.pin import Entered, Pins
from kiosk.store.today import Today
from kiosk.ui.staff.backroom import PinState


class Works(Protocol):
    """What is asked of kiosk.bootstrap.Kiosk, from a thread that is not the window's."""

    def today(self) -> Today | None:
        """Add up today's visits, None before the ledger is open."""

    def predict(self, of_ten: int, language: str) -> None:
        """Store what staff believe of today; raises NotSaved."""


@dataclass(frozen=True)
class StoreBackroom:
    """The Backroom of a kiosk at work."""

    kiosk: Works
    folder: Path
    began_ms: int  # the uptime at which the program began

    def pin(self, role: str) -> PinState:
        """How a role's PIN stands. Raises PinsDamaged, OSError."""
        return PinState(is_set=role in read(self.folder), wait_ms=self._pins.wait_ms(role))

    def enter(self, role: str, pin: str) -> Entered:
        """Try a PIN. Raises PinsDamaged, OSError; then nobody gets in."""
        return self._pins.enter(role, pin)

    def put_pin(self, role: str, pin: str) -> None:
        """Set a role's PIN in place of any before. Raises WeakPin, OSError."""
        self._pins.put(role, pin)

    @cached_property
    def _pins(self) -> Pins:
        return Pins(self.folder, now=_uptime, began_ms=self.began_ms)


def _uptime() -> Uptime:
    return Uptime(boot=boot_id(), ms=uptime_ms())
