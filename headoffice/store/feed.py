"""The feed: the taps in the order in which they came, so that a reader misses none and sees none twice.

Appended to by `pending` at the end of the taps' own transaction; pages are read by `web`.
May touch `feed` and `feed_lanes`, and read `taps` and the tables that name their parts.

A lane's numbers are taken by updating its row, which stays locked until the commit: so within a lane they are
committed in their order, and whoever sees one sees all before it. A row of `feed` is a run of taps, as they
came in one batch; a tap's number is its run's, less its distance from the run's end.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import text

from headoffice.problems import Invalid
from headoffice.store.bulk import BIG, INT, SMALL, Bulk
from headoffice.store.dialects import is_postgres
from headoffice.store.engine import Connection, driver
from headoffice.store.lanes import KEYS
from headoffice.store.sight import only, sites_of, term
from survey.problems import Fault

T = TypeVar("T", bound=Sequence[Any])


class Run(NamedTuple):
    """Taps `first` to `last` of a ledger that came together; numbers within it may have been rejected."""

    lane: int
    ledger: int
    first: int
    last: int


@dataclass(frozen=True)
class Cursor:
    """How far a reader has come: the last number seen of each lane, in one life of the database."""

    epoch: str
    lanes: Mapping[int, int]


@dataclass(frozen=True, kw_only=True)
class FeedRow:
    """A tap as it is told to the outside; times in ms since 1970 UTC, to be shown in `timezone`."""

    ledger: str
    seq: int
    visit: str
    kiosk: int
    site: int
    timezone: str
    touchpoint: str
    survey: str
    question: str
    answer: str
    language: str
    tapped_at: int
    received_at: int
    estimated: bool
    flag: str | None


def append(connection: Connection, runs: Sequence[Run]) -> None:
    """Append runs to their lanes, the lanes in order; they are seen with the transaction's commit."""
    if not runs:
        return
    counts: dict[int, int] = {}
    for run in runs:
        counts[run.lane] = counts.get(run.lane, 0) + run.last - run.first + 1
    numbers = {lane: last - counts[lane] for lane, last in _take(connection, counts).items()}
    rows = []
    for run in sorted(runs, key=itemgetter(0)):
        numbers[run.lane] += run.last - run.first + 1
        rows.append((run.lane, numbers[run.lane], run.ledger, run.first, run.last))
    FEED.put(connection, rows)


def _take(connection: Connection, counts: Mapping[int, int]) -> dict[int, int]:
    """Take so many numbers of each lane, and give the last of them; the lanes are locked in their order."""
    lanes = [(KEYS[lane], lane, counts[lane]) for lane in sorted(counts)]
    if is_postgres(connection):
        found = driver(connection).execute(TAKE_MANY, LANES.arrays(lanes)).fetchall()
    else:
        ((key, lane, count),) = lanes
        found = driver(connection).execute(TAKE, {"key": key, "lane": lane, "count": count}).fetchall()
    return dict(found)


def epoch(connection: Connection) -> str:
    """Name this life of the database; a restored backup lives another."""
    return str(connection.execute(text("SELECT value FROM settings WHERE name = 'epoch'")).scalar_one())


def position(connection: Connection) -> Cursor:
    """Tell where the feed stands now: a reader who starts here sees only what comes."""
    return Cursor(epoch(connection), {lane: n for lane, (n, _) in _lanes(connection).items()})


def is_too_late(connection: Connection, after: Cursor) -> bool:
    """Whether taps after a cursor were let go before anybody asked for them from there."""
    return any(gone > after.lanes.get(lane, 0) for lane, (_, gone) in _lanes(connection).items())


def _lanes(connection: Connection) -> dict[int, tuple[int, int]]:
    """Of each lane the last number that was given, and the last one that was let go."""
    rows = connection.execute(text("SELECT lane, n, gone FROM feed_lanes ORDER BY lane"))
    return {row.lane: (row.n, row.gone) for row in rows}


