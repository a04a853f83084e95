"""Staff's words: both languages say everything, and nothing that a page asks for is missing."""

import ast
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from string import Formatter

import pytest

from kiosk.bootstrap import shipped
from kiosk.settings.fields import SETTINGS
from kiosk.settings.file import InvalidConfig, read
from kiosk.ui.staff.words import Telling
from kiosk.ui.words import Words

WORDS = Words(shipped("assets") / "languages" / "staff")
TOLD = Words(shipped("assets") / "languages" / "staff" / "told")
PAGES = Path(shipped("kiosk.kv")).parent / "kiosk" / "ui" / "staff"


def test_both_languages_have_the_same_keys_and_the_same_gaps_to_fill():
    """Whoever works in Japanese is told what English tells, with the same values in it."""
    assert set(WORDS.keys("ja")) == set(WORDS.keys("en"))
    for key in WORDS.keys("en"):
        gaps = [{gap for _, gap, *_ in Formatter().parse(WORDS.say(tag, key)) if gap} for tag in ("ja", "en")]
        assert gaps[0] == gaps[1], key


def test_every_key_that_a_page_names_is_there():
    """No page can ask for words that nobody wrote."""
    for file in PAGES.glob("*.py"):
        for key in re.findall(r'say\(\s*"([a-z_]+\.[a-z_.]+|[a-z]+)"', file.read_text("utf-8")):
            assert key in WORDS.keys("en"), f"{file.name}: {key}"


def test_what_only_staff_need_is_not_imported_before_they_come():
    """The first frame waits neither for staff's pages nor for the hashing of PINs."""
    look = (
        "import sys; from kiosk import cli; from kiosk.settings.model import ScreenSettings;"
        "from kiosk.ui.window import prepare; prepare(ScreenSettings(), windowed=False);"
        "import kiosk.ui.app;"
        "late = 'kiosk.ui.staff', 'kiosk.backroom', 'argon2';"
        "print([name for name in sys.modules if name.startswith(late)])"
    )
    told = subprocess.run(
        [sys.executable, "-c", look],
        env={**os.environ, "SDL_VIDEODRIVER": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "[]"


def templates() -> set[str]:
    """Every line that the kiosk's code and the survey's tell to people, as it is written there."""
    root = Path(shipped("kiosk.kv")).parent
    calls = (
        node
        for file in (*root.glob("survey/**/*.py"), *root.glob("kiosk/**/*.py"))
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "told"
    )
    return {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}


def test_whatever_is_told_can_be_said_in_japanese():
    """No fault and no problem can be told to staff that nobody has put into Japanese, with its values."""
    found = templates()

    assert len(found) > 100
    assert found <= set(TOLD.keys("ja"))
    for english in TOLD.keys("ja"):
        gaps = [
            {gap for _, gap, *_ in Formatter().parse(words) if gap}
            for words in (english, TOLD.say("ja", english))
        ]
        assert gaps[0] == gaps[1], english


def test_help_beside_a_switch_speaks_of_on_and_off():
    """What stands beside a switch on the screen speaks of no `false`, which is a word of the file."""
    for setting in SETTINGS:
        for words in (*setting.help.values(), *setting.label.values()):
            assert not re.search("true|false", words), setting.path


SPOILT = """
[kiosk]
idle_s = 3
langauge = "ja"
keypad = 1
timezone = "Asia/Tokio"
[screen]
theme = "dark"
accent = "#EEEEEE"
diagonal_inches = 500
[thanks]
words = "ありがとう"
[[survey]]
id = "Checkout"
kind = "in_the_moment"
title = { ja = "レジ", en = "Checkout" }
when = { weekdays = "mon-fry", hours = "25:00-26:00" }
[[survey.question]]
id = "rating"
type = "faces"
metric = "nps"
text = { ja = "いかがでしたか" }
next = { sad = "why", neutral = "end" }
[[survey.question]]
id = "number"
type = "scale"
max = 30
text = { ja = " ", en = "How many?" }
options = [1]
next = "rating"
"""


def test_the_faults_of_a_file_are_told_in_japanese():
    """Whoever works in Japanese reads no English sentence, only names and what stands in the file."""
    telling = Telling("ja", partial(say, "ja"), {words: TOLD.say("ja", words) for words in TOLD.keys("ja")})
    told = []
    for text in (SPOILT, "[kiosk\n", 'x = "a\n', "[a]\n[a]\n", "[kiosk]\nidle_s = 20 21\n"):
        with pytest.raises(InvalidConfig) as invalid:
            read(text, Path("config.toml"))
        told += [telling.fault(fault) for fault in invalid.value.faults]

    assert len(told) > 15
    assert "kiosk.idle_s(画面では「待ち時間」)：3 になっています。5 から 300 までの整数にしてください" in told
    for line in told:
        assert re.search("[ぁ-ん]", line), line
        assert not re.search(r"[a-z]+ [a-z]+ [a-z]+", line), line


def say(tag: str, key: str, **values: object) -> str:
    return WORDS.say(tag, key).format(**values)
