"""What is signal and what is noise: days outside the expected band, sites that can be told apart.

Called by work/overview.py. Pure functions of counts and estimates: touches nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from headoffice.intervals import CONFIDENCE, Estimate, difference

FEWEST_DAYS = 7  # below, a band would follow the very points it is to judge
_SIGMAS = 3.0
_RANGE_CONSTANT = 0.954  # the median of a moving range of two, in sigmas


@dataclass(frozen=True)
class Limits:
    """Between what shares (0 … 1) a day of this many answers lies but for rare chance."""

    centre: float
    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether the value is within the band."""
        return self.low <= value <= self.high


def control_limits(days: Sequence[tuple[int, int]]) -> list[Limits] | None:
    """Limits for each day of (satisfied, n); n > 0 each; None where there are too few days.

    D. B. Laney (2002), Improved control charts for attributes, Quality Engineering 14: a p-chart whose
    three sigmas are widened by the spread of the z-scores from day to day, since shops differ by more than
    the binomial says. The spread is the median moving range / 0.954 (D. J. Wheeler and D. S. Chambers,
    Understanding Statistical Process Control), so that the very days to be found do not widen the band.
    Never narrower than the p-chart.
    """
    total = sum(n for _, n in days)
    if len(days) < FEWEST_DAYS or total == 0:
        return None
    centre = sum(satisfied for satisfied, _ in days) / total
    sigmas = [math.sqrt(centre * (1.0 - centre) / n) for _, n in days]
    if centre in {0.0, 1.0}:
        return [Limits(centre, centre, centre) for _ in days]
    scores = [(satisfied / n - centre) / sigma for (satisfied, n), sigma in zip(days, sigmas, strict=True)]
    ranges = [abs(after - before) for before, after in pairwise(scores)]
    widening = max(1.0, median(ranges) / _RANGE_CONSTANT)
    return [
        Limits(
            centre=centre,
            low=max(0.0, centre - _SIGMAS * widening * sigma),
            high=min(1.0, centre + _SIGMAS * widening * sigma),
        )
        for sigma in sigmas
    ]


def pairwise_confidence(places: int) -> float:
    """The confidence at which each pair of `places` is compared so that all pairs together keep 95 %.

    C. E. Bonferroni (1936): the error is shared among the comparisons.
    """
    pairs = max(1, places * (places - 1) // 2)
    return 1.0 - (1.0 - CONFIDENCE) / pairs


def alike(ranked: Sequence[Estimate]) -> list[tuple[int, int]]:
    """Runs of a ranking within which no two places can be told apart, as (first, last) positions.

    Only the longest runs of two places and more; what stands in no run differs from all others. The
    estimates carry the confidence of `pairwise_confidence`. As the lines under the means in J. W. Tukey
    (1949), Comparing individual means in the analysis of variance, Biometrics 5.
    """
    runs: list[tuple[int, int]] = []
    for first in range(len(ranked)):
        last = first
        while last + 1 < len(ranked) and all(
            _same(ranked[place], ranked[last + 1]) for place in range(first, last + 1)
        ):
            last += 1
        if last > first and (not runs or last > runs[-1][1]):
            runs.append((first, last))
    return runs


def _same(first: Estimate, second: Estimate) -> bool:
    gap = difference(first, second)
    return gap is None or not gap.significant
