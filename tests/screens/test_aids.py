"""A shopper's own letters and contrast: at a touch, for one visit, on the real window."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from deploy.places import Places
from deploy.screen import Screen
from tests.screens.conftest import SURVEY
from tests.screens.desk import Desk
from tests.screens.test_stage import Stage

LIGHT, DARK = (0xFA, 0xF7, 0xF2), (0x10, 0x14, 0x18)
ACCENT = (0x0F, 0x6B, 0x63)
QUESTION = (140, 130, 1140, 250)


def ink(picture) -> int:
    """How many pixels of the question's place are not paper."""
    paper = picture.getpixel((2, 2))
    part = picture.crop(QUESTION)
    return sum(count for count, colour in part.getcolors(1 << 20) if colour != paper)


def test_one_button_turns_larger_stronger_both_and_back(kiosk: Desk, places: Places):
    """Each touch shows, the button stays under the finger, and the fourth brings the store's look back."""
    screen = kiosk.screen
    store = screen.still()
    large, strong, both, again = (screen.step(*places.aid(0)) for _ in range(4))
    assert [each.getpixel((2, 2)) for each in (store, large, strong, both)] == [LIGHT, LIGHT, DARK, DARK]
    assert ink(large) > 1.15 * ink(store)
    assert ink(both) > 1.15 * ink(strong)
    assert again.tobytes() == store.tobytes()
    assert kiosk.taps() == []


def test_the_look_goes_with_the_visit_and_back_to_the_stores_after_it(kiosk: Desk, places: Places):
    """The next question keeps it; after the thanks the first screen is the store's own."""
    screen = kiosk.screen
    store = screen.still()
    screen.step(*places.aid(0))
    screen.step(*places.aid(0))
    assert screen.turn(*places.face("neutral")).getpixel((2, 2)) == DARK
    screen.choose(*places.star(3))
    screen.turn(*places.onward)
    screen.step(*places.card(1, 3))
    assert screen.turn(*places.onward).getpixel((2, 2)) == DARK
    screen.until_like(store)
    assert len(kiosk.taps()) == 4


def test_what_was_chosen_stays_chosen(kiosk: Desk, places: Places):
    """Changing the letters in the middle of a question loses nothing that was touched."""
    screen = kiosk.screen
    screen.turn(*places.face("happy"))
    screen.choose(*places.cell(9))
    for _ in range(4):
        screen.step(*places.aid(0))
    screen.turn(*places.onward)
    assert kiosk.taps() == [("rating", "happy"), ("recommend", 9)]


def test_a_shopper_who_only_tried_it_leaves_the_stores_look(kiosk: Desk, places: Places):
    """Without any answer the idle time alone brings the store's look back."""
    screen = kiosk.screen
    store = screen.still()
    screen.step(*places.aid(0))
    screen.until_like(store)


WRITING = """
[kiosk]
[screen]
[[survey]]
id = "words"
kind = "in_the_moment"
title = { ja = "声", en = "Words" }
  [[survey.question]]
  id = "tell"
  type = "text"
  text = { ja = "くわしく教えてください", en = "Please tell us more" }
"""


def test_what_is_written_grows_too(screen: Screen, places: Places, tmp_path: Path):
    """The bar in the field, as high as the letters beside it, grows with large letters to 1.3 times."""
    with Desk(screen, tmp_path, WRITING) as desk:
        normal = bar_high(desk.start().screen.still())
        screen.step(*places.aid(0))
        large = bar_high(screen.still())
    assert 1.2 < large / normal < 1.4


def bar_high(picture) -> int:
    """The height of the bar inside the field: the accent's pixels within its border."""
    part = picture.crop((60, 216, 110, 330))
    column = [any(part.getpixel((x, y)) == ACCENT for x in range(part.width)) for y in range(part.height)]
    runs = "".join("x" if each else " " for each in column).split()
    return max(len(run) for run in runs)


def test_a_store_that_wants_no_button_has_none(screen: Screen, places: Places, tmp_path: Path):
    """With display_button = false there is nothing to see and nothing to touch in its place."""
    with Desk(screen, tmp_path, SURVEY.replace("[kiosk]", "[kiosk]\ndisplay_button = false")) as desk:
        before = desk.start().screen.still()
        x, y = places.aid(0)
        assert len(before.crop((x - 32, y - 32, x + 32, y + 32)).getcolors()) == 1
        screen.tap(x, y)
        assert screen.still().tobytes() == before.tobytes()


def test_the_store_may_begin_with_contrast(screen: Screen, places: Places, tmp_path: Path):
    """From a store's own contrast the button leads on to both, then to light, and round again."""
    with Desk(screen, tmp_path, SURVEY.replace('theme = "light"', 'theme = "contrast"')) as desk:
        store = desk.start().screen.still()
        seen = [screen.step(*places.aid(0)) for _ in range(4)]
        assert [each.getpixel((2, 2)) for each in seen] == [DARK, LIGHT, LIGHT, DARK]
        assert seen[-1].tobytes() == store.tobytes()


@pytest.mark.skipif(not os.environ.get("EGAO_TORTURE"), reason="half a minute: make torture")
def test_turning_the_look_over_and_over_takes_no_more_memory(screen: Screen, tmp_path: Path):
    """Once three hundred turns have filled its caches, the next two hundred take less than 1 MB."""
    with Stage(screen, tmp_path, SURVEY.replace("[screen]", "[screen]\nmotion = false")) as stage:
        stage.play = "dresses"
        done = subprocess.run(
            stage.command(), env=stage.environment(), capture_output=True, text=True, timeout=120, check=True
        )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    sizes = [each["resident_kb"] for each in told if "turns" in each]
    assert len(sizes) == 5
    assert sizes[-1] - sizes[2] < 1024, sizes
