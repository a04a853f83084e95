"""Taps that are too old are let go: their rows leave, what they counted for stays, and stays explained.

Called by `work.retention`, in one transaction a step; `recount` adds what is noted here to what it counts.
May touch `let_go` and `feed_lanes`; deletes from `taps`, `verbatims` and `feed`, and empties `rejected`.
"""

from itertools import takewhile

from sqlalchemy import text

from headoffice.store.engine import Connection, driver
from headoffice.store.lanes import KEYS
from headoffice.store.taps import StoredTap


def due(connection: Connection, *, before_ms: int) -> list[int]:
    """Name the ledgers whose first tap was received before a moment (ms)."""
    return [row.ledger for row in connection.execute(DUE, {"before": before_ms})]


def oldest(connection: Connection, ledger: int, *, before_ms: int, limit: int) -> list[StoredTap]:
    """Give a ledger's first taps, up to one that was not received before the moment."""
    asked = driver(connection).execute(OLDEST, {"ledger": ledger, "limit": limit})
    taps = (StoredTap(*row) for row in asked.fetchall())
    return list(takewhile(lambda tap: tap.received_at < before_ms, taps))


def let_go(connection: Connection, ledger: int, *, through: int, taps: int, now: int) -> None:
    """Delete a ledger's taps up to a number, with their words and their place in the feed; note how many."""
    values = {"ledger": ledger, "through": through, "taps": taps, "now": now}
    gone = connection.execute(GONE, values).all()
    for statement in STEPS:
        connection.execute(statement, values)
    for lane, number in gone:  # last, as an ingest does: others wait for a lane
        connection.execute(NOTE_GONE, {"key": KEYS[lane], "lane": lane, "number": number})


DUE = text(
    """
    SELECT heads.ledger
      FROM ledger_heads AS heads
     WHERE (SELECT taps.received_at FROM taps WHERE taps.ledger = heads.ledger ORDER BY taps.seq LIMIT 1)
           < :before
     ORDER BY heads.ledger
    """  # by the primary key of taps
)

OLDEST = f"""
    SELECT {", ".join(StoredTap._fields)} FROM taps WHERE ledger = :ledger ORDER BY seq LIMIT :limit
"""  # noqa: S608 - the names are the row's own

# The number in the feed of the last tap that goes: see `feed` on how a run's taps are numbered.
GONE = text(
    """
    SELECT lane, MAX(n - CASE WHEN last > :through THEN last - :through ELSE 0 END)
      FROM feed
     WHERE ledger = :ledger AND first <= :through
     GROUP BY lane
    """
)
NOTE_GONE = text(
    "UPDATE feed_lanes SET gone = :number WHERE ledger = :key AND lane = :lane AND gone < :number"
)

STEPS = tuple(
    text(statement)
    for statement in (
        "DELETE FROM taps WHERE ledger = :ledger AND seq <= :through",
        "DELETE FROM verbatims WHERE ledger = :ledger AND seq <= :through",
        "DELETE FROM feed WHERE ledger = :ledger AND last <= :through",
        """
        UPDATE rejected SET tap = '{}', problem = 'let go'
         WHERE ledger = :ledger AND seq <= :through AND tap <> '{}'
        """,
        """
        INSERT INTO let_go (ledger, through, taps, at) VALUES (:ledger, :through, :taps, :now)
        ON CONFLICT (ledger) DO UPDATE
           SET through = excluded.through, taps = let_go.taps + excluded.taps, at = excluded.at
        """,
    )
)
