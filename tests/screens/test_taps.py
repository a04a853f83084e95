"""A shopper's finger on the real window: what counts, what is stored, what comes next."""

import time

from deploy.places import Places
from deploy.screen import wait_for
from tests.screens.desk import Desk

IDLE_S = 8
PRESSED = 0.94


def red_width(picture) -> int:
    """How wide the sad face's disc is, in pixels of its colour."""
    row = picture.crop((150, 425, 450, 426)).tobytes()
    return sum(row[at : at + 3] == b"\xc4\x47\x2d" for at in range(0, len(row), 3))


def test_a_tap_is_in_the_ledger_before_the_next_question_shows(kiosk: Desk, places: Places):
    """P1: the next screen comes only after the commit returned."""
    screen = kiosk.screen
    screen.turn(*places.face("happy"))
    assert kiosk.taps() == [("rating", "happy")]


def test_the_whole_way_with_several_choices(kiosk: Desk, places: Places):
    """A sad shopper's way: reasons chosen and taken back, a second face, thanks, and the start again."""
    screen = kiosk.screen
    start = screen.still()
    screen.turn(*places.face("sad"))
    for card in (3, 0, 1, 3):  # the price is taken back
        screen.choose(*places.card(card, 6))
    assert kiosk.taps() == [("rating", "sad")]
    screen.turn(*places.onward)
    thanks = screen.turn(*places.face("neutral"))
    assert kiosk.taps() == [("rating", "sad"), ("why", ["queue", "range"]), ("again", "neutral")]
    assert kiosk.visits() == 1
    assert thanks.tobytes() != start.tobytes()
    screen.until_like(start)


def test_the_whole_way_with_stars_one_choice_and_a_notice(kiosk: Desk, places: Places):
    """A neutral shopper's way: stars are chosen and confirmed, one card and a notice answer at a touch."""
    screen = kiosk.screen
    screen.turn(*places.face("neutral"))
    screen.choose(*places.star(4))
    screen.choose(*places.star(2))
    screen.turn(*places.onward)
    screen.step(*places.card(1, 3))
    screen.turn(*places.onward)
    assert kiosk.taps() == [("rating", "neutral"), ("stars", 3), ("best", "staff"), ("bye", True)]


def test_a_number_can_be_changed_and_skipped_and_an_answer_taken_back(kiosk: Desk, places: Places):
    """Select, then confirm; もどる leads to the answer given before, とばす stores that it was skipped."""
    screen = kiosk.screen
    screen.turn(*places.face("happy"))
    unchosen = screen.still()
    screen.tap(*places.onward)  # nothing chosen yet: nothing happens
    assert screen.still().tobytes() == unchosen.tobytes()
    screen.choose(*places.cell(2))
    chosen = screen.step(*places.cell(9))
    screen.turn(*places.onward)
    screen.turn(*places.back)
    screen.until_like(chosen)
    screen.still()
    screen.turn(*places.skip)
    screen.turn(*places.skip)
    expected = [("rating", "happy"), ("recommend", 9), ("recommend", None), ("again", None)]
    assert kiosk.taps() == expected
    assert kiosk.visits() == 1


def test_the_start_comes_back_when_the_shopper_has_gone(kiosk: Desk, places: Places):
    """A visit in English, left halfway: after the idle time the first question is back in Japanese."""
    screen = kiosk.screen
    start = screen.still()
    screen.turn(*places.language)
    english = screen.turn(*places.tongue(1, 2))
    assert english.tobytes() != start.tobytes()
    left_at = time.monotonic()
    screen.turn(*places.face("sad"))
    screen.until_like(start)
    assert time.monotonic() - left_at > IDLE_S
    screen.still()
    screen.turn(*places.face("happy"))
    assert kiosk.rows("answer, language") == [('"sad"', "en"), ('"happy"', "ja")]
    assert kiosk.visits() == 2


def test_hammering_answers_one_question_once(kiosk: Desk, places: Places):
    """Twenty touches a second on とばす skip one question, though the next one has it there too."""
    screen = kiosk.screen
    screen.turn(*places.face("sad"))
    for _ in range(30):
        screen.tap(*places.skip)
        time.sleep(0.05)  # the rhythm of the hammering, not a wait
    screen.still()
    assert kiosk.taps() == [("rating", "sad"), ("why", None)]


def test_two_touches_in_one_gulp_are_one_answer(kiosk: Desk, places: Places):
    """A kiosk that was held up finds both waiting: the second was meant for a screen that has gone."""
    screen = kiosk.screen
    with kiosk.held_up():
        screen.tap(*places.face("happy"))
        screen.tap(*places.face("happy"))
    kiosk.wait_for_taps(1)
    asked = screen.still()
    screen.choose(*places.cell(3))  # the next question stands there and takes touches
    assert screen.still().tobytes() != asked.tobytes()
    assert kiosk.taps() == [("rating", "happy")]
    assert kiosk.errors() == ""


def test_a_press_shows_at_once_and_counts_only_when_lifted_inside(kiosk: Desk, places: Places):
    """The disc sinks under the finger and springs back; a finger that slides off has chosen nothing."""
    screen = kiosk.screen
    before = screen.still()
    screen.press(*places.face("sad"))
    wait_for(lambda: red_width(screen.look()) < red_width(before), "the disc to sink")
    sunk = red_width(screen.still())
    assert abs(sunk / red_width(before) - PRESSED) < 0.02
    screen.move(640, 720)
    screen.lift()
    screen.until_like(before)
    assert kiosk.taps() == []


def test_what_becomes_of_the_answers_is_one_touch_away(kiosk: Desk, places: Places):
    """くわしく opens a page, もどる closes it, and nothing is stored by looking."""
    screen = kiosk.screen
    start = screen.still()
    page = screen.turn(*places.more)
    assert page.tobytes() != start.tobytes()
    screen.turn(*places.back)
    screen.until_like(start)
    assert kiosk.taps() == []
