"""Lines that break where a reader breathes, and sizes that fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.ui.phrases import NOT_FIRST, OPENING, phrases
from kiosk.ui.typeset import PITCH, Place, breadth, fit

QUESTION = ((52.0, 1), (44.0, 2), (36.0, 3))
TEXTS = st.text(
    alphabet="あいうはがをに、。「」店買物客様カタナー abcd efg 12?!々っゃ", min_size=1, max_size=120
)


def measure(text: str, size: float) -> float:
    """Full-width characters are as wide as the font is high, others half as wide."""
    return breadth(text) * size / 2


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("本日のお買い物はいかがでしたか?", ("本日のお買い物はいかがでしたか?",)),
        (
            "このお店をご家族やお友だちにすすめたいと思いますか?",
            ("このお店をご家族やお友だちに", "すすめたいと思いますか?"),
        ),
        (
            "お名前はうかがいません。回答は数字だけがお店に届きます。",
            ("お名前はうかがいません。", "回答は数字だけがお店に届きます。"),
        ),
        (
            "How likely are you to recommend this store to your friends?",
            ("How likely are you to recommend this", "store to your friends?"),
        ),
    ],
)
def test_lines_break_between_phrases(text: str, lines: tuple[str, ...]):
    """Questions break after particles and stops or between words, in lines of about one length."""
    assert fit(text, Place(1000, 400, QUESTION), measure).lines == lines


@pytest.mark.parametrize("asks_of", ["本日のお買い物は", "待ち時間は", "スタッフの応対は"])
def test_what_is_asked_stays_whole_on_a_narrow_screen(asks_of: str):
    """The commonest question of all ends its first line before いかが, and parts no お買い物."""
    setting = fit(f"{asks_of}いかがでしたか?", Place(540, 400, ((52.0, 2),)), measure)
    assert (setting.size, setting.lines) == (52.0, (asks_of, "いかがでしたか?"))


def test_a_question_of_two_lines_is_smaller():
    """52 in one line, 44 in two, 36 in three: as LOOK.md has it."""
    place = Place(1000, 400, QUESTION)
    assert [fit("あ" * length, place, measure).size for length in (15, 40, 70)] == [52, 44, 36]


@given(TEXTS)
def test_phrases_are_the_text_and_begin_no_line_badly(text: str):
    """Nothing is lost between phrases; none begins or ends with what may not stand there on a line."""
    pieces = phrases(text)
    assert "".join(pieces) == text
    assert not any(piece[0] in NOT_FIRST for piece in pieces[1:])
    assert not any(piece[-1] in OPENING for piece in pieces[:-1])


@given(TEXTS, st.floats(60, 1200), st.floats(30, 400))
def test_whatever_is_set_fits_or_is_as_small_as_can_be(text: str, width: float, height: float):
    """No character is lost, and above the smallest size every line is within the place's width and height."""
    setting = fit(text, Place(width, height, QUESTION), measure)
    assert "".join("".join(setting.lines).split()) == "".join(text.split())
    if setting.size > 8:
        assert all(measure(line, setting.size) <= width for line in setting.lines)
        assert len(setting.lines) * setting.size * PITCH <= height + setting.size * 0.3
