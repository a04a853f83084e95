"""Large enough: what a finger may hit, in millimetres, on every screen of every panel that we name."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations

import pytest

from kiosk.ui.theme import MM_PER_INCH, TARGET_MM
from kiosk.ui.touch import reach
from tests.screens import gallery
from tests.screens.desk import ROOT

PANELS = {"800x480": 7.0, "1280x800": 10.1, "1080x1920": 21.5}
ROUNDING_MM = 0.05  # of pixels
LONG = bool(os.environ.get("EGAO_TORTURE"))
# How far up, how large; test_gallery.py and test_reach.py judge what they measure by the same rules.
LOOKS = ("all normal", "all large", "low normal", "low large") if LONG else ("all normal", "low large")
LANGUAGES = ("ja", "en", "de", "ar", "th") if LONG else ("ja",)


@pytest.fixture(scope="module", params=LOOKS)
def scenes(request, tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    """Every screen of every panel, with what a finger may hit."""
    low, text_size = request.param.split()
    config = tmp_path_factory.mktemp("sizes") / "config.toml"
    screen = f'reach = "{low}"\ntext_size = "{text_size}"'
    config.write_text(gallery.config(screen, languages=tuple({*LANGUAGES, "ja", "en"})), "utf-8")
    sizes = [f"{size}x{inches}" for size, inches in PANELS.items()]
    done = subprocess.run(
        [sys.executable, "-m", "tests.screens.speaking", str(config), *sizes, "--only", *LANGUAGES],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
        cwd=ROOT,
    )
    return [scene for scene in map(json.loads, done.stdout.splitlines()) if "boxes" in scene]


def kind(box: dict) -> str:
    """What sort of target it is."""
    return box["name"].rpartition("/")[2]


def too_small(scene: dict) -> Iterator[tuple[str, float, float]]:
    """The targets of a screen that a finger hits on less than 20 mm by 20 mm, with their width and height."""
    wide, high = scene["size"]
    px_per_mm = (wide**2 + high**2) ** 0.5 / (PANELS[f"{wide}x{high}"] * MM_PER_INCH)
    for box in (box for box in scene["boxes"] if box["kind"] == "target"):
        left, low, right, top = box["hit"]
        sides = (min(wide, right) - max(0, left)) / px_per_mm, (min(high, top) - max(0, low)) / px_per_mm
        if min(sides) < TARGET_MM - ROUNDING_MM:
            yield kind(box), round(sides[0], 1), round(sides[1], 1)


def doubtful(scene: dict) -> Iterator[tuple[str, str]]:
    """The pairs of targets that a finger in one place may both mean."""
    targets = [box for box in scene["boxes"] if box["kind"] == "target"]
    for one, other in combinations(targets, 2):
        if all(
            min(one["hit"][side + 2], other["hit"][side + 2]) - max(one["hit"][side], other["hit"][side]) > 1
            for side in (0, 1)
        ):
            yield kind(one), kind(other)


def test_every_kind_of_target_was_measured(scenes):
    """Nothing that is touched is left out."""
    kinds = {kind(box) for scene in scenes for box in scene["boxes"] if box["kind"] == "target"}
    assert kinds >= {"Face", "Card", "Cell", "Star", "KeyCap", "Clear", "CandidateCard"}
    assert kinds >= {"Pill", "Link", "LanguageButton", "AidButton"}


def test_every_target_is_20_mm_both_ways(scenes):
    """20 mm by 20 mm on each panel, for all that is touched, keys and candidates too."""
    small = [
        (scene["scene"], scene["language"], scene["size"], *each)
        for scene in scenes
        for each in too_small(scene)
    ]
    assert small == []


def test_no_finger_means_two_targets(scenes):
    """What may be hit of one target is nothing of another."""
    both = [
        (scene["scene"], scene["language"], scene["size"], *each)
        for scene in scenes
        for each in doubtful(scene)
    ]
    assert both == []


@pytest.mark.parametrize(
    ("low", "high", "slack", "expected"),
    [
        (40, 60, 100, (30, 70)),  # as far as a finger needs
        (40, 60, 5, (35, 65)),  # as far as its neighbours leave
        (0, 20, 100, (0, 40)),  # the window ends: more on the other side
        (90, 100, 100, (60, 100)),
        (10, 90, 100, (10, 90)),  # large enough
        (0, 20, 4, (0, 28)),
    ],
)
def test_a_target_is_hit_around_itself(low: float, high: float, slack: float, expected: tuple[float, float]):
    """Up to 20 mm in all, within its slack; at an edge the whole of it lies inside."""
    assert reach(low, high, slack=slack, least=40, fence=(0, 100)) == expected
