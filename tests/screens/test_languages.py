"""Fifteen languages: nothing is missing, and no letter is an empty box."""

from functools import cache
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.settings.file import load
from kiosk.ui.glyphs import Fonts
from kiosk.ui.legible import faults_of, illegible
from kiosk.ui.scripts import ALL, script_of
from kiosk.ui.shaping import visual
from kiosk.ui.words import Words
from survey.parse import loads_toml
from survey.ruby import parts, plain

ROOT = Path(__file__).parents[2]
FONTS, LANGUAGES = ROOT / "assets" / "fonts", ROOT / "assets" / "languages"
READY_MADE = ROOT / "assets" / "surveys" / "checkout.toml"
PROMISED = (
    "ja",
    "ja-simple",
    "en",
    "zh-Hans",
    "zh-Hant",
    "ko",
    "vi",
    "es",
    "pt",
    "fr",
    "de",
    "fil",
    "th",
    "ar",
    "he",
)
LETTERS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=12)


@cache
def letters_of(font: str) -> frozenset[int]:
    """What a font has, as fonttools reads it."""
    with TTFont(font, lazy=True) as opened:
        return frozenset(opened.getBestCmap())


def missing(text: str, tag: str) -> str:
    """The letters of a text that would be drawn as empty boxes, in either weight."""
    script = script_of(tag)
    pieces = [
        visual(plain(text), right_to_left=script.right_to_left),
        *(part.reading for part in parts(text)),
    ]
    return "".join(
        letter
        for piece in pieces
        for bold in (False, True)
        for run in Fonts(FONTS).runs(piece, script, bold=bold)
        for letter in run.text
        if ord(letter) not in letters_of(run.font)
    )


def ours() -> dict[str, list[str]]:
    """All that the kiosk says, by language."""
    words = Words(LANGUAGES)
    return {
        tag: [line for key in words.keys(tag) for line in words.lines(tag, key)] for tag in words.languages
    }


def test_the_kiosk_speaks_what_was_promised():
    """Fifteen languages, each with every key of the Japanese one, and as many paragraphs."""
    words = Words(LANGUAGES)
    assert set(words.languages) == set(PROMISED)
    for tag in PROMISED:
        assert set(words.keys(tag)) == set(words.keys("ja")), tag
        assert all(len(words.lines(tag, key)) == len(words.lines("ja", key)) for key in words.keys("ja")), tag


def test_no_word_of_ours_lacks_a_letter():
    """Every letter of every string is in the font that draws it, in both weights, joined or small."""
    for tag, lines in ours().items():
        assert {line: missing(line, tag) for line in lines if missing(line, tag)} == {}, tag


def test_furigana_stands_in_easy_japanese_alone_and_over_every_kanji():
    """No other language of ours has the marks; in easy Japanese no kanji is without its reading."""
    for tag, lines in ours().items():
        marked = [line for line in lines if "{" in line]
        assert bool(marked) == (tag == "ja-simple"), tag
    bare = [part.base for line in ours()["ja-simple"] for part in parts(line) if not part.reading]
    assert not [text for text in bare if any("\u4e00" <= letter <= "\u9fff" for letter in text)]


def test_the_ready_made_survey_is_the_shipped_one_in_every_language():
    """It passes `check`, speaks all fifteen languages, and asks what config.toml asks."""
    (survey,) = loads_toml(READY_MADE.read_text(encoding="utf-8")).surveys
    (shipped,) = load(ROOT / "config.toml").programme.surveys
    assert survey.languages == PROMISED
    assert illegible(loads_toml(READY_MADE.read_text(encoding="utf-8")), Fonts(FONTS)) == ()
    assert [question.id for question in survey.questions] == [question.id for question in shipped.questions]
    for one, other in zip(survey.questions, shipped.questions, strict=True):
        assert (one.type, one.metric, one.next) == (other.type, other.metric, other.next)
        assert [option.id for option in one.options] == [option.id for option in other.options]


@pytest.mark.parametrize("font", sorted(FONTS.glob("*.ttf")), ids=lambda font: font.stem)
def test_the_kiosk_reads_fonts_as_fonttools_does(font: Path):
    """Our own reading of a font's letters is exact, the weights of a family agree, and so do their lines."""
    held = letters_of(str(font))
    fonts = Fonts(FONTS)
    family = font.stem.partition("-")[0]
    coverage = fonts._coverage(family)
    assert {chr(point) in coverage for point in held} == {True}
    assert not any(chr(point) in coverage for point in range(0x20, 0x3400) if point not in held)
    assert held == letters_of(str(FONTS / f"{family}-Regular.ttf"))
    with TTFont(font, lazy=True) as opened:
        assert (opened["hhea"].ascent, opened["hhea"].descent, opened["head"].unitsPerEm) == (
            1160,
            -288,
            1000,
        )


@settings(deadline=None)
@given(LETTERS, st.sampled_from(PROMISED))
def test_no_text_that_check_accepts_shows_an_empty_box(text: str, tag: str):
    """Whatever a store writes: `check` names what no font has, or each letter has a font that draws it."""
    if not list(faults_of(text, tag, "place", Fonts(FONTS))):
        assert missing(text, tag) == ""


def test_check_names_the_letters_that_no_font_has():
    """The fault has the place, the letters, and what to do; a stray brace of furigana is one too."""
    document = """[[survey]]
    id = "a"
    kind = "in_the_moment"
    title = { ja = "a", en = "Price 💴" }
      [[survey.question]]
      id = "q"
      type = "scale"
      min = 1
      max = 5
      text = { ja = "{店|みせ", en = "{店|みせ} ok" }
      labels = { low = { ja = "ꙮ", en = "a" }, high = { ja = "b", en = "c" } }
    """
    question = "survey[0].question[0]"
    assert [str(fault) for fault in illegible(loads_toml(document), Fonts(FONTS))] == [
        "survey[0].title.en: no font of this kiosk has 💴 (U+1F4B4); write it in another way",
        f"{question}.text.ja: has a brace that belongs to no furigana; write {{店|みせ}}, or take it out",
        f"{question}.labels.low.ja: no font of this kiosk has ꙮ (U+A66E); write it in another way",
    ]


def test_a_text_of_several_scripts_is_drawn_with_several_fonts():
    """Each stretch has a font that holds it, and together they are the text."""
    text = "Bún 弁当 ข้าว 밥 12%"
    runs = Fonts(FONTS).runs(text, script_of("vi"), bold=False)
    assert "".join(run.text for run in runs) == text
    assert [Path(run.font).stem.partition("-")[0] for run in runs] == [
        "NotoSans", "NotoSansJP", "NotoSansThai", "NotoSansKR", "NotoSans",
    ]  # fmt: skip


def test_fonts_are_looked_into_only_when_they_are_needed():
    """A Japanese kiosk that is asked nothing else opens one font's list of letters."""
    fonts = Fonts(FONTS)
    fonts.runs("本日のお買い物はいかがでしたか?", script_of("ja"), bold=True)
    assert fonts._coverage.cache_info().currsize == 1


def test_every_script_has_both_weights_and_nothing_lies_about():
    """Two files for each family, the licence, the script that made them, and 16 MB at most."""
    assert {font.stem for font in FONTS.glob("*.ttf")} == {
        f"{script.font}-{weight}" for script in ALL for weight in ("Regular", "Bold")
    }
    assert sum(font.stat().st_size for font in FONTS.glob("*.ttf")) <= 16e6
