"""The words of the pages: both languages say the same things."""

import re
from datetime import date
from pathlib import Path
from string import Formatter

import pytest

import headoffice.web
from headoffice.intervals import Estimate
from headoffice.metrics import METRICS
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
