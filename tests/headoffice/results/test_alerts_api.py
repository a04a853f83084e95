"""Alerts: raised once while something lasts, closed when it is over."""

from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import text

from headoffice.work import alert
from headoffice.work.alert import usual_answers
from tests.headoffice.kiosk_side import new_id, refused, tap
from tests.headoffice.results.asking import client_of
from tests.headoffice.running import wait_for

PATH = "/api/v1/alerts"
MINUTE_MS = 60_000


def look(office, now_ms):
    """One round of the rules, as of a moment."""
    with office.database.read() as connection:
        change = alert.look(connection, now_ms=now_ms, silent_after_ms=15 * MINUTE_MS)
    office.change(partial(alert.settle, change=change, now_ms=now_ms))


def test_an_alert_is_raised_once_and_closed_when_it_is_over(small):
    """Silence, complaints, rejected and unreadable taps and forks are alerts until they are over."""
    now = small.context.now_ms()
    with client_of(small, "results") as client:

        def kinds(state="open"):
            return sorted(row["kind"] for row in client.get(PATH, params={"state": state}).json()["alerts"])

        small.kiosk.acked([])
        look(small, now)
        assert kinds() == []

        office = tap(1, survey=small.version)
        unknown = tap(2, survey=small.version, question="nowhere")
        unreadable = {"seq": 3, "withheld": "unreadable"}
        health = {"problems": ["the disk is nearly full"]}
        small.kiosk.acked([office, unknown, unreadable], health=health)
        look(small, now)
        look(small, now)
        assert kinds() == ["kiosk_problems", "ledger_corrupt", "taps_rejected"]

        refused(small.kiosk.send([{**office, "answer": "sad"}], first=1), 409, "forked")
        assert "ledger_forked" in kinds()

        later = now + 16 * MINUTE_MS
        small.kiosk.acked([], first=4)
        look(small, later)
        assert kinds() == ["kiosk_silent", "ledger_corrupt", "ledger_forked", "taps_rejected"]
        assert kinds("closed") == ["kiosk_problems"]

        look(small, now + 9 * 24 * 60 * MINUTE_MS)
        assert kinds() == ["kiosk_silent"]
        page = client.get(PATH, params={"limit": 2}).json()
        assert len(page["alerts"]) == 2
        assert page["more"]
        rest = client.get(PATH, params={"after": page["next"]}).json()["alerts"]
        assert {row["alert"] for row in rest}.isdisjoint(row["alert"] for row in page["alerts"])
        assert all(row["closed_at"] for row in rest if row["state"] == "closed")


def test_a_drop_is_measured_against_the_same_weekday():
    """A quiet Monday is no alarm; few answers to compare with are no measure."""
    assert usual_answers([100, 120, 80, 110]) == 105
    assert usual_answers([100, 0, 0, 0]) is None


def test_a_kiosk_without_visits_is_an_alarm_where_that_hour_usually_brings_some(small):
    """Heard of, and no visit for three hours that bring twelve on such a day; a visit ends it."""
    zone, version = ZoneInfo("Asia/Tokyo"), small.version
    noon = datetime(2027, 3, 10, 12, 30, tzinfo=zone)
    weeks = [noon - timedelta(weeks=week) for week in (1, 2, 3)]
    times = [day - timedelta(minutes=40 + 10 * visit) for day in weeks for visit in range(12)]
    times += [noon - timedelta(days=1, hours=1)] * 12 + [noon - timedelta(hours=4)]
    small.kiosk.acked(
        [
            tap(seq, survey=version, visit=new_id(), boot="past", at=int(at.timestamp() * 1000))
            for seq, at in enumerate(times, 1)
        ]
    )
    last = len(times) + 1

    def quiet(at, pending=0):
        now_ms = int(at.timestamp() * 1000)
        heard = text("UPDATE ledger_heads SET heard_at = :at, pending = :pending")
        small.change(lambda c: c.execute(heard, {"at": now_ms, "pending": pending}))
        with small.database.read() as connection:
            found = alert.look(connection, now_ms=now_ms, silent_after_ms=15 * MINUTE_MS).raised
        return [each.detail for each in found if each.kind == "kiosk_quiet"]

    assert quiet(noon) == ["no visit since 9:00; 12 are usual from then to 12:00 on such a day"]
    assert quiet(noon + timedelta(days=1)) == quiet(noon + timedelta(hours=5)) == []
    assert quiet(noon - timedelta(hours=11)) == []
    assert quiet(noon, pending=3) == []
    assert quiet(noon) != []
    at = int((noon - timedelta(minutes=5)).timestamp() * 1000)
    small.kiosk.acked([tap(last, survey=version, boot="past", at=at)], first=last)
    assert quiet(noon) == []


def test_jobs_run_and_end_with_the_server(small, caplog):
    """The scheduler runs beside the server and ends with it, without a word."""
    threads = [small._thread]
    wait_for(lambda: small._server.started)
    small._server.should_exit = True
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    assert not [record for record in caplog.records if "apscheduler" in record.name and record.levelno > 20]
