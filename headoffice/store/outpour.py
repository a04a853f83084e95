"""Taps and visits by the thousands, for a file: column by column, in the order of `feed` and `visits`.

Called by `web.stretches` with a reading connection, a new one for each stretch.
May read `feed` and `taps`, and by way of `parts` what they point to.
"""

from collections.abc import Iterator, Sequence
from itertools import compress
from operator import ne, or_
from typing import Any, NamedTuple, TypeVar

import msgspec

from headoffice.store.blocks import BETWEEN, BETWEEN_TOLD, Block, read_told, with_answer
from headoffice.store.engine import Connection, driver
from headoffice.store.feed import Cursor, walk
from headoffice.store.parts import Parts, words
from headoffice.store.sight import sites_of

Row = tuple[Any, ...]
T = TypeVar("T")

TEXT = "text"  # the type of question whose answers stand elsewhere
STAFF = "staff"  # the kind of survey whose runs are no visits


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
    """Columns of visits: `place` of the first tap, as of taps, and what it `told`, as blocks have it.

    Times are ms since 1970 UTC, `language` is the last tap's, `gave` what each tap told, open text with
    the words that may be shown.
    """

    visit: Sequence[str]
    place: Sequence[int]
    first: Sequence[str]
    language: Sequence[str]
    started_at: Sequence[int]
    ended_at: Sequence[int]
    gave: Sequence[tuple[str, ...]]


NO_VISITS = Visits([], [], [], [], [], [], [])


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
    texts = _among({each for each in set(asked) if parts.questions[each].type == TEXT}, asked)
    if texts:
        answer = list(answer)
        for at, said in _words(connection, texts, ledger, seq):
            answer[at] = said
    told = Taps(
        ledger=[parts.ledgers[each] for each in ledger],
        seq=seq,
        visit=dashed(b"".join(visit).hex()),
        place=place,
        question=asked,
        answer=answer,
        language=language,
        tapped_at=tapped_at,
        received_at=received_at,
        estimated=estimated,
        flag=flag,
    )
    return told, cursor, more


def visits(connection: Connection, block: Block, parts: Parts) -> Visits:
    """The visits whose taps are in a block, of them those that may be seen over this connection."""
    if not block.visit:
        return NO_VISITS
    place, told = _alike_or_split(block.place), block.told.split(BETWEEN_TOLD)
    places, known = {each: int(each) for each in set(place)}, {each: read_told(each) for each in set(told)}
    asked = {each: tap.question for each, tap in known.items()}
    parts.learn(connection, ledgers=(), places=places.values(), questions=asked.values())
    sites = sites_of(connection)
    foreign = {each for each in places if not (sites is None or parts.places[places[each]].number in sites)}
    hidden = {each for each in known if parts.questions[asked[each]].kind == STAFF}
    kept = None
    if foreign or hidden:
        kept = [not (a in foreign or b in hidden) for a, b in zip(place, told, strict=True)]
        if not any(kept):
            return NO_VISITS
        place, told = list(compress(place, kept)), list(compress(told, kept))

    def column(text: str) -> list[str]:
        values = text.split(BETWEEN)
        return values if kept is None else list(compress(values, kept))

    visit, language, tapped_at = map(column, (block.visit, block.language, block.tapped_at))
    begins = _begins(visit, column(block.ledger) if block.many_ledgers else ())
    ends = [*begins[1:], len(visit)]
    lasts = [end - 1 for end in ends]
    first = _at(begins, told)
    texts = _among({each for each in known if parts.questions[asked[each]].type == TEXT}, told)
    if texts:
        ledger, seq = (list(map(int, column(text))) for text in (block.ledger, block.seq))
        for at, said in _words(connection, texts, ledger, seq):
            told[at] = with_answer(told[at], said)
    gave = tuple(told)
    return Visits(
        visit=dashed("".join(_at(begins, visit)).lower()),
        place=[places[each] for each in _at(begins, place)],
        first=first,
        language=_at(lasts, language),
        started_at=list(map(int, _at(begins, tapped_at))),
        ended_at=list(map(int, _at(lasts, tapped_at))),
        gave=[gave[begin:end] for begin, end in zip(begins, ends, strict=True)],
    )


def _alike_or_split(text: str) -> list[str]:
    """The values of a column that are mostly all the same."""
    first, count = text.partition(BETWEEN)[0], text.count(BETWEEN) + 1
    alike = [first] * count
    return alike if text == BETWEEN.join(alike) else text.split(BETWEEN)


def _at(places: Sequence[int], column: Sequence[T]) -> list[T]:
    return list(map(column.__getitem__, places))


def _among(wanted: set[T], column: Sequence[T]) -> list[int]:
    """Where in a column one of these stands."""
    return list(compress(range(len(column)), map(wanted.__contains__, column))) if wanted else []


def _begins(visit: Sequence[str], ledger: Sequence[str]) -> list[int]:
    """Where the taps of each visit begin; `ledger` where there are several."""
    changed = map(ne, visit, visit[1:])
    if ledger:
        changed = map(or_, changed, map(ne, ledger, ledger[1:]))
    return [0, *compress(range(1, len(visit)), changed)]


def _words(
    connection: Connection, texts: Sequence[int], ledger: Sequence[int], seq: Sequence[int]
) -> Iterator[tuple[int, str]]:
    """Where in these columns open texts stand, each with its words as JSON, if those may be shown."""
    found = words(connection, _at(texts, ledger), _at(texts, seq))
    for at in texts:
        said = found.get((ledger[at], seq[at]))
        if said is not None:
            yield at, msgspec.json.encode(said).decode()


def _columns(rows: Sequence[Sequence[Any]], count: int) -> list[Sequence[Any]]:
    return list(zip(*rows, strict=True)) or [()] * count


def _stretch(connection: Connection, lane: int, after: int, limit: int) -> list[Row]:
    asked = {"lane": lane, "after": after, "limit": limit}
    return driver(connection).execute(STRETCH, asked).fetchall()


def dashed(digits: str) -> list[str]:
    """Write ids as UUIDs are written: the digits of one place in all of them go there at once."""
    count = len(digits) // len(DIGITS)
    written = bytearray(b"-" * (UUID_LONG * count))
    each = digits.encode()
    for place, at in enumerate(DIGITS):
        written[at::UUID_LONG] = each[place :: len(DIGITS)]
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

# By the primary keys of feed and taps.
STRETCH = f"""
    SELECT feed.n - (feed.last - taps.seq), {", ".join(f"taps.{name}" for name in STRETCHED[1:])}
      FROM feed
      JOIN taps ON taps.ledger = feed.ledger AND taps.seq BETWEEN feed.first AND feed.last
     WHERE feed.lane = :lane AND feed.n > :after AND feed.n - (feed.last - taps.seq) > :after
     ORDER BY feed.n, feed.ledger, taps.seq
     LIMIT :limit
"""  # noqa: S608 - the names above
