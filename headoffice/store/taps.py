"""Taps: stored, superseded, rejected, withheld.

Called by `work.ingest` inside its transaction. Hand-written SQL: it runs for every tap.
May touch `taps`, `rejected` and `withheld`.
"""

from collections.abc import Sequence
from typing import NamedTuple

from headoffice.store.engine import Connection, driver


class StoredTap(NamedTuple):
    """A row of `taps`, in the order of its columns; units stand there."""

    ledger: int
    seq: int
    visit: bytes
    placement: int
    question: int
    answer: str
    language: str
    tapped_at: int
    received_at: int
    estimated: int
    superseded: int
    flag: str | None
    lane: int
    n: int
    hash: int


def insert_taps(connection: Connection, rows: Sequence[StoredTap]) -> None:
    """Store taps; every one must be new. Fails as a whole where one is there already."""
    driver(connection).executemany(INSERT_TAP, rows)


def insert_rejected(connection: Connection, rows: Sequence[tuple[int, int, str, str, int, int]]) -> None:
    """Keep taps that fit no question: ledger, seq, tap as JSON, problem, received_at, hash."""
    driver(connection).executemany(INSERT_REJECTED, rows)


def insert_withheld(connection: Connection, rows: Sequence[tuple[int, int, str, int]]) -> None:
    """Note numbers that a kiosk cannot send: ledger, seq, reason, received_at."""
    driver(connection).executemany(INSERT_WITHHELD, rows)


def answers_of(connection: Connection, ledger: int, visit: bytes, *, through: int) -> list[StoredTap]:
    """Give the answers of a visit, up to a number, that hold: no later one has superseded them."""
    named = {"ledger": ledger, "visit": visit, "through": through}
    rows = driver(connection).execute(ANSWERS_OF, named).fetchall()
    return [StoredTap(*row) for row in rows]


def supersede(connection: Connection, ledger: int, seq: int) -> None:
    """Mark an answer as given again later."""
    driver(connection).execute(SUPERSEDE, (ledger, seq))


INSERT_TAP = f"""
    INSERT INTO taps ({", ".join(StoredTap._fields)})
    VALUES ({", ".join("?" for _ in StoredTap._fields)})
"""  # noqa: S608 - the names are the row's own

INSERT_REJECTED = (
    "INSERT INTO rejected (ledger, seq, tap, problem, received_at, hash) VALUES (?, ?, ?, ?, ?, ?)"
)

INSERT_WITHHELD = "INSERT INTO withheld (ledger, seq, reason, received_at) VALUES (?, ?, ?, ?)"

# By ix_taps_visit, then the primary key. Asked in one step, SQLite walks through all of the ledger instead.
ANSWERS_OF = f"""
    SELECT {", ".join(StoredTap._fields)}
      FROM taps
     WHERE ledger = :ledger
       AND seq IN (SELECT seq FROM taps WHERE ledger = :ledger AND visit = :visit AND seq <= :through)
       AND superseded = 0
"""  # noqa: S608 - the same

SUPERSEDE = "UPDATE taps SET superseded = 1 WHERE ledger = ? AND seq = ?"
