"""Add up the tallies of a metric into one cell for each group, of days that are over only once.

Called by work/report.py. May read through store.results; keeps what cannot change through store.kept.

As long as a day is named among those rolled up its tallies stand, so what was added up of such days serves
every later reader; only the days since are added up for each.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TypeVar

from headoffice.metrics import Counts, Metric, add
from headoffice.store import rolled
from headoffice.store.engine import Connection
from headoffice.store.kept import lasting, once
from headoffice.store.lists import all_sites
from headoffice.store.results import Asked, Tally, questions, tallies
from headoffice.store.sight import sites_of
from headoffice.store.spans import A_DAY, Range
from headoffice.work.columns import NO_TAGS, TAG, Key, Tags, grain, tally_keys, values
from headoffice.work.scope import Scope

K = TypeVar("K")
V = TypeVar("V")
PAIRED_BY = ("site", "day")  # a prediction is about the shoppers of that day in that store


@dataclass(frozen=True, slots=True)
class Cell:
    """A metric's buckets of one group: the counted answers, and all with the flagged ones."""

    counted: Counts
    all: Counts
    hidden: bool = False

    def __add__(self, other: "Cell") -> "Cell":
        return Cell(add(self.counted, other.counted), add(self.all, other.all), self.hidden or other.hidden)


Cells = Mapping[Key, Cell]


def counted_questions(connection: Connection, metric: Metric) -> list[Asked]:
    """The questions whose answers a metric counts, of all survey versions."""
    return [asked for asked in questions(connection) if metric.takes(asked.metric, asked.type)]


def cells_of(connection: Connection, metric: Metric, columns: Sequence[str], scope: Scope) -> dict[Key, Cell]:
    """One cell for each combination of the columns that has an answer."""
    asked = {each.id: each for each in counted_questions(connection, metric) if scope.holds(each)}
    tags = {site.id: site.tags for site in all_sites(connection)} if is_tagged(columns) else NO_TAGS
    adding = _Adding(connection, metric, tuple(columns), scope, asked, tags)
    together: dict[Key, Cell] = {}
    for part in adding.parts():
        if together:
            for key, cell in part.items():
                together[key] = together[key] + cell if key in together else cell
        else:
            together = dict(part)
    return together


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
    tags: Tags

    def parts(self) -> Iterator[Cells]:
        """The cells of each run of days."""
        tags = tuple((site, *of.items()) for site, of in self.tags.items())
        filters = (self.scope.sites, self.scope.touchpoints, tuple(self.asked), sites_of(self.connection))
        key = ("cells", self.metric.name, self.columns, filters, tags)
        yield from of_runs(self.connection, self.scope, key, self._add_up)

    def _add_up(self, run: Range) -> dict[Key, Cell]:
        paired = (*self.columns, *(() if self.metric.other is None else PAIRED_BY))
        keys = tally_keys(paired)
        wanted = replace(self.scope, first=run.first, end=run.end).wanted(self.asked.values())
        found: dict[Key, list[list[int]]] = {}
        for tally in tallies(self.connection, wanted, by=keys, grain=grain(paired)):
            question = self.asked[tally.question]
            key = values(paired, question, dict(zip(keys, tally.key, strict=True)), self.tags)
            _note(found, key, tally, self.metric.fold(tally.slots[: question.slots]))
        together: dict[Key, Cell] = {}
        for key, (counted, others) in found.items():
            cell = _cell(counted, others)
            if self.metric.is_whole(cell.all):
                group = key[: len(self.columns)]
                together[group] = together[group] + cell if group in together else cell
        return together


def of_runs(
    connection: Connection,
    scope: Scope,
    key: tuple[object, ...],
    add_up: Callable[[Range], Mapping[K, V]],
) -> Iterator[Mapping[K, V]]:
    """What is added up of each run of days of a scope, kept by all that it depends on besides the days."""
    rolled_at = rolled.revisions(connection)
    for run in once(connection, ("runs", scope.first, scope.end), lambda: _runs(connection, scope)):
        make = partial(add_up, run)
        if run.first is None or run.end is None or run.first.isoformat() not in rolled_at:
            yield once(connection, (*key, run), make)
            continue
        days = [(run.first + A_DAY * step).isoformat() for step in range((run.end - run.first).days)]
        yield lasting(connection, (*key, run, tuple(rolled_at[day] for day in days)), make, len)


def _runs(connection: Connection, scope: Scope) -> list[Range]:
    return runs(scope.first, scope.end, rolled.revisions(connection))


def runs(first: date | None, end: date | None, had: Iterable[str]) -> list[Range]:
    """A period as runs of days: each run either of days that are named in `had` only, or of none of them."""
    days = sorted(date.fromisoformat(name) for name in had if len(name) == len("2026-11-21"))
    found: list[Range] = []
    left = first
    for day in days:
        if (first is not None and day < first) or (end is not None and day >= end):
            continue
        if left == day and found:
            found[-1] = Range(found[-1].first, day + A_DAY)
        else:
            if left is None or left < day:
                found.append(Range(left, day))
            found.append(Range(day, day + A_DAY))
        left = day + A_DAY
    if left is None or end is None or left < end:
        found.append(Range(left, end))
    return found


def _note(found: dict[Key, list[list[int]]], key: Key, tally: Tally, counts: Counts) -> None:
    """Add the counts of a tally to those of its group: the counted ones first, then the flagged ones."""
    both = found.get(key)
    if both is None:
        nothing = [0] * len(counts)
        found[key] = [list(counts), nothing] if tally.counted else [nothing, list(counts)]
        return
    sums = both[0 if tally.counted else 1]
    for place, count in enumerate(counts):
        sums[place] += count


def _cell(counted: Sequence[int], flagged: Sequence[int]) -> Cell:
    own = tuple(counted)
    return Cell(own, add(own, flagged) if any(flagged) else own)
