"""Ledgers: whose they are, and how far each is decided.

Called by `work.ingest` inside its transaction. Hand-written SQL: this runs for every batch.
May touch `ledgers` and `ledger_heads`, and read the hashes of what is held.
"""

from dataclasses import dataclass
from uuid import UUID

from headoffice.store.engine import Connection, driver


@dataclass(frozen=True)
class Ledger:
    """A ledger as it stands; `through` is the last number that is decided."""

    id: int
    kiosk: int
    through: int
    rejected: int


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What a batch adds to a ledger's head: counts of new numbers, and what the kiosk says of itself."""

    through: int
    held: int
    rejected: int
    withheld: int
    heard_at: int
    version: str | None
    pending: int | None
    rejected_there: int | None
    free_bytes: int | None
    programme: str | None
    problems: str


def find_ledger(connection: Connection, uuid: UUID) -> Ledger | None:
    """Find a ledger by its id on the wire."""
    row = driver(connection).execute(FIND, (uuid.bytes,)).fetchone()
    return None if row is None else Ledger(*row)


def open_ledger(connection: Connection, *, uuid: UUID, kiosk: int, now: int) -> Ledger:
    """Make a ledger known, as the kiosk's that sends it first."""
    row = driver(connection).execute(OPEN, (uuid.bytes, kiosk, now)).fetchone()
    return Ledger(id=row[0], kiosk=kiosk, through=0, rejected=0)


def put_head(connection: Connection, ledger: int, heard: Heard) -> None:
    """Move a ledger's head on."""
    driver(connection).execute(PUT_HEAD, {"ledger": ledger, **vars(heard)})


def held_hashes(connection: Connection, ledger: int, *, first: int, last: int) -> dict[int, int]:
    """Give the content hash of each tap held or rejected; numbers that were withheld have none."""
    span = {"ledger": ledger, "first": first, "last": last}
    return dict(driver(connection).execute(HELD_HASHES, span).fetchall())


def rejected_between(connection: Connection, ledger: int, *, first: int, last: int) -> list[tuple[int, str]]:
    """Give number and problem of each rejected tap."""
    span = {"ledger": ledger, "first": first, "last": last}
    return driver(connection).execute(REJECTED_BETWEEN, span).fetchall()


FIND = """
    SELECT ledgers.id, ledgers.kiosk, heads.through, heads.rejected
      FROM ledgers
      JOIN ledger_heads AS heads ON heads.ledger = ledgers.id
     WHERE ledgers.uuid = ?
"""

OPEN = "INSERT INTO ledgers (uuid, kiosk, opened_at) VALUES (?, ?, ?) RETURNING id"

PUT_HEAD = """
    INSERT INTO ledger_heads (ledger, through, held, rejected, withheld, heard_at, version, pending,
                              rejected_there, free_bytes, programme, problems)
    VALUES (:ledger, :through, :held, :rejected, :withheld, :heard_at, :version, :pending,
            :rejected_there, :free_bytes, :programme, :problems)
    ON CONFLICT (ledger) DO UPDATE
       SET through = excluded.through,
           held = held + excluded.held,
           rejected = rejected + excluded.rejected,
           withheld = withheld + excluded.withheld,
           heard_at = excluded.heard_at,
           version = excluded.version,
           pending = excluded.pending,
           rejected_there = excluded.rejected_there,
           free_bytes = excluded.free_bytes,
           programme = excluded.programme,
           problems = excluded.problems
"""

# By the primary keys of both.
HELD_HASHES = """
    SELECT seq, hash FROM taps     WHERE ledger = :ledger AND seq BETWEEN :first AND :last
    UNION ALL
    SELECT seq, hash FROM rejected WHERE ledger = :ledger AND seq BETWEEN :first AND :last
"""

REJECTED_BETWEEN = """
    SELECT seq, problem FROM rejected WHERE ledger = :ledger AND seq BETWEEN :first AND :last ORDER BY seq
"""
