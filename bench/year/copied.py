"""A chain many times over: each kiosk's taps again under other kiosks, as fast as SQLite writes rows.

Called by `__main__`, since ten million visits would take an hour to be taken in one by one: for exports. I
write the file that is named, past head office, with no care for power cuts; nobody else may have it open.
"""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

LEDGER, PLACEMENT = "ledger + :k * :ledgers", "placement + :k * :placements"
# By table: which rows are the first, and what is different in their copy `:k`; all else stays as it is.
# A visit's id keeps its time; in the place of its last two bytes stands the copy's number.
COPIED: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "kiosks": ("id <= :kiosks", {"id": "id + :k * :kiosks", "placement": PLACEMENT}),
    "placements": (
        "id <= :placements",
        {"id": "id + :k * :placements", "kiosk": "kiosk + :k * :kiosks"},
    ),
    "ledgers": (
        "id <= :ledgers",
        {"id": "id + :k * :ledgers", "uuid": "randomblob(16)", "kiosk": "kiosk + :k * :kiosks"},
    ),
    "ledger_heads": ("ledger <= :ledgers", {"ledger": LEDGER}),
    "taps": (
        "ledger <= :ledgers",
        {
            "ledger": LEDGER,
            "visit": "CAST(substr(visit, 1, 14) || :mark AS BLOB)",
            "placement": PLACEMENT,
        },
    ),
    "verbatims": ("ledger <= :ledgers", {"ledger": LEDGER, "mark": "random()", "placement": PLACEMENT}),
    "feed": ("n <= :n", {"n": "n + :k * :n", "ledger": LEDGER}),
}
HIGHEST = {
    "kiosks": "SELECT max(id) FROM kiosks",
    "placements": "SELECT max(id) FROM placements",
    "ledgers": "SELECT max(id) FROM ledgers",
    "n": "SELECT max(n) FROM feed",
}
FAST = ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE", "cache_size = -65536")


def multiply(file: Path, times: int, *, told: Callable[[str], None]) -> int:
    """Make `times` as many kiosks and taps of those that are there; returns the number of taps then held.

    Tallies count the first of each alone: `python -m headoffice rebuild` would count the others too.
    """
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for pragma in FAST:
            connection.execute(f"PRAGMA {pragma}").fetchall()
        highest = {name: connection.execute(query).fetchone()[0] for name, query in HIGHEST.items()}
        connection.execute("BEGIN")
        for table in COPIED:
            statement = _statement(connection, table)
            for k in range(1, times):
                connection.execute(statement, {**highest, "k": k, "mark": k.to_bytes(2, "big")})
            told(f"{table}: {times} times as many")
        connection.execute("UPDATE feed_lanes SET n = n * :times WHERE n > 0", {"times": times})
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        return int(connection.execute("SELECT sum(held) FROM ledger_heads").fetchone()[0])


def _statement(connection: sqlite3.Connection, table: str) -> str:
    """Write the statement that copies the first rows of a table, in the order of its key."""
    first, changes = COPIED[table]
    columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
    key = ", ".join(name for _, name, *_, place in sorted(columns, key=lambda column: column[-1]) if place)
    names = ", ".join(name for _, name, *_ in columns)
    given = ", ".join(changes.get(name, name) for _, name, *_ in columns)
    # Names of ours only; the old names are meant by ORDER BY.
    return f"INSERT INTO {table} ({names}) SELECT {given} FROM {table} WHERE {first} ORDER BY {key}"  # noqa: S608
