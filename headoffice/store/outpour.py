"""Taps and visits by the thousands, for a file: column by column, in the order of `feed` and `visits`.

Called by `web.stretches` with a reading connection, a new one for each stretch.
May read `feed` and `taps`, and by way of `parts` what they point to.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import accumulate, compress, takewhile
from operator import ne
from typing import Any, NamedTuple

from headoffice.store.engine import Connection, driver
from headoffice.store.feed import Cursor, walk
from headoffice.store.parts import Parts, words
from headoffice.store.sight import sites_of
from headoffice.store.visits import Position

Row = tuple[Any, ...]

TEXT = "text"  # the type of question whose answers stand elsewhere
STAFF = "staff"  # the kind of survey whose runs are no visits
LONGEST_VISIT = 1000  # taps: longer ones come in two


class Taps(NamedTuple):
    """Columns of taps; `answer` is JSON, times are ms since 1970 UTC to be shown in `timezone`."""

    ledger: Sequence[str]
    seq: Sequence[int]
    visit: Sequence[str]
    kiosk: Sequence[str]
    site: Sequence[str]
    touchpoint: Sequence[str]
    timezone: Sequence[str]
    survey: Sequence[str]
    question: Sequence[str]
    answer: Sequence[str]
    words: Mapping[int, str]  # open text by its place in the columns: it stands for `answer`
    language: Sequence[str]
    tapped_at: Sequence[int]
    received_at: Sequence[int]
    estimated: Sequence[int]
    flag: Sequence[str | None]


class Visits(NamedTuple):
    """Columns of visits; times are ms since 1970 UTC to be shown in `timezone`.

    `answers` are JSON by the question's id, the last where a shopper went back, None where none was given;
    `words` open text by its place in such a column.
    """

    visit: Sequence[str]
    kiosk: Sequence[str]
    site: Sequence[str]
    touchpoint: Sequence[str]
    timezone: Sequence[str]
    number: Sequence[int]  # the site's
    version: Sequence[str]
    survey: Sequence[str]
    language: Sequence[str]
    started_at: Sequence[int]
    ended_at: Sequence[int]
    estimated: Sequence[bool]
    flag: Sequence[str | None]
    answers: Mapping[str, Sequence[str | None]]
    words: Mapping[str, Mapping[int, str]]


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
    questions = [parts.questions[each] for each in asked]
    survey, _, _, question, types = _columns(questions, 5)
    kiosk, site, touchpoint, timezone, _ = _columns([parts.places[each] for each in place], 5)
    written = _written(connection, types, ledger, seq)
    told = Taps(
        ledger=[parts.ledgers[each] for each in ledger],
        seq=seq,
        visit=[dashed(each) for each in visit],
        kiosk=kiosk,
        site=site,
        touchpoint=touchpoint,
        timezone=timezone,
        survey=survey,
        question=question,
        answer=answer,
        words=written,
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
    kept = [parts.questions[each].kind != STAFF for each in columns[4]]
    sites = sites_of(connection)
    if sites is not None:
        kept = [
            keep and parts.places[each].number in sites for keep, each in zip(kept, columns[3], strict=True)
        ]
    if not all(kept):
        columns = [tuple(compress(column, kept)) for column in columns]
    return _visits(connection, columns, parts), place, more


def _visits(connection: Connection, columns: Sequence[Sequence[Any]], parts: Parts) -> Visits:
    ledger, seq, visit, place, asked, answer, language, tapped_at, estimated, superseded, flag = columns
    keys = list(zip(ledger, visit, strict=True))
    changed = [True, *map(ne, keys, keys[1:])][: len(keys)]
    begins = list(compress(range(len(keys)), changed))
    ends = [at - 1 for at in [*begins[1:], len(keys)][: len(begins)]]
    runs = [number - 1 for number in accumulate(changed)]
    kiosk, site, touchpoint, timezone, number = _columns([parts.places[place[at]] for at in begins], 5)
    version, survey, *_ = _columns([parts.questions[asked[at]] for at in begins], 5)
    types = [parts.questions[each].type for each in asked]
    answers, words = _answers(
        (runs, [parts.questions[each].id for each in asked], answer, superseded),
        _written(connection, types, ledger, seq),
        count=len(begins),
    )
    return Visits(
        visit=[dashed(visit[at]) for at in begins],
        kiosk=kiosk,
        site=site,
        touchpoint=touchpoint,
        timezone=timezone,
        number=number,
        version=version,
        survey=survey,
        language=[language[at] for at in ends],
        started_at=[tapped_at[at] for at in begins],
        ended_at=[tapped_at[at] for at in ends],
        estimated=[bool(each) for each in _first(runs, estimated, count=len(begins))],
        flag=_first(runs, flag, count=len(begins)),
        answers=answers,
        words=words,
    )


def _answers(
    taps: Sequence[Sequence[Any]], written: Mapping[int, str], *, count: int
) -> tuple[dict[str, list[str | None]], dict[str, dict[int, str]]]:
    """The answers that hold, as a column for each question; open text by its place in it."""
    answers: dict[str, list[str | None]] = {}
    words: dict[str, dict[int, str]] = {}
    runs, questions, given, superseded = taps
    for question in dict.fromkeys(questions):
        answers[question] = [None] * count
    for run, question, answer, gone in zip(runs, questions, given, superseded, strict=True):
        if not gone:
            answers[question][run] = answer
    for at, said in written.items():
        if not superseded[at]:
            words.setdefault(questions[at], {})[runs[at]] = said
    return answers, words


def _first(runs: Sequence[int], values: Sequence[Any], *, count: int) -> list[Any]:
    """The first value of each visit that says something, None where none does."""
    found: list[Any] = [None] * count
    if any(values):
        for run, value in zip(reversed(runs), reversed(values), strict=True):
            if value:
                found[run] = value
    return found


def _written(
    connection: Connection, types: Sequence[str], ledgers: Sequence[int], seqs: Sequence[int]
) -> dict[int, str]:
    """The open texts that may be shown, by their places in the columns."""
    places = [at for at, kind in enumerate(types) if kind == TEXT]
    found = words(connection, [ledgers[at] for at in places], [seqs[at] for at in places])
    return {at: found[ledgers[at], seqs[at]] for at in places if (ledgers[at], seqs[at]) in found}


def _columns(rows: Sequence[Sequence[Any]], count: int) -> list[Sequence[Any]]:
    return list(zip(*rows, strict=True)) or [()] * count


def _together(tap: Row, other: Row) -> bool:
    return bool(tap[0] == other[0] and tap[2] == other[2])


def _stretch(connection: Connection, lane: int, after: int, limit: int) -> list[Row]:
    asked = {"lane": lane, "after": after, "limit": limit}
    return driver(connection).execute(STRETCH, asked).fetchall()


def dashed(visit: bytes) -> str:
    """Write an id as UUIDs are written."""
    digits = visit.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


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
