"""Taps and visits by the thousands, for a file: column by column, in the order of `feed` and `visits`.

Called by `web.stretches` with a reading connection, a new one for each stretch.
May read `feed` and `taps`, and by way of `parts` what they point to.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import compress, takewhile
from operator import itemgetter
from typing import Any, NamedTuple

from headoffice.store.engine import Connection, driver
from headoffice.store.feed import Cursor, walk
from headoffice.store.parts import Parts, words
from headoffice.store.sight import sites_of
from headoffice.store.visits import Position

Row = tuple[Any, ...]
Written = Mapping[tuple[int, int], str]  # open text by its ledger and number

TEXT = "text"  # the type of question whose answers stand elsewhere
STAFF = "staff"  # the kind of survey whose runs are no visits
LONGEST_VISIT = 1000  # taps: longer ones come in two


class Taps(NamedTuple):
    """Columns of taps; `answer` is JSON, times are ms since 1970 UTC to be shown in `timezone`."""

    ledger: Sequence[str]
    seq: Sequence[int]
    visit: Sequence[str]
    kiosk: Sequence[int]
    site: Sequence[int]
    timezone: Sequence[str]
    touchpoint: Sequence[str]
    survey: Sequence[str]
    question: Sequence[str]
    answer: Sequence[str]
    words: Mapping[int, str]  # open text by its place in the columns: it stands for `answer`
    language: Sequence[str]
    tapped_at: Sequence[int]
    received_at: Sequence[int]
    estimated: Sequence[int]
    flag: Sequence[str | None]


class Visit(NamedTuple):
    """A visit. `answers` are JSON by the question, the last where a shopper went back; `words` open text."""

    visit: str
    kiosk: int
    site: int
    timezone: str
    touchpoint: str
    version: str
    survey: str
    language: str
    started_at: int
    ended_at: int
    estimated: bool
    flag: str | None
    answers: dict[str, str]
    words: dict[str, str]


def taps(connection: Connection, after: Cursor, limit: int, parts: Parts) -> tuple[Taps, Cursor, bool]:
    """The next taps after a cursor, the cursor after them, and whether there is more; as `feed.page`."""
    rows, cursor, more = walk(connection, after, limit, _stretch)
    columns = list(zip(*rows, strict=True)) or [()] * len(STRETCHED)
    parts.learn(connection, ledgers=columns[LEDGER], places=columns[PLACE], questions=columns[QUESTION])
    sites = sites_of(connection)
    if sites is not None:
        seen = [parts.places[place].site in sites for place in columns[PLACE]]
        columns = [tuple(compress(column, seen)) for column in columns]
    return _named(connection, columns, parts), cursor, more


def visits(
    connection: Connection, after: Position, limit: int, parts: Parts
) -> tuple[list[Visit], Position, bool]:
    """The next visits, as many as `limit` taps hold, the position after them, and whether there is more."""
    most = limit + LONGEST_VISIT
    asked = {"ledger": after.ledger, "seq": after.seq, "most": most}
    rows = driver(connection).execute(TAPS, asked).fetchall()
    more = len(rows) == most
    if more:  # the last visit may go on behind
        run = sum(1 for _ in takewhile(partial(_together, rows[-1]), reversed(rows)))
        rows = rows[:-run] or rows
    if not rows:
        return [], after, False
    parts.learn(
        connection,
        ledgers=(),
        places=map(itemgetter(3), rows),
        questions=map(itemgetter(4), rows),
    )
    written = _words(connection, [(row[0], row[1]) for row in rows if parts.questions[row[4]].type == TEXT])
    return _visits(connection, rows, written, parts), Position(*rows[-1][:2]), more


def _together(tap: Row, other: Row) -> bool:
    return bool(tap[0] == other[0] and tap[2] == other[2])


def _stretch(connection: Connection, lane: int, after: int, limit: int) -> list[Row]:
    asked = {"lane": lane, "after": after, "limit": limit}
    return driver(connection).execute(STRETCH, asked).fetchall()


def _named(connection: Connection, columns: Sequence[Sequence[Any]], parts: Parts) -> Taps:
    _, ledger, seq, visit, place, asked, answer, language, tapped_at, received_at, estimated, flag = columns
    places = [parts.places[each] for each in place]
    questions = [parts.questions[each] for each in asked]
    texts = [at for at, question in enumerate(questions) if question.type == TEXT]
    written = _words(connection, [(ledger[at], seq[at]) for at in texts])
    return Taps(
        ledger=[parts.ledgers[each] for each in ledger],
        seq=seq,
        visit=[dashed(each) for each in visit],
        kiosk=[each.kiosk for each in places],
        site=[each.site for each in places],
        timezone=[each.timezone for each in places],
        touchpoint=[each.touchpoint for each in places],
        survey=[each.version for each in questions],
        question=[each.id for each in questions],
        answer=answer,
        words={at: said for at in texts if (said := written.get((ledger[at], seq[at]))) is not None},
        language=language,
        tapped_at=tapped_at,
        received_at=received_at,
        estimated=estimated,
        flag=flag,
    )


def _words(connection: Connection, places: Sequence[tuple[int, int]]) -> dict[tuple[int, int], str]:
    if not places:
        return {}
    seqs = [seq for _, seq in places]
    return words(connection, {ledger for ledger, _ in places}, min(seqs), max(seqs))


def _visits(
    connection: Connection,
    rows: Sequence[tuple[Any, ...]],
    written: Mapping[tuple[int, int], str],
    parts: Parts,
) -> list[Visit]:
    sites, found = sites_of(connection), []
    run: list[Row] = []
    was = None
    for row in rows:
        if parts.questions[row[4]].kind == STAFF:
            continue
        if (row[0], row[2]) != was:
            if run:
                found.append(run)
            run, was = [], (row[0], row[2])
        run.append(row)
    if run:
        found.append(run)
    if sites is not None:
        found = [run for run in found if parts.places[run[0][3]].site in sites]
    return [_visit(run, written, parts) for run in found]


def _visit(run: Sequence[Row], written: Written, parts: Parts) -> Visit:
    _, _, visit, place, asked, _, _, started_at, *_ = run[0]
    language, ended_at = run[-1][6:8]
    standing, question = parts.places[place], parts.questions[asked]
    answers, said = {}, {}
    for ledger, seq, _, _, each, answer, _, _, _, superseded, _ in run:
        if not superseded:
            name = parts.questions[each].id
            answers[name] = answer
            if (ledger, seq) in written:
                said[name] = written[ledger, seq]
    return Visit(
        dashed(visit),
        standing.kiosk,
        standing.site,
        standing.timezone,
        standing.touchpoint,
        question.version,
        question.survey,
        language,
        started_at,
        ended_at,
        any(row[8] for row in run),
        next((row[10] for row in run if row[10] is not None), None),
        answers,
        said,
    )


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
LEDGER, PLACE, QUESTION = (STRETCHED.index(name) for name in ("ledger", "placement", "question"))

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
