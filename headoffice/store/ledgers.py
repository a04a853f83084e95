"""Ledgers: whose they are, and how far each is decided.

Called by `work.ingest` inside its transaction. Hand-written SQL: this runs for every batch.
May touch `ledgers` and `ledger_heads`, and read the hashes of what is held.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from headoffice.problems import Busy
from headoffice.store.bulk import BIG, BYTES, INT, TEXT, Bulk, array
from headoffice.store.dialects import is_postgres
from headoffice.store.engine import Connection, driver
from headoffice.store.lanes import LANE_OF

RETRY_AFTER_S = 1


class Newest(NamedTuple):
    """Of the visits of a ledger that are held the one with the highest id, and its first number.

    `asked`: numbers of the questions it has answered, where that is known.
    """

    visit: bytes = b""
    since: int = 0
    asked: frozenset[int] | None = None


class Ledger(NamedTuple):
    """A ledger as it stands; `through` is the last number that is decided, `lane` its place in the feed.

    `looks`: see `store.looks`.
    """

    id: int
    kiosk: int
    lane: int
    through: int = 0
    rejected: int = 0
    newest: Newest = Newest()
    looks: str = ""


class Numbers(NamedTuple):
    """What never changes of a ledger: its number, whose it is, and its lane in the feed."""

    id: int
    kiosk: int
    lane: int


class Heard(NamedTuple):
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
    looks: str

    def after(self, before: "Heard") -> "Heard":
        """Give what this and a batch before it add together."""
        return self._replace(
            held=before.held + self.held,
            rejected=before.rejected + self.rejected,
            withheld=before.withheld + self.withheld,
        )


def find_ledger(connection: Connection, uuid: bytes) -> Ledger | None:
    """Find a ledger by its id on the wire, and keep its head from all other writers until the commit."""
    if not is_postgres(connection):
        here = driver(connection).execute(FIND_WITH_HEAD, (uuid,)).fetchone()
        return None if here is None else _ledger(Numbers(*here[:3]), here[3:])
    sql = SQL[True]
    found = driver(connection).execute(sql.find, (uuid,)).fetchone()
    if found is None:
        driver(connection).execute(sql.wait, (int.from_bytes(uuid[-8:], signed=True),))
        found = driver(connection).execute(sql.find, (uuid,)).fetchone()
    if found is None:
        return None
    numbers = Numbers(*found)
    head = driver(connection).execute(sql.head, (numbers.id,)).fetchone()
    return _ledger(numbers, head or (0, 0, b"", 0, ""))


def find_numbers(connection: Connection, uuids: Sequence[bytes]) -> dict[bytes, Numbers]:
    """Find the numbers of many ledgers by their ids on the wire; PostgreSQL only."""
    rows = driver(connection).execute(FIND_MANY, (array(BYTES, uuids),)).fetchall()
    return {uuid: Numbers(*numbers) for uuid, *numbers in rows}


def find_heads(connection: Connection, ledgers: Sequence[Numbers]) -> list[Ledger]:
    """Find how far many ledgers are decided, without keeping others out; PostgreSQL only."""
    numbers = {each.id: each for each in ledgers}
    rows = driver(connection).execute(HEADS_OF, (array(INT, list(numbers)),)).fetchall()
    return [_ledger(numbers[ledger], head) for ledger, *head in rows]


def keep_others_out(connection: Connection, ledger: int) -> None:
    """Let nobody else store taps of a ledger until the commit; SQLite's writer is alone already."""
    driver(connection).execute(SQL[is_postgres(connection)].head, (ledger,))


def open_ledger(connection: Connection, *, uuid: bytes, kiosk: int, now: int) -> Ledger:
    """Make a ledger known, as the kiosk's that sends it first."""
    opened = SQL[is_postgres(connection)].open
    number, lane = driver(connection).execute(opened, (uuid, kiosk, now)).fetchone()
    return Ledger(id=number, kiosk=kiosk, lane=lane)


def put_heads(connection: Connection, heads: Mapping[int, Heard]) -> None:
    """Move the heads of ledgers on, in their order; from then on nobody else can until the commit.

    Raises Busy, and all is to be undone, where one does not stand any more where it was found.
    """
    if HEADS.put(connection, [(ledger, *heads[ledger]) for ledger in sorted(heads)]) < len(heads):
        raise Busy(RETRY_AFTER_S)


