"""How languages are written: furigana in their places, words without spaces, lines from right to left."""

import pytest

from kiosk.ui.grids import names
from kiosk.ui.mirror import from_end, from_start
from kiosk.ui.phrases import compounds, letters, phrases
from kiosk.ui.ruby import OVERHANG, Slot, Width, line_up
from kiosk.ui.scripts import ARABIC, HEBREW, JAPANESE, KOREAN, LATIN, SIMPLIFIED, THAI, TRADITIONAL, script_of
from kiosk.ui.shaping import visual


@pytest.mark.parametrize(
    ("tag", "script"),
    [
        ("ja", JAPANESE),
        ("ja-simple", JAPANESE),
        ("zh", SIMPLIFIED),
        ("zh-Hans", SIMPLIFIED),
        ("zh-CN", SIMPLIFIED),
        ("zh-Hant", TRADITIONAL),
        ("zh-TW", TRADITIONAL),
        ("zh-Hant-HK", TRADITIONAL),
        ("ko", KOREAN),
        ("th", THAI),
        ("ar-EG", ARABIC),
        ("he", HEBREW),
        ("vi", LATIN),
        ("pt-BR", LATIN),
        ("fil", LATIN),
    ],
)
def test_a_tag_says_how_its_language_is_written(tag, script):
    """Language, region and script of a tag lead to the right font; what is not known is Latin."""
    assert script_of(tag) is script


def test_furigana_stand_in_the_middle_above_their_letters():
    """Kana narrower than their kanji are centred above them, and the line is no longer than without."""
    slots, width = line_up([Width(100), Width(40, 20), Width(50)], 40)
    assert slots == [Slot(0, 50), Slot(100, 110), Slot(140, 165)]
    assert width == 190


def test_broad_furigana_lean_over_neighbours_that_have_none_then_push_them_away():
    """Kana broader than their kanji reach a little over the next letters, then those move apart."""
    size = 40
    leaning, _ = line_up([Width(100), Width(40, 50), Width(100)], size)
    assert [slot.base for slot in leaning] == [0, 100, 140]
    pushed, width = line_up([Width(100), Width(40, 80), Width(100)], size)
    assert pushed[1].base == 100 + 20 - OVERHANG * size
    assert width == 240 + 2 * (20 - OVERHANG * size)
    _, crowded = line_up([Width(40, 60), Width(40, 60)], size)
    assert crowded == 120


def test_a_reading_is_never_parted_from_its_letters():
    """However narrow the place, the marks of furigana stay together."""
    text = "この{店|みせ}を{家族|かぞく}や{友|とも}だちにすすめたいですか"
    for parted in (phrases(text), compounds(text), letters(text)):
        assert "".join(parted) == text
        assert all(piece.count("{") == piece.count("}") for piece in parted)
    assert compounds("やさしい{日本語|にほんご}") == ["やさしい", "{日本語|にほんご}"]


@pytest.mark.parametrize(
    ("text", "words", "pieces"),
    [
        ("您愿意向家人推荐本店吗?", "zh-hans", ["您", "愿意", "向", "家人", "推荐", "本店吗?"]),
        ("เราไม่ถามชื่อ ร้านได้รับ", "th", ["เรา", "ไม่", "ถาม", "ชื่อ ", "ร้าน", "ได้", "รับ"]),
        ("ให้ครอบครัวหรืออื่น ๆ", "th", ["ให้", "ครอบครัว", "หรือ", "อื่น ๆ"]),
        ("이 매장을 가족에게", "", ["이 ", "매장을 ", "가족에게"]),
    ],
)
def test_lines_break_between_words(text, words, pieces):
    """Thai and Chinese break between words that no space parts, Korean at spaces, never within a compound."""
    assert phrases(text, words) == pieces


@pytest.mark.parametrize(
    ("line", "rtl", "drawn"),
    [
        ("שלום 12 (נא)", True, "(אנ) 12 םולש"),
        ("كيف", True, "\ufed2\ufef4\ufedb"),
        ("Hello (1)", False, "Hello (1)"),
        ("a שלום b", False, "a םולש b"),
        ("\u202eabc\u200f", True, "abc"),
        ("\ufbc3\u0378", True, ""),
    ],
)  # fmt: skip
def test_lines_stand_as_they_are_read(line, rtl, drawn):
    """Hebrew from the right with its numbers and brackets, Arabic joined; marks that steer are not drawn."""
    assert visual(line, right_to_left=rtl) == drawn


@pytest.mark.parametrize("wide", [800.0, 1280.0, 1333.0])
@pytest.mark.parametrize("count", range(1, 21))
def test_names_of_languages_stand_clear_of_each_other_inside_the_panel(count: int, wide: float):
    """Up to twenty names around the middle: none outside the panel, none on another, all of one size."""
    high = 528.0 if wide > 1000 else 900.0
    boxes = names(count, wide, high)
    assert len(boxes) == count
    assert len({(box.width, box.height) for box in boxes}) == 1
    assert all(box.x >= 0 and box.y >= 0 for box in boxes)
    assert all(box.x + box.width <= wide and box.y + box.height <= high + 1e-6 for box in boxes)
    assert len({(box.x, box.y) for box in boxes}) == count
    first = [box for box in boxes if box.y == boxes[0].y]
    assert first[0].x == pytest.approx(wide - (first[-1].x + first[-1].width))


def test_what_stands_at_the_start_stands_on_the_other_side_from_right_to_left():
    """An inset is counted from where lines begin, or from where they end."""
    assert from_start(10, 110, 8, 20, rtl=False) == 18
    assert from_start(10, 110, 8, 20, rtl=True) == 82
    assert from_end(10, 110, 8, 20, rtl=False) == 82
    assert from_end(10, 110, 8, 20, rtl=True) == 18
