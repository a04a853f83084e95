"""How the answers to each question are spread: how many gave each, by question or by question and language.

Called by the web pages with a reading connection. May read through store.results; writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from headoffice.metrics import FACES
from headoffice.store.engine import Connection
from headoffice.store.results import Asked, Tally, questions, tallies
from headoffice.store.surveys import find_survey
from headoffice.suppression import suppressed
from headoffice.work.columns import Key, tally_keys, values
from headoffice.work.scope import Scope

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

    def add(self, tally: Tally, names: Sequence[str], *, hidden: bool) -> None:
        """Add a tally, whose slots stand for these answers."""
        self.n += tally.n
        self.skipped += tally.skipped
        self.hidden = self.hidden or hidden
        for name, count in zip(names, tally.slots, strict=False):
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
    keys = tally_keys(columns)
    rows = [
        (each, values(columns, asked[each.question], dict(zip(keys, each.key, strict=True))))
        for each in tallies(connection, read.wanted(asked.values()), by=keys)
        if each.counted
    ]
    hidden = frozenset() if everything else suppressed(_totals(rows))
    names = _Names(connection)
    sums: dict[Key, _Sum] = {}
    places = replace(scope, versions=None, questions=None)
    for tally, key in rows:
        question = asked[tally.question]
        if scope.holds(question) and places.holds_key(columns, key):
            group = key[: 2 + len(by)]
            found = sums.setdefault(group, _Sum(question, group[2:]))
            found.add(tally, names.of(question), hidden=key in hidden)
    order = {(each.survey, each.question): each.id for each in asked.values()}
    ordered = sorted(sums, key=lambda group: (order[str(group[0]), str(group[1])], group[2:]))
    return [sums[group].spread() for group in ordered]


def _totals(rows: Sequence[tuple[Tally, Key]]) -> dict[Key, int]:
    """How many passed each group's question, answering or not."""
    totals: dict[Key, int] = {}
    for tally, key in rows:
        totals[key] = totals.get(key, 0) + tally.n + tally.skipped
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
