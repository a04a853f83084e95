"""NPS+: root causes of low scores, against a plain count of the visits."""

from copy import deepcopy
from itertools import count

import pytest

from headoffice.work.causes import if_fixed
from survey.parse import version_of
from tests.headoffice.kiosk_side import SURVEY, new_id, tap
from tests.headoffice.results.asking import client_of, make_tokens
from tests.headoffice.running import RunningOffice

PATH = "/api/v1/nps-plus"
VISITS = [  # score, causes named, how many such visits
    (2, ["price", "queue"], 4),
    (6, ["queue"], 6),
    (0, None, 3),
    (5, ["staff"], 2),
    (8, ["staff"], 5),
    (10, None, 20),
]


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """Forty visits, some of which went back and changed their score."""
    office = RunningOffice(tmp_path_factory.mktemp("causes"))
    document = deepcopy(SURVEY)
    document["question"][4]["metric"] = "reasons"
    office.publish(document)
    office.tokens = make_tokens(office)
    kiosk, number, taps = office.sender(), count(1), []
    for score, causes, times in VISITS:
        for _ in range(times):
            named = {"visit": new_id(), "survey": version_of(document)}
            taps.append(tap(next(number), question="recommend", answer=10 - score, **named))
            taps.append(tap(next(number), question="recommend", answer=score, **named))
            taps.append(tap(next(number), question="which", answer=causes, **named))
    kiosk.acked(taps)
    yield office
    kiosk.close()
    office.close()


def test_each_cause_has_its_share_and_what_it_costs(office):
    """Of fifteen low-scoring visits ten name the queue: two thirds, and 25 points of NPS."""
    with client_of(office, "admin") as client:
        told = client.get(PATH).json()
        none = client.get(PATH, params={"from": "2000-01-01", "to": "2000-02-01"}).json()
    assert (told["n"], told["value"], told["detractors"], told["explained"]) == (40, 12.5, 15, 12)
    found = {cause["cause"]: cause for cause in told["causes"]}
    assert {name: cause["n"] for name, cause in found.items()} == {"queue": 10, "price": 4, "staff": 2}
    assert found["queue"]["value"] == 10 / 15
    assert found["queue"]["nps_if_fixed"] == pytest.approx(100 * (20 - 5) / 40)
    assert found["queue"]["low"] < 10 / 15 < found["queue"]["high"]
    assert none["causes"] == []


def test_causes_of_few_are_not_for_all(office):
    """Who may not see small cells sees no cause that fewer than five visits name."""
    with client_of(office, "results") as client:
        assert [cause["cause"] for cause in client.get(PATH).json()["causes"]] == ["queue"]
        assert client.get(f"{PATH}?format=csv").text.splitlines()[0].startswith("metric,definition,filter,")


def test_the_score_without_a_cause():
    """Visits that name it leave the detractors for the passives, and nobody else moves."""
    assert if_fixed(50, 30, 20, 0) == -30
    assert if_fixed(50, 30, 20, 50) == 20
    assert if_fixed(5, 0, 0, 5) == 0
