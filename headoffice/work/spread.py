"""How the answers to each question are spread: how many gave each, by question or by question and language.

Called by the web pages with a reading connection. May read through store.results; writes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import add

from headoffice.metrics import FACES
from headoffice.store.engine import Connection
from headoffice.store.results import Asked, questions, tallies
from headoffice.store.sight import sites_of
from headoffice.store.spans import Range
from headoffice.store.surveys import find_survey
from headoffice.suppression import suppressed
from headoffice.work.cells import of_runs
from headoffice.work.columns import Key, grain, tally_keys, values_of
from headoffice.work.scope import Scope

Counted = tuple[int, ...]  # how many answered, how many skipped, then each slot
_TYPES = ("faces", "scale", "stars", "choice")


@dataclass(frozen=True, kw_only=True)
class Spread:
    """A question of a survey (all of its versions): how many answered, skipped, and gave each answer.

    `by` are the values of the columns asked for besides.
    `counts` are by answer, in the order shown to shoppers; None where there are too few to be shown. Of a
    question with many choices they add up to more than `n`.
    """

    survey: str
    question: str
    type: str
    metric: str | None
    by: Key
    n: int
    skipped: int
    counts: dict[str, int] | None


@dataclass
class _Sum:
    """What is added up of one question in one group."""

    asked: Asked
    by: Key
    n: int = 0
    skipped: int = 0
    hidden: bool = False
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, counts: Counted, names: Sequence[str], *, hidden: bool) -> None:
        """Add how many answered and skipped, and slots that stand for these answers."""
        n, skipped, *slots = counts
        self.n += n
        self.skipped += skipped
        self.hidden = self.hidden or hidden
        for name, count in zip(names, slots, strict=False):
            self.counts[name] = self.counts.get(name, 0) + count

    def spread(self) -> Spread:
        """The same as it may be shown."""
        asked = self.asked
        return Spread(
            survey=asked.survey,
            question=asked.question,
            type=asked.type,
            metric=asked.metric,
            by=self.by,
            n=0 if self.hidden else self.n,
            skipped=0 if self.hidden else self.skipped,
            counts=None if self.hidden else self.counts,
        )


def spreads(
    connection: Connection, scope: Scope, *, everything: bool, by: tuple[str, ...] = ()
) -> list[Spread]:
    """Every question that was answered, in the order of its survey; by other columns too where asked for.

    For readers who may not see small cells the whole table is made first, filters being columns of it, as in
    work/report.py: a question with a hidden cell among those added up is hidden.
    """
    filters = [name for name in scope.filters if name not in {"question", "version", *by}]
    columns = ("survey", "question", *by, *filters)
    read = scope if everything else scope.unfiltered
    asked = {each.id: each for each in questions(connection) if each.type in _TYPES and read.holds(each)}
    rows = _sums(connection, read, columns, asked)
    hidden = frozenset() if everything else suppressed(_totals(rows))
    names = _Names(connection)
    sums: dict[Key, _Sum] = {}
    holds = replace(scope, versions=None, questions=None).of_key(columns)
    for (number, key), counts in rows.items():
        question = asked[number]
        if scope.holds(question) and holds(key):
            group = key[: 2 + len(by)]
            found = sums.setdefault(group, _Sum(question, group[2:]))
            found.add(counts, names.of(question), hidden=key in hidden)
    order = {(each.survey, each.question): each.id for each in asked.values()}
    ordered = sorted(sums, key=lambda group: (order[str(group[0]), str(group[1])], group[2:]))
    return [sums[group].spread() for group in ordered]


def _sums(
    connection: Connection, read: Scope, columns: tuple[str, ...], asked: Mapping[int, Asked]
) -> dict[tuple[int, Key], Counted]:
    """How many answered, how many skipped, and the slots, of each question's number and group."""
    keys = tally_keys(columns)

    def add_up(run: Range) -> dict[tuple[int, Key], Counted]:
        wanted = replace(read, first=run.first, end=run.end).wanted(asked.values())
        key_of = values_of(columns, keys)
        found: dict[tuple[int, Key], Counted] = {}
        for each in tallies(connection, wanted, by=keys, grain=grain(columns)):
            if each.counted:
                group = key_of(asked[each.question], each.key)
                _add(found, (each.question, group), (each.n, each.skipped, *each.slots))
        return found

    filters = (read.sites, read.touchpoints, read.languages, tuple(asked), sites_of(connection))
    together: dict[tuple[int, Key], Counted] = {}
    for part in of_runs(connection, read, ("spreads", columns, filters), add_up):
        for group, counts in part.items():
            _add(together, group, counts)
    return together


def _add(sums: dict[tuple[int, Key], Counted], group: tuple[int, Key], counts: Counted) -> None:
    had = sums.get(group)
    sums[group] = counts if had is None else tuple(map(add, had, counts))


def _totals(rows: Mapping[tuple[int, Key], Counted]) -> dict[Key, int]:
    """How many passed each group's question, answering or not."""
    totals: dict[Key, int] = {}
    for (_, key), (n, skipped, *_slots) in rows.items():
        totals[key] = totals.get(key, 0) + n + skipped
    return totals


class _Names:
    """What each slot of a question stands for: a face, a number, or an option's id."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[int, Sequence[str]] = {}

    def of(self, asked: Asked) -> Sequence[str]:
        """The answers of a question, in the order of its slots."""
        if asked.id not in self._known:
            self._known[asked.id] = self._read(asked)
        return self._known[asked.id]

    def _read(self, asked: Asked) -> Sequence[str]:
        if asked.type == "faces":
            return FACES
        if asked.type == "choice":
            known = find_survey(self._connection, asked.version)
            if known is None:
                return ()
            return tuple(option.id for option in known.survey.question(asked.question).options)
        return tuple(str(asked.base + slot) for slot in range(asked.slots))
