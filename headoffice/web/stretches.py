"""Whole exports of taps and visits, column by column: no object a row, one stretch in memory at a time.

Called by feed_api.py and export.py. The fields are those of records.py, which tells of a page.
May read by way of `store.outpour`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import msgspec

from headoffice.store import feed, outpour
from headoffice.store.engine import Database
from headoffice.store.outpour import Visit
from headoffice.store.parts import Parts
from headoffice.store.sight import Sites, reading
from headoffice.store.visits import Position
from headoffice.web.moments import Moments
from headoffice.web.tabular import Record, Stretch, plain_cell
from headoffice.work.scope import Scope

AT_ONCE = 8000  # taps in memory at a time
TAP_FIELDS = (
    *("ledger", "seq", "visit", "kiosk", "site", "touchpoint", "survey", "question"),
    *("answer", "language", "tapped_at", "received_at", "estimated", "flag"),
)
VISIT_FIELDS = (
    *("visit", "kiosk", "site", "touchpoint", "survey", "survey_id", "language"),
    *("started_at", "ended_at", "estimated", "flag"),
)
ANSWERS = "answers."  # before a question's id, in a table


def taps_after(database: Database, cursor: feed.Cursor, sites: Sites) -> Iterator[Stretch]:
    """Every tap from a cursor on; each stretch is read by itself: no reader stays open while a file grows."""
    more, parts, moments = True, Parts(), Moments()
    while more:
        with reading(database, sites) as connection:
            found, cursor, more = outpour.taps(connection, cursor, AT_ONCE, parts)
        yield _taps(found, moments)


def visits_after(
    database: Database, place: Position, scope: Scope, sites: Sites, columns: Sequence[str]
) -> Iterator[Stretch]:
    """Every visit from a place on that is among those asked for; `columns` are all that its table has."""
    more, parts, moments, days = True, Parts(), Moments(), _Days()
    while more:
        with reading(database, sites) as connection:
            found, place, more = outpour.visits(connection, place, AT_ONCE, parts)
        held = [visit for visit in found if _holds(scope, visit, moments, days)]
        yield _visits(held, columns, moments)


def _taps(taps: outpour.Taps, moments: Moments) -> Stretch:
    values, cells = _Values(), _Cells()
    columns: dict[str, Sequence[object]] = {
        "ledger": taps.ledger,
        "seq": taps.seq,
        "visit": taps.visit,
        "kiosk": _numbers(taps.kiosk),
        "site": _numbers(taps.site),
        "touchpoint": taps.touchpoint,
        "survey": taps.survey,
        "question": taps.question,
        "answer": _spoken([cells[answer] for answer in taps.answer], taps.words),
        "language": taps.language,
        "tapped_at": _written(taps.tapped_at, taps.timezone, moments),
        "received_at": _written(taps.received_at, taps.timezone, moments),
        "estimated": list(map(bool, taps.estimated)),
        "flag": taps.flag,
    }

    def records() -> list[Record]:
        answers = _spoken([values[answer] for answer in taps.answer], taps.words)
        rows = zip(*(columns | {"answer": answers}).values(), strict=True)
        return [dict(zip(TAP_FIELDS, row, strict=True)) for row in rows]

    return Stretch(columns, records)


def _visits(visits: Sequence[Visit], names: Sequence[str], moments: Moments) -> Stretch:
    values, cells = _Values(), _Cells()
    fixed = [_visit_values(visit, moments) for visit in visits]
    columns: dict[str, Sequence[object]] = dict(
        zip(VISIT_FIELDS, zip(*fixed, strict=True) if fixed else [()] * len(VISIT_FIELDS), strict=True)
    )
    for name in names[len(VISIT_FIELDS) :]:
        columns[name] = _answers(visits, name.removeprefix(ANSWERS), cells)

    def records() -> list[Record]:
        return [
            {
                **dict(zip(VISIT_FIELDS, row, strict=True)),
                "answers": {name: values[answer] for name, answer in visit.answers.items()} | visit.words,
            }
            for row, visit in zip(fixed, visits, strict=True)
        ]

    return Stretch(columns, records)


def _visit_values(visit: Visit, moments: Moments) -> tuple[object, ...]:
    """The values of VISIT_FIELDS."""
    clock = moments[visit.timezone].written
    return (
        visit.visit,
        str(visit.kiosk),
        str(visit.site),
        visit.touchpoint,
        visit.version,
        visit.survey,
        visit.language,
        clock(visit.started_at),
        clock(visit.ended_at),
        visit.estimated,
        visit.flag,
    )


def _answers(visits: Sequence[Visit], question: str, cells: Mapping[str, object]) -> list[object]:
    found = [visit.answers.get(question) for visit in visits]
    told = [None if answer is None else cells[answer] for answer in found]
    return _spoken(
        told, {at: visit.words[question] for at, visit in enumerate(visits) if question in visit.words}
    )


def _holds(scope: Scope, visit: Visit, moments: Moments, days: Mapping[str, date]) -> bool:
    """Whether a visit is among those asked for; its day is the local one it began on."""
    if scope.first is not None or scope.end is not None:
        day = days[moments[visit.timezone].written(visit.started_at)[:10]]
        if (scope.first is not None and day < scope.first) or (scope.end is not None and day >= scope.end):
            return False
    return (
        (scope.sites is None or visit.site in scope.sites)
        and (scope.touchpoints is None or visit.touchpoint in scope.touchpoints)
        and (scope.versions is None or visit.version in scope.versions)
    )


def _written(moments_ms: Sequence[int], timezones: Sequence[str], moments: Moments) -> list[str]:
    return [moments[zone].written(at_ms) for at_ms, zone in zip(moments_ms, timezones, strict=True)]


def _numbers(values: Sequence[int]) -> list[str]:
    """Numbers that are names, as text."""
    return list(map(str, values))


def _spoken(told: list[object], words: Mapping[int, str]) -> list[object]:
    """Put open text in its places."""
    for at, said in words.items():
        told[at] = said
    return told


class _Values(dict[str, object]):
    """What stored answers mean, each read once."""

    def __missing__(self, answer: str) -> object:
        found = self[answer] = msgspec.json.decode(answer)
        return found


class _Cells(dict[str, object]):
    """The same as cells of a table."""

    def __missing__(self, answer: str) -> object:
        value = msgspec.json.decode(answer)
        found = self[answer] = None if value is None else plain_cell(value)
        return found


class _Days(dict[str, date]):
    """Dates by how they are written."""

    def __missing__(self, written: str) -> date:
        found = self[written] = date.fromisoformat(written)
        return found
