"""A shopper's own words are kept, what would identify them is not."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from survey.redact import COVER, redact

DIGITS = "0123456789０１２３４５６７８９〇一二三四五六七八九٠١٢٣٤٥٦٧٨٩"
TALK = st.text(
    st.sampled_from(DIGITS + "-ー－() .,+@＠¥円:/あtaro.example.com") | st.characters(), max_size=40
)


@pytest.mark.parametrize(
    ("text", "kept", "kind"),
    [
        # Japan
        ("電話は090-1234-5678です", "電話は*です", "phone"),
        ("09012345678まで", "*まで", "phone"),
        ("０９０－１２３４－５６７８に電話して", "*に電話して", "phone"),
        ("０９０１２３４５６７８", "*", "phone"),
        ("090ー1234ー5678", "*", "phone"),
        ("090 - 1234 - 5678", "*", "phone"),
        ("090.1234.5678", "*", "phone"),
        ("090・1234・5678", "*", "phone"),
        ("0 9 0 1 2 3 4 5 6 7 8", "*", "phone"),
        ("090-12345678", "*", "phone"),
        ("〇九〇ー一二三四ー五六七八", "*", "phone"),
        ("03(1234)5678", "*", "phone"),
        ("（０３）１２３４－５６７８", "*", "phone"),
        ("レジ2 03-123-4567", "レジ2 *", "phone"),
        ("03-1234-5678 3人で", "* 3人で", "phone"),
        ("0120-123-456", "*", "phone"),
        ("〒123-4567", "〒*", "phone"),
        ("1234-5678", "*", "phone"),
        # Elsewhere
        ("+81 90-1234-5678", "*", "phone"),
        ("+81(0)90-1234-5678", "*", "phone"),
        ("call +1 (555) 123-4567 now", "call * now", "phone"),
        ("555-123-4567", "*", "phone"),
        ("(555) 123-4567", "*", "phone"),
        ("1-555-123-4567", "*", "phone"),
        ("+44 20 7946 0958", "*", "phone"),
        ("0044 20 7946 0958", "*", "phone"),
        ("020 7946 0958", "*", "phone"),
        ("01 23 45 67 89", "*", "phone"),
        ("+4915123456789", "*", "phone"),
        # E-mail
        ("taro@example.comです", "*です", "email"),
        ("メールtaro.yamada+x@mail.example.co.jpまで", "メール*まで", "email"),
        ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏ．ｊｐ", "*", "email"),
        ("Taro_Y @ Example.COM", "*", "email"),
        # Cards
        ("4111 1111 1111 1111", "*", "card"),
        ("4111-1111-1111-1111", "*", "card"),
        ("４１１１１１１１１１１１１１１１", "*", "card"),
        ("378282246310005", "*", "card"),
        ("4222222222222 105", "*", "card"),  # the first thirteen digits alone would be one too
        # Long numbers
        ("会員番号1234567です", "会員番号*です", "digits"),
        ("1234-5678-9012", "*", "digits"),
        ("4111 1111 1111 1112", "*", "digits"),
        ("12345678901234567890123", "*", "digits"),
        ("١٢٣٤٥٦٧٨", "*", "digits"),
        ("12345678901円", "*円", "digits"),
        ("01234567円", "*円", "digits"),
    ],
)
def test_what_identifies_is_covered(text, kept, kind):
    """E-mail, telephone and card numbers and long digit runs are covered, in any width, nothing else."""
    redacted = redact(text)
    assert redacted.text == kept.replace("*", COVER)
    assert redacted.kinds == (kind,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "とても良かったです。また来ます!",
        "1,980円でした",
        "¥12,800",
        "￥１２，８００",
        "1,234,567円",
        "1234567円は高い",
        "¥1234567",
        "2000-3000円くらい",
        "$1000-2000",
        "3人で2000円",
        "100-200-300",
        "123456",
        "2026-12-01",
        "2026年12月1日18:30",
        "2024-2025",
        "05/06/2026",
        "05-06-2026",
        "01-2-345",
        "10:30-12:00",
        "東京1-2-3",
        "5月3日の15:45ごろ 2Fの205番",
        "99.99 %",
        "レジ1-2番",
        "@channel",
        "a@b",
        "3個@500.00",
        "一二三",
        "二〇二六年十二月一日",
    ],
)
def test_what_identifies_nobody_stays(text):
    """Prices, dates, times, addresses within a store and short numbers stay as they were written."""
    redacted = redact(text)
    assert (redacted.text, redacted.kinds) == (text, ())


def test_all_that_is_found_is_named_once():
    """Each kind is named once, in the order it was first found."""
    redacted = redact("090-1234-5678 か a@example.com か 080-1234-5678")
    assert redacted.text == f"{COVER} か {COVER} か {COVER}"
    assert redacted.kinds == ("phone", "email")


@given(TALK)
@example("456741111111+556781111")  # the second number shows only when the first is gone
@example("090ー4567,1234567")
def test_redacting_twice_changes_nothing_more(text):
    """What has been redacted is safe to redact again, at head office or after an update."""
    once = redact(text)
    again = redact(once.text)
    assert again.text == once.text
    assert again.kinds == ()
    assert bool(once.kinds) == (once.text != text)


@given(st.text(), st.integers(10**10, 10**40), st.text())
def test_no_long_number_gets_through(before, number, after):
    """Wherever a number of eleven digits or more stands, it does not stand there afterwards."""
    assert str(number) not in redact(f"{before}{number}{after}").text


@given(TALK)
def test_a_redacted_text_is_never_longer(text):
    """A text that fitted its question fits it when redacted."""
    assert len(redact(text).text) <= len(text)
