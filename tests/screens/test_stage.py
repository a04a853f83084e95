"""What a kiosk seldom meets: failing ledgers, slips in the code, texts as long as a survey may have them."""

import json
import os
import select
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest

from deploy.places import Places
from deploy.screen import PATIENCE_S, Screen, read_line, wait_for
from tests.screens.conftest import SURVEY
from tests.screens.desk import ROOT, Desk

LOOKS = 4
LONG = {"ja": "ながくてよみきれないほどていねいなことば、", "en": "Words as long as a survey may have them, "}


class Stage(Desk):
    """A desk whose kiosk is the stage's."""

    play = "unsaved"

    def command(self, *_: str) -> list[str]:
        return [sys.executable, "-m", "tests.screens.stage", self.play, str(self.config)]


def texts(length: int) -> str:
    """A text of exactly so many characters in each language, as TOML."""
    cut = {tag: (text * 20)[: length - 1].rstrip(" 、,") for tag, text in LONG.items()}
    return "{ " + ", ".join(f'{tag} = "{text.ljust(length, "?")}"' for tag, text in cut.items()) + " }"


def longest_survey() -> str:
    """Every type of question with texts as long, and options as many, as a survey may have."""
    options = ", ".join(f'{{ id = "o{at}", icon = "clock", text = {texts(40)} }}' for at in range(12))
    few = ", ".join(f'{{ id = "o{at}", icon = "tag", text = {texts(12)} }}' for at in range(7))
    ends = f"labels = {{ low = {texts(40)}, high = {texts(40)} }}"
    kinds = [
        ("faces", ""),
        ("scale", f'metric = "nps"\nmin = 0\nmax = 10\n{ends}'),
        ("scale", f'metric = "ces"\nmin = 1\nmax = 7\n{ends}'),
        ("stars", "max = 10"),
        ("choice", f"many = true\noptions = [{options}]"),
        ("choice", f"options = [{few}]"),
        ("notice", ""),
        ("text", ""),
        ("text", 'keyboard = "latin"'),
        ("text", 'keyboard = "numeric"'),
    ]
    kiosk = f'[kiosk]\nstore = "{"みどり市場" * 8}"\n[screen]\n'
    words = f"text = {texts(120)}\nhelp = {texts(120)}"
    questions = [
        f'[[survey.question]]\nid = "q{at}"\ntype = "{kind}"\n{more}\n{words}\n'
        for at, (kind, more) in enumerate(kinds)
    ]
    return f'{kiosk}[[survey]]\nid = "a"\nkind = "in_the_moment"\ntitle = {texts(20)}\n' + "".join(questions)


@pytest.mark.parametrize("play", ["unsaved", "broken"])
def test_an_answer_that_was_not_stored_is_not_thanked_for(
    screen: Screen, places: Places, tmp_path: Path, play: str
):
    """P1: when storing fails, no question follows; the app lives on and the first screen returns.

    Each touch is passed on, so that sync can let the finger go first.
    """
    patient = SURVEY.replace("idle_s = 8", "idle_s = 300")
    with Stage(screen, tmp_path, patient) as stage:
        stage.play = play
        start = stage.start().screen.still()
        for times in (1, 2):
            screen.turn(*places.face("happy"))
            screen.tap(*places.skip)
            wait_for(lambda: stage.errors().count("Traceback") == times, "the failure in the log")  # noqa: B023
            screen.until_like(start)
            screen.still()
        assert stage.stop() == 0
        assert stage.errors().count("touched") == (4 if play == "unsaved" else 0)


def test_three_failures_in_a_minute_show_a_page_that_keeps_trying(
    screen: Screen, places: Places, tmp_path: Path
):
    """Beginning anew twice did not help: the third time a calm page says so, and the start returns later."""
    with Stage(screen, tmp_path, SURVEY.replace("idle_s = 8", "idle_s = 300")) as stage:
        stage.play = "broken"
        start = stage.start().screen.still()
        for times in (1, 2, 3):
            screen.turn(*places.face("happy"))
            screen.tap(*places.skip)
            wait_for(lambda: stage.errors().count("Traceback") == times, "the failure in the log")  # noqa: B023
            after = screen.still()
            assert (after.tobytes() == start.tobytes()) == (times < 3)
        screen.until_like(start)