def page(connection: Connection, after: Cursor, limit: int) -> tuple[list[FeedRow], Cursor, bool]:
    """Read the next taps after a cursor: the rows, where the reader stands then, whether there is more.

    Raises Invalid when the cursor is from before a backup was restored: the reader must begin again.
    """
    rows, cursor, more = walk(connection, after, limit, _page)
    return only(connection, map(_row, rows)), cursor, more


def walk(
    connection: Connection, after: Cursor, limit: int, read: Callable[[Connection, int, int, int], list[T]]
) -> tuple[list[T], Cursor, bool]:
    """Read the next rows after a cursor, lane by lane, as `page` does.

    `read` gives a lane's rows after a number, at most so many; the first value of each is its number.
    """
    if after.epoch != epoch(connection):
        words = "is from before a backup was restored: read the feed from its beginning"
        raise Invalid([Fault("after", words)])
    rows: list[T] = []
    lanes = _lanes(connection)
    heads = {lane: n for lane, (n, _) in lanes.items()}
    reached = {lane: after.lanes.get(lane, 0) for lane in heads}
    for lane in _in_turn(after, heads):
        some = heads[lane] > reached[lane]
        found = read(connection, lane, reached[lane], limit + 1 - len(rows)) if some else []
        rows += found
        shown = found if len(rows) <= limit else found[:-1]
        if shown:
            reached[lane] = shown[-1][0]
        if len(rows) <= limit:  # all that is held of this lane was read: what went before its end is behind
            reached[lane] = max(reached[lane], lanes[lane][1])
        reached[lane] = reached.pop(lane)  # at the end: the others come first the next time
        if len(rows) > limit:
            break
    return rows[:limit], Cursor(after.epoch, reached), len(rows) > limit


def _page(connection: Connection, lane: int, after: int, limit: int) -> list[Any]:
    return list(connection.execute(PAGE, {"lane": lane, "after": after, "limit": limit}).all())


def newest(connection: Connection, count: int) -> list[FeedRow]:
    """Give the taps that came last, the newest last; to who sees some sites only, those of their kiosks."""
    if sites_of(connection) is None:
        return [_row(row) for row in reversed(connection.execute(NEWEST, {"count": count}).all())]
    rows = [
        row
        for head in connection.execute(text(LIVELY.format(seen=term(connection, "placements.site")))).all()
        for row in connection.execute(
            NEWEST_OF, {"ledger": head.ledger, "after": head.newest_from - count, "count": count}
        ).all()
    ]
    rows.sort(key=attrgetter("received_at", "ledger", "n"))
    return only(connection, map(_row, rows))[-count:]


