"""What is rolled up: the same numbers as without it, whatever changes meanwhile, on both databases."""

from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from operator import add

from bench.year.__main__ import Wanted, fill
from headoffice.metrics import METRICS
from headoffice.store import rolled, schema, sight, sites, tallies
from headoffice.store.engine import driver, open_database
from headoffice.store.kept import Kept
from headoffice.store.rolled import named
from headoffice.store.tallies import DayKey, HourKey
from headoffice.work import hiding, roll
from headoffice.work.hiding import hidden_cells
from headoffice.work.report import MetricQuery, measure
from headoffice.work.scope import Scope
from tests.headoffice.metrics.test_suppression import unprotected

TOWN = Wanted(sites=3, kiosks=7, days=45, visits=5.0, until=date(2026, 3, 11))
TODAY = date(2026, 3, 12)
NOW_MS = 1_773_230_400_000  # 2026-03-11 12:00 UTC: all days but the last are over
BY = [
    (),
    *((name,) for name in ("site", "kiosk", "touchpoint", "day", "week", "month", "weekday", "hour")),
    *(
        ("language",),
        ("tag.region",),
        ("site", "week"),
        ("month", "site"),
        ("week", "month"),
        ("day", "hour"),
    ),
    *(("site", "hour"), ("language", "kiosk"), ("site", "question")),
    *(("hour", "weekday"), ("weekday", "site", "hour")),
]
SCOPES = [
    Scope(),
    Scope(first=date(2026, 2, 3), end=date(2026, 3, 9)),
    Scope(first=date(2026, 2, 3), sites=(1, 3)),
    Scope(end=date(2026, 3, 1), touchpoints=("レジ",)),
    Scope(sites=(2,)),
]
MONTH, LAST_DAYS = Scope(first=date(2026, 2, 1), end=TODAY), Scope(first=date(2026, 3, 10), end=TODAY)
HIDDEN = [
    (MONTH, ("weekday", "hour", "site")),
    (MONTH, ("day", "site")),
    (MONTH, ("site", "touchpoint", "week")),
    (LAST_DAYS, ("weekday", "hour", "site")),
    (LAST_DAYS, ("site", "question", "hour")),
]
SIGHTS = (None, frozenset({1, 2}))


def answers(database, kept=None):
    """What is answered to everything that could be asked, by readers who keep what they can or nothing."""
    found = {}
    for seen in SIGHTS:
        with sight.reading(database, seen, kept) as connection:
            for by in BY:
                for scope in SCOPES:
                    query = MetricQuery(metric=METRICS["csat"], by=by, scope=scope, everything=True)
                    found[seen, by, scope] = measure(connection, query)
    return found


def folded_alike(found):
    """See that what the database folds by site comes to what is folded here, question by question."""
    for scope in SCOPES:
        sums = {}
        for row in found[None, ("site", "question"), scope]:
            own, both = sums.get(row.by["site"], ((0, 0), (0, 0))), (row.counts, row.all_counts)
            sums[row.by["site"]] = tuple(tuple(map(add, *pair)) for pair in zip(own, both, strict=True))
        rows = found[None, ("site",), scope]
        assert {row.by["site"]: (row.counts, row.all_counts) for row in rows} == sums


def shown_to_others(database, kept=None):
    """See that nobody but admins can work out a small cell, filtered or not; returns how many are hidden."""
    csat, hides = METRICS["csat"], 0
    with sight.reading(database, None, kept) as connection:
        for scope, by in HIDDEN:
            query = MetricQuery(metric=csat, by=by, scope=scope, everything=True)
            counts = {tuple(row.by.values()): row.estimate.n for row in measure(connection, query)}
            others = replace(query, everything=False)
            hidden = {tuple(row.by.values()) for row in measure(connection, others) if row.suppressed}
            assert not unprotected(counts, hidden), by
            turned = hidden_cells(connection, csat, by[::-1], scope)
            assert turned == {key[::-1] for key in hidden}
            at = by.index("site")
            for site in ("1", "2", "3"):
                bare = tuple(name for name in by if name != "site")
                one = replace(others, by=bare, scope=replace(scope, sites=(int(site),)))
                rows = {tuple(row.by.values()): row for row in measure(connection, one)}
                assert {key for key, row in rows.items() if row.suppressed} == {
                    (*key[:at], *key[at + 1 :]) for key in hidden if key[at] == site
                }
                for key, row in rows.items():
                    whole = counts[*key[:at], site, *key[at:]]
                    assert row.suppressed or row.estimate.n == whole
            hides += len(hidden)
    return hides


def hidden_alike(database, kept, monkeypatch):
    """See that as much is hidden whether of the last day few sites are read at most hours, or all of them."""
    hides = [shown_to_others(database, kept)]
    for many_sites in (1, 1000):
        monkeypatch.setattr(hiding, "MANY_SITES", many_sites)
        hides.append(shown_to_others(database, kept))
    assert hides == [hides[0]] * 3
    assert hides[0] > 100


def roll_up(database, later_ms=0):
    """What the clock does; returns how much there was to do."""
    return [span.name for span in roll.roll_up(database, now_ms=NOW_MS + later_ms)]


def change(database, what):
    with database.write() as connection:
        return what(connection)


