"""Whole exports of taps and visits: one stretch in memory at a time, and no object a row.

Called by feed_api.py and export.py. The fields are those of records.py, which tells of a page.
May read by way of `store.outpour`.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import compress

import msgspec

from headoffice.store import feed, outpour
from headoffice.store.blocks import Block, read_block, read_told
from headoffice.store.engine import Database
from headoffice.store.parts import Parts
from headoffice.store.sight import Sites, reading
from headoffice.store.visits import Position
from headoffice.web.ahead import ahead
from headoffice.web.moments import Moments
from headoffice.web.strands import MOST, Own, Part, Shared, Stretch
from headoffice.web.tabular import Record
from headoffice.work.scope import Scope

AT_ONCE = 8000  # taps in memory at a time
FOR_VISITS = 6000  # the same for visits, which are put together of them
TAP_FIELDS = (
    *("ledger", "seq", "visit", "kiosk", "site", "touchpoint", "survey", "question"),
    *("answer", "language", "tapped_at", "received_at", "estimated", "flag"),
)
VISIT_FIELDS = (
    *("visit", "kiosk", "site", "touchpoint", "survey", "survey_id", "language"),
    *("started_at", "ended_at", "estimated", "flag"),
)
ASKED, ANSWERED, MARKED = TAP_FIELDS[3:8], TAP_FIELDS[8:10], TAP_FIELDS[12:]
STOOD, GAVE = VISIT_FIELDS[1:7], VISIT_FIELDS[9:]
ANSWERS = "answers."  # before a question's id, in a table


class Alike(dict[Hashable, Part]):
    """The parts of records by what the store says of them, each made once."""

    def __init__(self, tell: Callable[..., Record]) -> None:
        super().__init__()
        self._tell = tell

    def __missing__(self, key: tuple[object, ...]) -> Part:
        if len(self) >= MOST:
            self.clear()
        found = self[key] = Part(self._tell(*key))
        return found


class Telling:
    """What the numbers of places and questions stand for, as fields of records."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def asked(self, place: int, question: int) -> Record:
        """Where a tap was given, and to which question."""
        asked = self._parts.questions[question]
        return {**self._where(place), "survey": asked.version, "question": asked.id}

    def answered(self, answer: str, language: str) -> Record:
        """What a tap says."""
        return {"answer": msgspec.json.decode(answer), "language": language}

    def marked(self, estimated: int, flag: str | None) -> Record:
        """What is noted of a tap."""
        return {"estimated": bool(estimated), "flag": flag}

    def stood(self, place: int, first: str, language: str) -> Record:
        """Where a visit was, about which survey, and how it was spoken."""
        asked = self._parts.questions[read_told(first).question]
        told = {"survey": asked.version, "survey_id": asked.survey, "language": language}
        return {**self._where(place), **told}

    def gave(self, *told: str) -> Record:
        """What is noted of a visit's taps, and the answers that hold: the last where a shopper went back."""
        taps = list(map(read_told, told))
        answers = {
            self._parts.questions[tap.question].id: msgspec.json.decode(tap.answer)
            for tap in taps
            if not tap.superseded
        }
        flag = next((tap.flag for tap in taps if tap.flag), None)
        return {"estimated": any(tap.estimated for tap in taps), "flag": flag, "answers": answers}

    def _where(self, place: int) -> Record:
        stood = self._parts.places[place]
        return {"kiosk": stood.kiosk, "site": stood.site, "touchpoint": stood.touchpoint}


def taps_after(database: Database, cursor: feed.Cursor, sites: Sites) -> Iterator[Stretch]:
    """Every tap from a cursor on; each stretch is read by itself: no reader stays open while a file grows."""
    more, parts, moments = True, Parts(), Moments()
    telling = Telling(parts)
    asked, answered, marked = Alike(telling.asked), Alike(telling.answered), Alike(telling.marked)
    while more:
        with reading(database, sites) as connection:
            found, cursor, more = outpour.taps(connection, cursor, AT_ONCE, parts)
        zones = parts.timezones(found.place)
        yield (
            Own("ledger", found.ledger),
            Own("seq", found.seq),
            Own("visit", found.visit),
            Shared(ASKED, [asked[key] for key in zip(found.place, found.question, strict=True)]),
            Shared(ANSWERED, [answered[key] for key in zip(found.answer, found.language, strict=True)]),
            Own("tapped_at", moments.column(found.tapped_at, zones)),
            Own("received_at", moments.column(found.received_at, zones)),
            Shared(MARKED, [marked[key] for key in zip(found.estimated, found.flag, strict=True)]),
        )


def visits_after(
    database: Database, place: Position, scope: Scope, sites: Sites, columns: Sequence[str]
) -> Iterator[Stretch]:
    """Every visit from a place on that is among those asked for; `columns` are all that its table has."""
    parts, moments = Parts(), Moments()
    telling, names = Telling(parts), (*GAVE, *columns[len(VISIT_FIELDS) :])
    stood, gave = Alike(telling.stood), Alike(telling.gave)
    for block in ahead(_blocks(database, place, sites)):
        with reading(database, sites) as connection:
            found = outpour.visits(connection, block, parts)
        zones = parts.timezones(found.place)
        started = moments.column(found.started_at, zones)
        where = zip(found.place, found.first, found.language, strict=True)
        stretch = (
            Own("visit", found.visit),
            Shared(STOOD, [stood[key] for key in where]),
            Own("started_at", started),
            Own("ended_at", moments.column(found.ended_at, zones)),
            Shared(names, [gave[key] for key in found.gave]),
        )
        keep = _held(found, started, scope, parts)
        yield stretch if keep is None else [_some(strand, keep) for strand in stretch]


def _blocks(database: Database, place: Position, sites: Sites) -> Iterator[Block]:
    """Blocks of taps; each is read by itself: no reader stays open while a file grows."""
    more = True
    while more:
        with reading(database, sites) as connection:
            found, place, more = read_block(connection, place, FOR_VISITS)
        yield found


def _held(
    visits: outpour.Visits, started: Sequence[str], scope: Scope, parts: Parts
) -> Sequence[bool] | None:
    """Which visits are among those asked for, None: all. A visit's day is the local one it began on."""
    terms: list[Sequence[bool]] = []
    if scope.first is not None or scope.end is not None:
        first, end = str(scope.first or ""), str(scope.end or "9999-99")
        terms.append([first <= each[:10] < end for each in started])
    if scope.sites is not None or scope.touchpoints is not None:
        places = {
            place
            for place in set(visits.place)
            if (scope.sites is None or parts.places[place].number in scope.sites)
            and (scope.touchpoints is None or parts.places[place].touchpoint in scope.touchpoints)
        }
        terms.append([place in places for place in visits.place])
    if scope.versions is not None:
        versions = {each: parts.questions[read_told(each).question].version for each in set(visits.first)}
        terms.append([versions[each] in scope.versions for each in visits.first])
    return [all(each) for each in zip(*terms, strict=True)] if terms else None


def _some(strand: Own | Shared, keep: Sequence[bool]) -> Own | Shared:
    if isinstance(strand, Own):
        return Own(strand.name, list(compress(strand.values, keep)))
    return Shared(strand.names, list(compress(strand.parts, keep)))
