"""The demo's shopper: a few visits through the shipped survey, tapped through the real window.

`deploy.demo` calls me. I tap where `places` says things stand, and look at the screen; I touch nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploy.places import Places
from deploy.screen import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image

    from deploy.screen import Screen

REASONS = 6  # cards of a question for reasons
WHITE = (255, 255, 255)

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


def shop(screen: Screen, taps_kept: Callable[[], int]) -> None:
    """Make every visit of VISITS by tapping; each tap is waited for in the ledger before the next is made."""
    start, places = screen.still(), Places(screen.width, screen.height)
    for face, follow_up in VISITS:
        kept = taps_kept()
        seen = screen.turn(*places.face(face))
        wait_for(lambda kept=kept: taps_kept() > kept, f"a {face} tap in the ledger")  # type: ignore[misc]
        answer_follow_ups(screen, places, seen, follow_up)
        screen.tap(*places.at(places.wide / 2, 190))  # thanks give way to a touch
        screen.until_like(start)
        screen.still()


def answer_follow_ups(screen: Screen, places: Places, seen: Image.Image, follow_up: int) -> None:
    """Answer every question that comes after the face, until the thanks."""
    # Cards and numbers are white, and so is the button to go back; the thanks have none of them.
    while seen.getpixel(beside_words(places.back)) == WHITE:
        is_choice = shows_cards(places, seen)
        target = places.card(follow_up, REASONS) if is_choice else places.cell(follow_up)
        chosen = screen.step(*target)
        # A card may answer by itself; where several can be chosen, and on a scale, the next button does.
        still_asked = shows_cards(places, chosen) or not is_choice
        seen = screen.turn(*places.onward) if still_asked else chosen


def shows_cards(places: Places, seen: Image.Image) -> bool:
    """Whether reasons are asked for: a card is white from end to end, between two numbers there is paper."""
    return all(seen.getpixel(spot) == WHITE for spot in places.along_card(4, REASONS))


def beside_words(spot: tuple[int, int]) -> tuple[int, int]:
    """A pixel of the same button or card where no letter stands."""
    x, y = spot
    return x - 72, y