def test_a_file_that_has_gone_leads_back_to_the_start(screen: Screen, places: Places, tmp_path: Path):
    """A font is missing where a page wants it: no way out and nothing to read but the first question."""
    fonts = tmp_path / "assets" / "fonts"
    fonts.mkdir(parents=True)
    (tmp_path / "assets" / "languages").symlink_to(ROOT / "assets" / "languages")
    for font in (ROOT / "assets" / "fonts").glob("*.ttf"):
        if not font.name.startswith("NotoSans-"):
            (fonts / font.name).symlink_to(font)
    with Stage(screen, tmp_path, SURVEY) as stage:
        start = stage.start().screen.still()
        screen.tap(*places.language)
        wait_for(lambda: "NotoSans-Regular.ttf" in stage.errors(), "the failure in the log")
        screen.until_like(start)
        assert stage.running


def test_another_thread_wakes_the_sleeping_app(screen: Screen, tmp_path: Path):
    """What the sync asks of the screens is done at once, not when the next touch or timer ends the sleep."""
    with Stage(screen, tmp_path, SURVEY) as stage:
        stage.play = "thread"
        done = subprocess.run(
            stage.command(), env=stage.environment(), capture_output=True, text=True, timeout=60, check=True
        )
    assert json.loads(done.stdout.splitlines()[-1])["waited_s"] < 0.5


def test_a_sleeping_app_wakes_for_its_timers_and_for_nothing_else(screen: Screen, tmp_path: Path):
    """Ten timers of a tenth of a second ring in time; a long one costs few frames, not sixty a second."""
    with Stage(screen, tmp_path, SURVEY) as stage:
        stage.play = "timers"
        done = subprocess.run(
            stage.command(), env=stage.environment(), capture_output=True, text=True, timeout=60, check=True
        )
    told = {name: each for line in done.stdout.splitlines() for name, each in json.loads(line).items()}
    assert 0.8 < told["ticks_s"] < 8  # asleep for as long as it may, each time, it would take twenty or more
    assert told["frames"] < 30


def test_what_a_patch_left_out_is_painted_in_strips(screen: Screen, tmp_path: Path):
    """What nobody told the painter is on the screen a moment later; no frame paints more than a strip."""
    with Stage(screen, tmp_path, SURVEY) as stage:
        stage.play = "forgets"
        stage.start()
        middle = screen.width // 2 + 20, screen.height // 2 - 20
        wait_for(lambda: screen.look().getpixel(middle) == (255, 0, 0), "the red square")
        line = read_line(stage._process.stdout.fileno(), PATIENCE_S)
        assert json.loads(line)["heights"] == [10, *[screen.height / 8] * 8]


def test_a_list_draws_nothing_beyond_itself(screen: Screen, tmp_path: Path):
    """Rows that do not fit are cut at the list's edge, whether all is painted or a patch."""
    with Stage(screen, tmp_path, SURVEY) as stage:
        stage.play = "scrolls"
        stage.start()
        assert read_line(stage._process.stdout.fileno(), PATIENCE_S)
        shown = screen.look()
        reds = {up: shown.getpixel((420, screen.height - up)) == (255, 0, 0) for up in (250, 310, 390, 430)}
        assert reds == {250: False, 310: True, 390: True, 430: False}


