"""The PINs of staff and technician: set, and asked for with a wait after each wrong one.

Called by the command `set-pin` and by whatever asks for a PIN, never on the window's thread: hashing is slow
on purpose. The only place on the kiosk that knows argon2. Touches what kiosk.settings.lockout keeps.

    Exception
    └── WeakPin   too easy to guess, or no PIN at all; the text says why, and never holds the PIN
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kiosk.settings.lockout import ROLES, Kept, PinsDamaged, Uptime, alone, delay_ms, read, write
from survey.told import told

FEWEST_DIGITS, MOST_DIGITS = 6, 12
DIGITS = "0123456789"
WELL_KNOWN = frozenset({"123321", "147258", "147258369", "159753", "159357", "246810", "258456", "789456"})
MEMORY_KIB, PASSES, LANES = 19 * 1024, 2, 1  # OWASP's smaller choice: a Raspberry Pi has little room


class WeakPin(Exception):  # noqa: N818 - told to people
    """A PIN that is refused."""


@dataclass(frozen=True, kw_only=True)
class Entered:
    """What came of a try: whether it was right, and how long nobody may try again."""

    is_right: bool
    wait_ms: int


class Pins:
    """Those in one data directory."""

    def __init__(self, data: Path, *, now: Callable[[], Uptime], began_ms: int | None = None) -> None:
        """`began_ms` is the uptime at which this program began; without it, now."""
        self._data, self._now = data, now
        self._began_ms = now().ms if began_ms is None else began_ms
        self._hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)

    def put(self, role: str, pin: str) -> None:
        """Set a role's PIN in place of any before; its wrong tries are forgotten. Raises WeakPin, OSError."""
        if role not in ROLES:
            raise ValueError(role)
        if wrong := weakness(pin):
            raise WeakPin(wrong)
        with alone(self._data):
            try:
                kept = read(self._data)
            except PinsDamaged:  # then both are set anew
                kept = {}
            others = [each.hash for other, each in kept.items() if other != role]
            if any(self._fits(other, pin) for other in others):
                raise WeakPin(told("The other role has the same PIN; take another one."))
            write(self._data, kept | {role: Kept(hash=self._hasher.hash(pin))})

    def wait_ms(self, role: str) -> int:
        """Say how long nobody may try a role's PIN. Raises PinsDamaged, OSError."""
        kept = read(self._data).get(role)
        return kept.wait_ms(self._now(), began_ms=self._began_ms) if kept else 0

    def enter(self, role: str, pin: str) -> Entered:
        """Try a PIN; while nobody may try, it is not even looked at.

        A try is on the disk as a wrong one before it is looked at: pulling the plug gains nothing.
        Raises PinsDamaged, OSError; then nobody gets in.
        """
        with alone(self._data):
            kept = read(self._data)
            mine, now = kept.get(role), self._now()
            if mine is None:
                return Entered(is_right=False, wait_ms=0)
            if wait_ms := mine.wait_ms(now, began_ms=self._began_ms):
                return Entered(is_right=False, wait_ms=wait_ms)
            tried = replace(mine, wrong=mine.wrong + 1, boot=now.boot, ms=now.ms)
            write(self._data, kept | {role: tried})
            if not self._fits(mine.hash, pin):
                return Entered(is_right=False, wait_ms=delay_ms(tried.wrong))
            write(self._data, kept | {role: Kept(hash=mine.hash)})
            return Entered(is_right=True, wait_ms=0)

    def _fits(self, kept: str, pin: str) -> bool:
        try:
            return self._hasher.verify(kept, pin[: MOST_DIGITS + 1])
        except (VerificationError, InvalidHashError):
            return False


def weakness(pin: str) -> str:
    """Say why a PIN is refused; empty for a good one."""
    if not pin or set(pin) - set(DIGITS):
        return told("A PIN has digits only, 0 to 9.")
    if not FEWEST_DIGITS <= len(pin) <= MOST_DIGITS:
        return told("A PIN has {fewest} to {most} digits.", fewest=FEWEST_DIGITS, most=MOST_DIGITS)
    return next((words for is_so, words in EASY if is_so(pin)), "")


def _is_one_digit(pin: str) -> bool:
    return len(set(pin)) == 1


def _is_counting(pin: str) -> bool:
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    return steps in ({1}, {9})


def _is_counting_in_pairs(pin: str) -> bool:
    return pin[::2] == pin[1::2] and _is_counting(pin[::2])


def _is_repeated(pin: str) -> bool:
    return any(pin == pin[:length] * (len(pin) // length) for length in range(2, len(pin) // 2 + 1))


EASY = (
    (_is_one_digit, told("All its digits are the same; anybody tries that first.")),
    (_is_counting, told("It counts up or down; anybody tries that first.")),
    (_is_counting_in_pairs, told("It counts up or down in pairs; that is guessed soon.")),
    (_is_repeated, told("It is the same few digits again and again; that is guessed soon.")),
    (WELL_KNOWN.__contains__, told("It is one of those that most people take; that is guessed soon.")),
)
