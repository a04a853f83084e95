"""What each metric is: which questions it counts, how their answers are folded, and the formula.

Called by work/ (reports, overview) and by the tests that recount. Pure functions of counts: touches nothing.
A change of a formula gets a new definition ("csat/2"), so that every number can still be explained.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import compress
from types import MappingProxyType
from typing import Protocol

from headoffice.intervals import CONFIDENCE, KEPT, NO_ANSWERS, Estimate, balance, difference, mean, share
from survey.model import STAFF_METRICS

FACES = ("sad", "neutral", "happy")
_TOP_ANSWERS = {3: 1, 5: 2, 7: 2}  # of three faces the happy one; 4 and 5 of five; 6 and 7 of seven
_SAID = 2  # buckets of a gap that are shoppers': other faces, happy ones
_OF_TEN = tuple(float(value) for value in range(11))

Counts = tuple[int, ...]
SCORES = ("csat", "happy_index", "nps", "ces")  # what shoppers' answers alone give; METRICS has more


class Estimator(Protocol):
    """A formula: value and interval of a metric's buckets."""

    def __call__(self, counts: Sequence[int], *, confidence: float = CONFIDENCE) -> Estimate:
        """The number with its interval."""


@dataclass(frozen=True)
class Metric:
    """One metric: `fold` turns a question's counts (lowest answer first) into `buckets` that add up.

    `role` is the `metric` of the questions it counts, `types` their types. `estimate` gives value and
    interval of the buckets; `parts` names them for people. `bounds` and `unit` say what the value is.

    A metric that compares has the `other` questions too, by their metric and type; only the days of a site
    that have answers to both are counted. `shoppers` is how many of the answers are shoppers'.
    """

    name: str
    definition: str
    role: str
    types: frozenset[str]
    parts: tuple[str, ...]
    unit: str
    bounds: tuple[float, float]
    fold: Callable[[Sequence[int]], Counts]
    estimate: Estimator
    also: Mapping[str, Callable[[Sequence[int]], Estimate]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    other: tuple[str, str] | None = None
    shoppers: Callable[[Sequence[int]], int] = sum

    def takes(self, role: str | None, kind: str) -> bool:
        """Whether it counts the answers to questions of this metric and type."""
        return (role == self.role and kind in self.types) or (role, kind) == self.other

    def is_whole(self, counts: Sequence[int]) -> bool:
        """Whether a day of a site has what is needed: both sides of a comparison, else any answer."""
        shoppers = self.shoppers(counts)
        return shoppers > 0 and (self.other is None or sum(counts) > shoppers)

    @property
    def nothing(self) -> Counts:
        """The buckets of no answer at all."""
        return (0,) * len(self.parts)

    def sums(self, slots: int) -> tuple[tuple[int, ...], ...]:
        """Say of each bucket which counts of a question with so many it adds up: `fold` never does more."""
        each = [self.fold([int(at == slot) for at in range(slots)]) for slot in range(slots)]
        return tuple(tuple(compress(range(slots), bucket)) for bucket in zip(*each, strict=True))


def csat(counts: Sequence[int], *, confidence: float = CONFIDENCE) -> Estimate:
    """Share (0 … 1) of satisfied answers, from (other, satisfied); Wilson's score interval.

    Top-two-box of a five- or seven-point scale, the happy one of three faces: J. Sauro and J. R. Lewis
    (2016), Quantifying the User Experience, 2nd ed., chapter 3 (top-box scores and their intervals).
    """
    others, satisfied = counts
    return share(satisfied, others + satisfied, confidence=confidence)


def happy_index(counts: Sequence[int], *, confidence: float = CONFIDENCE) -> Estimate:
    """Mean (0 … 100) of sad 0, neutral 50 and happy 100, from (sad, neutral, happy); interval of a mean.

    The weighting is that of the usual smiley-terminal index; the interval is intervals.mean.
    """
    return mean(counts, (0.0, 50.0, 100.0), confidence=confidence)


def nps(counts: Sequence[int], *, confidence: float = CONFIDENCE) -> Estimate:
    """Net Promoter Score (-100 … 100), from (detractors 0-6, passives 7-8, promoters 9-10).

    F. F. Reichheld (2003), The one number you need to grow, Harvard Business Review 81(12): % promoters
    minus % detractors. The interval is that of the multinomial variance: intervals.balance.
    """
    detractors, passives, promoters = counts
    return _net(detractors, passives, promoters, confidence)


def ces(counts: Sequence[int], *, confidence: float = CONFIDENCE) -> Estimate:
    """Customer Effort Score: the mean (1 … 7) of seven counts, lowest answer first; interval of a mean.

    M. Dixon, N. Toman and R. DeLisi (2013), The Effortless Experience (CES 2.0: agreement, 7 is easy).
    """
    return mean(counts, tuple(float(value) for value in range(1, 8)), confidence=confidence)


def easy_share(counts: Sequence[int], *, confidence: float = CONFIDENCE) -> Estimate:
    """Share (0 … 1) of the answers 5, 6 and 7 to a CES question, as CES 2.0 also reports it; Wilson."""
    return share(sum(counts[4:]), sum(counts), confidence=confidence)


def expectation_gap(counts: Sequence[int], *, confidence: float = CONFIDENCE) -> Estimate:
    """What staff predicted minus what shoppers said, as shares (-1 … 1), from the 13 buckets.

    These are shoppers' faces (other, happy), then staff's predictions of 0 to 10 happy ones in ten. The
    interval is intervals.difference of the mean prediction's and of the happy share's; `n` are shoppers.
    """
    gap = difference(predicted(counts, confidence=confidence), csat(counts[:_SAID], confidence=confidence))
    if gap is None:
        return NO_ANSWERS._replace(n=sum(counts[:_SAID]))
    return Estimate(n=sum(counts[:_SAID]), value=gap.value, low=max(gap.low, -1.0), high=min(gap.high, 1.0))


def predicted(counts: Sequence[int], *, confidence: float = CONFIDENCE) -> Estimate:
    """The mean share (0 … 1) that staff predicted, from the same buckets; interval of a mean."""
    return _scaled(mean(counts[_SAID:], _OF_TEN, confidence=confidence), 0.1)


def said(counts: Sequence[int]) -> Estimate:
    """The share (0 … 1) of happy shoppers, from the same buckets; Wilson."""
    return csat(counts[:_SAID])


def add(first: Sequence[int], second: Sequence[int]) -> Counts:
    """Two buckets of one metric together."""
    return tuple(map(operator.add, first, second))


def slot(kind: str, lowest: int, answer: object) -> int | None:
    """The place of an answer among its question's counts; None for an answer that has none.

    Faces: sad 0, neutral 1, happy 2. Scale and stars: the number less the lowest one.
    """
    if kind == "faces":
        return FACES.index(answer) if isinstance(answer, str) and answer in FACES else None
    if isinstance(answer, int) and not isinstance(answer, bool):
        return answer - lowest
    return None


def _fold_csat(counts: Sequence[int]) -> Counts:
    top = _TOP_ANSWERS[len(counts)]
    satisfied = sum(counts[len(counts) - top :])
    return (sum(counts) - satisfied, satisfied)


def _fold_gap(counts: Sequence[int]) -> Counts:
    """Three counts are shoppers' faces, eleven are staff's predictions."""
    if len(counts) == len(FACES):
        return (*_fold_csat(counts), *(0 for _ in _OF_TEN))
    return (*(0 for _ in range(_SAID)), *counts)


def _fold_nps(counts: Sequence[int]) -> Counts:
    return (sum(counts[:7]), sum(counts[7:9]), sum(counts[9:11]))


@lru_cache(maxsize=KEPT)
def _net(detractors: int, passives: int, promoters: int, confidence: float) -> Estimate:
    return _scaled(balance(detractors, passives, promoters, confidence=confidence), 100.0)


def _scaled(estimate: Estimate, factor: float) -> Estimate:
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return estimate
    return Estimate(
        n=estimate.n,
        value=estimate.value * factor,
        low=estimate.low * factor,
        high=estimate.high * factor,
    )


METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        metric.name: metric
        for metric in (
            Metric(
                name="csat",
                definition="csat/1",
                role="csat",
                types=frozenset({"faces", "scale", "stars"}),
                parts=("other", "satisfied"),
                unit="share",
                bounds=(0.0, 1.0),
                fold=_fold_csat,
                estimate=csat,
            ),
            Metric(
                name="happy_index",
                definition="happy_index/1",
                role="csat",
                types=frozenset({"faces"}),
                parts=FACES,
                unit="points",
                bounds=(0.0, 100.0),
                fold=tuple,
                estimate=happy_index,
            ),
            Metric(
                name="nps",
                definition="nps/1",
                role="nps",
                types=frozenset({"scale"}),
                parts=("detractors", "passives", "promoters"),
                unit="points",
                bounds=(-100.0, 100.0),
                fold=_fold_nps,
                estimate=nps,
            ),
            Metric(
                name="ces",
                definition="ces/1",
                role="ces",
                types=frozenset({"scale", "stars"}),
                parts=("1", "2", "3", "4", "5", "6", "7"),
                unit="mean",
                bounds=(1.0, 7.0),
                fold=tuple,
                estimate=ces,
                also=MappingProxyType({"easy": easy_share}),
            ),
            Metric(
                name="expectation_gap",
                definition="expectation_gap/1",
                role="csat",
                types=frozenset({"faces"}),
                parts=("other", "happy", *(f"predicted {value:g}" for value in _OF_TEN)),
                unit="share",
                bounds=(-1.0, 1.0),
                fold=_fold_gap,
                estimate=expectation_gap,
                also=MappingProxyType({"predicted": predicted, "said": said}),
                other=(STAFF_METRICS[0], "scale"),
                shoppers=lambda counts: sum(counts[:_SAID]),
            ),
        )
    }
)
