"""Rows beside an earlier period or all others, and sites by their tags."""

import datetime as dt
from functools import partial

import pytest

from headoffice.significance import p_value
from headoffice.store.audit import By
from headoffice.work import access
from tests.headoffice.kiosk_side import refused
from tests.headoffice.results.asking import client_of, make_tokens, send_faces
from tests.headoffice.results.conftest import survey, version_of
from tests.headoffice.running import RunningOffice

SITES = {  # name: region, happy and sad answers
    "Large": ("kanto", 60, 20),
    "Middle": ("kansai", 8, 12),
    "Small": ("kanto", 2, 1),
    "Other": ("kansai", 30, 6),
}
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """Four sites in two regions; the week before there were half as many answers, all sad."""
    office = RunningOffice(tmp_path_factory.mktemp("compare"))
    office.publish(survey())
    office.tokens = make_tokens(office)
    for name, (region, happy, sad) in SITES.items():
        add = partial(
            access.add_site, name=name, timezone="Asia/Tokyo", tags={"region": region}, by=By("t", 1)
        )
        site = office.change(add)
        sender = office.sender(site=site)
        last = 1
        for at, answers in (
            (NOON - dt.timedelta(days=7), ["sad"] * ((happy + sad) // 2)),
            (NOON, ["happy"] * happy + ["sad"] * sad),
        ):
            at_ms = int(at.timestamp() * 1000)
            last = send_faces(sender, version_of(survey()), *answers, first=last, at=at_ms, boot="long ago")
        sender.close()
    yield office
    office.close()


def rows(office, scope="admin", **asked):
    with client_of(office, scope) as client:
        names = {each["site"]: each["name"] for each in client.get("/api/v1/sites").json()["sites"]}
        week = {"metric": "csat", "from": "2026-11-18", "to": "2026-11-25"}
        answer = client.get("/api/v1/metrics", params={**week, **asked})
        assert answer.status_code == 200, answer.text
        found = answer.json()["rows"]
        return {names.get(row["by"].get("site")) or row["by"].get("tag.region", ""): row for row in found}


def test_each_row_beside_all_others(office):
    """A row is compared with all others together, and p is minded for as many rows as there are."""
    found = rows(office, by="site", compare="others")

    large = found["Large"]["compared"]
    assert (large["n"], large["value"]) == (59, 40 / 59)
    assert large["difference"] == pytest.approx(60 / 80 - 40 / 59)
    assert large["p"] == pytest.approx(p_value("csat", (20, 60), (19, 40)))
    assert found["Middle"]["compared"]["significant"] is True
    assert large["significant"] is False
    assert all(row["compared"]["p_adjusted"] >= row["compared"]["p"] for row in found.values())
    softer = rows(office, by="site", compare="others", correction="bh")
    assert all(
        softer[name]["compared"]["p_adjusted"] <= row["compared"]["p_adjusted"] for name, row in found.items()
    )


def test_each_row_beside_the_period_before(office):
    """Seven days are compared with the seven before; a year before there is nothing."""
    found = rows(office, by="site", compare="previous")["Large"]["compared"]
    assert (found["n"], found["value"], found["difference"], found["significant"]) == (40, 0.0, 0.75, True)
    empty = rows(office, by="site", compare="year_before")["Large"]["compared"]
    assert set(empty.values()) == {None}


def test_what_is_hidden_is_not_compared(office):
    """A row that may not be seen is not compared either, nor with one."""
    found = rows(office, "results", by="site", compare="others")
    for name in ("Small", "Middle"):
        assert set(found[name]["compared"].values()) == {None}
    assert found["Large"]["compared"]["n"] == 59


def test_regions_by_the_tag_of_their_sites(office):
    """By a tag, sites are added up; what would give a small site away by subtraction is hidden."""
    found = rows(office, by="tag.region")
    assert {name: row["n"] for name, row in found.items()} == {"kanto": 83, "kansai": 56}
    hidden = rows(office, "results", by="tag.region")
    # Small (3) stands behind kanto, of which Large alone is shown: its total would tell.
    assert hidden["kanto"]["suppressed"] is True
    assert hidden["kansai"]["suppressed"] is True


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        ({"compare": "others"}, "compare"),
        ({"compare": "previous", "by": "day", "from": "2026-11-01", "to": "2026-11-08"}, "by"),
        ({"compare": "previous", "from": "2026-11-01"}, "compare"),
        ({"compare": "previous", "from": "0001-01-02", "to": "9999-12-31"}, "compare"),
        ({"compare": "others", "by": "site", "correction": "none"}, "correction"),
        ({"by": "tag.nowhere"}, "by"),
        ({"metric": "expectation_gap", "by": "site", "compare": "others"}, "compare"),
    ],
)
def test_what_cannot_be_compared_is_said(office, asked, place):
    """Each combination that makes no sense is a fault at its parameter."""
    with client_of(office, "results") as client:
        told = refused(client.get("/api/v1/metrics", params={"metric": "csat", **asked}), 400, "invalid")
    assert place in {fault["place"] for fault in told["faults"]}
