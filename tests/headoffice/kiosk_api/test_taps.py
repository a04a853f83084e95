import gzip
import json
import time
import uuid
from functools import partial

import pytest
import zstandard

from headoffice.store import pictures
from headoffice.store.audit import By
from headoffice.store.lists import all_kiosks
from headoffice.work import picture
from kiosk.raster import as_png, from_window
from survey.parse import version_of
from sync.contract import MAX_PICTURE_BYTES
from tests.headoffice.kiosk_side import (
    BOOT,
    UPTIME_MS,
    VERSION,
    Sender,
    batch,
    new_id,
    other_survey,
    refused,
    tap,
)

pytestmark = pytest.mark.parametrize("served", ["sqlite", "postgresql"], indirect=True, scope="module")

DAY_MS = 24 * 3600 * 1000
PNG = as_png(from_window(4, 3, bytes(range(48))), most_bytes=10_000, most_px=9)


def now_ms():
    return int(time.time() * 1000)


def held(office, ledger):
    """The taps of a ledger, as (seq, question, answer, superseded)."""
    return office.rows(
        """
        SELECT taps.seq, questions.question, taps.answer, taps.superseded
          FROM taps
          JOIN ledgers ON ledgers.id = taps.ledger
          JOIN questions ON questions.id = taps.question
         WHERE ledgers.uuid = ? ORDER BY taps.seq
        """,
        uuid.UUID(ledger).bytes,
    )


def head(office, ledger):
    """(through, held, rejected, withheld) of a ledger."""
    ((through, *counts),) = office.rows(
        """
        SELECT through, held, rejected, withheld
          FROM ledger_heads JOIN ledgers ON ledgers.id = ledger WHERE uuid = ?
        """,
        uuid.UUID(ledger).bytes,
    )
    return through, *counts


def test_ack_names_ledger_batch_and_how_far_all_is_decided(office, kiosk):
    """The ack has exactly the wire's fields, and the taps are held when it arrives."""
    before = int(time.time() * 1000)
    ack = kiosk.acked([tap(1), tap(2, answer="sad")])
    assert set(ack) == {"ledger", "batch", "through", "rejected", "programme", "now"}
    assert (ack["through"], ack["rejected"]) == (2, [])
    assert before <= ack["now"] <= int(time.time() * 1000)
    assert held(office, kiosk.ledger) == [(1, "rating", '"happy"', 0), (2, "rating", '"sad"', 0)]


def test_every_type_of_answer_is_taken(office, kiosk):
    """Faces, scale, stars, choices, text, notice and skipped questions are all held as they were given."""
    answers = [
        ("rating", "neutral"),
        ("recommend", 0),
        ("stars", 5),
        ("why", "o11"),
        ("which", ["queue", "price"]),
        ("words", "早い"),
        ("seen", True),
        ("words", None),
    ]
    taps = [tap(seq, question=asked, answer=answer) for seq, (asked, answer) in enumerate(answers, 1)]
    assert kiosk.acked(taps)["rejected"] == []
    kept = [json.loads(answer) for _, _, answer, _ in held(office, kiosk.ledger)]
    assert kept == ["neutral", 0, 5, "o11", ["price", "queue"], "…", True, None]
    assert office.rows("SELECT text FROM verbatims WHERE seq = 6") == [("早い",)]


def test_the_same_again_changes_nothing(office, kiosk):
    """A batch whose ack was lost is acked again, and nothing is stored or counted twice."""
    taps = [tap(1), tap(2)]
    assert kiosk.acked(taps)["through"] == 2
    counted = office.value("SELECT sum(n) FROM tallies_day")
    assert kiosk.acked(taps)["through"] == 2
    assert kiosk.acked([*taps, tap(3)])["through"] == 3
    assert kiosk.acked(taps[:1])["through"] == 1, "never beyond what was sent"
    assert [seq for seq, *_ in held(office, kiosk.ledger)] == [1, 2, 3]
    assert office.value("SELECT sum(n) FROM tallies_day") == counted + 1
    assert head(office, kiosk.ledger) == (3, 3, 0, 0)


def test_a_hole_is_named(office, kiosk):
    """Taps that begin after a hole are refused with the number up to which all is there."""
    assert refused(kiosk.send([tap(3)]), 409, "gap")["through"] == 0
    kiosk.acked([tap(1), tap(2)])
    assert refused(kiosk.send([tap(4)]), 409, "gap")["through"] == 2
    assert refused(kiosk.send([], first=7), 409, "gap")["through"] == 2
    assert kiosk.acked([tap(3)])["through"] == 3


