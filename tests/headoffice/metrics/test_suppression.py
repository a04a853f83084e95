"""Small cells are hidden, and nobody can subtract."""

from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from headoffice.suppression import suppressed, suppressed_in_grid


def test_a_small_cell_takes_the_next_smallest_along():
    """One small site alone could be had from the total, so the smallest other one is hidden too."""
    assert suppressed({("a",): 3, ("b",): 40, ("c",): 12}) == {("a",), ("c",)}


def test_two_small_cells_that_are_five_together_need_no_other():
    """Two hidden sites of 3 and 4 answers cannot be told apart by subtraction: nothing more is hidden."""
    assert suppressed({("a",): 3, ("b",): 4, ("c",): 12}) == {("a",), ("b",)}


def test_two_small_cells_below_five_together_need_another():
    """Two hidden sites of 1 and 2 would be 3 by subtraction: too few, so a third goes."""
    assert suppressed({("a",): 1, ("b",): 2, ("c",): 12, ("d",): 30}) == {("a",), ("b",), ("c",)}


def test_nothing_small_nothing_hidden():
    """Where every cell has five answers or none, all is shown."""
    assert suppressed({("a",): 5, ("b",): 0, ("c",): 9}) == frozenset()
    assert suppressed({}) == frozenset()


def test_a_cell_alone_is_hidden_alone():
    """A table of one small cell has only that one to hide."""
    assert suppressed({(): 3}) == {()}
    assert suppressed({("a",): 4}) == {("a",)}


@given(
    st.dictionaries(
        st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), st.integers(0, 30), min_size=1, max_size=9
    )
)
def test_no_line_gives_a_small_cell_away(counts):
    """In each row, column and the whole, what is hidden is either nothing, five and more, or all there is."""
    hidden = suppressed(counts)

    assert hidden >= {cell for cell, n in counts.items() if 0 < n < 5}
    lines = defaultdict(list)
    for cell in counts:
        for dimension in range(2):
            lines[dimension, cell[1 - dimension]].append(cell)
        lines["all"].append(cell)
    for line in lines.values():
        covered = [counts[cell] for cell in line if cell in hidden]
        shown = [cell for cell in line if cell not in hidden and counts[cell]]
        if covered and shown:
            assert len(covered) > 1
            assert sum(covered) >= 5


def by_hand(counts):
    """The rule as it is written down: every line looked at, again and again until nothing changes."""
    hidden = {cell for cell, n in counts.items() if 0 < n < 5}
    lines = {}
    for dimension in range(3):
        for cell in counts:
            lines.setdefault((dimension, cell[:dimension], cell[dimension + 1 :]), []).append(cell)
    for cell in counts:
        lines.setdefault("all", []).append(cell)
    while True:
        before = len(hidden)
        for line in lines.values():
            covered = [cell for cell in line if cell in hidden]
            shown = sorted((counts[cell], cell) for cell in line if cell not in hidden and counts[cell])
            too_few = len(covered) == 1 or 0 < sum(counts[cell] for cell in covered) < 5
            if len(line) > 1 and covered and shown and too_few:
                hidden.add(shown[0][1])
        if len(hidden) == before:
            return hidden


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from("abcd"), st.integers(0, 3), st.sampled_from("xyz")),
        st.integers(0, 14),
        min_size=1,
        max_size=40,
    )
)
def test_only_lines_of_hidden_cells_are_looked_at_and_nothing_else_changes(counts):
    """In a large table, too, exactly those cells are hidden that looking at every line hides."""
    assert suppressed(counts) == by_hand(counts)


def unprotected(counts, hidden):
    """The lines of a table, of any dimensions, in which a few answers can be had by subtraction."""
    lines = defaultdict(list)
    for cell in counts:
        for dimension in range(len(cell)):
            lines[dimension, cell[:dimension], cell[dimension + 1 :]].append(cell)
        lines["all"].append(cell)
    found = [cell for cell, n in counts.items() if 0 < n < 5 and cell not in hidden]
    for name, line in lines.items():
        covered = [counts[cell] for cell in line if cell in hidden]
        shown = [cell for cell in line if cell not in hidden and counts[cell]]
        if covered and shown and (len(covered) == 1 or sum(covered) < 5):
            found.append(name)
    return found


GRID = st.lists(st.integers(0, 14), min_size=36, max_size=36)
SIZES = (4, 3, 3)


def in_grid(weights):
    """The hidden cells of a grid of SIZES, each as its places along the three dimensions."""
    return {
        (cell // 9, cell // 3 % 3, cell % 3)
        for cell in suppressed_in_grid(bytes(min(n, 255) for n in weights), SIZES)
    }


def cells_of(counts):
    cells = {(cell // 9, cell // 3 % 3, cell % 3): n for cell, n in enumerate(counts)}
    return {cell: n for cell, n in cells.items() if n}


@settings(max_examples=200, deadline=None)
@given(GRID)
def test_a_grid_hides_what_a_table_hides(counts):
    """Of a table without gaps, a byte a cell, the very cells are hidden that are of the one with keys."""
    assert in_grid(counts) == suppressed(cells_of(counts))


@settings(max_examples=200, deadline=None)
@given(GRID, GRID)
def test_days_over_weigh_as_well_as_all_days(over, since):
    """Cells that the days over fill may be weighed by these alone: no line of all days gives a cell away."""
    both = [a + b for a, b in zip(over, since, strict=True)]
    weights = [a if a >= 5 else all_ for a, all_ in zip(over, both, strict=True)]

    assert not unprotected(cells_of(both), in_grid(weights))
