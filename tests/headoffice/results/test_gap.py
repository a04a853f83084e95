"""What staff predicted of their shoppers, against what these said."""

import pytest

from headoffice.store.audit import By
from headoffice.work import flag
from survey.prediction import QUESTION, prediction
from tests.headoffice.kiosk_side import refused, tap
from tests.headoffice.results.asking import client_of, send_faces

HAPPY = ("happy",) * 6 + ("sad",) * 4


def predict(sender, seq, of_ten):
    version = prediction().version
    sender.acked([tap(seq, survey=version, question=QUESTION, answer=of_ten)])
    return seq + 1


@pytest.fixture
def shop(small):
    """A kiosk that predicted 7, then 9 of ten, with ten shoppers; and one of two unhappy ones and no word."""
    assert small.kiosk.put(prediction().document()).status_code == 204
    seq = send_faces(small.kiosk, small.version, *HAPPY)
    predict(small.kiosk, predict(small.kiosk, seq, 7), 9)
    silent = small.sender(site=None)
    send_faces(silent, small.version, "sad", "sad")
    silent.close()
    with client_of(small, "admin") as client:
        yield small, client


def ask(client, path, **parameters):
    answer = client.get(f"/api/v1/{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_gap_stands_with_both_of_its_sides(shop):
    """The gap is the mean prediction minus the share of happy faces, of days and stores that have both."""
    _, client = shop
    answer = ask(client, "metrics", metric="expectation_gap")
    (row,) = answer["rows"]
    assert answer["definition"] == "expectation_gap/1"
    assert (row["n"], row["value"]) == (12, pytest.approx(0.8 - 6 / 12))
    assert row["predicted"]["value"] == pytest.approx(0.8)
    assert row["said"]["value"] == pytest.approx(0.5)
    assert row["low"] < row["value"] < row["high"]
    assert len(ask(client, "metrics", metric="expectation_gap", by="site,day")["rows"]) == 1
    faults = refused(
        client.get(
            "/api/v1/metrics", params={"metric": "expectation_gap", "by": "hour", "question": "rating"}
        ),
        400,
        "invalid",
    )["faults"]
    assert [fault["place"] for fault in faults] == ["by", "question"]


def test_a_prediction_is_no_shoppers_visit_in_any_number(shop):
    """Scores, visits, the misuse rules and the alerts count shoppers only; the feed has every tap."""
    office, client = shop
    for name in ("csat", "happy_index"):
        (row,) = ask(client, "metrics", metric=name)["rows"]
        assert row["n"] == 12
    assert ask(client, "metrics", metric="nps")["rows"][0]["n"] == 0
    visits = ask(client, "visits")["visits"]
    assert len(visits) == 12
    assert {visit["survey_id"] for visit in visits} == {"checkout"}
    taps = ask(client, "taps")["taps"]
    assert [each["answer"] for each in taps if each["survey"] == prediction().version] == [7, 9]
    office.change(
        lambda connection: flag.change_rules(connection, {"too_soon": {"seconds": 3600}}, by=By("t", 1))
    )
    while office.change(flag.step):
        pass
    flags = {each["survey"]: each["flag"] for each in ask(client, "taps")["taps"]}
    assert flags[prediction().version] is None
    assert flags[office.version] == "too_soon"
