"""Every screen in every language on three sizes of screen: nothing is cut, nothing covers anything else.

Measured from the widgets, in every look: the light and the contrast theme, normal and large text. Every
language in the first look, on the smallest screen; those with the longest words, the tallest letters and the
other direction on all three, and in large text. Colours move nothing, so of the contrast theme two are
enough here; `make torture` measures all.
"""

import json
import os
import subprocess
import sys
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

from kiosk.ui.words import Words
from survey.ruby import plain
from tests.screens import gallery
from tests.screens.test_languages import LANGUAGES, PROMISED, ROOT
from tests.screens.test_sizes import doubtful, too_small
from tests.screens.test_stage import overlap

SCREENS = ("800x480x7", "1280x800x10.1", "1080x1920x21.5")
FINGER_MM = 20
LIGHT, LARGE, CONTRAST = "light normal", "light large", "contrast normal"
LONG = bool(os.environ.get("EGAO_TORTURE"))
HARD = ("ja", "vi", "de", "th", "ar")
TAGS = {
    LIGHT: PROMISED,
    LARGE: PROMISED if LONG else HARD,
    CONTRAST: PROMISED if LONG else ("ja", "ar"),
}
LEAST_TEXTS = {"why_sad": 12, "recommend": 16, "ease": 12, "twelve": 18, "three": 8, "tell": 20, "number": 13}
LEAST_TEXTS_GROUPED = LEAST_TEXTS | {"three": 7, "tell": 9, "number": 12}  # where keys are grouped
TONE_NAMES = {"huyền", "sắc", "hỏi", "ngã", "nặng"}
# On all three sizes of screen; the others on the smallest.
EVERYWHERE = dict.fromkeys((LIGHT, LARGE, CONTRAST), PROMISED)
if not LONG:
    EVERYWHERE = {LIGHT: (*HARD, "en"), LARGE: ("ja", "vi"), CONTRAST: ("ja", "ar")}
SCENES = 33  # of a language whose keyboard is Latin


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """Every screen in a look, measured by one process the first time that it is asked for."""
    folder = tmp_path_factory.mktemp("gallery")
    return cache(lambda look: measure(look, folder / f"{look}.toml"))


def measure(look: str, config: Path) -> list[dict]:
    """What stands where on every screen."""
    theme, text_size = look.split()
    screen = f'theme = "{theme}"\ntext_size = "{text_size}"'
    config.write_text(gallery.config(screen, languages=PROMISED), encoding="utf-8")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.screens.speaking", str(config), *SCREENS),
            *("--only", *(tag for tag in TAGS[look] if tag in EVERYWHERE[look])),
            *("--once", *(tag for tag in TAGS[look] if tag not in EVERYWHERE[look])),
        ],
        cwd=ROOT,
        env={**os.environ, "HOME": str(config.parent), "SDL_VIDEODRIVER": "offscreen"},
        capture_output=True,
        text=True,
        timeout=900,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("look", "tag"), [(look, tag) for look, tags in TAGS.items() for tag in tags])
def test_nothing_is_cut_or_covered(shown, look: str, tag: str):
    """Each text is whole, inside its room, its target and the window, and clear of all others."""
    scenes = [scene for scene in shown(look) if scene["language"] == tag]
    assert len(scenes) >= SCENES * (len(SCREENS) if tag in EVERYWHERE[look] else 1)
    for scene in scenes:
        where = look, tag, scene["scene"], scene["size"]
        texts, pads, dots = (
            [box for box in scene["boxes"] if box["kind"] == kind] for kind in ("text", "target", "dots")
        )
        for box in texts:
            judge(box, scene["size"], where)
        for one, other in combinations(texts, 2):
            by = 0.15 * min(one["px"], other["px"])
            assert not overlap(one["box"], other["box"], by=by), (where, one, other)
        least = LEAST_TEXTS_GROUPED if scene["size"][0] != 1080 else LEAST_TEXTS
        assert len(texts) >= least.get(scene["scene"].partition("-")[0], 1), where
        assert [*too_small(scene), *doubtful(scene)] == [], where
        judge_targets([box for box in pads if not box["name"].endswith("/Target")], texts, dots, where, scene)


def judge_targets(pads: list[dict], texts: list[dict], dots: list[dict], where: tuple, scene: dict) -> None:
    """Fail if a target leaves the window, or has another, a text that is not its own, or a dot on it."""
    for pad in pads:
        assert is_inside(pad["box"], [0, 0, *scene["size"]], by=1), (where, pad)
        for dot in dots:
            assert not overlap(pad["box"], dot["box"], by=0), (where, pad, dot)
        for text in (each for each in texts if each["within"] != pad):
            assert not overlap(pad["box"], text["box"], by=0.15 * text["px"]), (where, pad, text)
    for one, other in combinations(pads, 2):
        assert not overlap(one["box"], other["box"], by=1), (where, one, other)
    for dot in dots:
        assert is_inside(dot["box"], [0, 0, *scene["size"]], by=0), (where, dot)
        assert not [text for text in texts if overlap(dot["box"], text["box"], by=1)], (where, dot)


