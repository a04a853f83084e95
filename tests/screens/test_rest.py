"""What the kiosk does while nobody is there: it breathes, moves by a hair, goes dark after hours."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.places import Places
from deploy.screen import Screen, wait_for
from tests.screens.conftest import SURVEY
from tests.screens.test_look import THEMES, mask
from tests.screens.test_stage import Stage

OPEN, CLOSED = "2026-11-21T21:59:59", "2026-11-21T22:00:59"  # a minute's last second: the next tick is near
PAPER, *FACES = THEMES["light"]
HOURS = SURVEY.replace("[screen]", '[screen]\nhours = "09:00-22:00"')
STILL = SURVEY.replace("[screen]", "[screen]\nmotion = false")
NIGHT = (0x05, 0x06, 0x07)
WIDE = 250  # of a disc at rest, in pixels of exactly its colour
BLACK = 12  # no channel of the dark ground is brighter


class Resting(Stage):
    """A kiosk that rests after a second."""

    play = "resting"

    def tells(self, time: str) -> None:
        """From now on it is this time at the store."""
        new = self.config.with_name("new")
        new.write_text(time, "utf-8")
        new.replace(self.config.with_name("clock"))

    def saved(self) -> list[str]:
        """The questions that were answered."""
        file = self.config.with_name("saved")
        return file.read_text("utf-8").split() if file.exists() else []


@pytest.fixture
def resting(screen: Screen, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Resting]:
    """Such a kiosk, started while the store is open."""
    with Resting(screen, tmp_path, getattr(request, "param", SURVEY)) as stage:
        stage.tells(OPEN)
        yield stage


def boxes(picture) -> list[tuple[int, int, int, int]]:
    """Where the three discs stand."""
    return [mask(picture, colour).getbbox() for colour in FACES]


def is_dark(picture) -> bool:
    return picture.getpixel((2, 2)) == NIGHT


def test_one_face_after_another_breathes_in_the_same_way(resting: Resting):
    """Each shrinks by a few pixels, alone, to the same size as the others; then all stands as before."""
    resting.start()
    least = [WIDE] * 3

    def widths() -> list[int]:
        row = resting.screen.look().crop((0, 420, 1280, 421))  # through the middle of all three
        return [right - left for left, _, right, _ in boxes(row)]

    def all_breathed() -> bool:
        now = widths()
        assert sum(width < WIDE - 2 for width in now) <= 1, now
        least[:] = map(min, least, now)
        return max(least) <= 0.985 * WIDE

    wait_for(all_breathed, "the third face's breath")
    assert max(least) - min(least) <= 4  # as near as looking now and then can tell
    wait_for(lambda: min(widths()) >= WIDE - 1, "all of them at rest")
    assert resting.saved() == []


@pytest.mark.parametrize("resting", [STILL], indirect=True)
def test_without_motion_no_face_breathes(resting: Resting, tmp_path: Path):
    """With `motion = false` the picture stays as it is, for as long as three breaths would take."""
    start = resting.start().screen.still()
    for _ in range(120):  # three seconds and more, in which three faces would have breathed
        assert resting.screen.look().tobytes() == start.tobytes()
        time.sleep(0.025)  # the rhythm of looking


@pytest.mark.parametrize("resting", [STILL], indirect=True)
def test_the_picture_moves_by_a_hair_and_touches_move_with_it(
    resting: Resting, places: Places, tmp_path: Path
):
    """Nothing burns in: all of it stands elsewhere by few pixels, and the face answers where it is seen."""
    (tmp_path / "shift").touch()
    before = boxes(resting.start().screen.look())
    seen = set()

    def has_moved() -> bool:
        seen.add(boxes(resting.screen.look())[1][:2])
        return len(seen) > 4

    wait_for(has_moved, "more places")
    assert all(abs(x - before[1][0]) <= 8 and abs(y - before[1][1]) <= 8 for x, y in seen)
    resting.screen.tap(*places.face("happy"))
    wait_for(lambda: resting.saved() == ["rating"], "the answer")


@pytest.mark.parametrize("resting", [HOURS], indirect=True)
def test_after_hours_it_goes_dark_and_a_touch_that_wakes_it_is_no_answer(resting: Resting, places: Places):
    """Nearly black with a faint clock; a touch where a face would be brings it back, and stores nothing."""
    resting.start()
    screen = resting.screen
    resting.tells(CLOSED)
    wait_for(lambda: is_dark(screen.look()), "the night")
    night = screen.still()
    bright = sum(night.convert("L").histogram()[BLACK:])
    assert 0 < bright < 0.02 * night.width * night.height
    screen.tap(*places.face("happy"))
    wait_for(lambda: not is_dark(screen.look()), "the light")
    assert all(boxes(screen.still()))
    assert resting.saved() == []
    screen.tap(*places.face("happy"))
    wait_for(lambda: resting.saved() == ["rating"], "the answer")


@pytest.mark.parametrize("resting", [HOURS.replace("[kiosk]", "[kiosk]\nkeypad = true")], indirect=True)
def test_a_key_that_wakes_it_is_no_answer_either(resting: Resting):
    """On a keypad 3 is the happy face; pressed in the dark it brings the light, pressed again it answers."""
    resting.start()
    screen = resting.screen
    resting.tells(CLOSED)
    wait_for(lambda: is_dark(screen.look()), "the night")
    screen.still()
    screen.key("3")
    wait_for(lambda: not is_dark(screen.look()), "the light")
    screen.still()
    assert resting.saved() == []
    screen.key("3")
    wait_for(lambda: resting.saved() == ["rating"], "the answer")


@pytest.mark.parametrize("resting", [HOURS], indirect=True)
def test_in_the_morning_the_light_comes_back_by_itself(resting: Resting):
    """Nobody has to touch it: at opening time the first screen is there."""
    resting.tells(CLOSED)
    screen = resting.start().screen
    wait_for(lambda: is_dark(screen.look()), "the night")
    resting.tells(OPEN)
    wait_for(lambda: not is_dark(screen.look()), "the morning")
    assert all(boxes(screen.look()))


def test_it_stays_bright_where_no_hours_are_set(resting: Resting):
    """Without opening hours a kiosk is never dark, whatever the clock says."""
    resting.tells(CLOSED)
    screen = resting.start().screen
    full = boxes(screen.look())
    wait_for(lambda: boxes(screen.look()) != full, "a breath: it rests")
    assert not is_dark(screen.look())
