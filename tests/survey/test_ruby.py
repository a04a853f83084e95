"""Furigana: taken apart, left out, and never counted against a text's length."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.reading import ReadingError, line
from survey.ruby import Part, is_astray, parts, plain

TEXTS = st.text(alphabet="店みせ{}|a ", max_size=40)


def test_a_text_is_taken_apart_at_its_readings():
    """`{店|みせ}` is 店 below みせ; what stands between is text without a reading."""
    assert parts("この{店|みせ}の{品物|しなもの}") == (
        Part("この"),
        Part("店", "みせ"),
        Part("の"),
        Part("品物", "しなもの"),
    )
    assert plain("この{店|みせ}の{品物|しなもの}") == "この店の品物"


@given(TEXTS)
def test_the_parts_are_the_plain_text(text: str):
    """Nothing but readings and their marks is lost, and a text without them is its own plain text."""
    assert "".join(part.base for part in parts(text)) == plain(text)
    assert plain(plain(text)) == plain(text) or is_astray(text)


@pytest.mark.parametrize("slip", ["{店|みせ", "店|みせ}", "{店}", "{店|}", "{|みせ}", "{{店|みせ}}"])
def test_a_brace_without_furigana_is_a_slip(slip: str):
    """What would stand on the screen as a brace is found; well-written furigana is not."""
    assert is_astray(slip)
    assert not is_astray("{店|みせ}の人 | 品")


def test_furigana_does_not_count_against_the_length():
    """The limit is for what stands in the line; its readings come on top."""
    assert line("{商品|しょうひん}" * 5, 10) == "{商品|しょうひん}" * 5
    with pytest.raises(ReadingError, match="has 12 characters; at most 10"):
        line("{商品|しょうひん}" * 6, 10)
