"""Answering without touching the glass: a keypad, or one switch, with a focus that everybody sees."""

from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from deploy.places import Places, Spot
from kiosk.settings.accent import contrast
from kiosk.ui.keys import GAP
from tests.screens.conftest import SURVEY
from tests.screens.desk import Desk, Screen, wait_for
from tests.screens.test_text import TEXTS
from tests.screens.typist import Typist

SEEN = 3.0  # WCAG 1.4.11: a sign of focus against what it is drawn on
GROUPED = TEXTS.replace("idle_s = 5", "idle_s = 60\nkeypad = true").replace(
    "[screen]", '[screen]\ntheme = "light"\ndiagonal_inches = 7'
)


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


def test_a_word_is_written_with_a_keypad_alone_where_keys_are_grouped(screen: Screen, tmp_path: Path):
    """On 7 inches plus and Enter open groups, write and send, and a ring that all can see goes along."""
    config = GROUPED.replace("LANGUAGE", "en").replace("KEYS", "")
    with Desk(screen, tmp_path, config) as desk:
        desk.start().screen.still()
        screen.key("3")
        typist = Typist(screen, Places(inches=7.0), "en")
        places = [spot for _, spot in typist.every]
        assert len(places) < len("abcdefghijklmnopqrstuvwxyz")
        apart = places[1][0] - places[0][0], places[-1][1] - places[0][1]
        key = (apart[0] - GAP) / 2, (apart[1] - GAP) / 2  # half of what it takes across and down
        for before, spot in pairwise((None, *places[:4])):
            if before:
                screen.key("KP_Add")
            wait_for(lambda spot=spot: has_ring(screen.look(), spot, key), f"the ring at {spot}")
            assert before is None or not has_ring(screen.look(), before, key)
        steer(screen, len(places) - 4 + len(("back", "skip", "letters", "a b c")))
        for letter in "egao":
            for steps in typist.steps(letter):  # to the group, then in it
                steer(screen, steps)
                press(screen, "KP_Enter")
        steer(screen, len(places) - 1 + len(("back", "skip", "next")))
        screen.key("KP_Enter")
        assert desk.wait_for_taps(2)[1] == ("words", "egao")


def steer(screen: Screen, steps: int) -> None:
    """Let the focus go on by so many, as a person does: the next press comes when this one shows."""
    for _ in range(steps):
        press(screen, "KP_Add")


def press(screen: Screen, key: str) -> None:
    """Press a key, and wait until it shows."""
    before = screen.print()
    screen.key(key)
    wait_for(lambda: screen.print() != before, f"what {key} does")


def has_ring(picture: Image.Image, spot: Spot, half: tuple[float, float]) -> bool:
    """Whether on each side of the key there is a line in strong contrast to what is within and without."""
    sides = [(x * half[0], y * half[1], x, y) for x, y in ((-1, 0), (1, 0), (0, -1), (0, 1))]
    for x, y, across, down in sides:
        within, *line, without = (
            "#{:02x}{:02x}{:02x}".format(
                *picture.getpixel((round(spot[0] + x + out * across), round(spot[1] + y + out * down)))
            )
            for out in range(-12, GAP)
        )
        if not any(contrast(each, within) >= SEEN and contrast(each, without) >= SEEN for each in line):
            return False
    return True


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
