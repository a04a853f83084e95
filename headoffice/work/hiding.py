"""Say which cells of the whole table of a metric are hidden from readers who may not see small ones.

Called by work/report.py. May read through store.results; keeps what cannot change through store.kept.

The table is made without gaps, a byte a cell, once for the days that are over. Of the days since only those
cells count that have few answers without them: a chain's table by weekday, hour and site has 84,000 cells,
of which some hundred do. So a cell that the days over fill is weighed by these alone when the smallest one
of a line must go, and what goes is another one less often while the day's answers come in.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import partial
from itertools import compress
from math import prod

from headoffice.metrics import Metric
from headoffice.store.engine import Connection
from headoffice.store.kept import lasting, once
from headoffice.store.lists import all_sites
from headoffice.store.results import Asked, answers, touchpoints
from headoffice.store.sight import sites_of
from headoffice.store.sources import HOURS, Wanted
from headoffice.store.spans import A_DAY, DAY, Range
from headoffice.suppression import FEWEST_ANSWERS, suppressed, suppressed_in_grid
from headoffice.work.cells import cells_of, counted_questions, is_tagged, stamped_runs
from headoffice.work.columns import OF_QUESTION, OF_TALLIES, Key, Value, grain, tally_keys
from headoffice.work.scope import Scope

MOST_CELLS = 2_000_000
BY_THE_DAY = tuple(name for name, (key, _) in OF_TALLIES.items() if key == "day")
FEW = bytes([n < FEWEST_ANSWERS for n in range(256)])
HIGHEST = 255  # that a byte holds
CELLS_A_THING = 64  # bytes, of what store.kept counts as one thing
FEW_DAYS = 7
MANY_SITES = 5  # where one site in so many may have few answers at an hour, all are read


def hidden_cells(
    connection: Connection, metric: Metric, columns: Sequence[str], scope: Scope
) -> AbstractSet[Key]:
    """The hidden cells of everything in a period, by these columns, in whatever order they are named."""
    names = tuple(sorted(columns))
    key = ("hidden", metric.name, names, scope.first, scope.end)
    found = once(connection, key, partial(_hidden, connection, metric, names, scope.unfiltered))
    places = [names.index(name) for name in columns]
    if places == [*range(len(names))]:
        return found
    return frozenset(tuple([cell[place] for place in places]) for cell in found)


def _hidden(connection: Connection, metric: Metric, names: tuple[str, ...], scope: Scope) -> AbstractSet[Key]:
    if len(names) > 1 and metric.other is None and not is_tagged(names):
        asked = {each.id: each for each in counted_questions(connection, metric)}
        axes = _axes(connection, names, scope, asked)
        if axes is not None and prod(map(len, axes)) <= MOST_CELLS:
            found = _Grid(connection, metric, names, scope, asked, axes).hidden()
            if found is not None:
                return found
    cells = cells_of(connection, metric, names, scope)
    return suppressed({key: metric.shoppers(cells[key].counted) for key in sorted(cells)})


def _axes(
    connection: Connection, names: Sequence[str], scope: Scope, asked: Mapping[int, Asked]
) -> tuple[tuple[Value, ...], ...] | None:
    """All values that each column can have, in their order; None where that cannot be said."""
    found = []
    for name in names:
        values: set[Value]
        if name == "site":
            values = {str(site.id) for site in all_sites(connection)}
        elif name == "touchpoint":
            values = set(touchpoints(connection))
        elif name == "hour":
            values = set(HOURS)
        elif name in BY_THE_DAY and scope.first is not None and scope.end is not None:
            count = (scope.end - scope.first).days
            make = OF_TALLIES[name][1]
            values = {make((scope.first + A_DAY * step).isoformat()) for step in range(count)}
        elif name in OF_QUESTION:
            values = {str(getattr(each, name)) for each in asked.values()}
        else:
            return None
        found.append(tuple(sorted(values)))
    return tuple(found)


class _UnknownValueError(Exception):
    """A tally has a value that its column was not expected to have."""


class _Steps(dict[Value, int]):
    """How far along its axis the value of a tally's key is, remembered as it turns up."""

    def __init__(self, make: Callable[[Value], Value], known: Mapping[Value, int], stride: int) -> None:
        super().__init__()
        self._make, self._known, self._stride = make, known, stride

    def __missing__(self, value: Value) -> int:
        place = self._known.get(self._make(value))
        if place is None:
            raise _UnknownValueError
        found = self[value] = place * self._stride
        return found


