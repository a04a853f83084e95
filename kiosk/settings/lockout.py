"""What is kept of the PINs: their hashes, and how often and when somebody was wrong.

Called by kiosk.settings.pin, and by kiosk.report for `status`, which needs no hashing.
Touches one file in the data directory, closed to others.

    Exception
    └── PinsDamaged   the file is not what was written; nobody gets in until a PIN is set anew
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from kiosk.settings.versions import PRIVATE, replace
from survey.values import frozen_named

ROLES = ("staff", "technician")
FILE, LOCK = "pins.json", "pins.lock"
LONGEST_WAIT_MS = 15 * 60 * 1000
DOUBLINGS = 10  # 2 ** 10 s are longer than the longest wait


class PinsDamaged(Exception):  # noqa: N818 - told to people
    """The file decayed or was tampered with."""


@frozen_named
class Uptime:
    """A moment that no change of the wall clock moves: which run of the machine, and how long it has run."""

    boot: str
    ms: int


@frozen_named
class Kept:
    """One role's PIN as a hash; `wrong` tries since the last right one, the newest at `boot` and `ms`."""

    hash: str
    wrong: int = 0
    boot: str = ""
    ms: int = 0

    def wait_ms(self, now: Uptime, *, began_ms: int) -> int:
        """Say how long nobody may try.

        After a reboot nobody knows how long the machine was off: the whole wait runs again, from `began_ms`,
        the uptime at which this program began.
        """
        since = self.ms if self.boot == now.boot else began_ms
        return max(0, delay_ms(self.wrong) - max(0, now.ms - since))


def delay_ms(wrong: int) -> int:
    """1 s after the first wrong try, twice as long after each more, up to 15 minutes."""
    return min(1000 << min(wrong - 1, DOUBLINGS), LONGEST_WAIT_MS) if wrong else 0


def read(data: Path) -> dict[str, Kept]:
    """Read what is kept, by role. Raises PinsDamaged, OSError."""
    try:
        kept = {role: Kept(**said) for role, said in json.loads((data / FILE).read_bytes()).items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError):
        raise PinsDamaged(f"{data / FILE} is damaged; set the PINs anew: python -m kiosk set-pin") from None
    if not all(role in ROLES and _is_sound(each) for role, each in kept.items()):
        raise PinsDamaged(f"{data / FILE} is damaged; set the PINs anew: python -m kiosk set-pin")
    return kept


def write(data: Path, kept: Mapping[str, Kept]) -> None:
    """Keep it, safe on the disk when this returns. Raises OSError."""
    written = json.dumps({role: asdict(each) for role, each in kept.items()})
    replace(data / FILE, written.encode(), PRIVATE)


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """Keep other processes out between a reading and its writing: no try is lost, no new PIN undone."""
    descriptor = os.open(data / LOCK, os.O_RDWR | os.O_CREAT, PRIVATE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _is_sound(kept: Kept) -> bool:
    texts = isinstance(kept.hash, str) and isinstance(kept.boot, str)
    return texts and all(type(number) is int and number >= 0 for number in (kept.wrong, kept.ms))
