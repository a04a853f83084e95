"""The parts of the screens that need no window: words, fonts, waiting, the choice of a screen."""

import tomllib
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from kiosk.settings.file import load
from kiosk.settings.model import ScreenSettings
from kiosk.settings.palette import NIGHT, NIGHT_INK, PALETTES
from kiosk.ui.grids import grid, scale_rows
from kiosk.ui.idle import Countdown, Settling
from kiosk.ui.shapes import ICONS
from kiosk.ui.shown import unshowable
from kiosk.ui.window import NoDisplay, choose_video, window_size_px
from kiosk.ui.words import Words
from survey.parse import loads_toml

ROOT = Path(__file__).parents[2]
LANGUAGES, FONTS = ROOT / "assets" / "languages", ROOT / "assets" / "fonts"


def test_no_language_lacks_a_word():
    """Every language file has the same keys, none empty, and the same number of paragraphs."""
    files = {file.stem: tomllib.loads(file.read_text(encoding="utf-8")) for file in LANGUAGES.glob("*.toml")}
    words = Words(LANGUAGES)
    assert set(words.languages) == set(files) >= {"ja", "en"}
    keys = {tag: {key: len(words.lines(tag, key)) for key in flat(table)} for tag, table in files.items()}
    assert all(each == keys["en"] for each in keys.values())
    assert all(words.say(tag, key).strip() for tag in files for key in keys["en"])


def flat(table: dict, prefix: str = "") -> list[str]:
    """The dotted keys of nested tables."""
    return [
        key
        for name, value in table.items()
        for key in (flat(value, f"{prefix}{name}.") if isinstance(value, dict) else [prefix + name])
    ]


def test_words_end_without_shouting():
    """The kiosk does not raise its voice: no exclamation mark in any language."""
    for file in LANGUAGES.glob("*.toml"):
        assert not set("!!") & set(file.read_text(encoding="utf-8"))


def test_the_dark_screen_can_be_read():
    """Faint as it is, the clock outside of opening hours has AA's contrast."""
    assert contrast(NIGHT_INK, NIGHT) >= 4.5


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio as WCAG 2.2 defines it."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", sorted(PALETTES))
def test_every_text_stands_out_from_its_ground(theme: str):
    """Questions at 7 to 1, all other texts at 4.5 to 1, faces and their features at 3 to 1: WCAG 2.2."""
    colours = PALETTES[theme]
    assert min(contrast(colours.ink, ground) for ground in (colours.paper, colours.card)) >= 7
    pairs = [
        *((colours.muted, ground) for ground in (colours.paper, colours.card, colours.line)),
        (colours.accent, colours.card),
        (colours.accent_ink, colours.accent),
    ]
    assert min(contrast(text, ground) for text, ground in pairs) >= 4.5
    for face in (colours.sad, colours.neutral, colours.happy):
        assert contrast(face, PALETTES["light"].ink) >= 3


@pytest.mark.parametrize("font", ["NotoSansJP-Regular.ttf", "NotoSansJP-Bold.ttf"])
def test_the_fonts_have_what_shops_write(font: str):
    """JIS levels 1 and 2, the extras of cp932, Latin with accents, and all that we say in Japanese."""
    with TTFont(FONTS / font) as opened:
        held = set(opened.getBestCmap())
    ours = "".join(file.read_text(encoding="utf-8") for file in LANGUAGES.glob("ja*.toml"))
    ours += (ROOT / "config.toml").read_text(encoding="utf-8").partition("[[survey]]")[2]
    shops = "髙﨑①㈱〒熙堯槇遙瑤凜円¥€★♪々〆ヶ齟齬éñüßœ“”‘’—…·×〜~"
    lacking = {letter for letter in ours + shops if ord(letter) not in held and letter.isprintable()}
    assert lacking - set("─") == set()


