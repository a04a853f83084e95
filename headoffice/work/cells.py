"""Add up the tallies of a metric into one cell for each group, of days that are over only once.

Called by work/report.py. May read through store.results; keeps what cannot change through store.kept.

As long as a day is named among those rolled up its tallies stand, so what was added up of such days serves
every later reader; only the days since are added up for each.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import NamedTuple, TypeVar

from headoffice.metrics import Counts, Metric, add
from headoffice.store import rolled
from headoffice.store.engine import Connection
from headoffice.store.kept import lasting, once
from headoffice.store.lists import all_sites
from headoffice.store.results import Asked, questions, slots_only, sums
from headoffice.store.sight import sites_of
from headoffice.store.sources import OF_PLACES, Wanted
from headoffice.store.spans import A_DAY, Range, days_of
from headoffice.work.columns import OF_TALLIES, TAG, Key, grain, tally_keys, values_of
from headoffice.work.scope import Scope

K = TypeVar("K")
V = TypeVar("V")
# What a Cell has, as bare tuples: what is kept of many days is nothing that the collector must go through.
Both = tuple[Counts, Counts]
PAIRED_BY = ("site", "day")  # a prediction is about the shoppers of that day in that store


class Cell(NamedTuple):
    """A metric's buckets of one group: the counted answers, and all with the flagged ones.

    A tuple, since a page makes thousands.
    """

    counted: Counts
    all: Counts
    hidden: bool = False


def counted_questions(connection: Connection, metric: Metric) -> list[Asked]:
    """The questions whose answers a metric counts, of all survey versions."""
    return [asked for asked in questions(connection) if metric.takes(asked.metric, asked.type)]


def cells_of(
    connection: Connection, metric: Metric, columns: Sequence[str], scope: Scope
) -> Mapping[Key, Cell]:
    """One cell for each combination of the columns that has an answer."""
    make = _by_tags if is_tagged(columns) else _by_columns
    key = ("cells_of", metric.name, tuple(columns), scope)
    return once(connection, key, partial(make, connection, metric, columns, scope))


def _by_columns(
    connection: Connection, metric: Metric, columns: Sequence[str], scope: Scope
) -> dict[Key, Cell]:
    asked = {each.id: each for each in counted_questions(connection, metric) if scope.holds(each)}
    adding = _Adding(connection, metric, tuple(columns), scope, asked)
    together: dict[Key, Both] = {}
    for part in adding.parts():
        if not together:
            together = dict(part)
            continue
        for key, both in part.items():
            had = together.get(key)
            together[key] = both if had is None else _added(had, both)
    return {key: Cell(*both) for key, both in together.items()}


def _by_tags(connection: Connection, metric: Metric, columns: Sequence[str], scope: Scope) -> dict[Key, Cell]:
    """The cells of sites' tags: those of the sites, added up; a site without a tag has ""."""
    bare = ("site", *(name for name in columns if not name.startswith(TAG) and name != "site"))
    tags = {str(site.id): site.tags for site in all_sites(connection)}
    places = [
        (name.removeprefix(TAG), 0) if name.startswith(TAG) else ("", bare.index(name)) for name in columns
    ]
    groups: dict[Key, list[Cell]] = {}
    for key, cell in cells_of(connection, metric, bare, scope).items():
        own = tags.get(str(key[0]), {})
        group = tuple([own.get(tag, "") if tag else key[place] for tag, place in places])
        groups.setdefault(group, []).append(cell)
    return {group: joined(cells) for group, cells in groups.items()}


def joined(cells: Sequence[Cell]) -> Cell:
    """Many cells as one."""
    if len(cells) == 1:
        return cells[0]
    counted = tuple(map(sum, zip(*[cell.counted for cell in cells], strict=True)))
    whole = tuple(map(sum, zip(*[cell.all for cell in cells], strict=True)))
    return Cell(counted, whole, any(cell.hidden for cell in cells))


def is_tagged(columns: Sequence[str]) -> bool:
    """Whether any column is a site's tag."""
    return any(name.startswith(TAG) for name in columns)