def test_other_content_under_a_number_is_a_fork(office, kiosk):
    """A copied card that went on by itself is told the last number on which both agree; nothing is stored."""
    taps = [tap(seq) for seq in (1, 2, 3)]
    kiosk.acked(taps)
    told = refused(kiosk.send([taps[0], taps[1], tap(3, answer="sad"), tap(4)]), 409, "forked")
    assert told["same"] == 2
    assert refused(kiosk.send([tap(1)]), 409, "forked")["same"] == 0
    assert [seq for seq, *_ in held(office, kiosk.ledger)] == [1, 2, 3]


@pytest.mark.parametrize(
    "change",
    [
        {"took": 1},
        {"language": "en"},
        {"at": 5},
        {"uptime": 7},
        {"boot": "x"},
        {"synced_clock": False},
        {"answer": None},
    ],
)
def test_any_difference_in_content_is_a_fork(kiosk, change):
    """Every field of a tap belongs to its content."""
    first = tap(1)
    kiosk.acked([first])
    assert refused(kiosk.send([{**first, **change}]), 409, "forked")["same"] == 0


def test_a_ledger_stays_its_first_kiosks(office, kiosk):
    """Under another kiosk's key a ledger is forked where it is decided, so that no tap is held twice."""
    taps = [tap(seq) for seq in (1, 2, 3)]
    kiosk.acked(taps)
    other = office.sender()
    other.ledger = kiosk.ledger
    assert refused(other.send([*taps, tap(4)]), 409, "forked")["same"] == 3
    assert refused(other.send([tap(1)]), 409, "forked")["same"] == 0
    assert refused(other.send([], first=4), 409, "forked")["same"] == 3
    assert other.acked(taps[:2])["through"] == 2, "what is held and the same is decided for whoever asks"
    assert head(office, kiosk.ledger) == (3, 3, 0, 0)
    other.close()


def test_withheld_numbers_are_decided(office, kiosk):
    """A number that cannot be sent is noted with its reason and counts as decided."""
    assert kiosk.acked([tap(1), {"seq": 2, "withheld": "unreadable"}, tap(3)])["through"] == 3
    assert head(office, kiosk.ledger) == (3, 2, 0, 1)
    assert office.rows("SELECT seq, reason FROM withheld ORDER BY ledger DESC LIMIT 1") == [(2, "unreadable")]
    assert kiosk.acked([{"seq": 2, "withheld": "unreadable"}])["through"] == 2, "again changes nothing"
    assert head(office, kiosk.ledger) == (3, 2, 0, 1)


def test_a_number_withheld_on_either_side_is_no_fork(kiosk):
    """After a purge the same number may come once as a tap and once withheld: it stays decided."""
    one, two = tap(1), tap(2)
    kiosk.acked([one, {"seq": 2, "withheld": "unreadable"}])
    assert kiosk.acked([{"seq": 1, "withheld": "purged"}, two])["through"] == 2


def test_what_fits_no_question_is_rejected_and_kept(office, kiosk):
    """A tap with an unknown question or an impossible answer is decided, kept, named, and named again."""
    taps = [
        tap(1, question="q9"),
        tap(2, answer="furious"),
        tap(3),
        tap(4, question="recommend", answer=11),
        tap(5, question="which", answer="price"),
        tap(6, question="recommend", answer=True),
        tap(7, answer={"deep": [10**30]}),
    ]
    ack = kiosk.acked(taps)
    assert ack["through"] == 7
    assert [rejected["seq"] for rejected in ack["rejected"]] == [1, 2, 4, 5, 6, 7]
    assert ack["rejected"][0]["problem"] == f'survey {VERSION} has no question "q9"'
    assert kiosk.acked(taps)["rejected"] == ack["rejected"], "an ack may be lost"
    assert head(office, kiosk.ledger) == (7, 1, 6, 0)
    kept = json.loads(office.value("SELECT tap FROM rejected WHERE problem LIKE '%furious%'"))
    assert kept == taps[1]
    assert not office.wrong()


def test_an_unknown_survey_is_wanted_then_taken(office, kiosk):
    """Taps of unknown surveys are refused with the versions; put them, send again, and they are taken."""
    one, two = other_survey(new_id()), other_survey(new_id())
    assert kiosk.put(one).status_code == 204
    taps = [tap(1, survey=version_of(one)), tap(2, survey=version_of(two)), tap(3, survey="ffffffffffff")]
    told = refused(kiosk.send(taps), 409, "survey_wanted")
    assert sorted(told["surveys"]) == sorted([version_of(two), "ffffffffffff"])
    assert kiosk.put(two).status_code == 204
    assert kiosk.acked(taps[:2])["through"] == 2


