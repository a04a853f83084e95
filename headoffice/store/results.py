"""The counts behind every metric: hand-written queries on the tallies, never on the taps.

Called by work/report.py and work/overview.py with a reading connection.
May read tallies, placements, sites, questions and surveys; writes nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import add, itemgetter
from typing import Any, NamedTuple

from sqlalchemy import text

from headoffice.store.engine import Connection
from headoffice.store.kept import once
from headoffice.store.sight import term
from headoffice.store.sources import OF_PLACES, Wanted, sources
from headoffice.store.spans import DAY

FINEST = ("site", "touchpoint", "day")
SHORT_DAYS = 4


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question of one survey version, as the tallies know it."""

    id: int
    version: str
    survey: str
    question: str
    type: str
    metric: str | None
    base: int
    slots: int


class Tally(NamedTuple):
    """Counts of one question for one group; `key` has a value for each thing it was grouped by.

    A tuple, since a page makes tens of thousands.
    """

    question: int
    key: tuple[str | int, ...]
    counted: bool
    n: int
    skipped: int
    sum: int
    slots: tuple[int, ...]


def questions(connection: Connection) -> list[Asked]:
    """Every question of every survey version, oldest version first, in the document's order."""
    return once(connection, "questions", partial(_questions, connection))


def _questions(connection: Connection) -> list[Asked]:
    rows = connection.execute(
        text(
            """
            SELECT questions.id, surveys.version, surveys.survey, questions.question,
                   questions.type, questions.metric, questions.base, questions.slots
            FROM questions
            JOIN surveys ON surveys.id = questions.survey
            ORDER BY surveys.id, questions.position
            """
        )
    )
    return [
        Asked(
            id=row.id,
            version=row.version,
            survey=row.survey,
            question=row.question,
            type=row.type,
            metric=row.metric,
            base=row.base,
            slots=row.slots,
        )
        for row in rows
    ]


def tallies(
    connection: Connection, wanted: Wanted, *, by: Sequence[str] = (), grain: str = DAY
) -> list[Tally]:
    """Add up tallies by question, by whether they are counted, and by some of KEYS.

    `grain` says how finely days are told apart when they are asked for: by the WEEK or MONTH each stands for
    its first day, by the WEEKDAY any day for those of its name. Tallies by hour do not carry the language.
    """
    if not wanted.questions:
        return []
    if not by and _is_short(wanted):
        return _all_days(tallies(connection, wanted, by=("day",)))
    key = ("tallies", wanted, tuple(by), grain)
    return once(connection, key, lambda: _tallies(connection, wanted, by, grain))


def _all_days(days: Sequence[Tally]) -> list[Tally]:
    """The days of few together: a page asks for them one by one as well."""
    sums: dict[tuple[int, bool], tuple[int, ...]] = {}
    for question, _, counted, *rest, slots in days:
        had, found = sums.get((question, counted)), (*rest, *slots)
        sums[question, counted] = found if had is None else tuple(map(add, had, found))
    return [
        Tally(question, (), counted, n, skipped, total, tuple(slots))
        for (question, counted), (n, skipped, total, *slots) in sums.items()
    ]


def _tallies(connection: Connection, wanted: Wanted, by: Sequence[str], grain: str) -> list[Tally]:
    sums: dict[tuple[Any, ...], tuple[int, ...]] = {}
    keys = len(by) + 2
    for source in sources(connection, wanted, by=by, grain=grain):
        for row in source.rows(connection):
            key, found = source.key(row[:keys]), tuple(map(int, row[keys:]))
            counts = sums.get(key)
            sums[key] = found if counts is None else tuple(map(add, counts, found))
    return [
        Tally(key[0], key[2:], bool(key[1]), counts[0], counts[1], counts[2], counts[3:])
        for key, counts in sums.items()
    ]


def answers(
    connection: Connection, wanted: Wanted, *, by: Sequence[str], grain: str
) -> Iterator[tuple[int, tuple[Any, ...], int]]:
    """How many counted answers `tallies` would give: question, key and number; a key may come again."""
    if not wanted.questions:
        return
    if not OF_PLACES & set(by):  # few groups, which the page has most likely asked for already
        columns = sorted(by)
        places = [columns.index(name) for name in by]
        for tally in tallies(connection, wanted, by=columns, grain=grain):
            if tally.counted:
                yield tally.question, tuple(tally.key[at] for at in places), sum(tally.slots)
        return
    if set(by) <= set(FINEST) and _is_short(wanted):
        pick = itemgetter(*[FINEST.index(name) for name in by]) if len(by) > 1 else None
        at = FINEST.index(by[0])
        for question, values, n in once(connection, ("answers", wanted), lambda: _finest(connection, wanted)):
            yield question, pick(values) if pick else (values[at],), n
        return
    yield from _answers(connection, wanted, by, grain)


def _finest(connection: Connection, wanted: Wanted) -> list[tuple[int, tuple[Any, ...], int]]:
    return list(_answers(connection, wanted, FINEST, DAY))


def _answers(
    connection: Connection, wanted: Wanted, by: Sequence[str], grain: str
) -> Iterator[tuple[int, tuple[Any, ...], int]]:
    for source in sources(connection, replace(wanted, alone=True), by=by, grain=grain):
        for row in source.rows(connection):
            key = source.key(row[:-1])
            yield key[0], key[2:], int(row[-1])


def _is_short(wanted: Wanted) -> bool:
    """Whether a period has so few days that it is read once, told apart by all that may be asked of it."""
    return (
        wanted.first is not None
        and wanted.end is not None
        and (wanted.end - wanted.first).days <= SHORT_DAYS
        and wanted.languages is None
    )


def touchpoints(connection: Connection) -> list[str]:
    """Every touchpoint at which a kiosk ever stood, of the sites that may be seen."""
    seen = term(connection, "site")
    statement = f"SELECT DISTINCT touchpoint FROM placements WHERE {seen} ORDER BY touchpoint"  # noqa: S608 - numbers
    rows = connection.execute(text(statement))
    return [row.touchpoint for row in rows]
