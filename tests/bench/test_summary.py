"""One table says of every goal whether it is met, and nothing that no other table says."""

import pytest

from bench.figures import Figure, Goal, Report
from bench.summary import BEGIN, END, rows, summary, written

NO_MORE, NO_LESS = Goal("at most", 100, "figure"), Goal("at least", 10_000, "figure")
REPORT = Report(
    title="A thing",
    peer="bare",
    figures=(
        Figure("taps/s", 22_323, 105_082, NO_LESS),
        Figure("p99 ms", 120, 60, NO_MORE),
        Figure("the ratio", 0.5, 1.0, Goal("at most", 0.7)),
        Figure("said beside", 3),
    ),
)
MEASURED = (
    f"2026-11-22, full run: a machine\n\n{REPORT.table()}\n\n- This run was beside other work (load 7)."
)


def test_every_goal_has_a_row_and_no_other_figure():
    """Met, not met, its figures, when, and whether the machine was alone."""
    told = summary({"thing": MEASURED, "other": ""})
    assert told.startswith("**2 of 3 goals are met.**")
    assert (
        "| ✓ | `thing` taps/s | 22,323 | 105,082 | 0.21 | ≥ 10,000 | 2026-11-22, full, beside other work |"
        in told
    )
    assert "| ✗ | `thing` p99 ms | 120 | 60.0 | 2.00 | ≤ 100 |" in told
    assert "said beside" not in told
    assert "`other`: not measured yet" in told


def test_many_goals_are_counted_and_the_furthest_is_named():
    """Of more than a dozen those met are one row, those not met another, and the worst of each is told."""
    many = (Figure(f"page {at}, p95 ms", 20.0 * at, goal=NO_MORE) for at in range(1, 16))
    told = summary({"pages": Report(title="", peer="", figures=tuple(many)).table()})
    assert told.startswith("**5 of 15 goals are met.**")
    assert "| ✓ | `pages` 5 of 15, closest to its goal: page 5, p95 ms | 100 |" in told
    assert "| ✗ | `pages` 10 of 15, furthest from it: page 15, p95 ms | 300 |" in told


def test_a_goal_at_least_is_far_where_it_is_small():
    """Half of what is wanted at least is as far off as twice of what is wanted at most."""
    wanting = Report(
        title="", peer="", figures=(Figure("a", 5_000, goal=NO_LESS), Figure("b", 200, goal=NO_MORE))
    )
    assert [row.share for row in rows(wanting.table())] == [2.0, 2.0]


def test_a_page_without_a_place_for_it_is_told_so():
    """Nothing is written anywhere else."""
    with pytest.raises(RuntimeError, match="every goal"):
        written("<!-- bench thing -->\n<!-- /bench thing -->")
    page = f"{BEGIN}\nold\n{END}\n<!-- bench thing -->\n{MEASURED}\n<!-- /bench thing -->\n"
    assert written(written(page)) == written(page)
    assert "old" not in written(page)
