"""What a recount reads: the answers that hold, by the rule and not by their marks; which marks are wrong.

Called by `work.rebuild`.
May touch `taps.superseded` and the counts in `ledger_heads`.
"""

# ruff: noqa: S608 - every name that is put into a statement here is a constant of this file

from collections.abc import Iterator
from contextlib import closing

from headoffice.store.dialects import is_postgres
from headoffice.store.engine import Connection, driver, stream
from headoffice.store.taps import StoredTap

AT_ONCE = 10_000


def keep_others_out(connection: Connection) -> None:
    """Let nobody else store taps until the commit; SQLite's writer is alone already."""
    if is_postgres(connection):
        driver(connection).execute("LOCK TABLE ledger_heads IN EXCLUSIVE MODE")


def holding_taps(connection: Connection) -> Iterator[list[StoredTap]]:
    """Give every tap that no later one of its visit and question stands in for, some thousands at a time."""
    with closing(stream(connection, HOLDING)) as found:
        while rows := found.fetchmany(AT_ONCE):
            yield [StoredTap(*row) for row in rows]


def timezones(connection: Connection) -> dict[int, str]:
    """Give the time zone of each placement."""
    return dict(driver(connection).execute(TIMEZONES).fetchall())


def versions(connection: Connection) -> list[str]:
    """Name every survey version."""
    return [version for (version,) in driver(connection).execute("SELECT version FROM surveys").fetchall()]


def wrong_marks(connection: Connection) -> int:
    """Count the taps that are marked as superseded and are not, or the other way about."""
    return int(driver(connection).execute(f"SELECT count(*) FROM ({WRONG_MARKS}) AS wrong").fetchone()[0])


def mend_marks(connection: Connection) -> None:
    """Turn each wrong mark."""
    driver(connection).execute(MEND_MARKS)


def wrong_heads(connection: Connection) -> int:
    """Count the ledgers whose head does not say what is held, rejected and withheld."""
    return int(driver(connection).execute(WRONG_HEADS).fetchone()[0])


def mend_heads(connection: Connection) -> None:
    """Count again what is held, rejected and withheld of each ledger; how far it is decided stays."""
    driver(connection).execute(MEND_HEADS)


COLUMNS = ", ".join(StoredTap._fields)
LAST = "MAX(seq) OVER (PARTITION BY ledger, visit, question)"

HOLDING = f"SELECT {COLUMNS} FROM (SELECT {COLUMNS}, {LAST} AS last FROM taps) AS asked WHERE seq = last"

WRONG_MARKS = f"""
    SELECT ledger, seq
      FROM (SELECT ledger, seq, superseded, CASE WHEN seq < {LAST} THEN 1 ELSE 0 END AS wanted
              FROM taps) AS marked
     WHERE superseded <> wanted
"""

MEND_MARKS = f"UPDATE taps SET superseded = 1 - superseded WHERE (ledger, seq) IN ({WRONG_MARKS})"

TIMEZONES = "SELECT placements.id, sites.timezone FROM placements JOIN sites ON sites.id = placements.site"

COUNTED = """
       (SELECT count(*) FROM taps     WHERE taps.ledger     = ledger_heads.ledger)
           + COALESCE((SELECT let_go.taps FROM let_go WHERE let_go.ledger = ledger_heads.ledger), 0),
       (SELECT count(*) FROM rejected WHERE rejected.ledger = ledger_heads.ledger),
       (SELECT count(*) FROM withheld WHERE withheld.ledger = ledger_heads.ledger)
"""

WRONG_HEADS = f"SELECT count(*) FROM ledger_heads WHERE (held, rejected, withheld) <> ({COUNTED})"

MEND_HEADS = f"UPDATE ledger_heads SET (held, rejected, withheld) = ({COUNTED})"
