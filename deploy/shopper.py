"""The demo's shopper: a few visits through the shipped survey, tapped on a screen of 1280 × 800.

`deploy.demo` calls me. I know where things are on the screen and what the ledger says; I touch nothing else.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image

    from deploy.screen import VirtualScreen

FACES = {"sad": (296, 420), "neutral": (640, 420), "happy": (984, 420)}
CARDS = [(x, y) for y in (350, 530) for x in (269, 640, 1010)]
SCALE = [(118 + 104.4 * number, 382) for number in range(11)]
NEXT = (1132, 716)
BACK = (80, 716)
BETWEEN_NUMBERS = (640, 560)  # a card's place, and empty below the numbers of a scale
WHITE = (255, 255, 255)
PATIENCE_S = 30.0
STILL_S = 0.5  # longer than a press springs back, and than any change of screen takes

# One row a visit: the face, and the card or number that answers the follow-up where one is asked.
VISITS = (
    ("happy", 9),
    ("sad", 0),
    ("happy", 10),
    ("neutral", 1),
    ("happy", 8),
    ("sad", 4),
    ("happy", 9),
    ("happy", 10),
    ("neutral", 2),
    ("happy", 10),
    ("sad", 2),
    ("happy", 9),
)


class LostPatienceError(Exception):
    """Something that a tap should have brought about did not happen in time."""


def wait_until(probe: Callable[[], bool], what: str) -> None:
    """Look again until it is so."""
    end = time.monotonic() + PATIENCE_S
    while not probe():
        if time.monotonic() > end:
            raise LostPatienceError(f"{what}: not within {PATIENCE_S:.0f} s")
        time.sleep(0.05)


def settled(screen: VirtualScreen) -> Image.Image:
    """Wait until the screen has shown the same for a while: a change of screen has ended."""
    seen, since = screen.image(), time.monotonic()

    def is_still() -> bool:
        nonlocal seen, since
        now = screen.image()
        if now.tobytes() != seen.tobytes():
            seen, since = now, time.monotonic()
        return time.monotonic() - since > STILL_S

    wait_until(is_still, "a still screen")
    return seen


def changed(screen: VirtualScreen, before: Image.Image) -> Image.Image:
    """Wait until the screen shows something else than `before`, and stands still."""
    wait_until(lambda: screen.image().tobytes() != before.tobytes(), "another screen")
    return settled(screen)


def shop(screen: VirtualScreen, taps_kept: Callable[[], int]) -> None:
    """Make every visit of VISITS by tapping; each tap is waited for in the ledger before the next is made."""
    start = settled(screen)
    for face, follow_up in VISITS:
        kept = taps_kept()
        screen.tap(*FACES[face])
        wait_until(lambda kept=kept: taps_kept() > kept, f"a {face} tap in the ledger")  # type: ignore[misc]
        answer_follow_ups(screen, taps_kept, changed(screen, start), follow_up)
        wait_until(lambda: settled(screen).tobytes() == start.tobytes(), "the first question again")


def answer_follow_ups(
    screen: VirtualScreen, taps_kept: Callable[[], int], seen: Image.Image, follow_up: int
) -> None:
    """Answer every question that comes after the face, until the thanks."""
    # Cards and numbers are white, and so is the button to go back; the thanks have none of them.
    while seen.getpixel(BACK) == WHITE:
        kept = taps_kept()
        is_scale = seen.getpixel(BETWEEN_NUMBERS) != WHITE
        screen.tap(*(SCALE[follow_up] if is_scale else CARDS[follow_up]))
        chosen = changed(screen, seen)
        if taps_kept() == kept:  # chosen, but only "next" says so
            screen.tap(*NEXT)
            wait_until(lambda kept=kept: taps_kept() > kept, "a follow-up in the ledger")  # type: ignore[misc]
            chosen = changed(screen, chosen)
        seen = chosen
