"""What the clock's look for alerts reads of the tallies: the same however it is kept, on both databases."""

from collections import Counter
from contextlib import closing
from datetime import date, timedelta
from statistics import median

import pytest

from bench.year.__main__ import Wanted, fill
from headoffice.store import alerts, schema, sight, tallies
from headoffice.store.engine import driver, open_database
from headoffice.store.kept import Kept
from headoffice.store.tallies import DayKey, HourKey
from headoffice.work import alert, roll

TOWN = Wanted(sites=3, kiosks=5, days=40, visits=60.0, until=date(2026, 3, 11))
YESTERDAY = date(2026, 3, 10)
NOW_MS = 1_773_187_200_000  # 2026-03-11 00:00 UTC, 9:00 in Japan: the day before is over
WEEKS = [YESTERDAY - timedelta(weeks=week) for week in range(5)]
HOURS = ((10, 13), (11, 14))
DAY_MS = 24 * 3600 * 1000


@pytest.fixture
def database(place):
    """A head office with forty days of three sites."""
    with closing(open_database(place)) as opened:
        if not schema.is_current(opened):
            schema.migrate(opened)
        fill(opened, TOWN, told=lambda _words: None)
        yield opened


def test_what_is_looked_at_is_the_tallies(database):
    """Answers by site and usual visits are a plain count: rolled up, kept, and when late taps came."""
    kept = Kept()
    with database.write() as connection:
        for change, value in ((OF_STAFF, WEEKS[0]), (CLOSED, WEEKS[2])):
            driver(connection).execute(change, (value.isoformat(),))
    seen = looked_at(database, None)
    assert seen == counted(database)
    assert sum(sum(day.values()) for day in seen[0]) > 1000
    assert len(seen[1]) == len(seen[2]) == 5
    assert seen[1] != seen[2]
    roll.roll_up(database, now_ms=NOW_MS + 2 * DAY_MS)
    assert looked_at(database, kept) == looked_at(database, kept) == seen
    with sight.reading(database, frozenset({1}), kept) as connection:
        assert set(alerts.answers_by_site(connection, WEEKS[0])) == {1}

    with database.write() as connection:
        for day in WEEKS[1:4]:
            late(connection, day)
    changed = looked_at(database, kept)
    assert changed == counted(database)
    assert changed != seen
    roll.roll_up(database, now_ms=NOW_MS + 2 * DAY_MS + 1)
    assert looked_at(database, kept) == changed


def test_a_day_of_few_answers_is_an_alarm(database):
    """A site whose whole day had less than four answers in ten of what is usual then is told, no other."""
    kept = Kept()
    assert drops(database, kept) == []

    with database.write() as connection:
        driver(connection).execute(HALF, (YESTERDAY.isoformat(),))
    assert drops(database, kept) == []
    with database.write() as connection:
        driver(connection).execute(GONE, (YESTERDAY.isoformat(),))
    [(site, words)] = drops(database, kept)
    assert site == 2
    assert words.startswith("0 answers on 2026-03-10; ")


def drops(database, kept):
    """The sites of which a drop is told, and in which words."""
    with sight.reading(database, None, kept) as connection:
        found = alert.look(connection, now_ms=NOW_MS, silent_after_ms=DAY_MS).raised
        return [(each.site, each.detail) for each in found if each.kind == "sudden_drop"]


def looked_at(database, kept):
    """Each day's answers by site, and the usual visits."""
    with sight.reading(database, None, kept) as connection:
        by_day = [dict(alerts.answers_by_site(connection, day)) for day in WEEKS]
        return by_day, *[dict(alerts.usual_visits(connection, WEEKS[1:], hours=hours)) for hours in HOURS]


def counted(database):
    """The same, row by row."""
    with database.read() as connection:
        bare = driver(connection)
        by_day = []
        for day in WEEKS:
            answers = Counter()
            for site, n in bare.execute(OF_SITES, (day.isoformat(),)).fetchall():
                answers[site] += n
            by_day.append(dict(answers))
        of_days = [bare.execute(OF_HOURS, (day.isoformat(),)).fetchall() for day in WEEKS[1:]]
    return by_day, *[usual(of_days, hours) for hours in HOURS]


def usual(of_days, hours):
    """The median of the days, of (place, hour, n) each."""
    visits = {}
    for back, rows in enumerate(of_days):
        for place, hour, n in rows:
            if hours[0] <= hour < hours[1]:
                visits.setdefault(place, [0] * len(of_days))[back] += n
    return {place: median(each) for place, each in visits.items()}


def late(connection, day):
    """One more answer of a day that is over."""
    row = driver(connection).execute(ONE, (day.isoformat(),)).fetchone()
    counts = [1, 0, 100, 0, 0, 1, *[0] * 9]
    question, placement, ledger = row
    of_day = DayKey(question, day.isoformat(), placement, ledger, "ja", 1)
    of_hour = HourKey(question, day.isoformat(), HOURS[1][0], placement, ledger, 1)
    tallies.add_counts(connection, "tallies_day", {of_day: counts})
    tallies.add_counts(connection, "tallies_hour", {of_hour: [100, *counts[1:]]})


OF_STAFF = """
    UPDATE questions SET metric = 'prediction'
     WHERE id = (SELECT MAX(question) FROM tallies_day WHERE day = ? AND n > 0)
"""
CLOSED = "DELETE FROM tallies_hour WHERE day = ? AND placement = 1"
HALF = "UPDATE tallies_day SET n = (n + 1) / 2 WHERE day = ? AND n > 1"
GONE = """
    DELETE FROM tallies_day
     WHERE day = ? AND placement IN (SELECT id FROM placements WHERE site = 2)
"""
OF_SITES = """
    SELECT placements.site, tally.n FROM tallies_day AS tally
      JOIN placements ON placements.id = tally.placement
      JOIN questions ON questions.id = tally.question
     WHERE tally.day = ? AND COALESCE(questions.metric, '') <> 'prediction'
"""
OF_HOURS = """
    SELECT tally.placement, tally.hour, tally.n + tally.skipped FROM tallies_hour AS tally
      JOIN questions ON questions.id = tally.question
     WHERE tally.day = ? AND questions.position = 0 AND COALESCE(questions.metric, '') <> 'prediction'
"""
ONE = """
    SELECT question, placement, ledger FROM tallies_day
     WHERE day = ? AND counted = 1 AND question IN (SELECT id FROM questions WHERE position = 0)
     ORDER BY question, placement LIMIT 1
"""
