"""The scores: value, error and n of each, and how they compare with the days before.

Called by page.py. Pure functions of values: touches nothing.
"""

from dataclasses import dataclass

from headoffice.intervals import Estimate
from headoffice.metrics import Counts, easy_share
from headoffice.web.words import Words
from headoffice.work.overview import Score


@dataclass(frozen=True, kw_only=True)
class ScoreCard:
    """A score in words; `few` when there are too few answers for one. `now` has the plain numbers."""

    name: str
    title: str
    help: str
    few: bool
    now: Estimate
    value: str
    margin: str
    interval: str
    answers: str
    parts: str
    comparison: str
    signal: bool


def score_card(words: Words, score: Score) -> ScoreCard:
    """The card of a score."""
    metric, now = score.metric, score.now
    return ScoreCard(
        name=metric.name,
        title=words(f"score.{metric.name}"),
        help=words(f"score.{metric.name}_help"),
        few=now.value is None,
        now=now,
        value=words.score(metric, now.value),
        margin=words.margin(metric, now),
        interval=words(
            "score.interval", low=words.score(metric, now.low), high=words.score(metric, now.high)
        ),
        answers=words("score.answers", n=now.n),
        parts=_parts(words, metric.name, score.counts or ()),
        comparison=_comparison(words, score),
        signal=score.change is not None and score.change.significant,
    )


def _parts(words: Words, name: str, counts: Counts) -> str:
    """What a score is made of, where its value alone says little."""
    n = sum(counts)
    if not n or name not in {"nps", "ces"}:
        return ""
    if name == "ces":
        return words("score.ces_parts", easy=words.percent(easy_share(counts).value or 0.0, digits=0))
    detractors, passives, promoters = (words.percent(count / n, digits=0) for count in counts)
    return words("score.nps_parts", detractors=detractors, passives=passives, promoters=promoters)


def _comparison(words: Words, score: Score) -> str:
    change = score.change
    if change is None:
        return words("score.no_before")
    key = "within" if not change.significant else "up" if change.value > 0 else "down"
    before = words.score(score.metric, score.before.value)
    return words(f"score.{key}", before=before, change=words.change(score.metric, change.value))
