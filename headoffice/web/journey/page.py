"""The page of the journey: score and volume at each touchpoint in order, and where the score drops.

Shown by web/pages.py. May read through work/ with a reading connection.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from headoffice.intervals import Difference, Estimate, difference
from headoffice.metrics import METRICS, Metric
from headoffice.store.engine import Connection
from headoffice.store.way import kept_way
from headoffice.web.charts.bars import Heading, Length, bars_chart
from headoffice.web.charts.chart import Chart, Column, cell
from headoffice.web.charts.dots import Line, Wording, dots_chart
from headoffice.web.frame.serve import Asked, Show
from headoffice.web.journey.order import in_order, moved
from headoffice.work.ranking import enough, only_key, total
from headoffice.work.report import MetricQuery, measure


@dataclass(frozen=True, kw_only=True)
class Step:
    """A touchpoint on the way; `earlier` and `later` lead to the page with it moved."""

    name: str
    earlier: str | None
    later: str | None


@dataclass(frozen=True, kw_only=True)
class JourneyPage:
    """Everything that the template shows; `drop` says in a sentence where the way is worst.

    `keep` is the order as a form says it, where it may be kept; `forget` whether a kept one may be forgotten.
    `source` says whose order it is; `back` leads here again without one in the address.
    """

    steps: tuple[Step, ...]
    keep: str
    forget: bool
    source: str
    back: str
    drop: str
    charts: tuple[Chart, ...]


def read_page(connection: Connection, asked: Asked) -> JourneyPage:
    """The page for what its URL asks; names in `way` are parted by the sign |."""
    name = asked.parameters.choice("metric", tuple(METRICS), default="csat") or "csat"
    metric = METRICS[name]
    query = MetricQuery(
        metric=metric, by=("touchpoint",), scope=asked.filters.scope, everything=asked.everything
    )
    scores = {str(only_key(row)): enough(metric, row) for row in measure(connection, query)}
    way, kept = asked.parameters.word("way"), kept_way(connection)
    ordered = in_order(list(scores), kept if way is None else way.split("|"))
    is_kept = bool(kept) and ordered == in_order(list(scores), kept)
    gaps = _gaps([scores[each] for each in ordered])
    return JourneyPage(
        steps=tuple(_step(asked, ordered, place) for place in range(len(ordered))),
        keep=json.dumps(ordered, ensure_ascii=False) if asked.everything and not is_kept else "",
        forget=asked.everything and bool(kept),
        source=asked.words(f"journey.{'kept' if is_kept else 'guessed' if way is None else 'chosen'}"),
        back=asked.filters.href(way=None),
        drop=_drop(asked, metric, ordered, gaps),
        charts=(
            _scores(
                asked, metric, [(each, scores[each]) for each in ordered], gaps, total(connection, query)
            ),
            _volumes(asked, [(each, scores[each]) for each in ordered]),
        ),
    )


def _gaps(scores: Sequence[Estimate]) -> list[Difference | None]:
    """How each score differs from the last before it that there is; None for the first."""
    gaps: list[Difference | None] = []
    before: Estimate | None = None
    for score in scores:
        known = before is not None and score.value is not None
        gaps.append(difference(score, before) if known and before is not None else None)
        before = score if score.value is not None else before
    return gaps


def _step(asked: Asked, ordered: Sequence[str], place: int) -> Step:
    ways = [moved(ordered, place, step) for step in (-1, 1)]
    earlier, later = (None if way is None else asked.filters.href(way="|".join(way)) for way in ways)
    return Step(name=ordered[place], earlier=earlier, later=later)


def _scores(
    asked: Asked,
    metric: Metric,
    scores: Sequence[tuple[str, Estimate]],
    gaps: Sequence[Difference | None],
    overall: Estimate,
) -> Chart:
    words = asked.words
    lines = [
        Line(
            key=name,
            name=name,
            score=score,
            said="" if gap is None else _said(asked, metric, gap),
            strong=gap is not None and gap.significant,
            more=(
                cell(
                    None if gap is None else gap.value, "" if gap is None else words.change(metric, gap.value)
                ),
            ),
        )
        for (name, score), gap in zip(scores, gaps, strict=True)
    ]
    wording = Wording(
        name="journey",
        title=words("journey.title", metric=words(f"score.{metric.name}")),
        first=words("table.touchpoint"),
        none=words("sites.none_here"),
        more=(Column(name="difference", title=words("table.difference")),),
    )
    return dots_chart(words, metric, lines, overall=overall, wording=wording)


def _said(asked: Asked, metric: Metric, gap: Difference) -> str:
    key = "same" if not gap.significant else "up" if gap.value > 0 else "down"
    return asked.words(f"sites.change_{key}", change=asked.words.change(metric, gap.value))


def _volumes(asked: Asked, scores: Sequence[tuple[str, Estimate]]) -> Chart:
    words, n = asked.words, sum(score.n for _, score in scores)
    lengths = [Length(name=name, share=score.n / n if n else 0.0, n=score.n) for name, score in scores]
    heading = Heading(
        name="volume",
        title=words("journey.volume"),
        first=words("table.touchpoint"),
        none=words("sites.none_here"),
        notes=(words("journey.volume_note"),),
    )
    return bars_chart(words, lengths, heading, enough=n > 0)


def _drop(asked: Asked, metric: Metric, ordered: Sequence[str], gaps: Sequence[Difference | None]) -> str:
    """The largest drop that is more than the error, in a sentence; or that there is none."""
    drops = [
        (gap.value, place) for place, gap in enumerate(gaps) if gap and gap.significant and gap.value < 0
    ]
    if not drops:
        return asked.words("journey.no_drop") if any(gaps) else ""
    value, place = min(drops)
    return asked.words(
        "journey.drop",
        before=ordered[place - 1],
        after=ordered[place],
        change=asked.words.change(metric, value),
    )


JOURNEY = Show(
    path="/journey",
    template="journey.html",
    read=read_page,
    filters=("metric", "site", "tag", "survey", "question", "language"),
    takes=("way",),
)
