"""Whole exports of taps and visits, column by column: no object a row, one stretch in memory at a time.

Called by feed_api.py and export.py. The fields are those of records.py, which tells of a page.
May read by way of `store.outpour`.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, compress
from typing import Any

import msgspec

from headoffice.store import feed, outpour
from headoffice.store.engine import Database
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
BY_QUESTION = ("answers", "words")
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
    more, parts, moments = True, Parts(), Moments()
    while more:
        with reading(database, sites) as connection:
            found, place, more = outpour.visits(connection, place, AT_ONCE, parts)
        yield _visits(_held(found, scope, moments), columns, moments)


def _taps(taps: outpour.Taps, moments: Moments) -> Stretch:
    values, cells = _Values(), _Cells()
    columns: dict[str, Sequence[object]] = {
        "ledger": taps.ledger,
        "seq": taps.seq,
        "visit": taps.visit,
        "kiosk": taps.kiosk,
        "site": taps.site,
        "touchpoint": taps.touchpoint,
        "survey": taps.survey,
        "question": taps.question,
        "answer": _spoken([cells[answer] for answer in taps.answer], taps.words),
        "language": taps.language,
        "tapped_at": moments.column(taps.tapped_at, taps.timezone),
        "received_at": moments.column(taps.received_at, taps.timezone),
        "estimated": list(map(bool, taps.estimated)),
        "flag": taps.flag,
    }

    def records() -> list[Record]:
        answers = _spoken([values[answer] for answer in taps.answer], taps.words)
        rows = zip(*(columns | {"answer": answers}).values(), strict=True)
        return [dict(zip(TAP_FIELDS, row, strict=True)) for row in rows]

    return Stretch(columns, records)


def _visits(visits: outpour.Visits, names: Sequence[str], moments: Moments) -> Stretch:
    values, cells = _Values(), _Cells()
    fixed = (
        *(visits.visit, visits.kiosk, visits.site, visits.touchpoint, visits.version, visits.survey),
        visits.language,
        moments.column(visits.started_at, visits.timezone),
        moments.column(visits.ended_at, visits.timezone),
        *(visits.estimated, visits.flag),
    )
    columns: dict[str, Sequence[object]] = dict(zip(VISIT_FIELDS, fixed, strict=True))
    none = [None] * len(visits.visit)
    for name in names[len(VISIT_FIELDS) :]:
        question = name.removeprefix(ANSWERS)
        told = [cells[answer] for answer in visits.answers.get(question, none)]
        columns[name] = _spoken(told, visits.words.get(question, {}))

    def records() -> list[Record]:
        answers = {
            question: _spoken([values[answer] for answer in column], visits.words.get(question, {}))
            for question, column in visits.answers.items()
        }
        given = visits.answers
        return [
            {
                **dict(zip(VISIT_FIELDS, row, strict=True)),
                "answers": {name: told[at] for name, told in answers.items() if given[name][at] is not None},
            }
            for at, row in enumerate(zip(*fixed, strict=True))
        ]

    return Stretch(columns, records)


def _held(visits: outpour.Visits, scope: Scope, moments: Moments) -> outpour.Visits:
    """The visits that are among those asked for; a visit's day is the local one it began on."""
    terms: list[list[bool]] = []
    if scope.first is not None or scope.end is not None:
        first, end = str(scope.first or ""), str(scope.end or "9999-99")
        begun = moments.column(visits.started_at, visits.timezone)
        terms.append([first <= each[:10] < end for each in begun])
    wanted = (
        (scope.sites, visits.number),
        (scope.touchpoints, visits.touchpoint),
        (scope.versions, visits.version),
    )
    terms += [[each in named for each in column] for named, column in wanted if named is not None]
    if not terms:
        return visits
    keep = [all(each) for each in zip(*terms, strict=True)]
    places = list(accumulate(keep, initial=0))
    told: dict[str, Any] = {
        name: list(compress(column, keep))
        for name, column in visits._asdict().items()
        if name not in BY_QUESTION
    }
    answers = {name: list(compress(column, keep)) for name, column in visits.answers.items()}
    words = {
        name: {places[at]: said for at, said in column.items() if keep[at]}
        for name, column in visits.words.items()
    }
    return outpour.Visits(**told, answers=answers, words=words)


def _spoken(told: list[object], words: Mapping[int, str]) -> list[object]:
    """Put open text in its places."""
    for at, said in words.items():
        told[at] = said
    return told


class _Values(dict[str | None, object]):
    """What stored answers mean, each read once."""

    def __missing__(self, answer: str | None) -> object:
        found = self[answer] = None if answer is None else msgspec.json.decode(answer)
        return found


class _Cells(dict[str | None, object]):
    """The same as cells of a table."""

    def __missing__(self, answer: str | None) -> object:
        value = None if answer is None else msgspec.json.decode(answer)
        found = self[answer] = None if value is None else plain_cell(value)
        return found
