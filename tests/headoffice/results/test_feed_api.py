"""The feed and the visits: every tap once, whatever happens meanwhile."""

import base64
import json
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from headoffice.store.engine import Connection
from tests.headoffice.kiosk_side import new_id, refused, tap
from tests.headoffice.results import recount
from tests.headoffice.results.asking import client_of, send_faces
from tests.headoffice.running import wait_for

FIELDS = [
    *("ledger", "seq", "visit", "kiosk", "site", "touchpoint", "survey", "question", "answer", "language"),
    *("tapped_at", "received_at", "estimated", "flag"),
]


def pages(client, path, *, limit, **parameters):
    """Every row of a paged path."""
    rows, after = [], ""
    while True:
        answer = client.get(path, params={"after": after, "limit": limit, **parameters})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        rows += page[path.rsplit("/", 1)[-1]]
        after = page["next"]
        assert answer.headers["Egao-Next"] == after
        if not page["more"]:
            return rows, after


def test_feed_has_every_tap_once(town, api):
    """Read in small pages the feed has every tap of the table once, superseded ones too."""
    rows, _ = pages(api, "/api/v1/taps", limit=977)

    assert Counter((row["ledger"], row["seq"]) for row in rows) == Counter(
        (str(recounted["ledger_id"]), recounted["seq"]) for recounted in town.taps
    )


def test_a_feed_row_has_exactly_its_fields(town, api):
    """A row has the fields that were agreed, in their order; times bear the site's offset at that moment."""
    row = api.get("/api/v1/taps", params={"limit": 1}).json()["taps"][0]

    assert list(row) == FIELDS
    tapped = datetime.fromisoformat(row["tapped_at"])
    assert tapped.utcoffset() is not None
    stored = next(
        each for each in town.taps if str(each["ledger_id"]) == row["ledger"] and each["seq"] == row["seq"]
    )
    assert tapped.timestamp() * 1000 == pytest.approx(stored["tapped_at"])
    assert str(tapped.date()) == stored["day"]
    assert row["answer"] == stored["answer"]
    assert row["flag"] is None
    assert row["estimated"] is False


def test_each_site_has_its_own_offset(api):
    """A site in Newfoundland has its half hour, one on the Chatham Islands its three quarters."""
    rows, _ = pages(api, "/api/v1/taps", limit=5000)

    offsets = {datetime.fromisoformat(row["tapped_at"]).strftime("%z") for row in rows}
    assert {"+0900", "-0330", "+1345"} <= offsets


def test_a_reader_beside_writers_misses_nothing(small):
    """While four kiosks write, a reader that polls sees every tap once, and the same when it starts anew."""
    senders = [small.sender() for _ in range(4)]
    done = threading.Event()

    def write(sender):
        for start in range(1, 121, 4):
            taps = [tap(start + place, visit=new_id(), survey=small.version) for place in range(4)]
            sender.acked(taps)

    writers = [threading.Thread(target=write, args=(sender,)) for sender in senders]
    watch = threading.Thread(target=lambda: ([writer.join() for writer in writers], done.set()))
    seen, after = [], ""
    for thread in (*writers, watch):
        thread.start()
    with client_of(small, "results") as client:
        while True:
            over = done.is_set()
            page = client.get("/api/v1/taps", params={"after": after, "limit": 7}).json()
            seen += [(row["ledger"], row["seq"]) for row in page["taps"]]
            after = page["next"]
            if over and not page["more"] and not page["taps"]:
                break
        again, _ = pages(client, "/api/v1/taps", limit=50)
    watch.join()
    for sender in senders:
        sender.close()

    expected = {(sender.ledger, seq) for sender in senders for seq in range(1, 121)}
    assert len(seen) == len(expected)
    assert set(seen) == expected
    anew = [(row["ledger"], row["seq"]) for row in again]
    for ledger in {ledger for ledger, _ in expected}:  # lanes take turns by the page; each has one order
        assert [each for each in anew if each[0] == ledger] == [each for each in seen if each[0] == ledger]
    assert len(anew) == len(seen)


def test_a_cursor_at_the_end_sees_only_what_comes(small):
    """A reader that kept its cursor gets nothing twice and then just the new tap."""
    send_faces(small.kiosk, small.version, "happy", "sad")
    with client_of(small, "results") as client:
        _, after = pages(client, "/api/v1/taps", limit=10)
        assert client.get("/api/v1/taps", params={"after": after}).json()["taps"] == []
        send_faces(small.kiosk, small.version, "neutral", first=3)
        page = client.get("/api/v1/taps", params={"after": after}).json()

    assert [row["seq"] for row in page["taps"]] == [3]


def packed(*parts):
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.parametrize("path", ["/api/v1/taps", "/api/v1/visits"])
@pytest.mark.parametrize(
    "cursor",
    [
        "garbage",
        "%%%",
        "AAAA",
        "é",
        packed(),
        packed("x"),
        packed(1, 2, 3),
        packed("x", [0, "y"]),
        "W10" * 200,
    ],
)
def test_a_cursor_from_elsewhere_is_refused(api, path, cursor):
    """Garbage and foreign cursors are faults of `after`, never a 5xx and never a silent start."""
    told = refused(api.get(path, params={"after": cursor}), 400, "invalid")

    assert told["faults"][0]["place"] == "after"