@dataclass(frozen=True)
class _Grid:
    """The table of a metric by these columns; each has the values of its axis and no others."""

    connection: Connection
    metric: Metric
    names: tuple[str, ...]
    scope: Scope
    asked: Mapping[int, Asked]
    axes: tuple[tuple[Value, ...], ...]

    def hidden(self) -> AbstractSet[Key] | None:
        """The hidden cells; None where the table has values that its axes lack."""
        try:
            over, changes = self._weights()
        except _UnknownValueError:
            return None
        weights = bytearray(over)
        for cell, n in changes.items():
            weights[cell] = n
        sizes = tuple(len(axis) for axis in self.axes)
        hidden = suppressed_in_grid(bytes(weights), sizes)
        return frozenset(self._key(cell) for cell in hidden)

    def _weights(self) -> tuple[bytes, Mapping[int, int]]:
        """What the days that are over hold, and what cells of few answers hold with the days since."""
        kept = ("grid", self.metric.name, self.names, self.axes, tuple(self.asked), sites_of(self.connection))
        over, since = bytes(prod(map(len, self.axes))), []
        for run, stamps in stamped_runs(self.connection, self.scope):
            if stamps is None:
                since.append(run)
                continue
            part = lasting(
                self.connection,
                (*kept, run, stamps),
                partial(self._made, run),
                lambda made: len(made) // CELLS_A_THING,
            )
            over = _together(over, part) if any(over) else part
        changes: dict[int, int] = {}
        for run in since:
            for cell, n in self._counts(self._wanted(over, run), grain=self._grain_of(run)):
                if over[cell] < FEWEST_ANSWERS:
                    changes[cell] = changes.get(cell, over[cell]) + n
        return over, {cell: min(n, HIGHEST) for cell, n in changes.items()}

    def _made(self, run: Range) -> bytes:
        counts = [0] * prod(map(len, self.axes))
        for cell, n in self._counts([self._wanted_of(run)], grain=grain(self.names)):
            counts[cell] += n
        return bytes([min(n, HIGHEST) for n in counts])

    def _grain_of(self, run: Range) -> str:
        """Of few days none stands for another: nothing is gained by putting them together in SQL."""
        few = run.first is not None and run.end is not None and (run.end - run.first).days <= FEW_DAYS
        return DAY if few else grain(self.names)

    def _counts(self, wanted: Sequence[Wanted], *, grain: str) -> Iterator[tuple[int, int]]:
        """How many answers cells hold, one number after the other; `grain` as `results.tallies` takes it."""
        keys, places, strides = tally_keys(self.names), self._places(), self._strides()
        of_question = dict.fromkeys(self.asked, 0)
        ways = []
        for name, known, stride in zip(self.names, places, strides, strict=True):
            if name in OF_TALLIES:
                key, make = OF_TALLIES[name]
                ways.append((keys.index(key), _Steps(make, known, stride)))
            else:
                for number, asked in self.asked.items():
                    of_question[number] += known[str(getattr(asked, name))] * stride
        for each in wanted:
            for question, values, n in answers(self.connection, each, by=keys, grain=grain):
                cell = of_question[question]
                for place, steps in ways:
                    cell += steps[values[place]]
                yield cell, n

    def _wanted_of(self, run: Range) -> Wanted:
        return replace(self.scope, first=run.first, end=run.end).wanted(self.asked.values())

    def _wanted(self, over: bytes, run: Range) -> list[Wanted]:
        """The tallies to read of days since: by the hour only of hours and sites that may be small cells."""
        whole = self._wanted_of(run)
        if set(self.names) != {"hour", "site", "weekday"} or run.first is None or run.end is None:
            return [whole]
        found, known = [], len(self.axes[self.names.index("site")])
        for step in range((run.end - run.first).days):
            day = run.first + A_DAY * step
            own = replace(whole, first=day, end=day + A_DAY)
            small = self._small(over, OF_TALLIES["weekday"][1](day.isoformat()))
            full = {hour: sites for hour, sites in small.items() if len(sites) * MANY_SITES > known}
            found.append(replace(own, hours=tuple(full)))
            hours = tuple(hour for hour, sites in small.items() if sites and hour not in full)
            some = {site for hour in hours for site in small[hour]}
            found.append(replace(own, hours=hours, sites=tuple(sorted(some))))
        return [each for each in found if each.hours]

    def _small(self, over: bytes, weekday: Value) -> dict[int, list[int]]:
        """The sites that have few answers at each hour of a weekday."""
        sites = [int(site) for site in self.axes[self.names.index("site")]]
        stride = dict(zip(self.names, self._strides(), strict=True))
        place = dict(zip(self.names, self._places(), strict=True))
        found, few = {}, over.translate(FEW)
        for hour in HOURS:
            first = place["hour"][hour] * stride["hour"] + place["weekday"][weekday] * stride["weekday"]
            cut = slice(first, first + len(sites) * stride["site"], stride["site"])
            found[hour] = list(compress(sites, few[cut]))
        return found

    def _places(self) -> list[dict[Value, int]]:
        return [{value: place for place, value in enumerate(axis)} for axis in self.axes]

    def _strides(self) -> list[int]:
        sizes = [len(axis) for axis in self.axes]
        return [prod(sizes[place + 1 :]) for place in range(len(sizes))]

    def _key(self, cell: int) -> Key:
        return tuple(
            axis[cell // stride % len(axis)] for axis, stride in zip(self.axes, self._strides(), strict=True)
        )


def _together(one: bytes, other: bytes) -> bytes:
    return bytes([min(a + b, HIGHEST) for a, b in zip(one, other, strict=True)])
