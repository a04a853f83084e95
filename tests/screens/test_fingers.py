"""Several fingers, arms and sleeves at once on the real window: one visit counts one answer to a question."""

import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.places import Places
from deploy.screen import Screen, wait_for
from tests.screens.conftest import SURVEY
from tests.screens.desk import Desk
from tests.screens.fingers import HOST, Fingers, packed, unpacked

ARM_S = 10.0  # so long an arm keeps other fingers out
PAPER = (640, 680)


class Handled(Desk):
    """A desk whose kiosk takes fingers from the network too."""

    port = 0

    def command(self, *arguments: str) -> list[str]:
        _, _, _, *rest = super().command(*arguments)
        return [sys.executable, "-m", "tests.screens.fingers", str(self.port), *rest]


@pytest.fixture
def hands(screen: Screen, tmp_path: Path) -> Iterator[tuple[Handled, Fingers]]:
    """A kiosk and the fingers on it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    config = SURVEY.replace("idle_s = 8", "idle_s = 120")
    with Handled(screen, tmp_path, config) as desk, Fingers(port, screen.width, screen.height) as fingers:
        desk.port = port
        desk.start().screen.still()
        yield desk, fingers


def test_messages_are_written_as_osc():
    """What is packed is unpacked, each part padded to four bytes."""
    message = packed("/tuio/2Dcur", "set", 7, 0.5)
    assert len(message) % 4 == 0
    assert unpacked(message) == (b"/tuio/2Dcur", [b"set", 7, 0.5])


def test_a_finger_from_the_network_answers_as_one_on_the_glass(hands, places: Places):
    """One tap, one answer with its time: the way in which these tests touch is a real one."""
    desk, fingers = hands
    fingers.tap(1, places.face("happy"))
    desk.wait_for_taps(1)
    ((answer, took),) = desk.rows("answer, took")
    assert (answer, took > 0) == ('"happy"', True)


def test_two_fingers_at_once_on_two_faces_are_one_answer(hands, places: Places):
    """The first that came down counts, whichever is lifted first, and the second leaves no trace."""
    desk, fingers = hands
    fingers.put(f1=places.face("sad"), f2=places.face("happy"))
    fingers.lift(2)
    desk.screen.still()
    assert desk.taps() == []
    fingers.lift(1)
    desk.screen.still()
    assert desk.taps() == [("rating", "sad")]


def test_ten_fingers_are_one_answer(hands, places: Places):
    """A whole pair of hands on all faces, lifted together: one answer, the next question takes touches."""
    desk, fingers = hands
    spots = [places.face(name) for name in ("happy", "neutral", "sad")] * 4
    fingers.put(**{f"f{at}": spot for at, spot in enumerate(spots[:10], start=1)})
    fingers.lift()
    asked = desk.screen.still()
    assert desk.taps() == [("rating", "happy")]
    fingers.tap(11, places.cell(4))
    wait_for(lambda: desk.screen.look().tobytes() != asked.tobytes(), "the cell")


def test_a_resting_arm_keeps_others_out_only_for_a_while(hands, places: Places):
    """While it lies there a tap is no answer; after ten seconds others count, though it lies there still."""
    desk, fingers = hands
    fingers.put(f1=PAPER)
    laid = time.monotonic()
    fingers.tap(2, places.face("happy"))
    desk.screen.still()
    assert desk.taps() == []
    while time.monotonic() - laid < ARM_S + 0.5:  # the time that an arm may lie
        fingers.put(f1=(PAPER[0] + 1, PAPER[1]))
        time.sleep(0.2)
    fingers.tap(3, places.face("happy"))
    assert desk.wait_for_taps(1) == [("rating", "happy")]
    fingers.lift()
    desk.screen.still()
    assert desk.taps() == [("rating", "happy")]


def test_smearing_across_the_faces_answers_nothing(hands, places: Places):
    """A sleeve that wipes over all three, and a finger that slides from one to another, chose none."""
    desk, fingers = hands
    before = desk.screen.still()
    for begin in (100, places.face("sad")[0]):
        for x in range(begin, 1240, 20):
            fingers.put(f1=(x, 420))
        fingers.lift()
    desk.screen.until_like(before)
    assert desk.taps() == []


def test_twenty_taps_a_second_are_one_answer_to_a_question_and_all_is_kept(hands, places: Places):
    """Two hands hammer on two faces: one answer, kept with the time it took; the ledger is consistent."""
    desk, fingers = hands
    for beat in range(40):
        fingers.tap(beat + 1, places.face("sad" if beat % 2 else "happy"))
        time.sleep(0.05)  # the rhythm of the hammering, not a wait
    desk.screen.still()
    assert desk.taps() == [("rating", "happy")]
    rows = desk.rows("visit, question, took")
    assert all(took is not None and took >= 0 for *_, took in rows)
    assert len({row[:2] for row in rows}) == len(rows)
    assert desk.errors() == ""
