"""The limits: what SQLite itself does with the same rows, without our checks, queues and protocols.

bench.ledger and bench.ingest put these beside the real code. I touch only the database files I am given.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID

import msgspec

from bench.shoppers import FACES, REASONS, Given
from headoffice.store.feed import FEED, TAKE
from headoffice.store.lanes import KEYS
from headoffice.store.ledgers import HEADS, Heard
from headoffice.store.tallies import ADD, COUNTS
from headoffice.store.taps import TAPS, TapRow

Row = tuple[object, ...]

LOCAL = timedelta(hours=9)  # where the shop is
PLACEMENT = 1
QUESTIONS = {"rating": 1, "why": 2, "recommend": 3}


class BareLedger:
    """One table, one INSERT a commit, WAL and synchronous=FULL; a context manager."""

    def __init__(self, file: Path) -> None:
        self._connection = _connect(file)
        self._connection.execute(
            "CREATE TABLE taps (ledger TEXT, seq INTEGER, visit TEXT, survey TEXT, question TEXT, "
            "answer TEXT, language TEXT, at INTEGER, uptime INTEGER, boot TEXT, took INTEGER, "
            "synced_clock INTEGER, PRIMARY KEY (ledger, seq)) WITHOUT ROWID"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def save(self, row: Row) -> None:
        """Store a row; it is on the disk when this returns."""
        self._connection.execute("INSERT INTO taps VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


@dataclass(frozen=True)
class Prepared:
    """A request as nothing but rows: its taps, and what they add to the tallies."""

    taps: Sequence[TapRow]
    days: Sequence[Row]
    hours: Sequence[Row]
    head: Row

    @property
    def run(self) -> tuple[int, int, int]:
        """The ledger, and the first and the last number of its taps."""
        return self.taps[0][0], self.taps[0][1], self.taps[-1][1]


def prepare(ledger: int, first: int, answers: Sequence[Given]) -> Prepared:
    """Make the rows of a request whose taps begin at `first`."""
    days: dict[Row, Counter[str]] = {}
    hours: dict[Row, Counter[str]] = {}
    taps = [_tap(ledger, first + at, each) for at, each in enumerate(answers)]
    for given in answers:
        local = datetime.fromtimestamp(given.at / 1000, UTC) + LOCAL
        day = f"{local:%Y-%m-%d}"
        question = QUESTIONS[given.question]
        for tally in (
            days.setdefault((question, day, PLACEMENT, ledger, given.language, 1), Counter()),
            hours.setdefault((question, day, local.hour, PLACEMENT, ledger, 1), Counter()),
        ):
            tally.update(_counted(given.answer))
    heard = Heard(
        through=first + len(taps) - 1,
        held=len(taps),
        rejected=0,
        withheld=0,
        heard_at=answers[-1].at,
        version="0",
        pending=0,
        rejected_there=0,
        free_bytes=1,
        programme=None,
        problems="[]",
        newest=max(UUID(given.visit).bytes for given in answers),
        newest_from=first,
        looks="0",
    )
    return Prepared(taps, _rows(days), _rows(hours), (ledger, *heard))


def ingest(file: Path, requests: Iterable[Prepared]) -> None:
    """Store each request in a transaction of its own, by head office's own statements."""
    with closing(_connect(file)) as connection:
        for request in requests:
            connection.execute("BEGIN IMMEDIATE")
            take = {"key": KEYS[0], "lane": 0, "count": len(request.taps)}
            ((_, number),) = connection.execute(TAKE, take).fetchall()
            run = (0, number, *request.run)
            connection.execute(FEED.sqlite, run)
            connection.executemany(TAPS.sqlite, request.taps)
            connection.executemany(ADD["tallies_day"].sqlite, request.days)
            connection.executemany(ADD["tallies_hour"].sqlite, request.hours)
            connection.execute(HEADS.sqlite, request.head)
            connection.execute("COMMIT")


def _tap(ledger: int, seq: int, given: Given) -> TapRow:
    return (
        ledger,
        seq,
        bytearray(UUID(given.visit).bytes),
        PLACEMENT,
        QUESTIONS[given.question],
        msgspec.json.encode(given.answer).decode(),
        given.language,
        given.at,
        given.at + 1000,
        0,
        0,
        hash(given.visit),
    )


def _connect(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma, expected in (("journal_mode = WAL", "wal"), ("synchronous = FULL", None)):
        found = connection.execute(f"PRAGMA {pragma}").fetchone()
        assert expected is None or found == (expected,), found
    connection.execute("PRAGMA cache_size = -32768")
    return connection


def _counted(answer: object) -> Counter[str]:
    if isinstance(answer, str):
        slot = list(FACES).index(answer)
        return Counter({"n": 1, "sum": 50 * slot, f"c{slot}": 1})
    if isinstance(answer, int):
        return Counter({"n": 1, "sum": answer, f"c{answer}": 1})
    assert isinstance(answer, list)
    return Counter({"n": 1, **{f"c{REASONS.index(name)}": 1 for name in answer}})


def _rows(tallies: dict[Row, Counter[str]]) -> list[Row]:
    return sorted((*key, *(counts[name] for name in COUNTS)) for key, counts in tallies.items())
