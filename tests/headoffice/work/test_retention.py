"""Taps that are let go: what they counted for stays, and everything that is held is still exact."""

import asyncio
import json
from dataclasses import replace
from functools import partial

import pytest

from headoffice.settings import resolve
from headoffice.store import completeness, feed, letting_go
from headoffice.store.audit import By
from headoffice.work import rebuild, retention
from headoffice.work.batch import read_batch
from headoffice.work.clock import clock_jobs
from headoffice.work.ingest import Ingest
from headoffice.work.secrets import hash_key
from tests.headoffice.kiosk_side import batch, new_id, tap

DAY_MS = 24 * 3600 * 1000
NOW_MS = 1_795_250_000_000
OLD_MS = NOW_MS - 100 * DAY_MS
ROWS = (
    "SELECT question, day, placement, ledger, language, counted, n, skipped, sum, c0, c1, c2 FROM tallies_day"
)


def visit(first, word):
    """A visit that answers, changes its mind, chooses several and writes."""
    mine = new_id()
    answers = [("rating", "sad"), ("rating", "happy"), ("which", ["price", "staff"]), ("words", word)]
    return [
        tap(first + place, visit=mine, question=question, answer=answer)
        for place, (question, answer) in enumerate(answers)
    ]


@pytest.fixture
def filled(office):
    """Two kiosks with three old visits and two new ones each, and something rejected long ago."""
    ingest = Ingest()
    office.ledgers = []
    for _ in range(2):
        key, ledger = hash_key(office.key()), new_id()
        office.ledgers.append((ledger, key, ingest))
        for number, received_at in enumerate([OLD_MS, OLD_MS + 1, OLD_MS + 2, NOW_MS, NOW_MS + 1]):
            taps = visit(1 + number * 4, f"word {number}")
            if number == 1:
                taps[2]["question"] = "nothing"
            send(office, (ledger, key, ingest), taps, received_at)
    return office


def send(office, kiosk, taps, received_at):
    ledger, key, ingest = kiosk
    read = read_batch(json.dumps(batch(ledger, taps)).encode())
    return office.change(partial(ingest.take, batch=read, key=key, received_at=received_at))


def let_go(office, before_ms, *, ledgers=None):
    with office.database.read() as connection:
        found = letting_go.due(connection, before_ms=before_ms)
    for ledger in found if ledgers is None else ledgers:
        step = partial(retention.step, ledger=ledger, before_ms=before_ms, by=By("retention", NOW_MS))
        while office.change(step):
            pass
    return found


def test_what_was_counted_stays_and_a_recount_is_exact(filled, monkeypatch):
    """Old taps, their words and their place in the feed go; every tally stays, and a recount agrees."""
    monkeypatch.setattr(retention, "AT_ONCE", 3)
    before = sorted(filled.rows(ROWS))
    assert let_go(filled, NOW_MS - 30 * DAY_MS) == [1, 2]
    assert filled.rows("SELECT ledger, min(seq), count(*) FROM taps GROUP BY ledger ORDER BY ledger") == [
        (1, 13, 8),
        (2, 13, 8),
    ]
    assert filled.value("SELECT count(*) FROM verbatims") == 4
    assert filled.rows("SELECT tap, problem FROM rejected") == [("{}", "let go")] * 2
    assert sorted(filled.rows(ROWS)) == before
    assert not filled.wrong()
    with filled.database.read() as connection:
        rows, _, more = feed.page(connection, feed.read_cursor(connection, ""), 100)
        assert ([row.seq for row in rows], more) == ([*range(13, 21)] * 2, False)
        for holding in completeness.holdings(connection):
            assert (holding.held, holding.let_go, holding.rejected, holding.missing) == (19, 11, 1, 0)
            assert completeness.recount(connection, holding) == (holding, [])

    assert let_go(filled, NOW_MS - 30 * DAY_MS) == []
    filled.change(lambda connection: connection.exec_driver_sql("UPDATE tallies_day SET n = n + 1"))
    assert filled.wrong().days == len(before)
    filled.change(rebuild.rebuild)
    assert sorted(filled.rows(ROWS)) == before
    assert not filled.wrong()


def test_a_reader_who_comes_too_late_is_told(filled):
    """Whose cursor is before what went is told on that page, and on no page after it; others never are."""

    def read(cursor, limit=100):
        with filled.database.read() as connection:
            begin = feed.read_cursor(connection, cursor)
            rows, after, _ = feed.page(connection, begin, limit)
            return len(rows), feed.write_cursor(after), feed.is_too_late(connection, begin)

    held = filled.value("SELECT count(*) FROM taps")
    _, early, told = read("", limit=1)
    _, late, told_later = read("")
    assert not told
    assert not told_later
    let_go(filled, NOW_MS - 30 * DAY_MS)
    assert read(late)[::2] == (0, False)
    left, after, told = read(early)
    assert told
    assert left < held - 1
    assert read(after)[::2] == (0, False)
    let_go(filled, NOW_MS + DAY_MS)
    _, after, told = read(early)
    assert told
    assert read(after)[::2] == (0, False)


def test_kiosks_go_on_as_if_nothing_had_gone(filled):
    """What is sent again after it went is known as decided; what is new counts on; all may go in the end."""
    let_go(filled, NOW_MS - 30 * DAY_MS)
    kiosk = filled.ledgers[0]
    assert send(filled, kiosk, visit(1, "again"), NOW_MS + 2).through == 4
    assert send(filled, kiosk, visit(21, "new"), NOW_MS + 3).through == 24
    assert filled.value("SELECT count(*) FROM taps WHERE ledger = 1") == 12
    assert not filled.wrong()
    counted = filled.value("SELECT sum(n) FROM tallies_hour")
    let_go(filled, NOW_MS + DAY_MS)
    assert filled.value("SELECT count(*) FROM taps") == 0
    assert filled.value("SELECT sum(n) FROM tallies_hour") == counted
    assert not filled.wrong()
    assert send(filled, kiosk, visit(25, "last"), NOW_MS + 2 * DAY_MS).through == 28
    assert not filled.wrong()


def test_the_clock_lets_go_what_the_settings_say(filled, tmp_path):
    """By the jobs of a served head office: taps, words and audit by their own days; 0 keeps for ever."""

    def jobs(**days):
        async def read(question):
            with filled.database.read() as connection:
                return question(connection)

        async def write(change):
            return filled.change(change)

        settings = replace(resolve({"data": str(tmp_path)}, {}), keep_verbatims_days=0, **days)
        for job in clock_jobs(settings, read=read, write=write, now_ms=lambda: NOW_MS + 2):
            if job.name.startswith(("retention", "sessions")):
                asyncio.run(job.run())

    def left():
        return [filled.value(f"SELECT count(*) FROM {table}") for table in ("taps", "audit")]  # noqa: S608 - two names

    before = left()
    jobs(keep_taps_days=0, keep_audit_days=0)
    assert left() == before
    jobs(keep_taps_days=30, keep_audit_days=30)
    assert left() == [16, 2]
    told = {did: json.loads(what)["count"] for did, what in filled.rows("SELECT did, what FROM audit")}
    assert told == {"let taps go": 22, "forget old audit": before[1]}
    assert not filled.wrong()