def held_hashes(connection: Connection, ledger: int, *, first: int, last: int) -> dict[int, int]:
    """Give the content hash of each tap held or rejected; numbers that were withheld have none."""
    span = {"ledger": ledger, "first": first, "last": last}
    return dict(driver(connection).execute(HELD_HASHES, span).fetchall())


def rejected_between(connection: Connection, ledger: int, *, first: int, last: int) -> list[tuple[int, str]]:
    """Give number and problem of each rejected tap."""
    span = {"ledger": ledger, "first": first, "last": last}
    return driver(connection).execute(REJECTED_BETWEEN, span).fetchall()


def _ledger(numbers: Numbers, head: Sequence[Any]) -> Ledger:
    through, rejected, newest, newest_from, looks = head
    return Ledger(
        id=numbers.id,
        kiosk=numbers.kiosk,
        lane=numbers.lane,
        through=through,
        rejected=rejected,
        newest=Newest(newest, newest_from),
        looks=looks,
    )


@dataclass(frozen=True)
class _Sql:
    find: str
    open: str
    head: str
    wait: str


OF_HEAD = ("through", "rejected", "newest", "newest_from", "looks")


def _sql(lane: str, *, lock: str = "", wait: str = "") -> _Sql:
    return _Sql(
        wait=wait,
        find=f"SELECT id, kiosk, {lane} FROM ledgers WHERE uuid = ?",  # noqa: S608 - constants of this folder
        open=f"INSERT INTO ledgers (uuid, kiosk, opened_at) VALUES (?, ?, ?) RETURNING id, {lane}",  # noqa: S608
        head=f"SELECT {', '.join(OF_HEAD)} FROM ledger_heads WHERE ledger = ? {lock}",  # noqa: S608
    )


# SQLite has one writer, so one lane and nobody to be kept out. Where PostgreSQL has no head to lock yet,
# whoever is about to open the same ledger waits for the other's commit, and finds it then.
SQL = {
    False: _sql("0"),
    True: _sql(LANE_OF.format(ledger="id"), lock="FOR UPDATE", wait="SELECT pg_advisory_xact_lock(?)"),
}

# SQLite has one writer: nobody has to be kept out between the two.
FIND_WITH_HEAD = """
    SELECT ledgers.id, ledgers.kiosk, 0,
           coalesce(ledger_heads.through, 0), coalesce(ledger_heads.rejected, 0),
           coalesce(ledger_heads.newest, x''), coalesce(ledger_heads.newest_from, 0),
           coalesce(ledger_heads.looks, '')
      FROM ledgers LEFT JOIN ledger_heads ON ledger_heads.ledger = ledgers.id
     WHERE ledgers.uuid = ?
"""

FIND_MANY = (
    f"SELECT uuid, id, kiosk, {LANE_OF.format(ledger='id')} FROM ledgers WHERE uuid = ANY (?::bytea[])"  # noqa: S608 - constants
)

# By the primary key.
HEADS_OF = f"""
    SELECT ledger, {", ".join(OF_HEAD)} FROM ledger_heads WHERE ledger = ANY (?::integer[])
"""  # noqa: S608 - constants

# A head moves on only from where it stood when it was looked up, by as much as was decided since.
# Where another process has moved it meanwhile, nothing is written, and `put_heads` says so.
HEADS = Bulk(
    "ledger_heads",
    {
        "ledger": INT,
        "through": BIG,
        "held": BIG,
        "rejected": BIG,
        "withheld": BIG,
        "heard_at": BIG,
        "version": TEXT,
        "pending": BIG,
        "rejected_there": BIG,
        "free_bytes": BIG,
        "programme": TEXT,
        "problems": TEXT,
        "newest": BYTES,
        "newest_from": BIG,
        "looks": TEXT,
    },
    key=("ledger",),
    added=("held", "rejected", "withheld"),
    replaced=(
        *("through", "heard_at", "version", "pending", "rejected_there", "free_bytes", "programme"),
        *("problems", "newest", "newest_from", "looks"),
    ),
    where="ledger_heads.through = excluded.through - excluded.held - excluded.rejected - excluded.withheld",
)

# By the primary keys of both.
HELD_HASHES = """
    SELECT seq, hash FROM taps     WHERE ledger = :ledger AND seq BETWEEN :first AND :last
    UNION ALL
    SELECT seq, hash FROM rejected WHERE ledger = :ledger AND seq BETWEEN :first AND :last
"""

REJECTED_BETWEEN = """
    SELECT seq, problem FROM rejected WHERE ledger = :ledger AND seq BETWEEN :first AND :last ORDER BY seq
"""