def test_a_heartbeat_is_a_batch_without_taps(office, kiosk):
    """An empty batch is acked with through = first - 1, and what the kiosk says of itself is kept."""
    ack = kiosk.acked([], health={"version": "9.9", "pending": 3, "problems": ["disk \x07 full"]})
    assert ack["through"] == 0
    row = office.rows(
        "SELECT version, pending, free_bytes, problems FROM ledger_heads ORDER BY ledger DESC LIMIT 1"
    )
    assert row == [("9.9", 3, None, '["disk \\ufffd full"]')]


def test_a_clock_is_judged_by_the_least_delayed_of_five_batches(office, kiosk):
    """A slow network makes no clock look slow, and a clock that was set right is so after five batches."""

    def offset_after(*shifts_s):
        for shift_s in shifts_s:
            at = int((time.time() + shift_s) * 1000)
            kiosk.acked([], sent={"at": at, "uptime": UPTIME_MS, "boot": BOOT})
        with office.database.read() as connection:
            return all_kiosks(connection)[-1].clock_offset_ms

    assert 200_000 < offset_after(100, 240, 150) <= 240_000
    assert 200_000 < offset_after(0, 0, 0) <= 240_000
    assert -40_000 < offset_after(0, 0) <= 0
    assert -3_640_000 < offset_after(*[-3600] * 5) <= -3_600_000


def test_the_ledger_is_echoed_as_it_was_written(kiosk):
    """An id in capitals is the same ledger, and the ack repeats the kiosk's own spelling."""
    kiosk.acked([tap(1)])
    kiosk.ledger = kiosk.ledger.upper()
    assert kiosk.acked([tap(2)])["through"] == 2


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_bodies_may_be_packed(kiosk, encoding):
    """Gzip and zstd are understood, and the digest is that of the unpacked body."""
    pack = {"gzip": gzip.compress, "zstd": zstandard.compress}[encoding]
    body = json.dumps(batch(kiosk.ledger, [tap(1)])).encode()
    answer = kiosk.post(pack(body), **{"content-encoding": encoding})
    assert answer.status_code == 200, answer.text
    assert answer.json()["through"] == 1


def test_the_ack_names_the_programme_in_force(office, kiosk):
    """The ack carries the etag that GET programme would give."""
    etag = kiosk.client.get("/kiosk/v1/programme").json()["etag"]
    assert kiosk.acked([])["programme"] == etag


def test_a_tap_of_the_running_boot_is_timed_by_uptime(office, kiosk):
    """Whatever the wall clock says, the tap was as long ago as the uptime says."""
    before = int(time.time() * 1000)
    kiosk.acked([tap(1, at=0, uptime=UPTIME_MS - 60_000, synced_clock=False)])
    ((tapped_at, received_at, estimated),) = office.rows(
        "SELECT tapped_at, received_at, estimated FROM taps ORDER BY ledger DESC, seq DESC LIMIT 1"
    )
    assert received_at >= before
    assert (received_at - tapped_at, estimated) == (60_000, 0)


@pytest.mark.parametrize(("synced", "estimated"), [(True, 0), (False, 1)])
def test_a_tap_of_an_earlier_boot_is_timed_by_its_clock(office, kiosk, synced, estimated):
    """Of an earlier boot only the wall clock is known; where it was not set, the time is marked estimated."""
    kiosk.acked([tap(1, boot="earlier", at=1_795_000_000_000, synced_clock=synced)])
    row = office.rows("SELECT tapped_at, estimated FROM taps ORDER BY ledger DESC, seq DESC LIMIT 1")
    assert row == [(1_795_000_000_000, estimated)]


def test_a_later_answer_supersedes_the_earlier(office, kiosk):
    """Of several taps on a question in a visit only the last counts: in a batch, in the next, or skipped."""
    before = office.value("SELECT coalesce(sum(c2), 0) FROM tallies_day")
    visit, other = new_id(), new_id()
    kiosk.acked([tap(1, visit=visit), tap(2, visit=other), tap(3, visit=visit, answer="sad")])
    assert [row[3] for row in held(office, kiosk.ledger)] == [1, 0, 0]
    assert not office.wrong()
    kiosk.acked([tap(4, visit=visit, answer="happy"), tap(5, visit=other, answer=None)])
    assert [row[3] for row in held(office, kiosk.ledger)] == [1, 1, 1, 0, 0]
    assert not office.wrong()
    assert office.value("SELECT sum(c2) FROM tallies_day") == before + 1


def test_the_feed_numbers_grow_without_holes(office, kiosk):
    """Each batch takes the lane's next numbers, in commit order, from its first kept tap to its last."""
    kiosk.acked([tap(1, question="nope"), tap(2), {"seq": 3, "withheld": "too large"}, tap(4)])
    kiosk.acked([tap(5)])
    runs = office.rows(
        """
        SELECT feed.first, feed.last, feed_lanes.n - feed.n
          FROM feed
          JOIN feed_lanes ON feed_lanes.lane = feed.lane
          JOIN ledgers    ON ledgers.id      = feed.ledger
         WHERE ledgers.uuid = ?
         ORDER BY feed.n
        """,
        uuid.UUID(kiosk.ledger).bytes,
    )
    assert runs == [(2, 4, 1), (5, 5, 0)]


