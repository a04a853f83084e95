"""Answering without touching the glass: a keypad, or one switch, with a focus that everybody sees."""

from pathlib import Path

import pytest

from tests.screens.conftest import SURVEY
from tests.screens.desk import Desk, Screen


@pytest.fixture
def keypad(screen: Screen, tmp_path: Path):
    """A kiosk at which keys answer."""
    with Desk(screen, tmp_path, SURVEY.replace("[kiosk]", "[kiosk]\nkeypad = true")) as desk:
        desk.start().screen.still()
        yield desk


def test_digits_answer_and_enter_goes_on(keypad: Desk):
    """3 is the happy face, a digit a scale's value, Enter goes on, Backspace comes back."""
    screen = keypad.screen
    for key in ("3", "7", "Return", "BackSpace", "8", "Return", "1"):
        screen.key(key)
        screen.still()
    assert keypad.taps() == [("rating", "happy"), ("recommend", 7), ("recommend", 8), ("again", "sad")]
    assert keypad.visits() == 1


def test_arrows_move_a_focus_that_shows_and_a_finger_takes_it_away(keypad: Desk):
    """Each arrow changes the picture and stores nothing; Enter answers with what has the focus."""
    screen = keypad.screen
    seen = [screen.still().tobytes()]
    for key in ("Right", "Right", "Tab"):
        screen.key(key)
        seen.append(screen.still().tobytes())
    assert len(set(seen)) == 4
    assert keypad.taps() == []
    screen.key("Left")
    screen.still()
    screen.key("Return")
    screen.still()
    assert keypad.taps() == [("rating", "neutral")]
    focused = screen.still().tobytes()
    screen.tap(640, 600)
    assert screen.still().tobytes() != focused


def test_one_switch_is_enough(screen: Screen, tmp_path: Path):
    """Any key starts the focus on its way, and touches what it has come to."""
    config = SURVEY.replace("[kiosk]", "[kiosk]\nkeypad = true\nscan_s = 1")
    with Desk(screen, tmp_path, config) as desk:
        start = desk.start().screen.still().tobytes()
        screen.key("space")
        seen = screen.still().tobytes()
        assert seen != start
        screen.key("space")
        assert desk.wait_for_taps(1) in ([("rating", "sad")], [("rating", "neutral")])


def test_without_the_setting_keys_do_nothing(kiosk: Desk):
    """A keypad that nobody asked for is no way in."""
    before = kiosk.screen.still().tobytes()
    for key in ("1", "Right", "Return"):
        kiosk.screen.key(key)
    assert kiosk.screen.still().tobytes() == before
    assert kiosk.taps() == []
