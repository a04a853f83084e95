"""Whether two groups really differ, and what is left of it when many are compared at once.

Called by work/compare.py. Pure functions of counts: touches nothing, imports only the standard library.
"""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

ALPHA = 0.05
CORRECTIONS = ("holm", "bh")
# What each bucket of a metric is worth; a share is a mean of zeros and ones.
WORTH: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        "csat": (0.0, 1.0),
        "happy_index": (0.0, 50.0, 100.0),
        "nps": (-100.0, 0.0, 100.0),
        "ces": tuple(float(value) for value in range(1, 8)),
    }
)
_STEPS = 500
_TINY = 1e-300


def p_value(metric: str, first: Sequence[int], second: Sequence[int]) -> float | None:
    """How often chance alone would make two groups differ so much; None where that cannot be said.

    Of shares the two-proportion z-test with the pooled share, which is Pearson's chi-squared without
    correction (K. Pearson (1900), Philosophical Magazine 50); of means Welch's t (B. L. Welch (1947), The
    generalization of Student's problem, Biometrika 34).
    """
    if metric == "csat":
        return _of_shares(first[1], sum(first), second[1], sum(second))
    worth = WORTH[metric]
    return _of_means(_moments(first, worth), _moments(second, worth))


def adjusted(p_values: Sequence[float], correction: str) -> list[float]:
    """The p-values as they are when all of these comparisons are made at once.

    holm: no false difference among all with 95 % (S. Holm (1979), A simple sequentially rejective multiple
    test procedure, Scandinavian Journal of Statistics 6). bh: of those called different at most 5 % falsely
    (Y. Benjamini and Y. Hochberg (1995), Controlling the false discovery rate, JRSS B 57).
    """
    m = len(p_values)
    ranked = sorted(range(m), key=lambda place: p_values[place])
    found = [1.0] * m
    if correction == "holm":
        highest = 0.0
        for rank, place in enumerate(ranked):
            highest = max(highest, min(1.0, (m - rank) * p_values[place]))
            found[place] = highest
        return found
    lowest = 1.0
    for rank, place in reversed(list(enumerate(ranked, 1))):
        lowest = min(lowest, p_values[place] * m / rank)
        found[place] = lowest
    return found


def student_p(t: float, df: float) -> float:
    """P(|T| > |t|) with any degrees of freedom: the regularised incomplete beta I_x(df/2, 1/2)."""
    return _beta(df / 2.0, 0.5, df / (df + t * t))


def _of_shares(hits: int, n: int, other_hits: int, other_n: int) -> float | None:
    if not n or not other_n:
        return None
    pooled = (hits + other_hits) / (n + other_n)
    variance = pooled * (1.0 - pooled) * (1.0 / n + 1.0 / other_n)
    if variance == 0.0:
        return 1.0
    z = (hits / n - other_hits / other_n) / math.sqrt(variance)
    return math.erfc(abs(z) / math.sqrt(2.0))


def _moments(counts: Sequence[int], worth: Sequence[float]) -> tuple[int, float, float]:
    """How many, their mean, and the sample's variance."""
    n = sum(counts)
    if n < 2:  # noqa: PLR2004 - one answer has no spread
        return n, 0.0, 0.0
    mean = sum(count * value for count, value in zip(counts, worth, strict=True)) / n
    spread = sum(count * (value - mean) ** 2 for count, value in zip(counts, worth, strict=True))
    return n, mean, spread / (n - 1)


def _of_means(first: tuple[int, float, float], second: tuple[int, float, float]) -> float | None:
    (n, mean, variance), (other_n, other_mean, other_variance) = first, second
    if min(n, other_n) < 2:  # noqa: PLR2004 - the same
        return None
    a, b = variance / n, other_variance / other_n
    if a + b == 0.0:
        return 1.0 if mean == other_mean else 0.0
    df = (a + b) ** 2 / (a * a / (n - 1) + b * b / (other_n - 1))
    return student_p((mean - other_mean) / math.sqrt(a + b), df)


def _beta(a: float, b: float, x: float) -> float:
    """I_x(a, b) by its continued fraction (Abramowitz and Stegun 26.5.8), evaluated as W. J. Lentz (1976)."""
    if x in {0.0, 1.0}:
        return x
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    if x > (a + 1.0) / (a + b + 2.0):
        return 1.0 - front * _fraction(b, a, 1.0 - x) / b
    return front * _fraction(a, b, x) / a


def _fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1.0 / _safe(1.0 - (a + b) * x / (a + 1.0))
    total = d
    for m in range(1, _STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1.0 / _safe(1.0 + term * d)
            c = _safe(1.0 + term / c)
            total *= c * d
        if abs(c * d - 1.0) < 1e-15:  # noqa: PLR2004 - the last digit
            break
    return total


def _safe(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
