"""The feed: the taps in the order in which they came, so that a reader misses none and sees none twice.

Numbers are taken by `work.ingest` in the taps' own transaction; pages are read by `web`.
May touch `feed_lanes`, and read `taps` and the tables that name their parts.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from headoffice.problems import Invalid
from headoffice.store.engine import Connection, driver
from survey.problems import Fault

LANE = 0  # SQLite has one writer, so one lane


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


def take_numbers(connection: Connection, count: int) -> int:
    """Take so many numbers of the lane; returns the first. They are seen only with the taps' own commit."""
    statement = "UPDATE feed_lanes SET n = n + ? WHERE lane = ? RETURNING n"
    (last,) = driver(connection).execute(statement, (count, LANE)).fetchone()
    return int(last) - count + 1


def epoch(connection: Connection) -> str:
    """Name this life of the database; a restored backup lives another."""
    return str(connection.execute(text("SELECT value FROM settings WHERE name = 'epoch'")).scalar_one())


def position(connection: Connection) -> Cursor:
    """Tell where the feed stands now: a reader who starts here sees only what comes."""
    lanes = connection.execute(text("SELECT lane, n FROM feed_lanes ORDER BY lane"))
    return Cursor(epoch(connection), {row.lane: row.n for row in lanes})


def page(connection: Connection, after: Cursor, limit: int) -> tuple[list[FeedRow], Cursor, bool]:
    """Read the next taps after a cursor: the rows, where the reader stands then, whether there is more.

    Raises Invalid when the cursor is from before a backup was restored: the reader must begin again.
    """
    if after.epoch != epoch(connection):
        words = "is from before a backup was restored: read the feed from its beginning"
        raise Invalid([Fault("after", words)])
    rows = connection.execute(
        PAGE, {"lane": LANE, "after": after.lanes.get(LANE, 0), "limit": limit + 1}
    ).all()
    shown = rows[:limit]
    last = shown[-1].n if shown else after.lanes.get(LANE, 0)
    return [_row(row) for row in shown], Cursor(after.epoch, {LANE: last}), len(rows) > limit


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


# By the index ix_taps_feed.
PAGE = text("""
    SELECT taps.n, ledgers.uuid AS ledger, taps.seq, taps.visit, placements.kiosk, placements.site,
           sites.timezone, placements.touchpoint, surveys.version AS survey, questions.question,
           taps.answer, taps.language, taps.tapped_at, taps.received_at, taps.estimated, taps.flag,
           verbatims.text AS words
      FROM taps
      JOIN ledgers    ON ledgers.id    = taps.ledger
      JOIN placements ON placements.id = taps.placement
      JOIN sites      ON sites.id      = placements.site
      JOIN questions  ON questions.id  = taps.question
      JOIN surveys    ON surveys.id    = questions.survey
      LEFT JOIN verbatims ON questions.type = 'text' AND verbatims.state <> 1
                         AND verbatims.ledger = taps.ledger AND verbatims.seq = taps.seq
     WHERE taps.lane = :lane AND taps.n > :after
     ORDER BY taps.n
     LIMIT :limit
""")
