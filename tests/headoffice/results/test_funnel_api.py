"""The response funnel, against visits whose way is known."""

import datetime as dt
from copy import deepcopy
from itertools import count

import pytest

from survey.parse import version_of
from tests.headoffice.kiosk_side import SURVEY, new_id, refused, tap
from tests.headoffice.results.asking import client_of, make_tokens
from tests.headoffice.running import RunningOffice

PATH = "/api/v1/funnel"
AT = int(dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC).timestamp() * 1000)
VISITS = [  # the answers given in turn, how many such visits, and in which language
    ([("rating", "happy"), ("recommend", 9), ("seen", True)], 10, "ja"),
    ([("rating", "sad"), ("words", None)], 6, "en"),  # skipped; leaves at the notice
    ([("rating", "sad")], 4, "ja"),  # leaves at the words
    ([("rating", "happy")], 2, "ja"),  # leaves at the scale
]


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """Twenty-two visits through a survey that asks the happy for a score and the sad for words."""
    office = RunningOffice(tmp_path_factory.mktemp("funnel"))
    document = deepcopy(SURVEY)
    rating, recommend, _, _, _, words, seen = document["question"]
    rating["next"] = {"sad": "words", "neutral": "recommend", "happy": "recommend"}
    recommend["next"] = words["next"] = "seen"
    document["question"] = [rating, recommend, words, seen]
    office.publish(document)
    office.tokens = make_tokens(office)
    number, taps = count(1), []
    for given, times, language in VISITS:
        for _ in range(times):
            visit = new_id()
            for question, answer in given:
                named = {
                    "question": question,
                    "answer": answer,
                    "survey": version_of(document),
                    "language": language,
                }
                at = AT + 3500 * given.index((question, answer))
                taps.append(tap(next(number), visit=visit, at=at, boot="long ago", **named))
    kiosk = office.sender()
    kiosk.acked(taps)
    yield office
    kiosk.close()
    office.close()


def told(office, scope="admin", **asked):
    with client_of(office, scope) as client:
        answer = client.get(PATH, params=asked)
        assert answer.status_code == 200, answer.text
        return {row["question"]: row for row in answer.json()["rows"]}


def test_who_left_reached_the_question_they_left_at(office):
    """Every visit counts where it was answered, skipped or left, and nowhere else."""
    found = told(office)
    assert {name: (row["reached"], row["answered"]) for name, row in found.items()} == {
        "rating": (22, 22),
        "recommend": (12, 10),
        "words": (10, 0),
        "seen": (16, 10),
    }
    assert found["recommend"]["value"] == 10 / 12
    assert found["recommend"]["low"] < 10 / 12 < found["recommend"]["high"]
    assert told(office, question="words").keys() == {"words"}


def test_the_time_that_an_answer_took(office):
    """It is the median since the tap before; the first answer has none, nor have fewer than five."""
    found = told(office)
    assert {name: row["took_s"] for name, row in found.items()} == {
        "rating": None,
        "recommend": 3.5,
        "words": None,
        "seen": 3.5,
    }


def test_days_are_the_sites_own(office):
    """Noon in UTC is the same day in Tokyo; the day after has nobody."""
    day = {"from": "2026-11-20", "to": "2026-11-21"}
    assert told(office, **day)["rating"]["reached"] == 22
    assert told(office, **{"from": "2026-11-21"}) == {}


def test_a_language_is_that_of_its_visits(office):
    """Only visits in that language are counted; who may not see small cells learns none by subtraction."""
    found = told(office, language="en")
    assert {name: row["reached"] for name, row in found.items()} == {"rating": 6, "words": 6, "seen": 6}
    hidden = told(office, "results", language="en")
    assert {name: row["reached"] for name, row in hidden.items()} == {"rating": 6, "words": None, "seen": 6}
    both = told(office, "results", language="en", touchpoint=next(iter(touchpoints(office))))
    assert both["words"]["suppressed"]


def touchpoints(office):
    with client_of(office, "admin") as client:
        return [each["touchpoint"] for each in client.get("/api/v1/kiosks").json()["kiosks"]]


def test_few_visits_are_not_for_all(office, monkeypatch):
    """A question that too few visits reached is hidden, and too many visits are refused with words."""
    monkeypatch.setattr("headoffice.work.funnel.FEWEST_ANSWERS", 11)
    found = told(office, "results")
    assert [name for name, row in found.items() if row["suppressed"]] == ["words"]
    assert found["words"]["reached"] is None
    monkeypatch.setattr("headoffice.work.funnel.MOST_VISITS", 5)
    with client_of(office, "admin") as client:
        assert "choose fewer days" in refused(client.get(PATH), 400, "invalid")["faults"][0]["message"]
