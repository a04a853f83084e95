"""The intervals against published worked examples and against SciPy."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headoffice.intervals import (
    NO_ANSWERS,
    Estimate,
    balance,
    difference,
    mean,
    normal_quantile,
    share,
    student_quantile,
)
from tests.headoffice.metrics.theirs import stats

SEVEN = tuple(float(value) for value in range(1, 8))


@pytest.mark.parametrize(
    ("part", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_published(part, n, low, high):
    """A share's interval is the one in Newcombe (1998), Statistics in Medicine 17, 857-872, table I."""
    got = share(part, n)

    assert (round(got.low, 4), round(got.high, 4)) == (low, high)


@given(st.integers(1, 5000), st.data(), st.sampled_from([0.9, 0.95, 0.999]))
def test_wilson_as_scipy(n, data, confidence):
    """A share's interval equals SciPy's for any counts and confidence."""
    part = data.draw(st.integers(0, n))

    got = share(part, n, confidence=confidence)

    theirs = stats().binomtest(part, n).proportion_ci(confidence, method="wilson")
    assert got.low == pytest.approx(theirs.low, abs=1e-9)
    assert got.high == pytest.approx(theirs.high, abs=1e-9)


def test_student_quantile_as_published():
    """Student's quantile is that of the NIST/SEMATECH e-Handbook, 1.3.5.2 (t 0.975 with 194 degrees)."""
    assert student_quantile(194) == pytest.approx(1.9723, abs=5e-5)
    assert normal_quantile(0.95) == pytest.approx(1.959964, abs=5e-7)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99, 0.9995])
def test_student_quantile_as_scipy(confidence):
    """Student's quantile equals SciPy's for every number of degrees that a shop can have."""
    for df in [*range(1, 130), 500, 10_000, 1_000_000]:
        theirs = stats().t.ppf((1 + confidence) / 2, df)
        assert student_quantile(df, confidence=confidence) == pytest.approx(theirs, rel=1e-6)


@given(st.lists(st.integers(0, 400), min_size=7, max_size=7))
def test_mean_as_scipy(counts):
    """The interval of a mean is SciPy's t interval wherever five answers differ from the commonest."""
    if sum(counts) - max(counts) < 5:
        return
    answers = [value for value, count in zip(SEVEN, counts, strict=True) for _ in range(count)]

    got = mean(counts, SEVEN)

    low, high = stats().t.interval(
        0.95, len(answers) - 1, loc=sum(answers) / len(answers), scale=stats().sem(answers)
    )
    assert got.value == pytest.approx(sum(answers) / len(answers))
    assert got.low == pytest.approx(max(low, 1.0), abs=1e-6)
    assert got.high == pytest.approx(min(high, 7.0), abs=1e-6)


def test_balance_as_published():
    """The worked example on Cross Validated (question 18603): ½, ⅓ and ⅙ of 324 give ⅓ with error 4.1 %."""
    got = balance(54, 108, 162)

    assert got.value == pytest.approx(1 / 3)
    assert (got.high - got.value) / normal_quantile(0.95) == pytest.approx(math.sqrt(5 / 9) / 18)
    assert round((got.high - got.value) / normal_quantile(0.95), 3) == 0.041


@given(st.tuples(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500)))
def test_balance_as_scipy(counts):
    """The variance of a balance is the one SciPy's multinomial has for wins minus losses."""
    n = sum(counts)
    if n - max(counts) < 5:
        return
    covariance = stats().multinomial.cov(n, [count / n for count in counts])
    variance = (covariance[0][0] + covariance[2][2] - 2 * covariance[0][2]) / n**2

    got = balance(*counts)

    half = stats().norm.ppf(0.975) * math.sqrt(variance)
    assert got.value == pytest.approx((counts[2] - counts[0]) / n)
    assert got.low == pytest.approx(max(-1.0, got.value - half), abs=1e-9)
    assert got.high == pytest.approx(min(1.0, got.value + half), abs=1e-9)


