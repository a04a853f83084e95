"""Tallies, sites, kiosks, surveys and completeness, against what is in the tables."""

from collections import Counter

import pytest

from tests.headoffice.kiosk_side import refused, tap
from tests.headoffice.results.asking import client_of, send_faces


@pytest.mark.parametrize("grain", ["day", "hour"])
def test_tallies_equal_a_recount(town, api, grain):
    """Each tally counts the answers that a recount by hand counts, by all of its columns."""
    columns = ("version", "question", "day", "site", "touchpoint")
    columns += ("language",) if grain == "day" else ("hour",)
    tallies = api.get("/api/v1/tallies", params={"grain": grain}).json()["tallies"]

    expected = Counter(tuple(row[name] for name in columns) for row in town.answers)
    found = {tuple(tally[name] for name in columns): tally["n"] for tally in tallies if tally["n"]}
    assert found == expected


def test_slots_of_a_tally(town, api):
    """The counts of a tally are those of each answer from the lowest on, its sum that of the values."""
    tallies = api.get("/api/v1/tallies", params={"question": "recommend"}).json()["tallies"]

    given = Counter(row["answer"] for row in town.answers if row["question"] == "recommend")
    assert {value: sum(tally[f"c{value}"] for tally in tallies) for value in given} == given
    assert sum(tally["sum"] for tally in tallies) == sum(value * n for value, n in given.items())
    assert {tally["c11"] for tally in tallies} == {None}


def test_sites_kiosks_surveys(town, api):
    """The lists name everything that was set up, and a tap's site, kiosk and survey are found in them."""
    sites = {each["site"]: each for each in api.get("/api/v1/sites").json()["sites"]}
    kiosks = {each["kiosk"]: each for each in api.get("/api/v1/kiosks").json()["kiosks"]}
    surveys = {each["version"]: each for each in api.get("/api/v1/surveys").json()["surveys"]}

    for row in town.answers:
        assert sites[row["site"]]["timezone"] == row["timezone"]
        assert kiosks[row["kiosk"]]["site"] == row["site"]
        assert surveys[row["version"]]["document"]["id"] == row["survey"]
    assert kiosks["1"]["version"] == "0.1.0"
    assert kiosks["1"]["heard_at"] is not None


def test_tags_stand_with_their_site(small):
    """A site's tags are told with it."""
    small.change(lambda c: c.exec_driver_sql("INSERT INTO site_tags VALUES (1, 'region', 'Kanto')"))
    with client_of(small, "results") as client:
        (site,) = client.get("/api/v1/sites").json()["sites"]
        line = client.get("/api/v1/sites?format=csv").text.splitlines()

    assert site["tags"] == {"region": "Kanto"}
    assert line == ["site,name,timezone,tags.region", "1,Shibuya,Asia/Tokyo,Kanto"]


def test_a_kiosk_that_never_sent_holds_nothing(small):
    """A kiosk that was enrolled and never heard of has zeros and no ledger."""
    with client_of(small, "results") as client:
        (holding,) = client.get("/api/v1/completeness").json()["completeness"]

    assert (holding["ledger"], holding["through"], holding["missing"]) == (None, 0, 0)
    assert (holding["heard_at"], holding["complete_until"]) == (None, None)


def test_completeness_accounts_for_every_number(small):
    """Held, rejected and withheld numbers add up to through, and nothing is missing."""
    kiosk, version = small.kiosk, small.version
    kiosk.acked(
        [
            tap(1, survey=version),
            tap(2, survey=version, question="q9"),
            {"seq": 3, "withheld": "unreadable"},
            tap(4, survey=version),
        ]
    )
    with client_of(small, "results") as client:
        (holding,) = client.get("/api/v1/completeness").json()["completeness"]

    assert holding["ledger"] == kiosk.ledger
    numbers = ("through", "held", "rejected", "withheld", "missing", "pending")
    assert {name: holding[name] for name in numbers} == dict(zip(numbers, (4, 2, 1, 1, 0, 0), strict=True))
    assert holding["complete_until"] == holding["heard_at"]


def test_complete_until_the_last_tap_while_some_wait(small):
    """Of a kiosk that said more is waiting, the taps are complete up to the last one held, not longer."""
    health = {"version": "0", "pending": 7, "rejected": 0, "free_bytes": 1, "programme": None, "problems": []}
    small.kiosk.acked([tap(1, survey=small.version)], health=health)
    with client_of(small, "results") as client:
        (holding,) = client.get("/api/v1/completeness").json()["completeness"]

    assert holding["pending"] == 7
    assert holding["complete_until"] == holding["last_tap_at"] < holding["heard_at"]


def test_a_recount_names_what_is_missing(small):
    """When taps vanish from the table the counters still say held, and a recount names their numbers."""
    send_faces(small.kiosk, small.version, *["happy"] * 12)
    small.change(lambda c: c.exec_driver_sql("DELETE FROM taps WHERE seq IN (1, 5, 6, 12)"))
    with client_of(small, "results") as client:
        (trusted,) = client.get("/api/v1/completeness").json()["completeness"]
        (counted,) = client.get("/api/v1/completeness?recount=true").json()["completeness"]

    assert (trusted["held"], trusted["missing"]) == (12, 0)
    assert (counted["held"], counted["missing"]) == (8, 4)
    assert counted["missing_seqs"] == ["1", "5-6", "12"]
    assert counted["complete_until"] is None


@pytest.mark.parametrize("path", ["sites", "kiosks", "surveys", "completeness", "tallies", "taps", "visits"])
def test_unknown_parameters_are_faults(api, path):
    """A parameter that a path does not know is a fault instead of being passed over."""
    told = refused(api.get(f"/api/v1/{path}", params={"colour": "red"}), 400, "invalid")

    assert told["faults"][0]["place"] == "colour"
