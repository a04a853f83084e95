"""Taps: stored, superseded, rejected, withheld.

Called by `work.ingest` inside its transaction, and by `pending` at its end. Hand-written SQL.
May touch `taps` with its partitions, `rejected` and `withheld`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from headoffice.store import partitions
from headoffice.store.bulk import BIG, BYTES, INT, SMALL, TEXT, Bulk, array
from headoffice.store.dialects import is_postgres
from headoffice.store.engine import Connection, driver

# Rows as they are written, in the order of their columns: of StoredTap without its flag, which no tap has
# when it comes; ledger, seq, tap as JSON, problem, received_at, hash; ledger, seq, reason, received_at.
# A visit's id is a bytearray: for bytes, and for None, sqlite3 looks for an adapter with every value it
# binds, which takes a microsecond each.
TapRow = tuple[int, int, bytearray, int, int, str, str, int, int, int, int, int]
RejectedRow = tuple[int, int, str, str, int, int]
WithheldRow = tuple[int, int, str, int]


class Span(NamedTuple):
    """Numbers of a ledger, both included."""

    ledger: int
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


class Held(NamedTuple):
    """An answer that is held, with the time zone of where it was given."""

    ledger: int
    seq: int
    visit: bytes
    placement: int
    question: int
    answer: str
    language: str
    tapped_at: int
    flag: str | None
    timezone: str


def insert_taps(connection: Connection, rows: Sequence[TapRow]) -> None:
    """Store taps; every one must be new. Fails as a whole where one is there already."""
    partitions.make_for(connection, {row[8] for row in rows})
    TAPS.put(connection, rows)


def insert_rejected(connection: Connection, rows: Sequence[RejectedRow]) -> None:
    """Keep taps that fit no question."""
    REJECTED.put(connection, rows)


def insert_withheld(connection: Connection, rows: Sequence[WithheldRow]) -> None:
    """Note numbers that a kiosk cannot send."""
    WITHHELD.put(connection, rows)


def answers_in(connection: Connection, asked: Mapping[Span, Collection[bytes]]) -> list[Held]:
    """Give the answers of some visits, within some spans, that hold: no later one has superseded them."""
    if is_postgres(connection):
        spans = [array(INT, [getattr(span, name) for span in asked]) for name in Span._fields]
        visits = array(BYTES, [visit for each in asked.values() for visit in each])
        return [
            Held(*row) for row in driver(connection).execute(ANSWERS_IN_MANY, [*spans, visits]).fetchall()
        ]
    found = []
    for span, visits_there in asked.items():
        statement = f"{ANSWERS_IN} AND taps.visit IN ({', '.join('?' for _ in visits_there)})"
        found += driver(connection).execute(statement, (*span, *visits_there)).fetchall()
    return [Held(*row) for row in found]


def supersede(connection: Connection, held: Iterable[Held]) -> None:
    """Mark answers as given again later."""
    for each in held:
        driver(connection).execute(SUPERSEDE, (each.ledger, each.seq))


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
        "hash": BIG,
    },
    copied=True,
)

REJECTED = Bulk(
    "rejected",
    {"ledger": INT, "seq": BIG, "tap": TEXT, "problem": TEXT, "received_at": BIG, "hash": BIG},
)

WITHHELD = Bulk("withheld", {"ledger": INT, "seq": BIG, "reason": TEXT, "received_at": BIG})


# By the primary key. What is asked for lies at the end of the ledger. Only where a kiosk's clock went back is
# the whole of it looked through, by the database itself: 23 ms for the 200,000 taps of one kiosk.
HELD = """
    SELECT taps.ledger, taps.seq, taps.visit, taps.placement, taps.question, taps.answer, taps.language,
           taps.tapped_at, taps.flag, sites.timezone
"""
WHERE = """
      JOIN placements ON placements.id = taps.placement
      JOIN sites      ON sites.id      = placements.site
"""
ANSWERS_IN = f"""{HELD}
      FROM taps {WHERE}
     WHERE taps.ledger = ? AND taps.seq BETWEEN ? AND ? AND taps.superseded = 0
"""
ANSWERS_IN_MANY = f"""{HELD}
      FROM unnest(?::integer[], ?::integer[], ?::integer[]) AS wanted (ledger, first, last)
      JOIN taps       ON taps.ledger   = wanted.ledger AND taps.seq BETWEEN wanted.first AND wanted.last
                     AND taps.superseded = 0 AND taps.visit = ANY (?::bytea[]) {WHERE}
"""

SUPERSEDE = "UPDATE taps SET superseded = 1 WHERE ledger = ? AND seq = ?"
