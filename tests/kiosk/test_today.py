"""Today's figures, as staff see them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kiosk.store.today import Tally, read_today
from survey.parse import parse_survey
from survey.prediction import QUESTION, prediction

TOKYO = ZoneInfo("Asia/Tokyo")
NOON = datetime(2026, 11, 25, 12, 30, tzinfo=TOKYO)  # a Wednesday
SURVEY = parse_survey(
    {
        "id": "checkout",
        "kind": "in_the_moment",
        "title": {"ja": "レジ"},
        "question": [
            {
                "id": "rating",
                "type": "faces",
                "text": {"ja": "いかがでしたか"},
                "next": {"sad": "why", "neutral": "why", "happy": "remark", "skip": "why"},
            },
            {
                "id": "why",
                "type": "choice",
                "many": True,
                "metric": "reasons",
                "text": {"ja": "なぜ"},
                "options": [{"id": each, "text": {"ja": each}} for each in ("queue", "price", "staff")],
            },
            {"id": "remark", "type": "text", "text": {"ja": "ひとこと"}},
        ],
    }
)


@pytest.fixture
def day(till):
    """A store's ledger, and a way to answer at any moment."""
    store = till.open()
    store.shelve([SURVEY.document(), prediction().document()])

    def visit(at, /, *answers, visit=None, survey=SURVEY.version):
        for question, answer in answers:
            till.clocks.at = int(at.timestamp() * 1000)
            given = {"question": question, "answer": answer, "survey": survey}
            store.ledger.save(till.answered(**given | ({"visit": visit} if visit else {})))
            at += timedelta(seconds=3)

    def read(now=NOON):
        with store.database.read() as reader:
            return read_today(reader, now)

    return visit, read


def test_staff_see_their_visits_faces_hours_reasons_and_remarks(day):
    """The figures are those of the site's day and week, and the last tap on a question is the answer."""
    visit, read = day
    visit(NOON - timedelta(days=3), ("rating", "happy"), visit="sunday")
    visit(NOON - timedelta(days=1), ("rating", "sad"), ("why", ["price"]), visit="tuesday")
    visit(NOON.replace(hour=0, minute=1), ("rating", "neutral"), ("why", ["queue", "price"]), visit="night")
    visit(NOON.replace(hour=9), ("rating", "happy"), ("rating", "sad"), ("why", ["queue"]), visit="back")
    words = ("remark", "うれしい"), ("remark", "たのしい")
    visit(NOON.replace(minute=0), ("rating", "happy"), *words, visit="noon")
    visit(NOON.replace(minute=0), ("rating", None), visit="skipped")
    visit(NOON + timedelta(hours=1), ("rating", "happy"), visit="a clock that was set back")
    today = read()
    assert today.day == Tally(visits=4, sad=1, neutral=1, happy=1)
    assert today.week == Tally(visits=5, sad=2, neutral=1, happy=1)
    assert {hour: each for hour, each in enumerate(today.hours) if each.visits} == {
        0: Tally(visits=1, neutral=1),
        9: Tally(visits=1, sad=1),
        12: Tally(visits=2, happy=1),
    }
    assert [(reason.option.id, reason.count) for reason in today.reasons] == [("queue", 2), ("price", 1)]
    (remark,) = today.remarks
    assert (remark.text, remark.face, remark.at.hour) == ("たのしい", "happy", 12)
    assert read(NOON.astimezone(UTC)).day.visits == 3, "the night's visit is yesterday's in another zone"


def test_the_prediction_is_the_staffs_last_word_and_no_visit(day):
    """What staff predict stands beside the shoppers' answers, and counts as none of them."""
    visit, read = day
    assert read().predicted is None
    version = prediction().version
    visit(NOON - timedelta(days=1), (QUESTION, 9), survey=version)
    assert read().predicted is None
    visit(NOON - timedelta(hours=2), (QUESTION, 6), survey=version)
    visit(NOON - timedelta(hours=1), (QUESTION, 8), survey=version)
    today = read()
    assert (today.predicted, today.day, today.week) == (8, Tally(), Tally())


def test_a_survey_that_nobody_can_read_still_has_its_visits(day):
    """Visits of a survey that is not on the shelf count, without a face."""
    visit, read = day
    visit(NOON - timedelta(hours=1), ("rating", "happy"), survey="000000000000")
    assert read().day == Tally(visits=1)
