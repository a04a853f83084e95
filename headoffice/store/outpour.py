"""Taps and visits by the thousands, for a file: column by column, in the order of `feed` and `visits`.

Called by `web.stretches` with a reading connection, a new one for each stretch.
May read `feed` and `taps`, and by way of `parts` what they point to.
"""

import json
from collections.abc import Sequence
from functools import partial
from itertools import compress, takewhile
from operator import ne, or_
from typing import Any, NamedTuple, TypeVar

from headoffice.store.engine import Connection, driver
from headoffice.store.feed import Cursor, walk
from headoffice.store.parts import Parts, words
from headoffice.store.sight import sites_of
from headoffice.store.visits import Position

Row = tuple[Any, ...]
T = TypeVar("T")
Given = tuple[int, str, int, int, str | None]  # a tap's question, answer, superseded, estimated and flag

TEXT = "text"  # the type of question whose answers stand elsewhere
STAFF = "staff"  # the kind of survey whose runs are no visits
LONGEST_VISIT = 1000  # taps: longer ones come in two


class Taps(NamedTuple):
    """Columns of taps; `place` and `question` are numbers that parts know, times are ms since 1970 UTC.

    `answer` is JSON, with the words of open text that may be shown.
    """

    ledger: Sequence[str]
    seq: Sequence[int]
    visit: Sequence[str]
    place: Sequence[int]
    question: Sequence[int]
    answer: Sequence[str]
    language: Sequence[str]
    tapped_at: Sequence[int]
    received_at: Sequence[int]
    estimated: Sequence[int]
    flag: Sequence[str | None]


class Visits(NamedTuple):
    """Columns of visits, as of taps: where and about what the first tap was, how the last one was spoken."""

    visit: Sequence[str]
    place: Sequence[int]
    question: Sequence[int]
    language: Sequence[str]
    started_at: Sequence[int]
    ended_at: Sequence[int]
    gave: Sequence[tuple[Given, ...]]


def taps(connection: Connection, after: Cursor, limit: int, parts: Parts) -> tuple[Taps, Cursor, bool]:
    """The next taps after a cursor, the cursor after them, and whether there is more; as `feed.page`."""
    rows, cursor, more = walk(connection, after, limit, _stretch)
    columns = _columns(rows, len(STRETCHED))
    parts.learn(connection, ledgers=columns[1], places=columns[4], questions=columns[5])
    sites = sites_of(connection)
    if sites is not None:
        seen = [parts.places[place].number in sites for place in columns[4]]
        columns = [tuple(compress(column, seen)) for column in columns]
    _, ledger, seq, visit, place, asked, answer, language, tapped_at, received_at, estimated, flag = columns
    told = Taps(
        ledger=[parts.ledgers[each] for each in ledger],
        seq=seq,
        visit=dashed(visit),
        place=place,
        question=asked,
        answer=_spoken(connection, parts, (ledger, seq, asked, answer)),
        language=language,
        tapped_at=tapped_at,
        received_at=received_at,
        estimated=estimated,
        flag=flag,
    )
    return told, cursor, more


def visits(
    connection: Connection, after: Position, limit: int, parts: Parts
) -> tuple[Visits, Position, bool]:
    """The next visits, as many as `limit` taps hold, the position after them, and whether there is more."""
    most = limit + LONGEST_VISIT
    asked = {"ledger": after.ledger, "seq": after.seq, "most": most}
    rows = driver(connection).execute(TAPS, asked).fetchall()
    more = len(rows) == most
    if more:  # the last visit may go on behind
        run = sum(1 for _ in takewhile(partial(_together, rows[-1]), reversed(rows)))
        rows = rows[:-run] or rows
    place = Position(*rows[-1][:2]) if rows else after
    columns = _columns(rows, TAPS_COLUMNS)
    parts.learn(connection, ledgers=(), places=columns[3], questions=columns[4])
    hidden = {each for each in set(columns[4]) if parts.questions[each].kind == STAFF}
    if hidden:
        kept = [each not in hidden for each in columns[4]]
        columns = [tuple(compress(column, kept)) for column in columns]
    sites = sites_of(connection)
    if sites is not None:
        kept = [parts.places[each].number in sites for each in columns[3]]
        columns = [tuple(compress(column, kept)) for column in columns]
    return _visits(connection, columns, parts), place, more


