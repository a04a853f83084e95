"""p-values and their corrections, against SciPy and published examples."""

import numpy as np
import pytest

from headoffice.significance import WORTH, adjusted, p_value, student_p
from tests.headoffice.metrics.theirs import stats

PAIRS = [((40, 60), (55, 45)), ((1, 9), (3, 8)), ((500, 9500), (480, 9000)), ((0, 7), (3, 4))]


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_shares_are_compared_as_chi_squared_does(first, second):
    """The p-value of two shares is Pearson's without correction."""
    expected = stats().chi2_contingency([first, second], correction=False).pvalue

    assert p_value("csat", first, second) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("metric", ["happy_index", "nps", "ces"])
def test_means_are_compared_as_welch_does(metric):
    """The p-value of two means is that of Welch's t on the single answers."""
    chance, worth = np.random.default_rng(3), WORTH[metric]
    for size in (2, 7, 40, 3000):
        first, second = (
            chance.multinomial(size + more, chance.dirichlet(np.ones(len(worth)))) + 1 for more in (0, 9)
        )
        samples = [np.repeat(worth, counts) for counts in (first, second)]
        expected = stats().ttest_ind(*samples, equal_var=False).pvalue
        assert p_value(metric, first.tolist(), second.tolist()) == pytest.approx(
            expected, rel=1e-8, abs=1e-300
        )


@pytest.mark.parametrize("df", [1, 2.5, 10, 87.3, 5000.5])
@pytest.mark.parametrize("t", [0, 0.01, 1, 2.2, 12, 80])
def test_student_has_every_degree_of_freedom(t, df):
    """Whole or not, few or many, SciPy says the same."""
    assert student_p(t, df) == pytest.approx(2 * stats().t.sf(t, df), rel=1e-8, abs=1e-300)


def test_no_answers_and_no_spread():
    """Where nothing can be said nothing is; two groups that are all alike do not differ."""
    assert p_value("csat", (0, 0), (1, 2)) is None
    assert p_value("nps", (0, 0, 1), (1, 2, 3)) is None
    assert p_value("csat", (0, 5), (0, 9)) == 1.0
    assert p_value("nps", (0, 5, 0), (0, 9, 0)) == 1.0
    assert p_value("nps", (0, 5, 0), (0, 0, 9)) == 0.0


def test_many_comparisons_are_minded():
    """Holm's and Benjamini and Hochberg's own numbers."""
    # The fifteen p-values of Benjamini and Hochberg (1995), table of section 3: 4 are rejected at 5 %, Holm's
    # procedure rejects 3.
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719]
    p += [0.6528, 0.7590, 1.0000]
    assert sum(each < 0.05 for each in adjusted(p, "bh")) == 4
    assert sum(each < 0.05 for each in adjusted(p, "holm")) == 3
    assert adjusted(p, "bh") == pytest.approx(stats().false_discovery_control(p).tolist())
    assert adjusted([0.01, 0.04, 0.03, 0.005], "holm") == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert adjusted([], "holm") == []
