import os
import time
from copy import deepcopy

import pytest

from headoffice.store.engine import read_place
from survey.parse import version_of
from tests.headoffice.kiosk_side import SURVEY
from tests.headoffice.results import recount
from tests.headoffice.results.asking import client_of, make_tokens
from tests.headoffice.running import Office, RunningOffice
from tests.headoffice.town import Shop, history, open_shop, send_all

DAYS = 12
SHOPS = (
    Shop("渋谷店", (0.10, 0.20, 0.70), visits=22, touchpoint="checkout"),
    Shop("St. John's", (0.30, 0.30, 0.40), visits=16, timezone="America/St_Johns", touchpoint="returns"),
    Shop("=HYPERLINK(1)", (0.15, 0.25, 0.60), visits=9, timezone="Pacific/Chatham", touchpoint="checkout"),
)


def survey():
    """The survey with every type of question, one of them an effort score, one a seven-point CSAT."""
    document = deepcopy(SURVEY)
    document["question"][2] = {**document["question"][2], "metric": "csat", "ask": 0.5}
    document["question"].append(
        {"id": "ease", "type": "scale", "metric": "ces", "text": {"ja": "楽でしたか", "en": "Easy?"}}
    )
    document["question"].append(
        {
            "id": "again",
            "type": "scale",
            "min": 1,
            "max": 7,
            "metric": "csat",
            "ask": 0.3,
            "text": {"ja": "また", "en": "Again?"},
        }
    )
    return document


@pytest.fixture(scope="package", autouse=True)
def database(request):
    """Where the head offices of this package keep their data: in files, or on PostgreSQL if so asked."""
    if os.environ.get("EGAO_RESULTS_ON") != "postgresql":
        yield
        return
    server, usual = request.getfixturevalue("postgres"), Office.usual_place
    Office.usual_place = staticmethod(lambda _folder: read_place(server.new(), option="test"))
    yield
    Office.usual_place = staticmethod(usual)


@pytest.fixture(scope="package")
def town(tmp_path_factory):
    """A head office with three shops in three time zones, some weeks of taps, and a second survey version."""
    office = RunningOffice(tmp_path_factory.mktemp("town"))
    document, newer = survey(), survey()
    newer["title"]["en"] = "Checkout, second version"
    office.publish(document)
    office.publish(newer)
    now_ms = int(time.time() * 1000)
    office.senders = []
    for seed, shop in enumerate(SHOPS):
        _, sender = open_shop(office, shop)
        taps = history(document, shop, days=DAYS, until_ms=now_ms, seed=seed)
        taps += renumbered(history(newer, shop, days=2, until_ms=now_ms, seed=seed + 10), len(taps))
        send_all(sender, taps)
        office.senders.append(sender)
    office.tokens = make_tokens(office)
    office.taps = recount.taps(office)
    office.answers = recount.answers(office)
    yield office
    for sender in office.senders:
        sender.close()
    office.close()


def renumbered(taps, after):
    """The same taps with numbers that follow on."""
    return [{**each, "seq": after + place} for place, each in enumerate(taps, 1)]


@pytest.fixture
def api(town):
    """The results API as an admin's program sees it."""
    with client_of(town, "admin") as client:
        yield client


@pytest.fixture
def reader(town):
    """The results API as a program sees it that may not see small cells."""
    with client_of(town, "results") as client:
        yield client


@pytest.fixture
def small(tmp_path):
    """A head office of its own for a test that changes it: one kiosk, no tap."""
    office = RunningOffice(tmp_path)
    office.publish(survey())
    office.version = version_of(survey())
    office.tokens = make_tokens(office)
    office.kiosk = office.sender()
    yield office
    office.kiosk.close()
    office.close()