def test_a_screen_that_just_came_up_takes_no_touch_meant_for_the_one_before():
    """Touches are refused for a moment, and on while somebody hammers, but not for ever."""
    settling = Settling()
    assert settling.accepts(100.0)
    settling.change(100.0)
    assert not settling.accepts(100.1)
    assert settling.accepts(100.4)
    settling.change(200.0)
    assert not any(settling.accepts(200 + beat / 20) for beat in range(55))
    assert settling.accepts(203.1)


def test_the_idle_time_begins_anew_with_each_touch():
    """The countdown is a matter of what has passed since the last touch."""
    countdown = Countdown(20, now=50.0)
    assert countdown.left_s(60.0) == 10
    countdown.touch(65.0)
    assert countdown.left_s(80.0) == 5
    assert countdown.left_s(85.0) == 0


def test_the_video_driver_is_named_or_refused():
    """X11 where there is a screen, what was asked for by name, and never a picture that nobody sees."""
    assert choose_video({"DISPLAY": ":0"}) == "x11"
    assert choose_video({"DISPLAY": ":0", "SDL_VIDEODRIVER": "kmsdrm"}) == "kmsdrm"
    with pytest.raises(NoDisplay, match="XWayland"):
        choose_video({"WAYLAND_DISPLAY": "wayland-0"})
    with pytest.raises(NoDisplay, match="DISPLAY=:0"):
        choose_video({"DISPLAY": ""})


def test_the_window_is_as_large_as_set_or_as_the_screen():
    """A size that is set counts; without one the screen's own, or for looking a part of it."""
    own = (1920, 1080)
    assert window_size_px(ScreenSettings(width=800, height=480), own, windowed=False) == (800, 480)
    assert window_size_px(ScreenSettings(), own, windowed=False) == own
    assert window_size_px(ScreenSettings(), own, windowed=True) == (1280, 800)
    assert window_size_px(ScreenSettings(), (1024, 600), windowed=True) == (1024, 600)


@pytest.mark.parametrize("wide", [800.0, 1000.0, 1066.7, 1280.0, 1333.3, 1422.2, 1867.0])
@pytest.mark.parametrize("count", range(1, 13))
def test_answers_stand_apart_within_the_margins(wide: float, count: int):
    """Cards and cells never overlap, never leave the screen, and stay wide enough for a finger."""
    high = 352.0 if wide > 960 else 700.0
    for boxes in (grid(count, wide, high), scale_rows(min(count, 11), wide)):
        assert all(box.x >= 48 - 1e-9 and box.x + box.width <= wide - 48 + 1e-9 for box in boxes)
        assert all(box.width >= 60 and box.height >= 80 for box in boxes)
        for at, one in enumerate(boxes):
            for other in boxes[at + 1 :]:
                beside = one.x + one.width <= other.x - 8 or other.x + other.width <= one.x - 8
                below = one.y + one.height <= other.y - 8
                assert beside or below


def test_what_the_screens_cannot_show_is_told_with_its_place():
    """Two icons that do not exist: both faults at once, with the mend."""
    programme = loads_toml("""
        [[survey]]
        id = "a"
        kind = "in_the_moment"
        title = { en = "A" }
        [[survey.question]]
        id = "first"
        type = "choice"
        text = { en = "Which?" }
        options = [{ id = "x", text = { en = "X" }, icon = "clokc" }, { id = "y", text = { en = "Y" } }]
        [[survey.question]]
        id = "second"
        type = "choice"
        text = { en = "Which?" }
        options = [{ id = "x", text = { en = "X" } }, { id = "y", text = { en = "Y" }, icon = "zzz" }]
    """)
    first, second = (str(fault) for fault in unshowable(programme))
    assert first == 'survey[0].question[0].options[0].icon: there is no icon "clokc"; did you mean "clock"?'
    assert second.startswith(
        'survey[0].question[1].options[1].icon: there is no icon "zzz"; there are basket,'
    )


def test_the_shipped_survey_can_be_shown():
    """The config.toml that comes with the program asks nothing that the screens cannot show."""
    assert unshowable(load(ROOT / "config.toml").programme) == ()
    assert {"clock", "basket", "person", "yen", "broom", "dots"} <= set(ICONS)
