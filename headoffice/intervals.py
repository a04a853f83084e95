"""The 95 % intervals that stand beside every number, and the difference of two numbers.

Called by metrics.py, work/ and web/. Pure functions of counts: touches nothing, imports only the standard
library. Every formula names its source; the tests hold them against published examples and SciPy.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist
from typing import NamedTuple

CONFIDENCE = 0.95
TRUSTED_COUNT = 5  # the usual rule for the normal approximation: five answers of each kind
IMAGINED_ANSWERS = 3.0  # added where fewer answers than that differ from the commonest one
KEPT = 10_000  # intervals of counts that have not changed since they were last asked for
_EXPANSION_DF = 40  # from here on the expansion of Student's quantile is exact to eight digits


class Estimate(NamedTuple):
    """A number with what it rests on: `n` answers, and the interval that contains `value`.

    Without any answer, value, low and high are None. A tuple, since a page makes thousands.
    """

    n: int
    value: float | None
    low: float | None
    high: float | None


class Difference(NamedTuple):
    """First minus second, with its interval; `significant` when that interval leaves out zero.

    A tuple, as an estimate is.
    """

    value: float
    low: float
    high: float

    @property
    def significant(self) -> bool:
        """Whether the difference is more than the error of the two numbers."""
        return not self.low <= 0.0 <= self.high


NO_ANSWERS = Estimate(n=0, value=None, low=None, high=None)


@lru_cache(maxsize=100)
def normal_quantile(confidence: float) -> float:
    """The z of a two-sided interval: 1.96 for 0.95."""
    return NormalDist().inv_cdf((1.0 + confidence) / 2.0)


@lru_cache(maxsize=KEPT)
def share(part: int, n: int, *, confidence: float = CONFIDENCE) -> Estimate:
    """A share (0 … 1) with Wilson's score interval.

    E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22.
    It stays within 0 … 1 and has a width even when all answers are alike.
    """
    if n == 0:
        return NO_ANSWERS
    z2 = normal_quantile(confidence) ** 2
    observed = part / n
    centre = (part + z2 / 2.0) / (n + z2)
    half = math.sqrt(z2 * (part * (n - part) / n + z2 / 4.0)) / (n + z2)
    return _around(observed, n, low=centre - half, high=centre + half, bounds=(0.0, 1.0))


def mean(counts: Sequence[int], values: Sequence[float], *, confidence: float = CONFIDENCE) -> Estimate:
    """The mean of answers given as counts of ascending values, with Student's interval.

    Student (1908), The probable error of a mean, Biometrika 6: mean ± t(n - 1) · s / √n.

    Where fewer than five answers differ from the commonest one, s says little (it is 0 when all are
    alike), so three imagined answers are spread over the values in a triangle before the same formula
    is used: for three values the adjusted Wald AW(3, T) that B. Rocks (2016), Interval estimation for
    the Net Promoter Score, The American Statistician 70, found best; for more values the same idea.
    The value itself is never adjusted, and the interval never leaves the range of the values.
    """
    n = sum(counts)
    if n == 0:
        return NO_ANSWERS
    observed, _ = _moments(counts, values)
    weights = _trusted(counts)
    total = sum(weights)
    centre, variance = _moments(weights, values)
    half = student_quantile(total - 1.0, confidence=confidence) * math.sqrt(variance / (total - 1.0))
    return _around(observed, n, low=centre - half, high=centre + half, bounds=(values[0], values[-1]))


@lru_cache(maxsize=KEPT)
def balance(losses: int, ties: int, wins: int, *, confidence: float = CONFIDENCE) -> Estimate:
    """Share of wins minus share of losses (-1 … 1), with the interval of the multinomial variance.

    The variance of p - q in a multinomial sample of n is (p + q - (p - q)²) / n; L. A. Goodman (1964),
    Simultaneous confidence intervals for contrasts among multinomial populations. Where fewer than five
    answers differ from the commonest one: three imagined answers, ¾ wins, ¾ losses and 1½ ties, Rocks
    (2016) as in `mean`.
    """
    counts = (losses, ties, wins)
    values = (-1.0, 0.0, 1.0)
    n = sum(counts)
    if n == 0:
        return NO_ANSWERS
    weights = _trusted(counts)
    centre, variance = _moments(weights, values)
    half = normal_quantile(confidence) * math.sqrt(variance / sum(weights))
    return _around((wins - losses) / n, n, low=centre - half, high=centre + half, bounds=(-1.0, 1.0))


def difference(first: Estimate, second: Estimate) -> Difference | None:
    """First minus second with an interval made of their two intervals; None without answers.

    R. G. Newcombe (1998), Interval estimation for the difference between independent proportions,
    Statistics in Medicine 17, method 10; for other estimates the same construction is MOVER, G. Y. Zou
    and A. Donner (2008), Statistics in Medicine 27. Its confidence is that of the two estimates.
    """
    if first.value is None or first.low is None or first.high is None:
        return None
    if second.value is None or second.low is None or second.high is None:
        return None
    value = first.value - second.value
    below = math.hypot(first.value - first.low, second.high - second.value)
    above = math.hypot(first.high - first.value, second.value - second.low)
    return Difference(value, value - below, value + above)


def student_quantile(df: float, *, confidence: float = CONFIDENCE) -> float:
    """The t of a two-sided interval with `df` whole degrees of freedom: 12.706 for 1, 1.96 for many.

    Abramowitz and Stegun (1964), Handbook of Mathematical Functions: 26.7.5 expands it for large df;
    below, Newton's steps on the exact probability (26.7.3, 26.7.4) rise towards it from the normal one.
    """
    z = normal_quantile(confidence)
    if df >= _EXPANSION_DF:
        return _expanded(z, df)
    whole = round(df)
    scale = math.exp(math.lgamma((whole + 1) / 2) - math.lgamma(whole / 2)) / math.sqrt(whole * math.pi)
    t = z
    for _ in range(100):
        density = 2.0 * scale * (1.0 + t * t / whole) ** (-(whole + 1) / 2)
        step = (confidence - _within(t, whole)) / density
        t += step
        if abs(step) < 1e-12 * t:
            break
    return t


def _around(observed: float, n: int, *, low: float, high: float, bounds: tuple[float, float]) -> Estimate:
    """An interval that contains what was observed and stays within the bounds."""
    return Estimate(
        n=n,
        value=observed,
        low=max(min(low, observed), bounds[0]),
        high=min(max(high, observed), bounds[1]),
    )


def _trusted(counts: Sequence[int]) -> list[float]:
    """The counts, with three imagined answers where too few differ from the commonest one."""
    if sum(counts) - max(counts) >= TRUSTED_COUNT:
        return [float(count) for count in counts]
    steps = [min(place + 1, len(counts) - place) for place in range(len(counts))]
    return [count + IMAGINED_ANSWERS * step / sum(steps) for count, step in zip(counts, steps, strict=True)]


def _moments(weights: Sequence[float], values: Sequence[float]) -> tuple[float, float]:
    """Mean and (population) variance of weighted values."""
    total = math.fsum(weights)
    centre = math.fsum(w * v for w, v in zip(weights, values, strict=True)) / total
    spread = math.fsum(w * (v - centre) ** 2 for w, v in zip(weights, values, strict=True))
    return centre, spread / total


def _expanded(z: float, df: float) -> float:
    """Student's quantile from the normal one (Abramowitz and Stegun 26.7.5)."""
    return (
        z
        + (z**3 + z) / (4 * df)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * df**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * df**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * df**4)
    )


def _within(t: float, df: int) -> float:
    """P(-t < T < t) for whole degrees of freedom (Abramowitz and Stegun 26.7.3 and 26.7.4)."""
    angle = math.atan(t / math.sqrt(df))
    square = math.cos(angle) ** 2
    odd = df % 2 == 1
    term, total = (math.cos(angle) if odd else 1.0), 0.0
    for k in range(2 if odd else 1, df, 2):
        total += term
        term *= square * k / (k + 1)
    if odd:
        return 2.0 / math.pi * (angle + math.sin(angle) * total)
    return math.sin(angle) * total
