"""Open text: who may see it, and how it is hidden, redacted and erased."""

import json
from functools import partial

import pytest

from headoffice.store.audit import By
from headoffice.work import words
from tests.headoffice.kiosk_side import new_id, refused, tap
from tests.headoffice.results.asking import client_of, make_tokens
from tests.headoffice.results.conftest import survey, version_of
from tests.headoffice.running import RunningOffice

PATH = "/api/v1/verbatims"


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """A head office where twelve shoppers wrote at the checkout and three at the returns desk."""
    office = RunningOffice(tmp_path_factory.mktemp("words"))
    office.publish(survey())
    office.tokens = make_tokens(office)
    office.checkout, office.returns = office.sender(), office.sender(touchpoint="returns")
    version = version_of(survey())
    for kiosk, name, count in ((office.checkout, "checkout", 12), (office.returns, "returns", 3)):
        wrote = [
            tap(seq, visit=new_id(), survey=version, question="words", answer=f"{name} {seq}")
            for seq in range(1, count + 1)
        ]
        kiosk.acked(wrote)
    yield office
    office.checkout.close()
    office.returns.close()
    office.close()


@pytest.fixture
def admin(office):
    with client_of(office, "admin") as client:
        yield client


@pytest.fixture
def others(office):
    with client_of(office, "results") as client:
        yield client


def listed(client, **asked):
    return client.get(PATH, params=asked).raise_for_status().json()["verbatims"]


def test_a_cell_of_fewer_than_ten_is_for_admins_only(admin, others):
    """Admins see every text; others none of a small cell, nor what would tell of it by subtraction."""
    assert len(listed(admin)) == 15
    assert listed(others) == []  # twelve would give the three away
    assert listed(others, touchpoint="checkout") == []
    assert len(listed(admin, touchpoint="returns")) == 3


def test_pages_by_cursor_show_each_text_once_and_tell_no_moment(office, admin, others):
    """Page by page every text comes once; whoever is no admin gets neither moment nor kiosk."""
    for seq in range(4, 14):
        version = version_of(survey())
        office.returns.acked(
            [tap(seq, visit=new_id(), survey=version, question="words", answer=f"returns {seq}")]
        )
    for client, grain in ((admin, "text"), (others, "text")):
        seen, after = [], ""
        while True:
            page = client.get(PATH, params={"limit": 7, "after": after}).json()
            seen += page["verbatims"]
            if not page["more"]:
                break
            after = page["next"]
        assert len(seen) == len({row["verbatim"] for row in seen}) == 25
        assert {row[grain] for row in seen} >= {"checkout 1", "returns 13"}
    assert {row["tapped_at"] for row in listed(others)} == {None}
    assert {row["kiosk"] for row in listed(others)} == {None}
    assert all(row["tapped_at"] for row in listed(admin))
    assert listed(admin, site="Shibuya", question="words", survey="checkout")
    assert others.get(PATH, params={"format": "csv"}).text.startswith("verbatim,site,touchpoint")


def test_hide_redact_and_erase_reach_every_copy(office, admin, others):
    """What is hidden is for admins; what was redacted or erased is nowhere: list, feed, visits, database."""
    names = {row["text"]: row["verbatim"] for row in listed(admin)}

    def act(name, **body):
        return admin.post(f"{PATH}/{names[name]}", content=json.dumps(body))

    assert act("checkout 1", action="hide").json()["state"] == "hidden"
    assert act("checkout 2", action="redact", text="checkout ***").json()["state"] == "redacted"
    assert act("checkout 3", action="erase").json()["state"] == "erased"
    refused(act("checkout 3", action="show"), 400, "invalid")
    refused(act("checkout 4", action="redact", text=" "), 400, "invalid")
    refused(act("checkout 4", action="shout"), 400, "invalid")
    refused(admin.post(f"{PATH}/{'0' * 16}", content=b'{"action":"hide"}'), 404, "not_found")
    refused(others.post(f"{PATH}/{names['checkout 4']}", content=b'{"action":"hide"}'), 403, "forbidden")

    copies = [admin.get(f"/api/v1/{name}?limit=1000").text for name in ("taps", "visits")]
    copies += [json.dumps(listed(others)), admin.get("/api/v1/taps?format=csv").text]
    for copy in copies:
        assert "checkout ***" in copy
        assert not {"checkout 1", "checkout 2", "checkout 3"} & set(copy.replace('"', ",").split(","))
    assert "checkout 1" in {row["text"] for row in listed(admin)}
    kept = office.rows("SELECT text FROM verbatims UNION ALL SELECT answer FROM taps")
    assert not {"checkout 2", "checkout 3"} & {text for (text,) in kept}
    done = [did for (did,) in office.rows("SELECT did FROM audit WHERE who LIKE 'token %'")]
    assert done == ["hide verbatim", "redact verbatim", "erase verbatim"]
    assert not office.wrong()


def test_words_go_when_their_time_is_over(office, admin):
    """Retention erases what is older, says so in the audit, and no count changes by it."""
    before = office.rows("SELECT sum(n), sum(skipped) FROM tallies_day")
    newest = office.value("SELECT max(tapped_at) FROM verbatims")

    erased = office.change(partial(words.let_go, before_ms=newest, by=By("retention", 1)))

    assert erased >= 20
    assert office.value("SELECT count(*) FROM verbatims WHERE text IS NOT NULL") <= 2
    assert office.value("SELECT count(*) FROM audit WHERE did = 'erase old verbatims'") == 1
    assert office.rows("SELECT sum(n), sum(skipped) FROM tallies_day") == before
    assert not office.wrong()
