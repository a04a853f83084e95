"""The generated year: what it stands for must be what kiosks would have left in the store."""

from contextlib import closing
from datetime import date

import pytest

from bench.year.__main__ import Wanted, fill
from bench.year.copied import multiply
from headoffice.store import schema
from headoffice.store.engine import driver, open_database
from headoffice.store.tables import SLOT_COLUMNS
from headoffice.store.tallies import KINDS
from headoffice.work import rebuild

SMALL = {"sites": 3, "kiosks": 5, "days": 4, "visits": 20.0, "until": date(2026, 11, 1)}
SLOTS = " + ".join(SLOT_COLUMNS)
GROUPED = f"""
    SELECT question, day, placement, ledger, counted, sum(n), sum(skipped), sum(sum), sum({SLOTS})
      FROM TABLE GROUP BY question, day, placement, ledger, counted
"""  # noqa: S608 - names of ours
VISITS = "SELECT count(DISTINCT visit) FROM taps JOIN placements ON placements.id = taps.placement"
FED = """
    FROM feed JOIN ledgers ON ledgers.id = feed.ledger
              JOIN taps ON taps.ledger = ledgers.id AND taps.seq BETWEEN feed.first AND feed.last
"""
ONE_SLOT = "SELECT id FROM questions WHERE type IN ('faces', 'scale')"


def filled(place, **changes):
    database = open_database(place)
    if not schema.is_current(database):
        schema.migrate(database)
    return database, fill(database, Wanted(**SMALL | changes), told=lambda _words: None)


def rows(database, statement):
    with database.read() as connection:
        return [tuple(row) for row in driver(connection).execute(statement).fetchall()]


def test_tallies_by_day_and_by_hour_tell_the_same_on_both_databases(place):
    """Hours add up to days, slots to answers, and both to what the ledgers' heads say is held."""
    database, taps = filled(place)
    with closing(database):
        days, hours = (sorted(rows(database, GROUPED.replace("TABLE", table))) for table in KINDS)
        assert days == hours
        assert len({day for _, day, *_ in days}) == 4
        assert {row[0] for row in rows(database, "SELECT DISTINCT language FROM tallies_day")} >= {"ja", "en"}
        [(held, through)] = rows(database, "SELECT sum(held), sum(through) FROM ledger_heads")
        assert held == through == taps == sum(n + skipped for *_, n, skipped, _, _ in days)
        one = {number for (number,) in rows(database, ONE_SLOT)}
        assert all(n == slots for question, *_, n, _, _, slots in days if question in one)
        with pytest.raises(RuntimeError, match="has sites"):
            fill(database, Wanted(**SMALL), told=print)


def test_with_every_tap_the_store_is_as_if_kiosks_had_sent_them(tmp_path):
    """A recount finds nothing wrong, words and superseding included; the same seed gives the same taps."""
    database, taps = filled(tmp_path / "a.sqlite3", taps=True)
    other, again = filled(tmp_path / "b.sqlite3", taps=True)
    with closing(database), closing(other):
        with database.read() as connection:
            assert not rebuild.check(connection)
        assert rows(database, "SELECT count(*) FROM taps") == [(taps,)]
        assert taps == again > 300
        given = "SELECT visit, question, answer, tapped_at FROM taps ORDER BY tapped_at, seq"
        assert rows(database, given) == rows(other, given)
        assert rows(database, "SELECT count(*) FROM verbatims") > [(0,)]
        [(visits,)] = rows(database, VISITS)
    assert multiply(tmp_path / "b.sqlite3", 3, told=lambda _words: None) == 3 * taps
    with closing(open_database(tmp_path / "b.sqlite3")) as many:
        assert rows(many, VISITS) == [(3 * visits,)]
        assert rows(many, f"SELECT count(*) {FED}") == [(3 * taps,)]
        assert rows(many, "SELECT max(n) FROM feed_lanes") == rows(many, "SELECT max(n) FROM feed")
        with many.write() as connection:
            rebuild.rebuild(connection)
            assert not rebuild.check(connection)