def write_cursor(cursor: Cursor) -> str:
    """Write a cursor as readers keep it: opaque, safe in a URL."""
    packed = json.dumps([cursor.epoch, *cursor.lanes.items()], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read_cursor(connection: Connection, written: str) -> Cursor:
    """Read a cursor; an empty one is the beginning. Raises Invalid for what was never a cursor of ours."""
    here = position(connection)
    if not written:
        return Cursor(here.epoch, {})
    try:
        packed = base64.b64decode(written + "=" * (-len(written) % 4), altchars=b"-_", validate=True)
        named, *lanes = json.loads(packed)
        cursor = Cursor(str(named), dict(lanes))
    except (ValueError, TypeError, RecursionError) as error:
        raise _not_a_cursor() from error
    if cursor.epoch == here.epoch and not all(
        type(lane) is int and type(n) is int and 0 <= n <= here.lanes.get(lane, -1)
        for lane, n in cursor.lanes.items()
    ):
        raise _not_a_cursor()
    return cursor


def _in_turn(after: Cursor, heads: Mapping[int, int]) -> list[int]:
    """The lanes in the order of a cursor, which has those at its end that were read last."""
    return [
        *(lane for lane in after.lanes if lane in heads),
        *(lane for lane in heads if lane not in after.lanes),
    ]


def _not_a_cursor() -> Invalid:
    return Invalid([Fault("after", 'is not a cursor: pass on what the last page gave as "next", unchanged')])


def _row(row: object) -> FeedRow:
    named = dict(row._mapping)  # type: ignore[attr-defined]  # noqa: SLF001 - SQLAlchemy's public name for it
    named.pop("n")
    words = named.pop("words")
    if words is not None:
        named["answer"] = json.dumps(words, ensure_ascii=False)
    named.update(
        ledger=str(UUID(bytes=named["ledger"])),
        visit=str(UUID(bytes=named["visit"])),
        estimated=bool(named["estimated"]),
    )
    return FeedRow(**named)


FEED = Bulk("feed", {"lane": SMALL, "n": BIG, "ledger": INT, "first": BIG, "last": BIG})

LANES = Bulk("feed_lanes", {"ledger": INT, "lane": SMALL, "n": BIG}, key=("ledger", "lane"), added=("n",))

# Every lane is there from the beginning; an INSERT goes through them in the order they are given.
TAKE = "UPDATE feed_lanes SET n = n + :count WHERE ledger = :key AND lane = :lane RETURNING lane, n"
TAKE_MANY = f"{LANES.postgres} RETURNING lane, n"

TAPS = """
           ledgers.uuid AS ledger, taps.seq, taps.visit,
           placements.kiosk, placements.site, sites.timezone, placements.touchpoint,
           surveys.version AS survey, questions.question, taps.answer, taps.language, taps.tapped_at,
           taps.received_at, taps.estimated, taps.flag, verbatims.text AS words
      FROM {taps}
      JOIN ledgers    ON ledgers.id    = taps.ledger
      JOIN placements ON placements.id = taps.placement
      JOIN sites      ON sites.id      = placements.site
      JOIN questions  ON questions.id  = taps.question
      JOIN surveys    ON surveys.id    = questions.survey
      LEFT JOIN verbatims ON questions.type = 'text' AND verbatims.state <> 1
                         AND verbatims.ledger = taps.ledger AND verbatims.seq = taps.seq
"""

IN_FEED = "feed JOIN taps ON taps.ledger = feed.ledger AND taps.seq BETWEEN feed.first AND feed.last"
ROWS = f"SELECT feed.n - (feed.last - taps.seq) AS n, {TAPS.format(taps=IN_FEED)}"

# By the primary keys of feed and taps.
PAGE = text(f"""{ROWS}
     WHERE feed.lane = :lane AND feed.n > :after AND feed.n - (feed.last - taps.seq) > :after
     ORDER BY feed.n, taps.seq
     LIMIT :limit
""")

# By the same, from each lane's end.
NEWEST = text(f"""{ROWS}
      JOIN feed_lanes ON feed_lanes.lane = feed.lane
     WHERE feed.n > feed_lanes.n - :count
     ORDER BY taps.received_at DESC, feed.lane, feed.n DESC, taps.seq DESC
     LIMIT :count
""")

# The ledgers in which a visit began last (visits' ids are in the order of their time), of kiosks that stand
# at some sites now: each of the last ten visits there is in one of ten.
LIVELY = """
    SELECT heads.ledger, heads.newest_from
      FROM ledger_heads AS heads
      JOIN ledgers    ON ledgers.id    = heads.ledger
      JOIN kiosks     ON kiosks.id     = ledgers.kiosk
      JOIN placements ON placements.id = kiosks.placement
     WHERE {seen}
     ORDER BY heads.newest DESC
     LIMIT 10
"""

# By the primary key of taps, from the ledger's end.
NEWEST_OF = text(f"""
    SELECT taps.seq AS n, {TAPS.format(taps="taps")}
     WHERE taps.ledger = :ledger AND taps.seq > :after
     ORDER BY taps.seq DESC
     LIMIT :count
""")
