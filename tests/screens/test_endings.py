"""The last page of a visit: the store's own words, and what it did about what shoppers said."""

import json
import os
import subprocess
import sys
import time
from itertools import product
from pathlib import Path

import pytest

from deploy.places import Places
from deploy.screen import Screen, wait_for
from tests.screens.conftest import SURVEY
from tests.screens.desk import Desk
from tests.screens.test_look import mask
from tests.screens.test_speech import engine, heard_by
from tests.screens.test_stage import LONG, Stage, judge

SIZES = [(800, 480, 7.0), (1280, 800, 10.1), (1080, 1920, 21.5), (1024, 768, 10.4)]
OWN = """
[thanks]
words = { ja = "またのお越しをお待ちしております。" }
you_said = { ja = "夕方のレジが混んでいる。" }
we_did = { ja = "17時から、レジを2台ふやしました。" }
"""


def longest(most: int) -> str:
    """A text of that many characters in two languages."""
    return (
        "{ "
        + ", ".join(f'{tag} = "{(text * 9)[:most].strip():x<{most}}"' for tag, text in LONG.items())
        + " }"
    )


def endings(tmp_path: Path, size, text_size: str, texts: str) -> list[dict]:
    """What stands where on the last page, in each language."""
    width, height, inches = size
    screen_is = f'[screen]\ndiagonal_inches = {inches}\nmotion = false\ntext_size = "{text_size}"'
    config = f"[thanks]\n{texts}\n" + SURVEY.replace("[screen]", screen_is)
    with Screen(width, height) as screen, Stage(screen, tmp_path, config) as stage:
        stage.play = "endings"
        done = subprocess.run(
            stage.command(), env=stage.environment(), capture_output=True, text=True, timeout=60, check=True
        )
    shown = [scene for scene in map(json.loads, done.stdout.splitlines()) if "boxes" in scene]
    assert [scene["language"] for scene in shown] == ["ja", "en"]
    return shown


@pytest.mark.parametrize(("size", "text_size"), [*product(SIZES, ["normal", "large"])], ids=str)
def test_nothing_of_the_longest_notice_is_cut(tmp_path: Path, size, text_size: str):
    """Words and notices as long as `check` lets them be stand whole, on the screen, clear of each other."""
    texts = f"words = {longest(80)}\nyou_said = {longest(100)}\nwe_did = {longest(100)}"
    for scene in endings(tmp_path, size, text_size, texts):
        judge(scene, *size[:2])
        smallest = min(box["px"] for box in scene["boxes"] if box["kind"] == "text")
        assert smallest >= 20 * min(size[:2]) / 800


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_stores_words_take_the_place_of_ours_and_are_whole(tmp_path: Path, size):
    """Without a notice, words as long as they may be stand below the thanks in full; ours are gone."""
    for scene in endings(tmp_path, size, "large", f"words = {longest(80)}"):
        own = [box for box in scene["boxes"] if box.get("words", "").startswith(LONG[scene["language"]])]
        assert len(own) == 1
        assert "".join(own[0]["text"].split()) == "".join(own[0]["words"].split())
        left, low, right, top = own[0]["box"]
        assert 0 <= left < right <= size[0]
        assert 0 <= low < top <= size[1]
        assert own[0]["px"] >= 20 * min(size[:2]) / 800


CARD = (0xFF, 0xFF, 0xFF)  # the colour of the cards that a notice stands on


def test_a_notice_stands_where_its_language_is_and_long_enough_to_be_read(
    screen: Screen, places: Places, tmp_path: Path
):
    """In Japanese the notice, for longer than mere thanks; in English, which it lacks, our own words."""
    with Desk(screen, tmp_path, OWN + SURVEY) as desk:
        start = desk.start().screen.still()
        screen.turn(*places.face("sad"))
        screen.turn(*places.skip)
        screen.choose(*places.face("neutral"))
        thanked = time.monotonic()
        assert mask(screen.still(), CARD).getbbox() is not None
        screen.until_like(start)
        assert time.monotonic() - thanked > 2  # thanks_s is 1
        screen.still()
        screen.turn(*places.language)
        screen.turn(*places.tongue(1, 2))
        screen.turn(*places.face("sad"))
        screen.turn(*places.skip)
        assert mask(screen.turn(*places.face("neutral")), CARD).getbbox() is None


def test_the_stores_words_are_spoken_not_ours(screen: Screen, places: Places, tmp_path: Path):
    """Where the kiosk speaks, it says what stands on the screen."""
    heard = engine(tmp_path / "bin")
    config = SURVEY.replace("[kiosk]", "[kiosk]\nspoken = true")
    config = '[thanks]\nwords = { ja = "またどうぞ。" }\n' + config
    with Desk(screen, tmp_path / "desk", config) as desk:
        desk.start(extra={"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}).screen.still()
        screen.turn(*places.face("sad"))
        screen.turn(*places.skip)
        screen.tap(*places.face("neutral"))
        wait_for(
            lambda: heard_by(heard) and heard_by(heard)[-1][2].endswith("||またどうぞ。"), "the store's words"
        )


def test_check_names_a_letter_of_the_thanks_that_no_font_has(tmp_path: Path):
    """What would show as an empty box is refused with its place, before a shopper sees it."""
    config = tmp_path / "config.toml"
    config.write_text("[thanks]\nwords = { ja = 'またね\U0001f44b' }\n" + SURVEY, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "kiosk", "check", "--config", config],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "config.toml: thanks.words.ja: no font of this kiosk has" in done.stderr
    assert "U+1F44B" in done.stderr
