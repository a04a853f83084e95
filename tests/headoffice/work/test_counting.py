from dataclasses import astuple
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headoffice.store.surveys import KnownSurvey
from headoffice.store.verbatims import ELSEWHERE
from headoffice.work.counting import LocalTimes, countables
from survey.parse import parse_survey
from survey.problems import InvalidAnswer
from tests.headoffice.kiosk_side import SURVEY

PARSED = parse_survey(SURVEY)
ASKED = countables(
    KnownSurvey(PARSED, {question.id: place for place, question in enumerate(PARSED.questions)})
)


@pytest.mark.parametrize(
    ("question", "answer", "stored", "slots", "value"),
    [
        ("rating", "sad", '"sad"', (0,), 0),
        ("rating", "neutral", '"neutral"', (1,), 50),
        ("rating", "happy", '"happy"', (2,), 100),
        ("recommend", 0, "0", (0,), 0),
        ("recommend", 10, "10", (10,), 10),
        ("stars", 1, "1", (0,), 1),
        ("stars", 5, "5", (4,), 5),
        ("why", "o0", '"o0"', (0,), 0),
        ("why", "o11", '"o11"', (11,), 0),
        ("which", ["queue", "price"], '["price","queue"]', (0, 2), 0),
        ("which", [], "null", (), 0),
        ("words", "はやい", ELSEWHERE, (), 0),
        ("seen", True, "true", (), 0),
        ("rating", None, "null", (), 0),
    ],
)
def test_each_answer_has_its_slots(question, answer, stored, slots, value):
    """Each type of answer comes to the JSON, slots and value that the tables document."""
    reckoned = ASKED[question].reckon(answer)
    assert astuple(reckoned) == (stored, slots, value)
    assert astuple(ASKED[question].reckon_stored(stored)) == (stored, slots, value)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("rating", "furious"),
        ("rating", 2),
        ("recommend", 11),
        ("recommend", True),
        ("recommend", 5.0),
        ("stars", 0),
        ("why", ["o1"]),
        ("which", "price"),
        ("which", ["price", "price"]),
        ("words", ""),
        ("seen", False),
    ],
)
def test_what_does_not_fit_is_not_counted(question, answer):
    """An answer of the wrong kind is never taken for one that looks like it."""
    with pytest.raises(InvalidAnswer):
        ASKED[question].reckon(answer)


ZONES = [
    "UTC",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Europe/Berlin",
]


@given(zone=st.sampled_from(ZONES), at_ms=st.integers(31_536_000_000, 4_102_444_800_000))
def test_day_and_hour_are_the_sites_own(zone, at_ms):
    """Also in zones with half and quarter hours, day and hour are what a clock there shows."""
    local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(zone))
    assert LocalTimes().at(zone, at_ms) == (local.date().isoformat(), local.hour)
