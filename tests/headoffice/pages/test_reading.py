"""What the overview is made of: which days are compared, what is signal, who may see what."""

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from headoffice.intervals import difference, share
from headoffice.metrics import METRICS
from headoffice.web.charts.dots import Line, Wording, dots_chart
from headoffice.web.charts.trend import trend_chart
from headoffice.web.overview.changed import changed_card
from headoffice.web.words import read_words
from headoffice.work.daily import daily
from headoffice.work.fleet import latest
from headoffice.work.overview import overview
from headoffice.work.report import MetricQuery
from headoffice.work.scope import Scope
from tests.headoffice.kiosk_side import new_id, tap

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=ZoneInfo("Asia/Tokyo"))
NOW_MS = int(NOON.timestamp() * 1000)


@pytest.fixture
def answered(empty, opened):
    """Puts answers into a shop: how many of each face, so many days ago, at an hour of Tokyo."""
    sent = {}

    def put(name, *, ago=0, happy=0, neutral=0, sad=0, hour=10, language="ja"):
        sender, first = sent.get(name) or (opened(empty, name), 1)
        at = (NOON - dt.timedelta(days=ago)).replace(hour=hour)
        answers = ["happy"] * happy + ["neutral"] * neutral + ["sad"] * sad
        common = {"survey": empty.version, "boot": "long ago", "at": int(at.timestamp() * 1000)}
        common["language"] = language
        sender.acked(
            [tap(first + n, visit=new_id(), answer=face, **common) for n, face in enumerate(answers)]
        )
        sent[name] = (sender, first + len(answers))

    return put


def read(office, *, everything=True, now_ms=NOW_MS, languages=None):
    with office.database.read() as connection:
        return overview(connection, now_ms=now_ms, everything=everything, languages=languages)


def test_seven_days_against_the_seven_before(empty, answered):
    """A score is of today and the six days before; the one it is compared with is of the seven before."""
    answered("一号店", ago=0, happy=30, sad=10)
    answered("一号店", ago=6, happy=30, sad=10)
    answered("一号店", ago=7, happy=10, sad=20)
    answered("一号店", ago=13, happy=10, sad=20)
    answered("一号店", ago=14, happy=500)

    score = read(empty).scores[0]

    assert score.metric.name == "csat"
    assert score.now == share(60, 80)
    assert score.before == share(20, 60)
    assert score.change == difference(share(60, 80), share(20, 60))
    assert score.change.significant


def test_what_changed_most_is_beyond_chance(empty, answered):
    """Of a site that fell and one that only wavers the first is named, with its way to the sites' page."""
    answered("一号店", ago=1, happy=40, sad=60)
    answered("一号店", ago=8, happy=80, sad=20)
    answered("二号店", ago=1, happy=50, sad=10)
    answered("二号店", ago=8, happy=52, sad=8)
    with empty.database.read() as connection:
        card = changed_card(connection, read_words()["en"], now_ms=NOW_MS, everything=True)

    assert [(each.name, each.change) for each in card.changes] == [("一号店", "\N{MINUS SIGN}40.0")]
    assert card.changes[0].href == "/sites?site=2&days=7&compare=previous"


def test_today_is_each_sites_own(empty, answered):
    """Just after midnight in Tokyo its faces start anew, whatever day it is elsewhere."""
    answered("一号店", happy=6, hour=10)

    assert read(empty).faces == (0, 0, 6)
    assert read(empty, now_ms=NOW_MS + 12 * 3_600_000 + 1000).faces == (0, 0, 0)


def test_sites_with_another_date_now_have_their_own_days(empty, answered):
    """While it is Saturday in Tokyo and Friday in Honolulu, both sites' own todays are counted."""
    answered("一号店", happy=6, hour=10)
    answered("Honolulu", happy=7, hour=10)  # 15:00 on Friday there
    empty.change(lambda c: c.exec_driver_sql("UPDATE sites SET timezone = 'Pacific/Honolulu' WHERE id = 3"))
    empty.change(lambda c: c.exec_driver_sql("UPDATE tallies_day SET day = '2026-11-20' WHERE placement = 2"))

    assert read(empty).faces == (0, 0, 13)


def test_scores_that_nobody_was_asked_for_are_left_out(empty, answered):
    """Without an answer in either period a metric has no card at all."""
    answered("一号店", happy=6)

    assert [score.metric.name for score in read(empty).scores] == ["csat", "happy_index"]


def test_trend_has_every_day_since_the_first(empty, answered):
    """Days without answers stand in the trend as days without a score; a day far off is a signal."""
    for ago in (*range(20, 5, -1), *range(3, -1, -1)):
        answered("一号店", ago=ago, happy=60 + ago % 3, sad=40)
    answered("一号店", ago=5, happy=20, sad=80)
    answered("一号店", ago=4, happy=2)

    trend = read(empty).trend

    assert [day.day.isoformat() for day in trend][:: len(trend) - 1] == ["2026-11-01", "2026-11-21"]
    assert len(trend) == 21
    assert [day.day.day for day in trend if day.is_signal] == [16]
    assert [day.day.day for day in trend if day.score.value is None] == [17]


