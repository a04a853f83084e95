"""Answering without touching the glass: a keypad, or one switch, with a focus that everybody sees."""

from pathlib import Path

import pytest

from tests.screens.conftest import SURVEY
from tests.screens.desk import Desk, Screen, wait_for


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


def test_a_countdown_warns_before_a_visit_is_given_up_and_going_on_loses_nothing(
    screen: Screen, tmp_path: Path
):
    """The seconds are counted down; つづける brings back the question with what was chosen on it."""
    quick = SURVEY.replace("idle_s = 8", "idle_s = 5\nkeypad = true").replace("warn_s = 2", "warn_s = 60")
    with Desk(screen, tmp_path, quick) as desk:
        desk.start().screen.still()
        screen.key("3")
        screen.still()
        screen.key("7")
        chosen = screen.still()
        wait_for(lambda: screen.look().tobytes() != chosen.tobytes(), "the warning")
        first = screen.still()
        wait_for(lambda: screen.look().tobytes() != first.tobytes(), "the next second")
        screen.tap(806, 576)
        answers = (0, 200, 1280, 600)  # the focus has left the button below them
        expected = chosen.crop(answers).tobytes()
        wait_for(lambda: screen.look().crop(answers).tobytes() == expected, "the question")
        assert desk.taps() == [("rating", "happy")]