def test_numbers_are_the_same_rolled_up_or_not(place, monkeypatch):
    """Each metric by each column and filter, for each reader: before, after, with late taps, and mended."""
    kept = Kept()
    with closing(open_database(place)) as database:
        if not schema.is_current(database):
            schema.migrate(database)
        fill(database, TOWN, told=lambda _words: None)
        plain = answers(database)
        assert sum(len(rows) for rows in plain.values()) > 800
        folded_alike(plain)
        done = roll_up(database)
        assert {"2026-03-10", "2026-W10", "2026-02"} <= set(done)
        assert not {"2026-03-11", "2026-W11", "2026-03"} & set(done)
        assert answers(database, kept) == plain
        hidden_alike(database, kept, monkeypatch)

        def late(connection):
            [row] = driver(connection).execute(ONE).fetchall()
            counts = [1, 0, 100, 0, 0, 1, *[0] * 9]
            question, placement, ledger = row
            day = DayKey(question, "2026-02-11", placement, ledger, "ja", 1)
            hour = HourKey(question, "2026-02-11", 12, placement, ledger, 1)
            tallies.add_counts(connection, "tallies_day", {day: counts})
            tallies.add_counts(connection, "tallies_hour", {hour: counts})

        month = named("2026-02")
        other, begun = (change(database, partial(rolled.begin, span=month)) for _ in range(2))
        step = partial(roll.step, now_ms=NOW_MS, a_step_s=0)
        assert change(database, partial(step, rolling=other)) is None  # somebody else began it anew
        begun = change(database, partial(step, rolling=begun))
        assert begun is not None
        change(database, late)
        assert change(database, partial(step, rolling=begun)) is None  # what was added up is old
        now = answers(database, kept)
        everything = (None, (), Scope())
        assert now[everything][0].estimate.n == plain[everything][0].estimate.n + 1
        assert change(database, rolled.differences) == 0
        assert roll_up(database, later_ms=1) == ["2026-02-11", "2026-W07", "2026-02"]
        assert roll_up(database) == []
        assert answers(database, kept) == now
        shown_to_others(database, kept)

        monkeypatch.setattr(rolled, "A_PIECE", 1)
        begun, pieces = change(database, partial(rolled.begin, span=month)), 0
        while begun is not None:
            begun, pieces = change(database, partial(step, rolling=begun)), pieces + 1
        assert pieces > 30  # each question by itself, and its weekdays
        assert roll_up(database) == []
        assert change(database, rolled.differences) == 0

        for statement in PLANTED:
            change(database, lambda connection, wrong=statement: driver(connection).execute(wrong))
        assert change(database, rolled.differences) == 2 * len(PLANTED)
        assert answers(database) != now
        change(database, rolled.forget_all)
        assert answers(database) == now


def test_a_day_is_rolled_up_two_hours_after_its_last_end(place):
    """A day is over when it is so at the site furthest west; two hours later what kiosks kept has come."""
    with closing(open_database(place)) as database:
        if not schema.is_current(database):
            schema.migrate(database)
        for name, timezone in (("Tokyo", "Asia/Tokyo"), ("St. John's", "America/St_Johns")):
            add = partial(sites.add_site, name=name, timezone=timezone, tags={}, now=1)
            change(database, add)
        day = {DayKey(1, "2026-03-02", 1, 1, "ja", 1): [1] * 15}
        change(database, lambda connection: tallies.add_counts(connection, "tallies_day", day))
        for put in ASKED:
            change(database, lambda connection, put=put: driver(connection).execute(put))

        def days(at):
            with database.read() as connection:
                now_ms = int(datetime.fromisoformat(at).timestamp() * 1000)
                return [span.name for span in roll.due(connection, now_ms=now_ms)]

        assert days("2026-03-03T01:59:59.999-03:30") == []
        assert days("2026-03-03T02:00-03:30") == ["2026-03-02"]
        assert days("2026-03-10T23:59-02:30")[-1] == "2026-03-02"  # summer time there since the 8th
        assert days("2026-03-11T00:00-02:30")[-1] == "2026-W10"  # two days after its end: few undo it then


ASKED = (
    "INSERT INTO surveys VALUES (1, 'v', 's', 'in_the_moment', '{}', NULL, 1)",
    "INSERT INTO questions VALUES (1, 1, 'how', 0, 'faces', 'csat', 0, 3)",
)
ONE = """
    SELECT question, placement, ledger FROM tallies_day
     WHERE question IN (SELECT id FROM questions WHERE metric = 'csat') AND counted = 1
     ORDER BY question, day, placement LIMIT 1
"""
PLANTED = [
    f"UPDATE {table} SET c2 = c2 + 1 WHERE ({key}) = (SELECT {key} FROM {table} WHERE {one} LIMIT 1)"  # noqa: S608 - ours
    for table, key, one in (
        ("rolled_places", "question, span, placement, ledger, counted", "span = '2026-02'"),
        ("rolled_days", "question, day, language, counted", "n > 0"),
        ("rolled_hours", "question, day, hour, counted", "n > 0"),
        ("rolled_site_hours", "question, span, site, weekday, hour, counted", "n > 0"),
    )
]
