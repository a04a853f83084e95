"""The page of the reasons: a Pareto of what was named, its effect on the NPS, and each reason week by week.

Shown by web/pages.py. May read through work/ with a reading connection.
"""

from dataclasses import dataclass

from headoffice.intervals import NO_ANSWERS, Estimate, share
from headoffice.metrics import METRICS
from headoffice.store.engine import Connection
from headoffice.suppression import FEWEST_ANSWERS
from headoffice.web.charts.bars import Heading, Length, bars_chart
from headoffice.web.charts.chart import Chart, Column, cell
from headoffice.web.charts.multiples import Panel, Periods, multiples_chart
from headoffice.web.frame.serve import Asked, Show
from headoffice.web.reasons.effect import Effect, read_effect
from headoffice.web.reasons.named import Named, named_reasons
from headoffice.work.causes import REASONS
from headoffice.work.spread import Spread, spreads

MOST_PANELS = 8
_DAYS_BY_DAY = 21
_VITAL = 0.8  # Pareto's few: the reasons that make up four fifths of all that was named


@dataclass(frozen=True, kw_only=True)
class ReasonsPage:
    """Everything that the template shows."""

    effect: Effect
    charts: tuple[Chart, ...]


def read_page(connection: Connection, asked: Asked) -> ReasonsPage:
    """The page for what its URL asks."""
    scope, everything = asked.filters.scope, asked.everything
    found = [each for each in spreads(connection, scope, everything=everything) if each.metric == REASONS]
    named = named_reasons(asked, found)
    effect = read_effect(connection, asked)
    charts = [
        _pareto(asked, named),
        *([effect.chart] if effect.chart else []),
        _trend(connection, asked, named),
    ]
    return ReasonsPage(effect=effect, charts=tuple(charts))


def _pareto(asked: Asked, named: Named) -> Chart:
    """The reasons by how often they were named, with how far they add up."""
    words, mentions, so_far = asked.words, sum(named.counts.values()), 0
    lengths = []
    for name, count in named.counts.items():
        so_far += count
        together = so_far / mentions if mentions else 0.0
        lengths.append(
            Length(
                name=named.names[name],
                plain=name,
                share=count / named.n if named.n else 0.0,
                n=count,
                said=words("reasons.together", share=words.percent(together, digits=0)),
                more=(cell(together, words.percent(together)),),
            )
        )
    few = next(
        (place for place, each in enumerate(lengths, 1) if float(each.more[0].plain or 0) >= _VITAL), 0
    )
    notes = [words("reasons.of", n=named.n)]
    if 0 < few < len(lengths):
        notes.append(words("reasons.vital", n=few, share=lengths[few - 1].more[0].shown))
    if named.hidden:
        notes.append(words("reasons.hidden"))
    heading = Heading(
        name="pareto",
        title=words("reasons.pareto"),
        first=words("table.reason"),
        none=words("reasons.none"),
        notes=tuple(notes) if lengths else (),
        more=(Column(name="together", title=words("table.together")),),
    )
    return bars_chart(words, lengths, heading, enough=named.n >= FEWEST_ANSWERS)


def _trend(connection: Connection, asked: Asked, named: Named) -> Chart:
    """The share of each reason among those who named any, by week or day."""
    words, filters = asked.words, asked.filters
    by_week = (filters.last - filters.first).days >= _DAYS_BY_DAY
    period = "week" if by_week else "day"
    found = spreads(connection, filters.scope, everything=asked.everything, by=(period,))
    runs: dict[str, list[Spread]] = {}
    for each in found:
        if each.metric == REASONS:
            runs.setdefault(str(each.by[0]), []).append(each)
    periods = {key: named_reasons(asked, run) for key, run in sorted(runs.items())}
    panels = [
        Panel(name=named.names[name], scores={key: _share(each, name) for key, each in periods.items()})
        for name in list(named.counts)[:MOST_PANELS]
    ]
    return multiples_chart(
        words,
        METRICS["csat"],
        panels,
        periods=Periods(
            keys=tuple(periods),
            names={key: words.week(key) if by_week else words.iso_day(key) for key in periods},
            head=words(f"table.{period}"),
            title=words(f"reasons.trend_{period}"),
        ),
        overall=NO_ANSWERS,
    )


def _share(named: Named, name: str) -> Estimate:
    return share(named.counts.get(name, 0), named.n) if named.n >= FEWEST_ANSWERS else NO_ANSWERS


REASONS_PAGE = Show(
    path="/reasons",
    template="reasons.html",
    read=read_page,
    filters=("site", "tag", "touchpoint", "survey"),
)
