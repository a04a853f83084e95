"""Signal and noise."""

import numpy as np
import pytest

from headoffice.intervals import share
from headoffice.signals import alike, control_limits, pairwise_confidence


def _days(seed, how_many, *, rates=(0.62,) * 56):
    return [(int(part), how_many) for part in np.random.default_rng(seed).binomial(how_many, rates)]


def test_chance_stays_within_the_band():
    """Of a thousand days that differ by chance alone hardly one is called a signal."""
    outside = 0
    for seed in range(20):
        days = _days(seed, 150)
        limits = control_limits(days)
        outside += sum(not limit.holds(part / n) for limit, (part, n) in zip(limits, days, strict=True))

    assert outside <= 6  # 0.27 % of 1,120 is 3


def test_a_broken_till_stands_out():
    """Two days on which fewer were satisfied lie outside the band, the others within."""
    rates = [0.62] * 56
    rates[41] = rates[42] = 0.40
    days = _days(3, 300, rates=rates)

    limits = control_limits(days)

    outside = [place for place, (part, n) in enumerate(days) if not limits[place].holds(part / n)]
    assert outside == [41, 42]


def test_band_is_wider_where_days_differ_by_nature():
    """Shops that swing from day to day get a wider band than the binomial's (Laney's p' chart)."""
    steady = _days(5, 400)
    swinging = _days(
        6, 400, rates=[0.62 + swing for swing in np.random.default_rng(5).uniform(-0.08, 0.08, 56)]
    )

    calm, wild = control_limits(steady)[0], control_limits(swinging)[0]

    assert wild.high - wild.low > 1.3 * (calm.high - calm.low)


def test_laney_by_hand():
    """Centre, sigma of the z-scores and limits are those worked out by hand for seven days of 100."""
    parts = [50, 60, 40, 55, 45, 50, 50]

    limits = control_limits([(part, 100) for part in parts])

    ranges = [2.0, 4.0, 3.0, 2.0, 1.0, 0.0]  # sigma is 0.05, so ten points are two sigmas
    half = 3 * 0.05 * (sorted(ranges)[2] + sorted(ranges)[3]) / 2 / 0.954
    assert limits[0].centre == pytest.approx(0.5)
    assert limits[0].high - 0.5 == pytest.approx(half)


def test_too_few_days_have_no_band():
    """Six days are too few to say what is usual, and no answers are no days."""
    assert control_limits([(5, 10)] * 6) is None
    assert control_limits([]) is None


def test_all_alike_have_a_band_of_no_width():
    """Where everybody was satisfied every day, the band is that line and holds every day."""
    limits = control_limits([(10, 10)] * 8)

    assert all(limit.holds(1.0) for limit in limits)


def test_runs_that_cannot_be_told_apart():
    """Two close pairs far from each other are two runs, and a place far from all stands in none."""
    ranked = [share(part, 1000) for part in (900, 895, 700, 695, 300)]

    assert alike(ranked) == [(0, 1), (2, 3)]


def test_runs_overlap():
    """Neighbours that are alike while the ends differ give two overlapping runs, none inside another."""
    ranked = [share(part, 400) for part in (280, 256, 236)]

    assert alike(ranked) == [(0, 1), (1, 2)]


def test_many_comparisons_ask_for_more_confidence():
    """With more pairs each is compared more strictly: two sites at 95 %, ten at 99.89 %."""
    assert pairwise_confidence(2) == pytest.approx(0.95)
    assert pairwise_confidence(10) == pytest.approx(1 - 0.05 / 45)
    assert pairwise_confidence(0) == pytest.approx(0.95)
