"""The page of the sites: a ranking with its errors, the trend, small multiples, the week's hours, by tag.

Shown by web/pages.py. May read through work/ with a reading connection.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from headoffice.intervals import Estimate
from headoffice.metrics import METRICS, Metric
from headoffice.store.engine import Connection
from headoffice.store.lists import SiteSeen, all_sites
from headoffice.web.charts.chart import Chart
from headoffice.web.charts.dots import Line, Wording, dots_chart
from headoffice.web.charts.heat import heat_chart
from headoffice.web.charts.multiples import Panel, Periods, multiples_chart
from headoffice.web.charts.trend import trend_chart
from headoffice.web.frame.serve import Asked, Show
from headoffice.web.sites.level import Crumb, Level, read_level
from headoffice.web.sites.ranking import ranking_chart
from headoffice.work.columns import TAG, Value
from headoffice.work.daily import MOST_BY_DAY, daily
from headoffice.work.ranking import Ranked, enough, only_key, rank
from headoffice.work.report import MetricQuery, Row, measure

MOST_PLACES = 24
ALL_PLACES = 2000
MOST_PANELS = 12
Scores = dict[str, Estimate]  # by the keys of their periods
_DAYS_BY_DAY = 21  # up to so many days small multiples go by the day, above by the week, then by the month


@dataclass(frozen=True, kw_only=True)
class SitesPage:
    """Everything that the template shows; `more` leads to the whole ranking where a part is left out."""

    crumbs: tuple[Crumb, ...]
    charts: tuple[Chart, ...]
    more: str | None


def read_page(connection: Connection, asked: Asked) -> SitesPage:
    """The page for what its URL asks."""
    name = asked.parameters.choice("metric", tuple(METRICS), default="csat") or "csat"
    metric, scope, sites = METRICS[name], asked.filters.scope, all_sites(connection)
    level = read_level(asked, sites)
    query = MetricQuery(metric=metric, by=(level.column,), scope=scope, everything=asked.everything)
    whole = asked.parameters.choice("all", ("1",), default="") == "1"
    ranked = rank(connection, query, most=ALL_PLACES if whole else MOST_PLACES)
    charts = [
        ranking_chart(connection, asked, level, query, ranked),
        trend_chart(asked.words, metric, daily(connection, query)),
    ]
    if level.column in {"site", "touchpoint"}:
        charts.append(_multiples(connection, asked, level, query, ranked))
    charts.append(_heat(connection, asked, query, ranked))
    if level.column == "site":
        charts += _by_tag(connection, asked, sites, query)
    return SitesPage(
        crumbs=level.crumbs,
        charts=tuple(charts),
        more=asked.filters.href(all=1) if ranked.left_out else None,
    )


def _heat(connection: Connection, asked: Asked, query: MetricQuery, ranked: Ranked) -> Chart:
    rows = measure(connection, replace(query, by=("weekday", "hour")))
    cells = {
        (str(row.by["weekday"]), int(row.by["hour"])): enough(query.metric, row)
        if row.suppressed
        else row.estimate
        for row in rows
    }
    return heat_chart(asked.words, query.metric, cells, overall=ranked.overall, name="hours")


def _multiples(
    connection: Connection, asked: Asked, level: Level, query: MetricQuery, ranked: Ranked
) -> Chart:
    filters, words = asked.filters, asked.words
    period = "day" if filters.days <= _DAYS_BY_DAY else "week" if filters.days <= MOST_BY_DAY else "month"
    shown = ranked.rows if len(ranked.rows) <= MOST_PANELS else _ends(ranked)
    scope = query.scope
    if level.column == "site":
        scope = replace(scope, sites=tuple(int(only_key(row)) for row in shown))
    rows = measure(connection, replace(query, by=(level.column, period), scope=scope))
    scores: dict[Value, Scores] = {}
    for row in rows:
        scores.setdefault(row.by[level.column], {})[str(row.by[period])] = enough(query.metric, row)
    keys = tuple(sorted({key for each in scores.values() for key in each}))
    panels = [
        Panel(
            name=level.name(only_key(row)),
            href=level.href(only_key(row)),
            scores=scores.get(only_key(row), {}),
        )
        for row in shown
    ]
    write = {"day": words.iso_day, "week": words.week, "month": words.iso_month}[period]
    named = {key: write(key) for key in keys}
    return multiples_chart(
        words,
        query.metric,
        panels,
        periods=Periods(
            keys=keys,
            names=named,
            head=words(f"table.{period}"),
            title=words(f"multiples.title_{period}", metric=words(f"score.{query.metric.name}")),
        ),
        overall=ranked.overall,
    )


def _ends(ranked: Ranked) -> Sequence[Row]:
    return (*ranked.rows[: MOST_PANELS // 2], *ranked.rows[-(MOST_PANELS // 2) :])


def _by_tag(
    connection: Connection, asked: Asked, sites: Sequence[SiteSeen], query: MetricQuery
) -> list[Chart]:
    """A chart for each tag that has more than one value."""
    charts = []
    for tag in sorted({tag for site in sites for tag in site.tags}):
        ranked = rank(connection, replace(query, by=(f"{TAG}{tag}",)), most=ALL_PLACES)
        if len(ranked.rows) + len(ranked.few) > 1:
            charts.append(_tag_chart(asked, query.metric, tag, ranked))
    return charts


def _tag_chart(asked: Asked, metric: Metric, tag: str, ranked: Ranked) -> Chart:
    words = asked.words
    return dots_chart(
        words,
        metric,
        [
            Line(
                key=str(only_key(row)),
                name=str(only_key(row)) or words("sites.no_tag"),
                score=enough(metric, row),
                href=asked.filters.href(tag=f"{tag}:{only_key(row)}") if only_key(row) else None,
            )
            for row in (*ranked.rows, *ranked.few)
        ],
        overall=ranked.overall,
        wording=Wording(
            name=f"tag-{tag}",
            title=words("sites.by_tag", tag=tag, metric=words(f"score.{metric.name}")),
            first=tag,
            none=words("sites.none_here"),
            notes=(),
        ),
    )


SITES = Show(
    path="/sites",
    template="sites.html",
    read=read_page,
    filters=("metric", "site", "tag", "touchpoint", "survey", "question", "compare"),
    takes=("all",),
)