def _visits(connection: Connection, columns: Sequence[Sequence[Any]], parts: Parts) -> Visits:
    ledger, seq, visit, place, asked, answer, language, tapped_at, estimated, superseded, flag = columns
    begins = _begins(ledger, visit)
    ends = [*begins[1:], len(visit)][: len(begins)]
    lasts = [end - 1 for end in ends]
    spoken = _spoken(connection, parts, (ledger, seq, asked, answer))
    given = tuple(zip(asked, spoken, superseded, estimated, flag, strict=True))
    return Visits(
        visit=dashed(_at(begins, visit)),
        place=_at(begins, place),
        question=_at(begins, asked),
        language=_at(lasts, language),
        started_at=_at(begins, tapped_at),
        ended_at=_at(lasts, tapped_at),
        gave=[given[begin:end] for begin, end in zip(begins, ends, strict=True)],
    )


def _at(places: Sequence[int], column: Sequence[T]) -> list[T]:
    return list(map(column.__getitem__, places))


def _begins(ledger: Sequence[int], visit: Sequence[bytes]) -> list[int]:
    """Where the taps of each visit begin."""
    if not visit:
        return []
    changed = map(ne, visit, visit[1:])
    if ledger[0] != ledger[-1]:
        changed = map(or_, changed, map(ne, ledger, ledger[1:]))
    return [0, *compress(range(1, len(visit)), changed)]


def _spoken(
    connection: Connection,
    parts: Parts,
    taps: tuple[Sequence[int], Sequence[int], Sequence[int], Sequence[str]],
) -> Sequence[str]:
    """The answers of taps, open text with its words where those may be shown."""
    ledger, seq, asked, answer = taps
    texts = {each for each in set(asked) if parts.questions[each].type == TEXT}
    places = list(compress(range(len(asked)), map(texts.__contains__, asked))) if texts else []
    if not places:
        return answer
    found = words(connection, [ledger[at] for at in places], [seq[at] for at in places])
    told = list(answer)
    for at in places:
        said = found.get((ledger[at], seq[at]))
        if said is not None:
            told[at] = json.dumps(said, ensure_ascii=False)
    return told


def _columns(rows: Sequence[Sequence[Any]], count: int) -> list[Sequence[Any]]:
    return list(zip(*rows, strict=True)) or [()] * count


def _together(tap: Row, other: Row) -> bool:
    return bool(tap[0] == other[0] and tap[2] == other[2])


def _stretch(connection: Connection, lane: int, after: int, limit: int) -> list[Row]:
    asked = {"lane": lane, "after": after, "limit": limit}
    return driver(connection).execute(STRETCH, asked).fetchall()


def dashed(ids: Sequence[bytes]) -> list[str]:
    """Write ids as UUIDs are written: the digits of one place in all of them go there at once."""
    digits, count = b"".join(ids).hex().encode(), len(ids)
    written = bytearray(b"-" * (UUID_LONG * count))
    for place, at in enumerate(DIGITS):
        written[at::UUID_LONG] = digits[place :: len(DIGITS)]
    text = written.decode()
    return [text[at : at + UUID_LONG] for at in range(0, UUID_LONG * count, UUID_LONG)]


UUID_LONG = 36  # characters, dashes among them
DIGITS = [at for at in range(UUID_LONG) if at not in {8, 13, 18, 23}]
STRETCHED = (
    *(
        "n",
        "ledger",
        "seq",
        "visit",
        "placement",
        "question",
        "answer",
        "language",
        "tapped_at",
        "received_at",
    ),
    *("estimated", "flag"),
)
TAPS_COLUMNS = 11

# By the primary keys of feed and taps.
STRETCH = f"""
    SELECT feed.n - (feed.last - taps.seq), {", ".join(f"taps.{name}" for name in STRETCHED[1:])}
      FROM feed
      JOIN taps ON taps.ledger = feed.ledger AND taps.seq BETWEEN feed.first AND feed.last
     WHERE feed.lane = :lane AND feed.n > :after AND feed.n - (feed.last - taps.seq) > :after
     ORDER BY feed.n, feed.ledger, taps.seq
     LIMIT :limit
"""  # noqa: S608 - the names above

# By the primary key (ledger, seq): one kiosk has one visit at a time, so a visit's taps lie together.
TAPS = """
    SELECT ledger, seq, visit, placement, question, answer, language, tapped_at, estimated, superseded, flag
      FROM taps
     WHERE (ledger, seq) > (:ledger, :seq)
     ORDER BY ledger, seq
     LIMIT :most
"""