def test_a_key_is_needed(office, kiosk):
    """Without a key, with an unknown or a malformed one nothing is taken, and the answer says how to ask."""
    body = json.dumps(batch(kiosk.ledger, [tap(1)])).encode()
    for header in ("", "Bearer", "Basic abc", "Bearer unknown", "Bearer " + "x" * 5000):
        answer = kiosk.post(body, authorization=header)
        refused(answer, 401, "unauthorised")
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert office.rows("SELECT 1 FROM ledgers WHERE uuid = ?", uuid.UUID(kiosk.ledger).bytes) == []


def test_a_key_taken_back_is_refused_at_once(office, kiosk):
    """A revoked key gets 403 with the next batch, even when it was good a moment ago."""
    kiosk.acked([tap(1)])
    office.change(
        lambda connection: connection.exec_driver_sql(
            "UPDATE kiosk_keys SET revoked_at = 1 WHERE kiosk = (SELECT max(id) FROM kiosks)"
        )
    )
    refused(kiosk.send([tap(2)]), 403, "revoked")
    refused(kiosk.client.get("/kiosk/v1/programme"), 403, "revoked")
    assert head(office, kiosk.ledger) == (1, 1, 0, 0)


def test_a_results_token_is_no_kiosk_key(office, kiosk):
    """Keys of kiosks and tokens of programs are different things."""
    stranger = Sender(office.url, "egao_" + kiosk.key)
    refused(stranger.send([tap(1)]), 401, "unauthorised")
    stranger.close()


def newest(office):
    return office.value("SELECT max(id) FROM kiosks")


def ask(office, number, at=None):
    office.change(partial(picture.ask, kiosk=number, by=By("person 1", at or now_ms())))


def seen(office, number, later_ms=0):
    with office.database.read() as connection:
        now = now_ms() + later_ms
        found = pictures.find(connection, number, now=now)
        return found.asked_at is not None, found.width, pictures.data(connection, number, now=now)


def put(kiosk, asked, body=PNG):
    return kiosk.client.put(f"/kiosk/v1/picture/{asked}", content=body, headers={"Content-Type": "image/png"})


def test_a_picture_is_asked_for_in_acks_and_taken_once(office, kiosk):
    """Only this kiosk's acks name it, only under that name it is taken, and then nobody waits any more."""
    number, other = newest(office), office.sender()
    assert "picture" not in kiosk.acked([])
    refused(put(kiosk, "1"), 404, "not_found")
    ask(office, number)
    late = pictures.Png(width=4, height=3, data=PNG)
    assert not office.change(partial(pictures.put, kiosk=number, png=late, asked_at=1, now=now_ms()))
    asked = kiosk.acked([])["picture"]
    assert "picture" not in other.acked([])
    refused(put(other, asked), 404, "not_found")
    refused(put(kiosk, f"{asked}0"), 404, "not_found")
    refused(put(kiosk, asked, b"<svg onload=alert(1)>"), 400, "invalid")
    refused(put(kiosk, asked, bytes(MAX_PICTURE_BYTES + 1)), 413, "too_large")
    assert put(kiosk, asked).status_code == 204
    assert seen(office, number) == (False, 4, PNG)
    assert "picture" not in kiosk.acked([])
    refused(put(kiosk, asked), 404, "not_found")
    ask(office, number)
    assert seen(office, number) == (True, 4, PNG)
    other.close()
    lines = office.rows("SELECT who, did FROM audit WHERE did LIKE '%picture' ORDER BY id DESC LIMIT 3")
    assert lines[1:] == [(f"kiosk {number}", "send picture"), ("person 1", "ask for picture")]


def test_a_picture_is_gone_after_a_day(office, kiosk):
    """A wish that no kiosk met and a picture end after 24 hours, on the page and in the database."""
    number = newest(office)
    ask(office, number, at=now_ms() - DAY_MS - 1)
    assert "picture" not in kiosk.acked([])
    ask(office, number)
    assert put(kiosk, kiosk.acked([])["picture"]).status_code == 204
    assert seen(office, number, later_ms=DAY_MS - 60_000) == (False, 4, PNG)
    assert seen(office, number, later_ms=DAY_MS + 1) == (False, 4, None)
    office.change(partial(pictures.let_go, before_ms=now_ms() - 60_000))
    assert seen(office, number) == (False, 4, PNG)
    office.change(partial(pictures.let_go, before_ms=now_ms() + 1))
    assert office.rows("SELECT kiosk FROM pictures WHERE kiosk = ?", number) == []
