"""Within reach: with reach = "low" all that is touched stands in the lower 60 % of the screen."""

import json
import os
import subprocess
import sys
from math import hypot
from pathlib import Path

import pytest

from deploy.screen import Screen
from kiosk.ui.theme import LOW_ROWS, LOW_SHARE, MM_PER_INCH, TARGET_MM
from tests.screens import gallery
from tests.screens.desk import ROOT
from tests.screens.test_sizes import doubtful, too_small
from tests.screens.test_stage import Stage, judge, longest_survey

SIZES = [(800, 480, 7.0), (1280, 800, 10.1), (1080, 1920, 21.5)]
LONG = bool(os.environ.get("EGAO_TORTURE"))
NOT_NEEDED = ("/Clear", "MessagePage/Target", "ThanksPage/Target")  # erasing does it too; a whole page


def beyond(boxes: list[dict], wide: int, high: int) -> list[dict]:
    """The targets that somebody who sits could not reach: above 60 %, or on a small screen above 61 mm."""
    (inches,) = (size[2] for size in SIZES if size[:2] == (wide, high))
    rows = LOW_ROWS * TARGET_MM * hypot(wide, high) / (inches * MM_PER_INCH)
    targets = [box for box in boxes if box["kind"] == "target" and not box["name"].endswith(NOT_NEEDED)]
    lines = {True: LOW_SHARE * high, False: max(LOW_SHARE * high, rows)}
    return [box for box in targets if box["box"][3] > lines[box["name"].endswith("/Face")] + 1]


@pytest.mark.parametrize("text_size", ["large"])  # the harder one; normal text needs less room
@pytest.mark.parametrize(("width", "height", "inches"), SIZES)
def test_every_question_is_answered_from_below(
    tmp_path: Path, width: int, height: int, inches: float, text_size: str
):
    """Every type of question with the longest texts: nothing to touch above the line, nothing cut."""
    screen_is = (
        f'[screen]\nreach = "low"\ndiagonal_inches = {inches}\nmotion = false\ntext_size = "{text_size}"'
    )
    config = longest_survey().replace("[screen]", screen_is)
    with Screen(width, height) as screen, Stage(screen, tmp_path, config) as stage:
        stage.play = "boxes"
        done = subprocess.run(
            stage.command(), env=stage.environment(), capture_output=True, text=True, timeout=60, check=True
        )
    shown = [scene for scene in map(json.loads, done.stdout.splitlines()) if "boxes" in scene]
    assert len(shown) == 10 * 2
    for scene in shown:
        judge(scene, width, height)
        assert beyond(scene["boxes"], width, height) == [], scene["question"]
        scene["size"] = width, height
        assert [*too_small(scene), *doubtful(scene)] == [], scene["question"]


def test_languages_and_privacy_are_within_reach_in_every_language(tmp_path: Path):
    """The shipped survey with all languages, the voice and the letters: every page's targets stand below."""
    config = tmp_path / "config.toml"
    every = tuple(sorted(file.stem for file in (ROOT / "assets" / "languages").glob("*.toml")))
    if not LONG:
        every = ("ar", "de", "ja")  # the other direction, the longest words, the first language
    config.write_text(gallery.config('reach = "low"', languages=every), "utf-8")
    sizes = [f"{width}x{height}x{inches}" for width, height, inches in (SIZES if LONG else SIZES[:1])]
    done = subprocess.run(
        [sys.executable, "-m", "tests.screens.speaking", str(config), *sizes],
        capture_output=True,
        text=True,
        timeout=150,
        check=True,
        cwd=ROOT,
    )
    scenes = [scene for scene in map(json.loads, done.stdout.splitlines()) if "boxes" in scene]
    assert {"rating", "recommend", "privacy", "languages"} <= {each["scene"] for each in scenes}
    for scene in scenes:
        assert beyond(scene["boxes"], *scene["size"]) == [], (scene["scene"], scene["language"])
        assert [*too_small(scene), *doubtful(scene)] == [], (scene["scene"], scene["language"])