@dataclass(frozen=True)
class _Adding:
    """What is to be added up."""

    connection: Connection
    metric: Metric
    columns: tuple[str, ...]
    scope: Scope
    asked: Mapping[int, Asked]

    def parts(self) -> Iterator[Mapping[Key, Both]]:
        """The cells of each run of days."""
        where = (self.scope.sites, self.scope.touchpoints, sites_of(self.connection))
        filters = (*where, self.scope.languages, tuple(self.asked))
        key = ("cells", self.metric.name, self.columns, filters)
        yield from of_runs(self.connection, self.scope, key, self._add_up)

    def _add_up(self, run: Range) -> dict[Key, Both]:
        wanted = replace(self.scope, first=run.first, end=run.end).wanted(self.asked.values())
        if OF_PLACES & set(self.columns) and set(self.columns) <= OF_TALLIES.keys() and not self.metric.other:
            return self._of_places(wanted)
        paired = (*self.columns, *(() if self.metric.other is None else PAIRED_BY))
        keys = tally_keys(paired)
        key_of, fold = values_of(paired, keys), self.metric.fold
        halves = _Halves(self.metric)
        for found, counts in sums(self.connection, slots_only(wanted), by=keys, grain=grain(paired)).items():
            question = self.asked[found[0]]
            halves.add(found[1], key_of(question, found[2:]), fold(counts[: question.slots]))
        together: dict[Key, Both] = {}
        for key, both in halves.both():
            if self.metric.is_whole(both[1]):
                group = key[: len(self.columns)]
                together[group] = _added(together[group], both) if group in together else both
        return together

    def _of_places(self, wanted: Wanted) -> dict[Key, Both]:
        """The same where groups are many: the database folds what alike questions have, and adds it up."""
        keys = tally_keys(self.columns)
        key_of, halves = values_of(self.columns, keys), _Halves(self.metric)
        alike: dict[int, list[Asked]] = {}
        for each in self.asked.values():
            alike.setdefault(each.slots, []).append(each)
        for slots, asked in alike.items():
            numbers = tuple(each.id for each in asked)
            part = replace(wanted, questions=numbers, sums=self.metric.sums(slots), together=True)
            for found, counts in sums(self.connection, part, by=keys, grain=grain(self.columns)).items():
                halves.add(found[1], key_of(asked[0], found[2:]), counts)
        return {key: both for key, both in halves.both() if any(both[1])}


class _Halves:
    """The buckets of each group: those of the counted answers, and those of the flagged ones."""

    def __init__(self, metric: Metric) -> None:
        self._nothing = metric.nothing
        self._flagged: dict[Key, Counts] = {}
        self._counted: dict[Key, Counts] = {}

    def add(self, counted: int, key: Key, counts: Counts) -> None:
        """Add the buckets of some answers to their group."""
        own = self._counted if counted else self._flagged
        had = own.get(key)
        own[key] = counts if had is None else add(had, counts)

    def both(self) -> Iterator[tuple[Key, Both]]:
        """Give each group's counted answers, and all with the flagged ones."""
        for key, counted in self._counted.items():
            flagged = self._flagged.get(key)
            yield key, (counted, counted if flagged is None or not any(flagged) else add(counted, flagged))
        for key, flagged in self._flagged.items():
            if key not in self._counted:
                yield key, (self._nothing, flagged)


def of_runs(
    connection: Connection,
    scope: Scope,
    key: tuple[object, ...],
    add_up: Callable[[Range], Mapping[K, V]],
) -> Iterator[Mapping[K, V]]:
    """What is added up of each run of days of a scope, kept by all that it depends on besides the days."""
    for run, stamps in stamped_runs(connection, scope):
        make = partial(add_up, run)
        if stamps is None:
            yield once(connection, (*key, run), make)
        else:
            yield lasting(connection, (*key, run, stamps), make, len)


def stamped_runs(connection: Connection, scope: Scope) -> list[tuple[Range, tuple[int, ...] | None]]:
    """The runs of a scope's days, each with when its days were rolled up; None where they are not."""
    return once(connection, ("runs", scope.first, scope.end), partial(_stamped, connection, scope))


def _stamped(connection: Connection, scope: Scope) -> list[tuple[Range, tuple[int, ...] | None]]:
    rolled_at = rolled.revisions(connection)
    found: list[tuple[Range, tuple[int, ...] | None]] = []
    for run in runs(scope.first, scope.end, days_of(rolled.names(connection))):
        if run.first is None or run.end is None or run.first.isoformat() not in rolled_at:
            found.append((run, None))
            continue
        days = [(run.first + A_DAY * step).isoformat() for step in range((run.end - run.first).days)]
        found.append((run, tuple(rolled_at[day] for day in days)))
    return found


def runs(first: date | None, end: date | None, had: Sequence[date]) -> list[Range]:
    """A period as runs of days: each run either of days that are in `had` (in order) only, or of none."""
    days = had[
        0 if first is None else bisect_left(had, first) : None if end is None else bisect_left(had, end)
    ]
    found: list[Range] = []
    left, at = first, 0
    while at < len(days):
        begins, to = days[at], _unbroken(days, at)
        if left is None or left < begins:
            found.append(Range(left, begins))
        left = days[to - 1] + A_DAY
        found.append(Range(begins, left))
        at = to
    if left is None or end is None or left < end:
        found.append(Range(left, end))
    return found


def _unbroken(days: Sequence[date], at: int) -> int:
    """Where the run of days that begins here ends; mostly they are one."""
    if (days[-1] - days[at]).days == len(days) - 1 - at:
        return len(days)
    return next(to for to in range(at + 1, len(days)) if days[to] - days[to - 1] > A_DAY)


def _added(one: Both, other: Both) -> Both:
    own = add(one[0], other[0])
    same = one[0] is one[1] and other[0] is other[1]
    return own, own if same else add(one[1], other[1])
