"""The same kiosk with one care left out: what the proof must notice.

Run as `python -m tests.torture.drivers.careless FLAW DATA SEED TAPS CALL…` under the recorder.
Touches the data directory.
"""

import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from kiosk.store import opened
from kiosk.store.database import Database
from tests.torture.drivers import settling


class SyncedAtCheckpoints(Database):
    """`synchronous=NORMAL`, which many recommend for the write-ahead log."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.writer.execute("PRAGMA synchronous = NORMAL")


class NeverSynced(Database):
    """`synchronous=OFF`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.writer.execute("PRAGMA synchronous = OFF")


class StatementByStatement(Database):
    """No transaction around what belongs together: each statement commits by itself."""

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        with self.lock:
            yield self.writer


FLAWS: Mapping[str, type[Database]] = MappingProxyType(
    {"normal": SyncedAtCheckpoints, "off": NeverSynced, "statement-by-statement": StatementByStatement}
)


if __name__ == "__main__":
    opened.Database = FLAWS[sys.argv[1]]  # type: ignore[misc]
    sys.exit(settling.main(*sys.argv[2:]))
