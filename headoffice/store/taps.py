"""Taps: stored, superseded, rejected, withheld.

Called by `work.ingest` inside its transaction, and by `pending` at its end. Hand-written SQL.
May touch `taps` with its partitions, `rejected` and `withheld`.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from headoffice.store import partitions
from headoffice.store.bulk import BIG, BYTES, INT, SMALL, TEXT, Bulk
from headoffice.store.engine import Connection, driver


class Span(NamedTuple):
    """Numbers of a ledger, both included."""

    first: int
    last: int


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
    hash: int


def insert_taps(connection: Connection, rows: Sequence[StoredTap]) -> None:
    """Store taps; every one must be new. Fails as a whole where one is there already."""
    partitions.make_for(connection, {row.received_at for row in rows})
    TAPS.put(connection, rows)


def insert_rejected(connection: Connection, rows: Sequence[tuple[int, int, str, str, int, int]]) -> None:
    """Keep taps that fit no question: ledger, seq, tap as JSON, problem, received_at, hash."""
    REJECTED.put(connection, rows)


def insert_withheld(connection: Connection, rows: Sequence[tuple[int, int, str, int]]) -> None:
    """Note numbers that a kiosk cannot send: ledger, seq, reason, received_at."""
    WITHHELD.put(connection, rows)


def answers_of(
    connection: Connection, ledger: int, visits: Collection[bytes], *, span: Span
) -> list[StoredTap]:
    """Give the answers of some visits, within some numbers, that hold: no later one has superseded them."""
    asked = driver(connection).execute(ANSWERS_OF, {"ledger": ledger, "first": span.first, "last": span.last})
    return [StoredTap(*row) for row in asked.fetchall() if row[VISIT] in visits]


def supersede(connection: Connection, ledger: int, seqs: Sequence[int]) -> None:
    """Mark answers as given again later."""
    for seq in seqs:
        driver(connection).execute(SUPERSEDE, (ledger, seq))


TAPS = Bulk(
    "taps",
    {
        "ledger": INT,
        "seq": INT,
        "visit": BYTES,
        "placement": INT,
        "question": INT,
        "answer": TEXT,
        "language": TEXT,
        "tapped_at": BIG,
        "received_at": BIG,
        "estimated": SMALL,
        "superseded": SMALL,
        "flag": TEXT,
        "hash": BIG,
    },
)

REJECTED = Bulk(
    "rejected",
    {"ledger": INT, "seq": BIG, "tap": TEXT, "problem": TEXT, "received_at": BIG, "hash": BIG},
)

WITHHELD = Bulk("withheld", {"ledger": INT, "seq": BIG, "reason": TEXT, "received_at": BIG})

VISIT = StoredTap._fields.index("visit")

# By the primary key. What is asked for lies at the end of the ledger, unless a kiosk's clock went back.
ANSWERS_OF = f"""
    SELECT {", ".join(StoredTap._fields)}
      FROM taps
     WHERE ledger = :ledger AND seq BETWEEN :first AND :last AND superseded = 0
"""  # noqa: S608 - the names are the row's own

SUPERSEDE = "UPDATE taps SET superseded = 1 WHERE ledger = ? AND seq = ?"
