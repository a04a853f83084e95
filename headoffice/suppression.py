"""Which cells of a table are too small to show, and which others must go so that nobody can subtract.

Called by work/report.py for readers who are not admins. Pure functions of counts: touches nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from heapq import heapify, heappop, heappush
from itertools import compress
from math import prod
from typing import Protocol, TypeVar

FEWEST_ANSWERS = 5
FEWEST_VERBATIMS = 10
KEPT = 6  # tables, as a page of one store asks for four; with what is hidden each may be megabytes

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
    return _closed(_Lines(counts, hidden), fewest=fewest) if hidden else frozenset()


@lru_cache(maxsize=KEPT)
def suppressed_in_grid(
    weights: bytes, sizes: tuple[int, ...], *, fewest: int = FEWEST_ANSWERS
) -> frozenset[int]:
    """The same for a table without gaps: a byte a cell, in the order of its keys, and each dimension's size.

    A weight is the cell's count, or less where the count is 255 and more, or where it may change while the
    hidden cells should not: from `fewest` on any weight from `fewest` up to the count. What is hidden holds
    at least its weights then, so it hides as well; only which of the shown cells goes may be another.
    What was found for a table last is kept: who goes from store to store asks for the same one each time.
    """
    few = weights.translate(bytes([0 < weight < fewest for weight in range(256)]))
    hidden = set(compress(range(len(weights)), few))
    return _closed(_Grid(weights, sizes, hidden), fewest=fewest) if hidden else frozenset()


C = TypeVar("C")
L = TypeVar("L")


class _Table(Protocol[C, L]):
    """A table whose lines can be looked at, with the cells that are hidden so far."""

    hidden: set[C]

    def through(self, cells: Iterable[C]) -> set[L]:
        """The lines through some cells."""

    def place(self, line: L) -> tuple[int, int]:
        """Where a line stands among all."""

    def given_away(self, line: L, *, fewest: int) -> C | None:
        """The smallest shown cell of a line, where its hidden ones are too few to hide one another."""

    def hide(self, cell: C) -> None:
        """Hide one more."""


def _closed(lines: _Table[C, L], *, fewest: int) -> frozenset[C]:
    """The hidden cells with all that must go with them, the lines looked at in their order."""
    due = lines.through(lines.hidden)
    while due:
        later: set[L] = set()
        queue = [(lines.place(line), line) for line in due]
        heapify(queue)
        while queue:
            place, line = heappop(queue)
            if queue and queue[0][1] == line:
                continue
            given_away = lines.given_away(line, fewest=fewest)
            if given_away is not None:
                lines.hide(given_away)
                for other in lines.through([given_away]):
                    if (at := lines.place(other)) > place:
                        heappush(queue, (at, other))
                    else:
                        later.add(other)
        due = later
    return frozenset(lines.hidden)


class _Lines:
    """The lines of a table: each dimension's, in the order in which their first cells stand, then the whole.

    Only those are looked at through which a hidden cell goes: of a large table, few.
    """

    def __init__(self, counts: Mapping[Cell, int], hidden: set[Cell]) -> None:
        self.hidden = hidden
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

    def hide(self, cell: Cell) -> None:
        """Hide one more."""
        self.hidden.add(cell)

    def given_away(self, line: Line, *, fewest: int) -> Cell | None:
        """The smallest shown cell of a line, where its hidden ones are too few to hide one another."""
        cells, hidden = self._cells(line), self.hidden
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


class _Grid:
    """The lines of a table without gaps: (dimension, number of the first cell), then the whole."""

    def __init__(self, weights: bytes, sizes: Sequence[int], hidden: set[int]) -> None:
        self.hidden = hidden
        self._weights = weights
        self._ways = [
            *((size, prod(sizes[place + 1 :])) for place, size in enumerate(sizes)),
            (len(weights), 1),
        ]
        self._gone = bytearray(len(weights))  # the same as a byte a cell, of which lines are cut
        for cell in hidden:
            self._gone[cell] = 1
        self._first: dict[tuple[int, int], tuple[int, int]] = {}

    def through(self, cells: Iterable[int]) -> set[tuple[int, int]]:
        """The lines through some cells."""
        ways = list(enumerate(self._ways))
        return {
            (dimension, cell - cell // stride % size * stride)
            for cell in cells
            for dimension, (size, stride) in ways
        }

    def place(self, line: tuple[int, int]) -> tuple[int, int]:
        """Where a line stands among all: by the first cell that holds anything."""
        found = self._first.get(line)
        if found is None:
            weights = self._weights
            found = line[0], next((cell for cell in self._cells(line) if weights[cell]), line[1])
            self._first[line] = found
        return found

    def hide(self, cell: int) -> None:
        """Hide one more."""
        self.hidden.add(cell)
        self._gone[cell] = 1

    def given_away(self, line: tuple[int, int], *, fewest: int) -> int | None:
        """The smallest shown cell of a line, where its hidden ones are too few to hide one another."""
        cells = self._cells(line)
        cut = slice(cells.start, cells.stop, cells.step)
        held, gone = self._weights[cut], self._gone[cut]
        few = gone.count(1) == 1 or 0 < sum(compress(held, gone)) < fewest
        if not few or len(held) - held.count(0) == 1:
            return None
        shown = ((n, cell) for n, cell, hides in zip(held, cells, gone, strict=True) if n and not hides)
        return min(shown, default=(0, None))[1]

    def _cells(self, line: tuple[int, int]) -> range:
        size, stride = self._ways[line[0]]
        return range(line[1], line[1] + size * stride, stride)
