"""The words of the pages: both languages say the same things."""

import re
from datetime import date
from pathlib import Path
from string import Formatter

import pytest
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

import headoffice.web
from headoffice.intervals import Estimate
from headoffice.metrics import METRICS
from headoffice.web.office.alert_words import in_words
from headoffice.web.words import read_words

WEB = Path(headoffice.web.__file__).parent
JA, EN = (read_words()[language] for language in ("ja", "en"))


def fields(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys():
    """Each text is there in both languages; English has singulars besides."""
    assert set(JA.texts) == {key for key in EN.texts if not key.endswith("_one")}
    assert all(key.removesuffix("_one") in EN.texts for key in EN.texts)


def test_both_languages_fill_in_the_same():
    """A text has the same gaps to fill in both languages."""
    for key, text in JA.texts.items():
        assert fields(text) == fields(EN.texts[key]), key


def test_no_text_is_left_over():
    """Every text is used by a page, by its key or by the beginning of a key that is put together."""
    source = "".join(path.read_text("utf-8") for path in WEB.rglob("*") if path.suffix in {".py", ".html"})
    literals = set(re.findall(r"[\"']([a-z_.]+)[\"']", source))
    beginnings = tuple(re.findall(r"f\"([a-z_]+\.[a-z_.]*)\{", source))
    beginnings += tuple(re.findall(r"\"([a-z_]+\.[a-z_.]*)\" ~ ", source))  # as templates put them together
    unused = [key for key in JA.texts if key not in literals and not key.startswith(beginnings)]
    assert unused == []


@pytest.mark.parametrize(
    ("metric", "value", "written"),
    [
        ("csat", 0.6314, "63.1%"),
        ("nps", 12.4, "+12"),
        ("nps", -7.0, "\N{MINUS SIGN}7"),
        ("nps", -0.2, "0"),
        ("happy_index", 74.5, "74.5"),
        ("ces", 5.678, "5.68"),
        ("ces", None, "–"),
    ],
)
def test_scores_are_written_as_usual(metric, value, written):
    """A share is a percentage, an NPS has its sign, a mean its decimals, and nothing is a dash."""
    assert JA.score(METRICS[metric], value) == written


def test_margin_is_half_the_interval():
    """The figure after ± is half the interval's width, in points of the score."""
    assert JA.margin(METRICS["csat"], Estimate(n=9, value=0.6, low=0.5, high=0.7)) == "10.0"
    assert JA.margin(METRICS["nps"], Estimate(n=9, value=6, low=0, high=13)) == "6.5"


def test_dates_and_counts_by_language():
    """Dates follow the language, numbers have their commas, and English knows one from many."""
    assert JA.weekday(date(2026, 11, 21)) == "11/21(土)"
    assert EN.weekday(date(2026, 11, 21)) == "Sat 21 Nov"
    assert EN("score.answers", n=1) == "1 answer"
    assert EN("score.answers", n=1284) == "1,284 answers"
    assert JA("score.answers", n=1284) == "1,284 件"


@pytest.mark.parametrize(
    ("length_ms", "ja", "en"),
    [
        (0, "1 分", "1 min"),
        (59 * 60_000, "59 分", "59 min"),
        (2 * 3_600_000, "2 時間", "2 h"),
        (86_400_000, "1 日", "1 day"),
    ],
)
def test_how_long_ago(length_ms, ja, en):
    """A length of time is told in its largest unit."""
    assert (JA.ago(length_ms), EN.ago(length_ms)) == (ja, en)


def test_a_moment_of_today_has_a_time_and_an_older_one_a_date():
    """In the list of what came in, yesterday's answers are not taken for today's; the site's day counts."""
    now_ms = 1_795_250_000_000  # 2026-11-21 08:33 UTC, 17:33 in Tokyo
    assert JA.lately(now_ms - 3_600_000, "Asia/Tokyo", now_ms) == "16:33"
    assert JA.lately(now_ms - 18 * 3_600_000, "Asia/Tokyo", now_ms) == "11/20"


@pytest.mark.parametrize(("words", "locale"), [(JA, "ja"), (EN, "en_GB")])
@pytest.mark.parametrize("value", [0, 0.049, 1, 0.6314, -0.6314, 12.5, 999.94, 1284567.0, -1234.5])
def test_figures_are_written_as_babel_writes_them(words, locale, value):
    """Our quick way to write a figure gives what CLDR says, but for a minus as wide as the plus."""
    shares, means = words.percent(value, digits=1), words.written.number(value, 2)
    assert shares == format_percent(value, "#,##0.0%", locale).replace("-", "\N{MINUS SIGN}")
    assert means == format_decimal(value, "#,##0.00", locale).replace("-", "\N{MINUS SIGN}")


@pytest.mark.parametrize("many", range(5))
def test_lists_are_joined_as_babel_joins_them(many):
    """Names are joined as CLDR says for each language, whether there are none, two or many."""
    names = ["渋谷店", "上野店", "札幌店", "金沢店"][:many]
    for words, locale in ((JA, "ja"), (EN, "en_GB")):
        assert words.listed(names) == format_list(names, "standard", locale)
        assert words.beside(names) == format_list(names, "standard-narrow", locale)
    assert (EN.listed(["a", "b", "c"]), JA.listed(["a", "b", "c"])) == ("a, b and c", "a、b、c")


def test_moments_are_written_by_the_readers_language_and_the_sites_clock():
    """Months, hours and moments stand as each language writes them, never as a program does."""
    at_ms = 1_795_250_000_000  # 2026-11-21 08:33 UTC, 05:03 in St. John's
    assert (JA.month(2026, 11), EN.month(2026, 11)) == ("2026年11月", "Nov 2026")
    assert (JA.hour(9), EN.hour(9)) == ("9時", "09:00")
    assert (JA.stamp(at_ms, "Asia/Tokyo"), EN.stamp(at_ms)) == ("2026/11/21 17:33", "21 Nov 2026, 08:33")
    assert JA.moment(at_ms, "America/St_Johns") == "11/21 5:03"
    assert [JA.weekday_name(0), EN.weekday_name(6)] == ["月", "Sun"]


def test_what_an_alert_tells_is_in_the_readers_words():
    """Each detail that head office writes is said in both languages; a kiosk's own words stay as they are."""
    told = (
        ("was last heard of 2026-11-20 11:00", "2026-11-20 11:00"),
        ("has not been heard of since it was enrolled 2026-11-20 11:00", "2026-11-20 11:00"),
        ("3 answers on 2026-11-20; 41.5 are usual on such a day", "41.5"),
        ('1200 taps rejected, such as: survey x has no question "q9"', 'x has no question "q9"'),
        ("1 taps could not be read on the kiosk", "1"),
        ("ledger 0198 has other content after 17 than what is held: was the card copied?", "17"),
    )
    for detail, kept in told:
        assert all(kept in in_words(words, detail) for words in (JA, EN))
        assert re.search("[ぁ-ん]", in_words(JA, detail))
    assert "1,200 answers" in in_words(EN, told[3][0])
    assert in_words(JA, "printer on fire") == "printer on fire"