def judge(box: dict, size: list[int], where: tuple) -> None:
    """Fail if a text is cut, outside its room, target or window, or shows the marks of furigana."""
    left, low, right, top = box["box"]
    assert "".join(box["text"].split()) == "".join(plain(box["words"]).split()), (where, box)
    assert not set("{}") & set(box["text"]), (where, box)
    assert is_inside(box["box"], [0, 0, *size], by=0), (where, box)
    assert right - left <= box["room"][0] + 1, (where, box)
    assert top - low <= box["room"][1] + 0.3 * box["px"] + 1, (where, box)
    assert box["px"] >= 12, (where, box)
    pad = box["within"]
    if pad and not pad["name"].endswith("/Face"):  # what a face means stands below it
        assert is_inside(box["box"], pad["box"], by=0.15 * box["px"]), (where, box)


def is_inside(inner: list[float], outer: list[float], *, by: float) -> bool:
    """Whether a box stands within another, or juts out by so many pixels at most."""
    begins = all(one >= other - by for one, other in zip(inner[:2], outer[:2], strict=True))
    return begins and all(one <= other + by for one, other in zip(inner[2:], outer[2:], strict=True))


def test_colours_move_nothing(shown):
    """In the contrast theme everything stands where it stands in the light one."""
    light = {(scene["scene"], scene["language"], *scene["size"]): scene["boxes"] for scene in shown(LIGHT)}
    for scene in shown(CONTRAST):
        key = (scene["scene"], scene["language"], *scene["size"])
        for one, other in zip(scene["boxes"], light[key], strict=True):
            assert _said(one) == _said(other), (key, one, other)
            # A line's width is the font library's: it is a little more where a font was just opened,
            # so that letters which just fit a line may stand in two. They have the same middle then.
            by = 0.01 * min(scene["size"])
            if one.get("text") == other.get("text"):
                assert is_inside(one["box"], other["box"], by=by), (key, one, other)
            else:
                assert all(abs(a - b) <= by for a, b in zip(_middle(one), _middle(other), strict=True)), key


def test_names_of_languages_are_as_large_as_a_finger(shown):
    """With all fifteen, each name can be hit within 20 mm both ways on every screen, in its own script."""
    for scene in (scene for scene in shown(LIGHT) if scene["scene"] == "languages"):
        width, height = scene["size"]
        (inches,) = (float(each.split("x")[2]) for each in SCREENS if each.startswith(f"{width}x{height}x"))
        finger = FINGER_MM * (width**2 + height**2) ** 0.5 / (inches * 25.4)
        slack = 2 * 12 * min(width, height) / 800
        cards = [box["box"] for box in scene["boxes"] if box.get("name", "").endswith("/Card")]
        assert len(cards) == len(PROMISED)
        assert all(
            right - left + slack >= finger and top - low + slack >= finger for left, low, right, top in cards
        )
        names = {box["text"].replace("\n", "") for box in scene["boxes"] if "/Card" in box["in"]}
        assert names == {plain(Words(LANGUAGES).say(tag, "name")) for tag in PROMISED}


@pytest.mark.parametrize("look", [LIGHT, LARGE])
def test_the_names_of_the_tones_are_of_one_size(shown, look: str):
    """On the keyboard of Tiếng Việt no tone is smaller than another, however narrow the keys are."""
    boards = [s for s in shown(look) if s["language"] == "vi" and s["scene"] == "tell-latin"]
    assert len(boards) == len(SCREENS)
    for board in boards:
        sizes = {}
        for box in board["boxes"]:  # a key each, or together on the key that opens them
            names = set((box.get("text") or "").split())
            if names & TONE_NAMES:
                sizes |= dict.fromkeys(names, box["px"])
        assert set(sizes) == TONE_NAMES
        assert len(set(sizes.values())) == 1, (board["size"], sizes)


@pytest.mark.parametrize("tag", ["ar", "he"])
def test_where_lines_begin_on_the_right_so_does_the_layout(shown, tag: str):
    """Each target of a question stands mirrored: back on the right, the first answer on the right."""
    for size in {tuple(scene["size"]) for scene in shown(LIGHT) if scene["language"] == tag}:
        for name in ("rating", "why_sad", "recommend"):
            mirrored, plainly = (
                next(
                    targets(scene)
                    for scene in shown(LIGHT)
                    if (scene["language"], scene["scene"], tuple(scene["size"])) == (each, name, size)
                )
                for each in (tag, "en")
            )
            for (kind, here), (other, there) in zip(mirrored, plainly, strict=True):
                assert kind == other
                named = ("Link", "LanguageButton", "AidButton")  # as wide as a word, or beside what is
                assert abs(here[0] - (size[0] - there[2])) <= 2 or kind.endswith(named)
                assert not kind.endswith("Button") or here[0] < there[0]
                assert here[1] == there[1]


def targets(scene: dict) -> list[tuple[str, list[float]]]:
    """The targets of a scene, with their kind."""
    return [(box["name"], box["box"]) for box in scene["boxes"] if box["kind"] == "target"]


def _said(box) -> tuple[str, list[str]]:
    """What a box is, and its words, wherever its lines are broken."""
    return box["kind"], (box.get("text") or "").split()


def _middle(box) -> tuple[float, float]:
    left, low, right, top = box["box"]
    return (left + right) / 2, (low + top) / 2
