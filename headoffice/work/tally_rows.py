"""Answer with the tallies themselves: one row for each site, touchpoint, question and day or hour.

Called by web/metrics_api.py with a reading connection.
May read through store.results; writes nothing.
"""

from dataclasses import dataclass

from headoffice.store.engine import Connection
from headoffice.store.results import Asked, Tally, questions, tallies
from headoffice.suppression import suppressed
from headoffice.work.columns import Key, order, values
from headoffice.work.scope import Scope

BY_DAY = ("survey", "version", "question", "day", "site", "touchpoint", "language")
BY_HOUR = ("survey", "version", "question", "day", "hour", "site", "touchpoint")


@dataclass(frozen=True, kw_only=True)
class TallyRow:
    """Counts of one question in one group, whose key has a value for each of BY_DAY or BY_HOUR."""

    key: Key
    asked: Asked
    tally: Tally
    suppressed: bool


def tally_rows(connection: Connection, scope: Scope, *, hourly: bool, everything: bool) -> list[TallyRow]:
    """The tallies asked for; small cells are marked unless `everything` may be seen, as in work/report.py."""
    columns = BY_HOUR if hourly else BY_DAY
    keys = tuple(name for name in columns if name not in {"survey", "version", "question"})
    read = scope if everything else scope.unfiltered
    asked = {each.id: each for each in questions(connection) if read.holds(each)}
    rows = [
        (values(columns, asked[tally.question], dict(zip(keys, tally.key, strict=True))), tally)
        for tally in tallies(connection, read.wanted(asked.values()), by=keys)
    ]
    hidden = frozenset() if everything else suppressed(_answers(rows))
    holds, place = scope.of_key(columns), order(columns)
    return [
        TallyRow(key=key, asked=asked[tally.question], tally=tally, suppressed=key in hidden)
        for key, tally in sorted(rows, key=lambda row: place(row[0]))
        if holds(key)
    ]


def _answers(rows: list[tuple[Key, Tally]]) -> dict[Key, int]:
    """How many answers each group has, skipped ones too: who passed on is also one of few."""
    counts: dict[Key, int] = {}
    for key, tally in rows:
        counts[key] = counts.get(key, 0) + tally.n + tally.skipped
    return counts