@pytest.mark.parametrize("number", [-1, 1 << 63, 10**30, 1.5, True, None])
def test_a_forged_cursor_is_refused(town, api, number):
    """A cursor of this database with a number it never gave is a fault too."""
    epoch = town.value("SELECT value FROM settings WHERE name = 'epoch'")

    refused(api.get("/api/v1/taps", params={"after": packed(epoch, [0, number])}), 400, "invalid")
    refused(api.get("/api/v1/visits", params={"after": packed(epoch, 1, number)}), 400, "invalid")


@pytest.mark.parametrize("path", ["/api/v1/taps", "/api/v1/visits"])
def test_a_cursor_from_before_a_restore_says_what_to_do(small, path):
    """After a backup was restored an old cursor is refused in words that say to begin again."""
    send_faces(small.kiosk, small.version, "happy")
    with client_of(small, "results") as client:
        _, after = pages(client, path, limit=10)

        def restore(connection: Connection):
            connection.exec_driver_sql("UPDATE settings SET value = 'another life' WHERE name = 'epoch'")

        small.change(restore)
        told = refused(client.get(path, params={"after": after}), 400, "invalid")

    assert "backup was restored" in told["faults"][0]["message"]
    assert "beginning" in told["faults"][0]["message"]


@pytest.mark.parametrize("limit", ["0", "-1", "x", "100000000", "1e3", "９"])
def test_a_limit_out_of_bounds_is_a_fault(api, limit):
    """A limit that is no number or too large is a fault that names the bounds."""
    told = refused(api.get("/api/v1/taps", params={"limit": limit}), 400, "invalid")

    assert told["faults"][0]["place"] == "limit"
    assert "10000" in told["faults"][0]["message"]


def test_the_link_header_leads_to_the_next_page(api):
    """A page that is not the last names the next one, with the same parameters."""
    answer = api.get("/api/v1/taps", params={"limit": 3, "format": "ndjson"})

    assert answer.headers["Egao-More"] == "true"
    following = api.get(answer.links["next"]["url"])
    assert following.text.count("\n") == 3
    assert following.text != answer.text


def test_visits_are_the_taps_put_together(town, api):
    """Each visit is one row with the last answer to each of its questions; none is missing or doubled."""
    rows, _ = pages(api, "/api/v1/visits", limit=100)

    expected = {}
    for each in town.taps:
        expected.setdefault(str(each["visit_id"]), {})[each["question"]] = each["answer"]
    assert len(rows) == len(expected)
    assert {row["visit"]: row["answers"] for row in rows} == expected


def test_visits_by_day_and_site(town, api):
    """Visits can be asked for by the local day they began on and by site."""
    day = sorted({each["day"] for each in town.taps})[4]
    rows, _ = pages(api, "/api/v1/visits", limit=50, site="St. John's", **{"from": day, "to": "2100-01-01"})

    first = {}
    for each in town.taps:
        first.setdefault(each["visit_id"], each)
    expected = {
        str(visit)
        for visit, each in first.items()
        if each["timezone"] == "America/St_Johns" and each["day"] >= day
    }
    assert {row["visit"] for row in rows} == expected
    assert expected


def test_a_shopper_who_went_back_has_one_row(small):
    """A visit that answered again has one row with the last answer."""
    visit = new_id()
    small.kiosk.acked(
        [
            tap(1, visit=visit, survey=small.version, answer="sad"),
            tap(2, visit=visit, survey=small.version, question="recommend", answer=3),
            tap(3, visit=visit, survey=small.version, answer="happy"),
        ]
    )
    with client_of(small, "admin") as client:
        (row,) = client.get("/api/v1/visits").json()["visits"]

    assert row["answers"] == {"recommend": 3, "rating": "happy"}


def test_long_visits_are_never_cut(small):
    """Visits of very many taps, more than a page reads at once, still come whole and once."""
    visits = [new_id() for _ in range(10)]
    taps = [
        tap(
            1 + place,
            visit=visits[place // 150],
            survey=small.version,
            answer="sad" if place % 150 else "happy",
        )
        for place in range(1500)
    ]
    small.kiosk.acked(taps)
    with client_of(small, "admin") as client:
        rows, _ = pages(client, "/api/v1/visits", limit=10)

    assert [row["visit"] for row in rows] == visits
    assert {row["answers"]["rating"] for row in rows} == {"sad"}


def test_recount_knows_its_taps(town):
    """The recount that all else is held against has as many taps as the table."""
    assert len(town.taps) == town.value("SELECT COUNT(*) FROM taps")
    assert recount.answers(town)


def test_a_reader_may_wait_for_the_next_tap(small):
    """With `wait` no empty page is sent at once: the next tap is, and the empty one when the time is over."""
    with client_of(small, "results") as client, ThreadPoolExecutor(1) as pool:
        cursor = client.get("/api/v1/taps").json()["next"]
        waiting = pool.submit(client.get, "/api/v1/taps", params={"after": cursor, "wait": 30})
        wait_for(lambda: small.context.committer._next._waiters)
        assert not waiting.done()
        small.kiosk.acked([tap(1, survey=small.version)])
        answer = waiting.result(20).json()
        assert [row["seq"] for row in answer["taps"]] == [1]
        began = time.monotonic()
        empty = client.get("/api/v1/taps", params={"after": answer["next"], "wait": 1}).json()
        assert (empty["taps"], empty["more"]) == ([], False)
        assert time.monotonic() - began >= 0.9
        assert client.get("/api/v1/taps", params={"after": cursor, "wait": 31}).status_code == 400
