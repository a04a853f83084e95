"""Which cells of a table are too small to show, and which others must go so that nobody can subtract.

Called by work/report.py for readers who are not admins. Pure functions of counts: touches nothing.
"""

from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from heapq import heapify, heappop, heappush

FEWEST_ANSWERS = 5
FEWEST_VERBATIMS = 10

Cell = tuple[str | int, ...]
Line = tuple[int, Cell]  # the dimension along which it goes, and what its cells have in common


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
    lines = _Lines(counts)
    due = lines.through(hidden)
    while due:
        later: set[Line] = set()
        queue = [(lines.place(line), line) for line in due]
        heapify(queue)
        while queue:
            place, line = heappop(queue)
            if queue and queue[0][1] == line:
                continue
            given_away = lines.given_away(line, hidden, fewest=fewest)
            if given_away is not None:
                hidden.add(given_away)
                for other in lines.through([given_away]):
                    if (at := lines.place(other)) > place:
                        heappush(queue, (at, other))
                    else:
                        later.add(other)
        due = later
    return frozenset(hidden)


class _Lines:
    """The lines of a table: each dimension's, in the order in which their first cells stand, then the whole.

    Only those are looked at through which a hidden cell goes: of a large table, few.
    """

    def __init__(self, counts: Mapping[Cell, int]) -> None:
        self._counts = counts
        self._places = {cell: place for place, cell in enumerate(counts)}
        self._dimensions = len(next(iter(counts)))
        self._values = [
            list(dict.fromkeys(cell[dimension] for cell in counts)) for dimension in range(self._dimensions)
        ]
        self._known: dict[Line, Collection[Cell]] = {(self._dimensions, ()): self._places}
        self._first: dict[Line, tuple[int, int]] = {(self._dimensions, ()): (self._dimensions, 0)}

    def through(self, cells: Iterable[Cell]) -> set[Line]:
        """The lines through some cells."""
        found: set[Line] = {
            (dimension, cell[:dimension] + cell[dimension + 1 :])
            for cell in cells
            for dimension in range(self._dimensions)
        }
        return found | {(self._dimensions, ())}

    def place(self, line: Line) -> tuple[int, int]:
        """Where a line stands among all."""
        if line not in self._first:
            places = self._places
            self._first[line] = line[0], min(places[cell] for cell in self._cells(line))
        return self._first[line]

    def given_away(self, line: Line, hidden: AbstractSet[Cell], *, fewest: int) -> Cell | None:
        """The smallest shown cell of a line, where its hidden ones are too few to hide one another."""
        cells = self._cells(line)
        covered = [cell for cell in cells if cell in hidden]
        if len(cells) == 1 or not (
            len(covered) == 1 or 0 < sum(self._counts[cell] for cell in covered) < fewest
        ):
            return None
        shown = ((self._counts[cell], cell) for cell in cells if cell not in hidden and self._counts[cell])
        return min(shown, default=(0, None))[1]

    def _cells(self, line: Line) -> Collection[Cell]:
        """The cells of a line, in the order of the table's first values."""
        if line not in self._known:
            dimension, rest = line
            made = ((*rest[:dimension], value, *rest[dimension:]) for value in self._values[dimension])
            self._known[line] = [cell for cell in made if cell in self._places]
        return self._known[line]