def test_few_answers_get_three_imagined_ones():
    """Ten promoters alone get the adjusted Wald interval AW(3, T) of Rocks (2016), and keep their value."""
    got = balance(0, 0, 10)

    wins, losses = 10.75 / 13, 0.75 / 13
    half = 1.959964 * math.sqrt((wins + losses - (wins - losses) ** 2) / 13)
    assert got.value == 1.0
    assert got.low == pytest.approx(wins - losses - half, abs=1e-6)
    assert got.high == 1.0


@pytest.mark.parametrize(
    "estimate", [lambda: share(0, 0), lambda: mean((0, 0, 0), (0, 1, 2)), lambda: balance(0, 0, 0)]
)
def test_no_answers_no_number(estimate):
    """Without an answer there is no value and no interval, instead of a zero that looks like one."""
    assert estimate() == NO_ANSWERS


@given(st.lists(st.integers(0, 60), min_size=7, max_size=7).filter(any))
def test_interval_is_never_nonsense(counts):
    """From one answer on, alike or not, an interval holds its value, stays in range and has a width."""
    for got, bounds in (
        (mean(counts, SEVEN), (1.0, 7.0)),
        (balance(*counts[:3]), (-1.0, 1.0)),
        (share(counts[0], sum(counts)), (0.0, 1.0)),
    ):
        if got.n:
            assert bounds[0] <= got.low <= got.value <= got.high <= bounds[1]
            assert got.high - got.low > 0.5 / (got.n + 10)


def test_more_of_the_same_answer_is_more_certain():
    """The more answers agree, the narrower the interval, down to nothing for very many."""
    widths = [
        got.high - got.low for got in (mean((0, 0, n), (0.0, 50.0, 100.0)) for n in (1, 2, 5, 20, 100, 5000))
    ]

    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 60
    assert widths[-1] < 0.2


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
    ],
)
def test_difference_as_published(first, second, low, high):
    """The difference of two shares has the interval in Newcombe (1998), 873-890, table II, method 10."""
    got = difference(share(*first), share(*second))

    assert (round(got.low, 4), round(got.high, 4)) == (low, high)


def test_difference_as_scipy_decides():
    """A difference counts as more than the error where a z test of two shares finds so too."""
    assert not difference(share(631, 1000), share(618, 1000)).significant
    assert difference(share(710, 1000), share(551, 1000)).significant
    table = [[710, 290], [551, 449]]
    assert stats().chi2_contingency(table, correction=False).pvalue < 0.05


def test_no_difference_without_answers():
    """There is no difference to a number that does not exist."""
    assert difference(share(1, 2), NO_ANSWERS) is None
    assert difference(Estimate(n=0, value=None, low=None, high=None), share(1, 2)) is None


@pytest.mark.parametrize("n", [1, 5, 12, 40, 300])
@pytest.mark.parametrize(
    "chances", [(0.26, 0.36, 0.38), (0.02, 0.03, 0.95), (0.02, 0.96, 0.02), (0.5, 0.0, 0.5)]
)
def test_balance_holds_the_truth_as_often_as_it_says(n, chances):
    """Drawn again and again, a 95 % interval of a score holds the true score in 89 of 100 cases and more."""
    truth = chances[2] - chances[0]
    draws = np.random.default_rng(n).multinomial(n, chances, 2000).tolist()

    held = sum(got.low - 1e-9 <= truth <= got.high + 1e-9 for got in (balance(*draw) for draw in draws))

    assert held / len(draws) >= 0.89


@pytest.mark.parametrize("n", [1, 5, 12, 40, 300])
@pytest.mark.parametrize(
    "chances",
    [
        (0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1),
        (0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.3),
        (0.02, 0, 0, 0, 0, 0, 0.98),
    ],
)
def test_mean_holds_the_truth_as_often_as_it_says(n, chances):
    """Drawn again and again, a 95 % interval of a mean holds the true mean in 90 of 100 cases and more."""
    truth = sum(value * chance for value, chance in zip(SEVEN, chances, strict=True))
    draws = np.random.default_rng(n).multinomial(n, chances, 2000).tolist()

    held = sum(got.low - 1e-9 <= truth <= got.high + 1e-9 for got in (mean(draw, SEVEN) for draw in draws))

    assert held / len(draws) >= 0.90
