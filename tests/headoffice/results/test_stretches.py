"""Whole exports are made column by column; the pages, made row by row, say what they must hold."""

import csv
import io
import json
from functools import partial

import pytest

from headoffice.store.audit import By
from headoffice.store.engine import driver
from headoffice.web import strands, stretches
from headoffice.web.moments import Moments
from headoffice.web.records import local_time
from headoffice.web.tabular import as_csv, flattened
from headoffice.work import access
from headoffice.work.access import Bounds
from survey.prediction import QUESTION, prediction
from tests.headoffice.kiosk_side import new_id, tap
from tests.headoffice.results.asking import client_of
from tests.headoffice.town import Shop, open_shop

ZONES = ("Asia/Tokyo", "America/St_Johns", "Asia/Kathmandu", "Europe/Berlin")
UNEVEN = ("Africa/Monrovia", 63_590_399_999)  # where an hour began at 44 minutes and a half, until 1972


def test_moments_are_written_as_one_by_one():
    """In every zone, about changes of summer time too, a column of moments is what each is alone."""
    moments_ms = [1_774_745_999_999, 1_774_746_000_000, 1_792_889_999_001, 0, 1_795_250_061_007] * len(ZONES)
    zones = [zone for zone in ZONES for _ in range(5)]
    wanted = [local_time(at_ms, zone) for at_ms, zone in zip(moments_ms, zones, strict=True)]
    assert Moments().column(moments_ms, zones) == wanted
    assert Moments().column(moments_ms[:5], zones[:5]) == wanted[:5]
    zone, at_ms = UNEVEN
    odd = [at_ms, at_ms + 1, moments_ms[0]]
    assert Moments().column(odd, [zone] * 3) == [local_time(each, zone) for each in odd]


def test_an_export_does_not_depend_on_where_it_is_cut(api, monkeypatch):
    """In stretches of a few taps, with nearly nothing remembered, each format has the same rows.

    On PostgreSQL the feed's lanes take turns at the cuts, so taps are compared whatever their order.
    """
    paths = [
        f"/api/v1/{name}?limit=all&format={form}" for name in ("taps", "visits") for form in ("csv", "ndjson")
    ]
    wanted = [rows_of(api, path) for path in paths]
    for name in ("AT_ONCE", "FOR_VISITS"):
        monkeypatch.setattr(stretches, name, 150)
    for module in (strands, stretches):
        monkeypatch.setattr(module, "MOST", 2)
    monkeypatch.setattr("headoffice.store.blocks.LONGEST_VISIT", 20)
    assert [rows_of(api, path) for path in paths] == wanted


def rows_of(api, path):
    lines = api.get(path).content.splitlines()
    return sorted(lines) if "/taps" in path else lines


@pytest.mark.parametrize("at_once", [6000, 2])
def test_an_export_of_everything_odd_is_the_pages(small, monkeypatch, at_once):
    """Whoever exports has the pages' visits, to the end of the last one and of none that they may not see.

    With answers taken back, an unset clock, a flag, a change of language, staff between shoppers, open text
    behind what is hidden, and two kiosks' visits of one id; read at once, and in blocks of four taps.
    """
    monkeypatch.setattr(stretches, "FOR_VISITS", at_once)
    monkeypatch.setattr("headoffice.store.blocks.LONGEST_VISIT", at_once)
    visits = [new_id() for _ in range(4)]
    ours = {"survey": small.version, "visit": visits[0]}
    staff = {"survey": prediction().version, "question": QUESTION}
    small.kiosk.put(prediction().document())
    small.kiosk.acked(
        [
            tap(1, answer="sad", **ours),
            tap(2, answer="happy", language="en", **ours),
            tap(3, question="words", answer="=1", language="fr", at=1_795_249_999_900, **ours),
            tap(4, answer=7, **staff),
            tap(5, survey=small.version, visit=visits[1], synced_clock=False, boot="b000"),
            tap(6, survey=small.version, visit=visits[2], question="words", answer="two, three"),
        ]
    )
    site, other = open_shop(
        small, Shop("Other", (0, 0, 1), timezone="America/St_Johns", touchpoint="returns")
    )
    theirs = {"survey": small.version, "visit": visits[2], "question": "words"}
    other.acked([tap(1, answer="four", **theirs), tap(2, survey=small.version, visit=visits[3])])
    other.close()
    flagged = "UPDATE taps SET flag = 'too_soon' WHERE seq = 2"
    small.change(lambda connection: driver(connection).execute(flagged))
    bounds = Bounds([site])
    small.tokens["bound"] = small.change(
        partial(access.make_token, name="bound", scope="results", by=By("test", 1), bounds=bounds)
    )
    for scope, count in (("admin", 5), ("bound", 2)):
        with client_of(small, scope) as client:
            page = client.get("/api/v1/visits").json()["visits"]
            lines = client.get("/api/v1/visits?limit=all&format=ndjson").text.splitlines()
            assert [json.loads(line) for line in lines] == page
            assert len(page) == count
            odd = [(visit["estimated"], visit["flag"], visit["language"]) for visit in page]
            assert scope == "bound" or odd[:2] == [(False, "too_soon", "fr"), (True, None, "ja")]


def test_what_a_shopper_writes_is_not_taken_for_json(small):
    """A shopper who writes `null`, and one who writes nothing, stay two, in files as on pages."""
    for seq, answer in enumerate(("null", "=1", None, '["a"]'), 1):
        visit = {"survey": small.version, "question": "words", "visit": new_id()}
        small.kiosk.acked([tap(seq, answer=answer, **visit)])
    with client_of(small, "admin") as client:
        for name in ("taps", "visits"):
            page = client.get(f"/api/v1/{name}").json()[name]
            assert [row.get("answer", row.get("answers", {}).get("words")) for row in page][:1] == ["null"]
            lines = client.get(f"/api/v1/{name}?limit=all&format=ndjson").text.splitlines()
            assert [json.loads(line) for line in lines] == page


def test_an_export_is_the_pages_in_every_cell(api):
    """CSV of all taps and of all visits is, cell by cell, the CSV of the records that pages give."""
    of_some = "&touchpoint=checkout&from=2020-01-01"
    for name, limit, query in (("taps", 10_000, ""), ("visits", 5000, ""), ("visits", 5000, of_some)):
        page = api.get(f"/api/v1/{name}?limit={limit}{query}").json()
        rows = page[name]
        answer = api.get(f"/api/v1/{name}?limit=all&format=csv{query}").text
        head, *_ = csv.reader(io.StringIO(answer))
        assert rows
        assert not page["more"]
        assert answer == as_csv([flattened(row) for row in rows], head)
        lines = api.get(f"/api/v1/{name}?limit=all&format=ndjson{query}").text.splitlines()
        assert [json.loads(line) for line in lines] == rows
