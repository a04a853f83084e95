"""Staff's words: both languages say everything, and nothing that a page asks for is missing."""

import os
import re
import subprocess
import sys
from pathlib import Path
from string import Formatter

from kiosk.bootstrap import shipped
from kiosk.ui.words import Words

WORDS = Words(shipped("assets") / "languages" / "staff")
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
