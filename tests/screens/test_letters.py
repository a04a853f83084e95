"""The letters as keys make them: kana, accents, Hangul, and the draft that they grow into."""

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.ui import accents, hangul, kana
from kiosk.ui.draft import Draft, struck
from kiosk.ui.keys import Key, planes
from kiosk.ui.running import running

ERASE = Key(act="erase")
KOREAN_KEYS = [key.value for row in planes("ko", None)[0].rows for key in row if key.act == "jamo"]


def typed(letters: str, *, act: str = "type", most: int = 200, composes: bool = False) -> Draft:
    """A draft after these keys."""
    draft = Draft()
    for letter in letters:
        draft = struck(draft, Key(label=letter, act=act, value=letter), most=most, composes=composes)
    return draft


@pytest.mark.parametrize(
    ("before", "mark", "after"),
    [
        *(("か", "゛", "が"), ("が", "゛", "か"), ("は", "゜", "ぱ"), ("ば", "゜", "ぱ"), ("ぱ", "゛", "ば")),
        *(("つ", "小", "っ"), ("っ", "゛", "づ"), ("よ", "小", "ょ"), ("ケ", "小", "ヶ"), ("ウ", "゛", "ヴ")),
        *(("ん", "゛", "ん"), ("A", "小", "A"), ("", "゜", ""), ("あか", "゛", "あが")),
    ],
)
def test_marks_act_on_the_kana_just_written(before: str, mark: str, after: str):
    """A mark changes the last kana, takes itself off again, and leaves alone what has no such form."""
    assert kana.altered(before, mark) == after


def test_katakana_stand_beside_hiragana():
    """Every hiragana has its katakana; what is no hiragana stays."""
    assert kana.katakana("がっこうー、ABC") == "ガッコウー、ABC"


@pytest.mark.parametrize(
    ("before", "mark", "after"),
    [
        *(("e", "\u0302", "ê"), ("ê", "\u0301", "ế"), ("ế", "\u0300", "ề"), ("ế", "\u0301", "ê")),
        *(("ơ", "\u0323", "ợ"), ("x", "\u0302", "x"), ("", "\u0301", ""), ("e", "\u0308", "ë")),
    ],
)
def test_accents_are_struck_after_their_letter(before: str, mark: str, after: str):
    """Shape and tone go together, one tone takes another's place, a letter that cannot carry a mark stays."""
    assert accents.altered(before, mark) == after


@given(st.text(alphabet=[chr(code) for code in range(0xAC00, 0xD7A4)], min_size=1, max_size=6))
def test_every_syllable_can_be_typed_and_taken_back(words: str):
    """Typing the letters of any syllables gives exactly those, erasing them one by one nothing."""
    letters = "".join(letters_of(syllable) for syllable in words)
    draft = typed(letters, act="jamo")
    assert draft.text == words
    for _ in letters:
        draft = struck(draft, ERASE, most=200, composes=False)
    assert draft.whole == ""


def letters_of(syllable: str) -> str:
    """The keys of a syllable on the two-set keyboard, by Unicode's own decomposition."""
    leading, vowel, *trailing = (ord(part) for part in normalize("NFD", syllable))
    parts = hangul.LEADING[leading - 0x1100] + hangul.VOWELS[vowel - 0x1161]
    parts += hangul.TRAILING[trailing[0] - 0x11A7] if trailing else ""
    return "".join(hangul.HALVES.get(part, part) for part in parts)


@given(st.text(alphabet=KOREAN_KEYS, max_size=20))
def test_any_order_of_hangul_letters_makes_a_text(letters: str):
    """Monkeys on the Korean keyboard lose no letter: erasing as often as was typed leaves nothing."""
    draft = typed(letters, act="jamo")
    for _ in letters:
        draft = struck(draft, ERASE, most=200, composes=False)
    assert draft.whole == ""


def test_kana_wait_for_kanji_until_they_are_chosen():
    """A candidate takes the place of its own kana only; the rest waits on; other keys settle what waits."""
    draft = typed("れじのまち", composes=True)
    assert draft == Draft("", "れじのまち")
    draft = draft.chosen("レジの", 3, most=200)
    assert draft == Draft("レジの", "まち")
    space = Key(label=" ", value="\u3000")
    assert struck(draft, space, most=200, composes=True) == Draft("レジのまち\u3000")


def test_a_full_draft_takes_no_more():
    """At the limit keys and candidates that would make it longer do nothing; marks still do."""
    draft = typed("かきくけ", most=3, composes=True)
    assert draft.whole == "かきく"
    assert draft.chosen("長いことば", 1, most=3) == draft
    assert struck(draft, Key(act="kana_mark", value="゛"), most=3, composes=True).whole == "かきぐ"


def test_a_mark_without_a_letter_is_not_written():
    """A Thai vowel sign needs a letter below it."""
    assert typed("\u0e34").whole == ""
    assert typed("ก\u0e34").whole == "ก\u0e34"


@given(st.lists(st.sampled_from([key for plane in planes("ja", None) for row in plane.rows for key in row])))
def test_monkeys_never_write_what_an_answer_must_not_hold(keys: list[Key]):
    """Whatever is struck, a draft stays within its length and holds nothing that cannot be seen."""
    draft = Draft()
    for key in keys:
        draft = struck(draft, key, most=12, composes=True)
    assert len(draft.whole) <= 12
    assert draft.whole.isprintable() or "\u3000" in draft.whole


@given(
    st.text(alphabet="あいう、。っー abcdefg \u0e01\u0e34", max_size=60),
    st.integers(min_value=3, max_value=20),
)
def test_lines_hold_the_whole_text_and_none_is_too_long(text: str, width: int):
    """Lines follow each other without a gap; none is wider than the field but for spaces that end it."""
    lines = running(text, width, lambda _: 1.0)
    assert [begin for begin, _ in lines] == [0, *(end for _, end in lines[:-1])]
    assert lines[-1][1] == len(text)
    assert all(len(text[begin:end].rstrip(" \u0e34")) <= width for begin, end in lines)


def test_what_stands_stays_where_it_is():
    """While a text grows, its lines but the last never change: nothing jumps under the reader's eyes."""
    text = "レジの待ち時間が長かったので、もう少し早くしてほしいです。ありがとう"
    for end in range(1, len(text)):
        before, after = running(text[:end], 8, lambda _: 1.0), running(text[: end + 1], 8, lambda _: 1.0)
        settled = before[: max(0, len(before) - 2)]  # a sign may take the letter before along
        assert after[: len(settled)] == settled