@pytest.mark.parametrize(
    ("width", "height", "inches", "text_size"),
    [
        (1280, 800, 10.1, "large"),
        (800, 480, 7.0, "normal"),
        (800, 480, 7.0, "large"),
        (1080, 1920, 21.5, "large"),
        (1024, 768, 10.4, "normal"),
        (1920, 1080, 15.6, "large"),
    ],
)
def test_no_text_is_cut_or_covers_another(
    tmp_path: Path, width: int, height: int, inches: float, text_size: str
):
    """Texts of the greatest length stay whole, on the screen and clear of each other."""
    screen_is = f'[screen]\ndiagonal_inches = {inches}\nmotion = false\ntext_size = "{text_size}"'
    config = longest_survey().replace("[screen]", screen_is)
    with Screen(width, height) as screen, Stage(screen, tmp_path, config) as stage:
        stage.play = "boxes"
        done = subprocess.run(
            stage.command(), env=stage.environment(), capture_output=True, text=True, timeout=60, check=True
        )
    scenes = [json.loads(line) for line in done.stdout.splitlines()]
    shown = [scene for scene in scenes if "boxes" in scene]
    assert len(shown) == 10 * 2
    for scene in shown:
        judge(scene, width, height)


def judge(scene: dict, width: int, height: int) -> None:
    """Fail if anything on the scene is cut, off the screen, or on top of something else."""
    where = f"{scene['question']} in {scene['language']} on {width}×{height}"
    seen = [box for box in scene["boxes"] if box["kind"] == "text"]
    targets = [box for box in scene["boxes"] if box["kind"] == "target" and "Frame" in box["in"]]
    assert len(seen) > 3, where
    for box in seen:
        left, low, right, top = box["box"]
        assert left >= 0 and low >= 0, (where, box)  # noqa: PT018 - one thing: on the screen
        assert right <= width and top <= height, (where, box)  # noqa: PT018
        assert "".join(box["text"].split()) == "".join(box["words"].split()), (where, box)
        assert box["px"] >= 8, (where, box)
    for one, other in combinations(seen, 2):
        assert not overlap(one["box"], other["box"], by=0.15 * min(one["px"], other["px"])), (
            where,
            one,
            other,
        )
    for one, other in combinations(targets, 2):
        assert not overlap(one["box"], other["box"], by=1), (where, one, other)


def overlap(one: list[float], other: list[float], *, by: float) -> bool:
    """Whether two boxes cover each other by more than so many pixels both ways."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    upward = min(one[3], other[3]) - max(one[1], other[1])
    return across > by and upward > by


WRITING = """
[kiosk]
language = "en"
idle_s = 300
thanks_s = 1
[screen]
motion = false
[[survey]]
id = "words"
kind = "in_the_moment"
title = { en = "Words" }
  [[survey.question]]
  id = "words"
  type = "text"
  text = { en = "Tell us" }
  [[survey.question]]
  id = "rating"
  type = "faces"
  text = { en = "How was it?" }
"""


def test_no_picture_of_the_screen_is_taken_while_somebody_answers_or_writes(
    screen: Screen, places: Places, tmp_path: Path
):
    """Head office sees the resting screen only: no letter of a shopper's, no visit, none of its pages."""
    with Stage(screen, tmp_path, WRITING) as stage:
        stage.play = "watched"
        stage.start()

        def takes_pictures() -> bool:
            """Whether one is taken in the next looks for a wish; what was told before is passed over."""
            assert stage._process is not None
            assert stage._process.stdout is not None
            told = stage._process.stdout.fileno()
            while select.select([told], [], [], 0)[0]:
                os.read(told, 1 << 16)
            read_line(told, PATIENCE_S)  # maybe half a line
            lines: list[str] = []
            while lines.count('{"looked": true}') < LOOKS:
                lines.append(read_line(told, PATIENCE_S))
            return '{"taken": [1280, 800, 4096000]}' in lines

        start = screen.still()
        assert takes_pictures()
        for key in ((640, 500), (640, 480)):  # a group of letters, and one of them
            screen.step(*key)
        assert not takes_pictures()
        screen.turn(*places.onward)
        assert not takes_pictures()
        screen.tap(*places.face("happy"))
        screen.until_like(start)
        wait_for(takes_pictures, "a picture at rest again")
        assert stage.stop() == 0
