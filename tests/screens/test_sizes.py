"""Large enough: what a finger may hit, in millimetres, on every screen of every panel that we name."""

import json
import subprocess
import sys

import pytest

from kiosk.ui.theme import MM_PER_INCH, TARGET_MM
from tests.screens import gallery
from tests.screens.desk import ROOT

PANELS = {"800x480": 7.0, "1280x800": 10.1, "1080x1920": 21.5}
# Where neighbours leave no room for 20 mm: docs/accessibility.md names each. Width and height in mm.
LESS = {
    ("800x480", "Pill"): (20.0, 17.4),
    ("800x480", "LanguageButton"): (20.0, 17.3),
    ("800x480", "AidButton"): (20.0, 17.3),
    ("800x480", "Link"): (20.0, 15.0),
    ("800x480", "Card"): (20.0, 14.3),
    ("800x480", "Star"): (16.5, 20.0),
    ("800x480", "Cell"): (12.5, 19.7),
    ("800x480", "Clear"): (12.8, 9.1),
    ("800x480", "KeyCap"): (11.8, 8.7),
    ("800x480", "CandidateCard"): (13.3, 7.8),
    ("1280x800", "Link"): (20.0, 18.0),
    ("1280x800", "Cell"): (17.7, 20.0),
    ("1280x800", "Clear"): (19.0, 13.6),
    ("1280x800", "KeyCap"): (16.8, 13.0),
    ("1280x800", "CandidateCard"): (13.6, 11.6),
}


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str, str, float, float]]:
    """Panel, screen and kind of each target, with how wide and high a finger may hit it, in mm."""
    config = tmp_path_factory.mktemp("sizes") / "config.toml"
    config.write_text(gallery.config("", languages=("ja", "en")), "utf-8")
    sizes = [f"{size}x{inches}" for size, inches in PANELS.items()]
    done = subprocess.run(
        [sys.executable, "-m", "tests.screens.speaking", str(config), *sizes, "--only", "ja"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        cwd=ROOT,
    )
    scenes = [scene for scene in map(json.loads, done.stdout.splitlines()) if "boxes" in scene]
    return [
        (
            f"{scene['size'][0]}x{scene['size'][1]}",
            scene["scene"],
            box["name"].rpartition("/")[2],
            *hit(scene, box),
        )
        for scene in scenes
        for box in scene["boxes"]
        if box["kind"] == "target"
    ]


def hit(scene: dict, box: dict) -> tuple[float, float]:
    """How wide and high a target is for a finger: with its slack, as far as the screen goes."""
    size = scene["size"]
    px_per_mm = (size[0] ** 2 + size[1] ** 2) ** 0.5 / (PANELS[f"{size[0]}x{size[1]}"] * MM_PER_INCH)
    sides = []
    for side in (0, 1):
        low, high = box["box"][side], box["box"][side + 2]
        more = min(box["slack"][side], max(0.0, (TARGET_MM * px_per_mm - (high - low)) / 2))
        sides.append((min(size[side], high + more) - max(0.0, low - more)) / px_per_mm)
    return sides[0], sides[1]


def test_every_kind_of_target_was_measured(targets):
    """Nothing that is touched is left out."""
    kinds = {kind for _, _, kind, *_ in targets}
    assert kinds >= {"Face", "Card", "Cell", "Star", "KeyCap", "Pill", "Link", "LanguageButton", "AidButton"}


def test_a_target_is_20_mm_both_ways_or_as_large_as_is_said(targets):
    """20 mm by 20 mm on each panel; what is less is named with its size, far above the 24 px of WCAG."""
    small = [
        (panel, scene, kind, round(wide, 1), round(high, 1))
        for panel, scene, kind, wide, high in targets
        for least in [LESS.get((panel, kind), (TARGET_MM, TARGET_MM))]
        if wide < least[0] - 0.1 or high < least[1] - 0.1
    ]
    assert small == []
