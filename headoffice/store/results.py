"""The counts behind every metric: hand-written queries on the tallies, never on the taps.

Called by work/report.py and work/overview.py with a reading connection.
May read tallies, placements, sites, questions and surveys; writes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import add, itemgetter
from typing import Any, NamedTuple

from sqlalchemy import text

from headoffice.store import chain
from headoffice.store.engine import Connection, driver
from headoffice.store.kept import lasting, once
from headoffice.store.sight import only
from headoffice.store.sources import OF_PLACES, Wanted, sources
from headoffice.store.spans import DAY

SumKey = tuple[Any, ...]  # question, counted (0 or 1), and a value for each thing it was grouped by
Sums = Mapping[SumKey, tuple[int, ...]]
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


def slots_only(wanted: Wanted) -> Wanted:
    """The same, but of each tally nothing but its slots."""
    return replace(wanted, sums=tuple((slot,) for slot in range(wanted.slots)))


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
    return [
        Tally(key[0], key[2:], bool(key[1]), counts[0], counts[1], counts[2], counts[3:])
        for key, counts in sums(connection, wanted, by=by, grain=grain).items()
    ]


def sums(connection: Connection, wanted: Wanted, *, by: Sequence[str] = (), grain: str = DAY) -> Sums:
    """Add up the same as `wanted.sums` says, by question, counted and each key.

    Where it says nothing: n, skipped, sum and the slots.
    """
    if not wanted.questions:
        return {}
    if not by and _is_short(wanted):
        return _all_days(sums(connection, wanted, by=("day",)))
    return once(connection, ("sums", wanted, tuple(by), grain), lambda: _sums(connection, wanted, by, grain))


def _all_days(days: Sums) -> Sums:
    """The days of few together: a page asks for them one by one as well."""
    found: dict[SumKey, tuple[int, ...]] = {}
    for (question, counted, _), counts in days.items():
        had = found.get((question, counted))
        found[question, counted] = counts if had is None else tuple(map(add, had, counts))
    return found


def _sums(connection: Connection, wanted: Wanted, by: Sequence[str], grain: str) -> Sums:
    found: dict[SumKey, tuple[int, ...]] = {}
    keys = len(by) + 2
    for source in sources(connection, wanted, by=by, grain=grain):
        for row in source.rows(connection):
            key, counts = source.key(row[:keys]), tuple(map(int, row[keys:]))
            had = found.get(key)
            found[key] = counts if had is None else tuple(map(add, had, counts))
    return found


def answers(
    connection: Connection, wanted: Wanted, *, by: Sequence[str], grain: str
) -> Iterator[tuple[int, tuple[Any, ...], int]]:
    """How many counted answers `tallies` would give: question, key and number; a key may come again."""
    if not wanted.questions:
        return
    if not OF_PLACES & set(by):  # few groups, which the page has most likely asked for already
        columns = sorted(by)
        places = [columns.index(name) for name in by]
        for key, counts in sums(connection, slots_only(wanted), by=columns, grain=grain).items():
            if key[1]:
                yield key[0], tuple(key[2 + at] for at in places), sum(counts)
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
    alone = replace(wanted, alone=True, sums=(tuple(range(wanted.slots)),))
    for source in sources(connection, alone, by=by, grain=grain):
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
    stood = lasting(connection, ("touchpoints", chain.state(connection)), partial(_stood, connection), len)
    return sorted({touchpoint for _, touchpoint in only(connection, stood, itemgetter(0))})


def _stood(connection: Connection) -> list[tuple[int, str]]:
    found = driver(connection).execute("SELECT DISTINCT site, touchpoint FROM placements").fetchall()
    return [(site, touchpoint) for site, touchpoint in found]
