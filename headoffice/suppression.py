"""Which cells of a table are too small to show, and which others must go so that nobody can subtract.

Called by work/report.py for readers who are not admins. Pure functions of counts: touches nothing.
"""

from collections.abc import Iterator, Mapping

FEWEST_ANSWERS = 5
FEWEST_VERBATIMS = 10

Cell = tuple[str | int, ...]


def suppressed(counts: Mapping[Cell, int], *, fewest: int = FEWEST_ANSWERS) -> frozenset[Cell]:
    """The cells (one key per dimension) to hide: the small ones, and those that would give them away.

    A line of the table is all cells that differ in one dimension only; its total can be had by asking
    without that dimension, and so can the total of the whole table. In no line, nor in the table, may
    the hidden cells hold fewer than `fewest` answers together: else the smallest shown one goes too
    (L. H. Cox (1980), Suppression methodology and statistical disclosure control, JASA 75). A line of a
    single cell has a total as small as itself, hidden by the same rule. An empty cell hides nobody.
    """
    hidden = {cell for cell, n in counts.items() if 0 < n < fewest}
    if not hidden:
        return frozenset()
    lines = [line for line in _lines(counts) if len(line) > 1]
    more = True
    while more:
        more = False
        for line in lines:
            covered = [cell for cell in line if cell in hidden]
            shown = sorted((counts[cell], cell) for cell in line if cell not in hidden and counts[cell])
            given_away = len(covered) == 1 or 0 < sum(counts[cell] for cell in covered) < fewest
            if covered and shown and given_away:
                hidden.add(shown[0][1])
                more = True
    return frozenset(hidden)


def _lines(counts: Mapping[Cell, int]) -> Iterator[list[Cell]]:
    """Every line along each dimension, and the whole table."""
    if not counts:
        return
    for dimension in range(len(next(iter(counts)))):
        lines: dict[Cell, list[Cell]] = {}
        for cell in counts:
            lines.setdefault(cell[:dimension] + cell[dimension + 1 :], []).append(cell)
        yield from lines.values()
    yield list(counts)