def test_of_a_long_time_the_trend_goes_week_by_week(empty, answered):
    """Over more than half a year each point is a week from its Monday, one without answers too."""
    for ago in (*range(300, 40, -1), *range(20, -1, -1)):
        answered("一号店", ago=ago, happy=6 + ago % 3, sad=4)
    end = dt.date(2026, 11, 22)
    scope = Scope(first=end - dt.timedelta(days=364), end=end)
    query = MetricQuery(metric=METRICS["csat"], scope=scope, everything=True)
    with empty.database.read() as connection:
        weeks = daily(connection, query)
        days = daily(connection, replace(query, scope=replace(scope, first=end - dt.timedelta(days=90))))
    chart = trend_chart(read_words()["en"], METRICS["csat"], weeks)

    first = end - dt.timedelta(days=301)
    assert weeks[0].day == first - dt.timedelta(days=first.weekday())
    assert {week.day.weekday() for week in weeks} == {0}
    assert weeks[-1].day == dt.date(2026, 11, 16)
    assert len(weeks) == (weeks[-1].day - weeks[0].day).days // 7 + 1
    assert sum(week.score.n for week in weeks) == sum(10 + ago % 3 for ago in (*range(41, 301), *range(21)))
    assert sum(week.score.value is None for week in weeks) == 2
    assert {day.length for day in days} == {1}
    assert chart.title.startswith("CSAT by week")
    assert chart.table.columns[0].title == "Week"
    assert chart.table.rows[0][0].shown == "Week of 16 Nov"


def test_of_a_long_ranking_the_words_name_the_first(empty):
    """Who does not see a ranking of thirty hears of twenty-four, and how many more its table has."""
    words, wording = read_words()["en"], Wording(name="r", title="Ranking", first="Site", none="")
    lines = [Line(key=str(n), name=f"Site {n}.", score=share(50 + n, 100)) for n in range(30)]
    chart = dots_chart(words, METRICS["csat"], lines, overall=share(50, 100), wording=wording)

    assert all(f"Site {n}." in chart.alt for n in range(24))
    assert "Site 24." not in chart.alt
    assert "6 more in the table" in chart.alt
    assert len(chart.table.rows) == 30
    assert (
        "more"
        not in dots_chart(words, METRICS["csat"], lines[:24], overall=share(50, 100), wording=wording).alt
    )


def test_sites_far_apart_are_told_apart(empty, answered):
    """Two sites close together are one group, the one far below stands alone, the one of few is named."""
    answered("一号店", happy=90, sad=10)
    answered("二号店", happy=88, sad=12)
    answered("三号店", happy=30, sad=70)
    answered("四号店", happy=4)

    ranking = read(empty).ranking

    assert [place.site.name for place in ranking.places] == ["一号店", "二号店", "三号店"]
    assert ranking.alike == ((0, 1),)
    assert "四号店" in [site.name for site in ranking.few]
    assert ranking.overall == share(212, 304)


def test_of_many_sites_the_first_and_the_last_are_shown(empty, answered):
    """Of more than twelve sites six from each end stand in the ranking, and it says how many do not."""
    for number in range(14):
        answered(f"{number}号店", happy=5 + number, sad=20 - number)

    ranking = read(empty).ranking

    assert ranking.left_out == 2
    names = [place.site.name for place in ranking.places]
    assert names == [f"{number}号店" for number in (*range(13, 7, -1), *range(5, -1, -1))]


def test_others_than_admins_cannot_work_out_a_small_site(empty, answered):
    """For who may not see small cells the next smallest site and day go too; an admin sees them."""
    answered("一号店", happy=40)
    answered("二号店", happy=9)
    answered("三号店", happy=3)
    answered("一号店", ago=2, happy=50)
    answered("一号店", ago=1, happy=2)

    seen, everything = read(empty, everything=False), read(empty)

    assert [place.site.name for place in everything.ranking.places] == ["一号店", "二号店"]
    assert [place.site.name for place in seen.ranking.places] == ["一号店"]
    assert [day.score.value is None for day in everything.trend] == [False, True, False]
    assert [day.score.value is None for day in seen.trend] == [True, True, False]


def test_a_language_is_counted_alone_and_gives_no_small_cell_away(empty, answered):
    """Of a language its own answers are shown; others than administrators miss it where the rest is small."""
    answered("一号店", happy=20, sad=4)
    answered("一号店", happy=6, sad=1, language="en")
    answered("一号店", happy=2, language="fr")

    english = read(empty, languages=("en",))
    assert (english.faces, english.scores[0].now.n, english.ranking.overall.n) == ((1, 0, 6), 7, 7)
    assert english.trend[-1].score == share(6, 7)
    seen = read(empty, everything=False, languages=("en",))  # two in French are what 33 less 24 and 7 leave
    assert (seen.faces, seen.ranking.overall.n) == ((0, 0, 0), 0)
    assert [day.score.value for day in seen.trend] == []
    assert read(empty, everything=False, languages=("ja",)).faces == (4, 0, 20)


def test_few_faces_are_for_admins_only(empty, answered):
    """Three answers today are shown as counts to an admin and not at all to others."""
    answered("一号店", happy=2, sad=1)

    assert read(empty).faces == (1, 0, 2)
    assert read(empty, everything=False).faces is None


def test_the_latest_visits_come_first_and_whole(empty, opened):
    """The list has one entry a visit, the one whose tap came last on top, with the last answer it gave."""
    sender, going, done = opened(empty, "一号店"), new_id(), new_id()
    common = {"survey": empty.version}
    sender.acked(
        [
            tap(1, visit=going, answer="sad", **common),
            tap(2, visit=done, answer="neutral", **common),
            tap(3, visit=going, answer="happy", **common),
            tap(4, visit=going, question="recommend", answer=9, **common),
        ]
    )
    with empty.database.read() as connection:
        first, second = latest(connection, everything=True)

    assert [(each.question.id, each.answer) for each in first.given] == [
        ("rating", "happy"),
        ("recommend", 9),
    ]
    assert [each.answer for each in second.given] == ["neutral"]
    assert first.site == "一号店"
