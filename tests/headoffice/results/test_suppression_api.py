"""Small cells over HTTP: what a token without the scope admin may see, and may not work out."""

import pytest

from tests.headoffice.results.asking import client_of, send_faces
from tests.headoffice.town import Shop, open_shop

SHOPS = {"Large": 40, "Middle": 9, "Small": 3}


@pytest.fixture
def unequal(small):
    """Three sites with 40, 9 and 3 answers."""
    for name, count in SHOPS.items():
        _, sender = open_shop(small, Shop(name, (0, 0, 1)))
        send_faces(sender, small.version, *["happy"] * (count - 1), "sad")
        sender.close()
    return small


def rows(office, scope, **parameters):
    with client_of(office, scope) as client:
        names = {each["site"]: each["name"] for each in client.get("/api/v1/sites").json()["sites"]}
        answer = client.get("/api/v1/metrics", params={"metric": "csat", **parameters})
        assert answer.status_code == 200, answer.text
        return {names.get(row["by"].get("site"), ""): row for row in answer.json()["rows"]}


def test_an_admin_sees_every_cell(unequal):
    """A token with the scope admin sees the small site's numbers."""
    found = rows(unequal, "admin", by="site")

    assert {name: row["n"] for name, row in found.items()} == SHOPS
    assert not any(row["suppressed"] for row in found.values())


def test_others_see_neither_the_small_cell_nor_the_one_that_gives_it_away(unequal):
    """Without it the small site is hidden, and the next smallest with it; the total is still told."""
    found = rows(unequal, "results", by="site")

    assert found["Large"]["n"] == 40
    for name in ("Small", "Middle"):
        row = found[name]
        assert row["suppressed"] is True
        assert (row["n"], row["value"], row["low"], row["high"]) == (None, None, None, None)
        assert row["unfiltered"] == {"n": None, "value": None}
    assert rows(unequal, "results")[""]["n"] == 52


@pytest.mark.parametrize("site", ["Small", "Middle"])
def test_a_filter_shows_no_more_than_the_column(unequal, site):
    """What is hidden by site is hidden too when just that site is asked for."""
    assert rows(unequal, "results", site=site)[""]["suppressed"] is True
    assert rows(unequal, "results", site="Large")[""]["n"] == 40


def test_all_but_one_cannot_be_asked_for(unequal):
    """The sum of all sites but the small one would give it away by subtraction: it is hidden."""
    assert rows(unequal, "results", site="Large,Middle")[""]["suppressed"] is True


def test_a_second_column_is_no_way_around(unequal):
    """By site and day, or by site and question, the small cell stays hidden."""
    for by in ("site,day", "site,question", "touchpoint,site"):
        found = rows(unequal, "results", by=by)
        assert found["Small"]["suppressed"] is True
        assert found["Middle"]["suppressed"] is True
        assert found["Large"]["suppressed"] is False


def test_tallies_are_hidden_alike(unequal):
    """The tallies of a small cell have no counts either."""
    with client_of(unequal, "results") as client:
        tallies = client.get("/api/v1/tallies").json()["tallies"]
    with client_of(unequal, "admin") as client:
        everything = client.get("/api/v1/tallies").json()["tallies"]

    assert sorted(tally["n"] for tally in tallies if not tally["suppressed"]) == [40]
    assert all(tally["c0"] is None and tally["sum"] is None for tally in tallies if tally["suppressed"])
    assert sorted(tally["n"] for tally in everything) == [3, 9, 40]


def test_no_answers_are_no_secret(unequal):
    """A period without an answer hides nobody, so it says 0."""
    row = rows(unequal, "results", **{"from": "2001-01-01", "to": "2001-01-02"})[""]

    assert (row["n"], row["suppressed"]) == (0, False)
