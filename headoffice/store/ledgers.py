"""Ledgers: whose they are, and how far each is decided.

Called by `work.ingest` inside its transaction. Hand-written SQL: this runs for every batch.
May touch `ledgers` and `ledger_heads`, and read the hashes of what is held.
"""

from dataclasses import dataclass
from uuid import UUID

from headoffice.store.dialects import is_postgres
from headoffice.store.engine import Connection, driver
from headoffice.store.lanes import LANE_OF


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """A ledger as it stands; `through` is the last number that is decided, `lane` its place in the feed.

    `newest` is the highest id of a visit that is held, and `newest_from` the first number of that visit.
    """

    id: int
    kiosk: int
    lane: int
    through: int = 0
    rejected: int = 0
    newest: bytes = b""
    newest_from: int = 0


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
    newest: bytes
    newest_from: int


def find_ledger(connection: Connection, uuid: UUID) -> Ledger | None:
    """Find a ledger by its id on the wire, and keep its head from all other writers until the commit."""
    sql = SQL[is_postgres(connection)]
    found = driver(connection).execute(sql.find, (uuid.bytes,)).fetchone()
    if found is None and sql.wait:
        driver(connection).execute(sql.wait, (int.from_bytes(uuid.bytes[-8:], signed=True),))
        found = driver(connection).execute(sql.find, (uuid.bytes,)).fetchone()
    if found is None:
        return None
    ledger, kiosk, lane = found
    head = driver(connection).execute(sql.head, (ledger,)).fetchone()
    through, rejected, newest, newest_from = head or (0, 0, b"", 0)
    return Ledger(
        id=ledger,
        kiosk=kiosk,
        lane=lane,
        through=through,
        rejected=rejected,
        newest=newest,
        newest_from=newest_from,
    )


def keep_others_out(connection: Connection, ledger: int) -> None:
    """Let nobody else store taps of a ledger until the commit; SQLite's writer is alone already."""
    driver(connection).execute(SQL[is_postgres(connection)].head, (ledger,))


def open_ledger(connection: Connection, *, uuid: UUID, kiosk: int, now: int) -> Ledger:
    """Make a ledger known, as the kiosk's that sends it first."""
    opened = SQL[is_postgres(connection)].open
    number, lane = driver(connection).execute(opened, (uuid.bytes, kiosk, now)).fetchone()
    return Ledger(id=number, kiosk=kiosk, lane=lane)


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


@dataclass(frozen=True)
class _Sql:
    find: str
    open: str
    head: str
    wait: str


def _sql(lane: str, *, lock: str = "", wait: str = "") -> _Sql:
    return _Sql(
        wait=wait,
        find=f"SELECT id, kiosk, {lane} FROM ledgers WHERE uuid = ?",  # noqa: S608 - constants of this folder
        open=f"INSERT INTO ledgers (uuid, kiosk, opened_at) VALUES (?, ?, ?) RETURNING id, {lane}",  # noqa: S608
        head=f"SELECT through, rejected, newest, newest_from FROM ledger_heads WHERE ledger = ? {lock}",  # noqa: S608
    )


# SQLite has one writer, so one lane and nobody to be kept out. Where PostgreSQL has no head to lock yet,
# whoever is about to open the same ledger waits for the other's commit, and finds it then.
SQL = {
    False: _sql("0"),
    True: _sql(LANE_OF.format(ledger="id"), lock="FOR UPDATE", wait="SELECT pg_advisory_xact_lock(?)"),
}

PUT_HEAD = """
    INSERT INTO ledger_heads (ledger, through, held, rejected, withheld, heard_at, version, pending,
                              rejected_there, free_bytes, programme, problems, newest, newest_from)
    VALUES (:ledger, :through, :held, :rejected, :withheld, :heard_at, :version, :pending,
            :rejected_there, :free_bytes, :programme, :problems, :newest, :newest_from)
    ON CONFLICT (ledger) DO UPDATE
       SET through = excluded.through,
           held = ledger_heads.held + excluded.held,
           rejected = ledger_heads.rejected + excluded.rejected,
           withheld = ledger_heads.withheld + excluded.withheld,
           heard_at = excluded.heard_at,
           version = excluded.version,
           pending = excluded.pending,
           rejected_there = excluded.rejected_there,
           free_bytes = excluded.free_bytes,
           programme = excluded.programme,
           problems = excluded.problems,
           newest = excluded.newest,
           newest_from = excluded.newest_from
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
