import itertools

import pytest
from uuid_utils import uuid7

from kiosk.store.opened import Store
from kiosk.store.tap import Answered, Moment

DAY_MS = 24 * 60 * 60 * 1000


class FakeClocks:
    """All clocks of a kiosk, moved by hand."""

    def __init__(self):
        self.at, self.uptime, self.boot, self.synced = 1_795_250_000_000, 86_400_000, "boot-1", True

    def now(self):
        return Moment(at=self.at, uptime=self.uptime, boot=self.boot, synced_clock=self.synced)

    def forward(self, ms):
        self.at += ms
        self.uptime += ms


class Till:
    """A data directory, and stores opened on it as a process would."""

    def __init__(self, folder, clocks):
        self.folder, self.clocks = folder, clocks
        self.file = folder / "ledger.sqlite3"
        self.log = folder / "ledger.sqlite3-wal"
        self.programmes = []
        self._opened = []
        self._number = itertools.count()

    def open(self):
        store = Store(
            self.folder, now=self.clocks.now, new_id=lambda: str(uuid7()), on_programme=self.programmes.append
        )
        self._opened.append(store)
        return store

    def die(self, store):
        """What a kill leaves: everything as it is on the disk, nothing written back, nobody holding it."""
        kept = {path.name: path.read_bytes() for path in (self.file, self.log, self.folder / "in-use")}
        store.close()
        for name, content in kept.items():
            (self.folder / name).write_bytes(content)

    def answered(self, **changes):
        number = next(self._number)
        given = {
            "visit": str(uuid7()),
            "survey": "3fa9c1d2e4b5",
            "question": "rating",
            "answer": ("sad", "neutral", "happy")[number % 3],
            "language": "ja",
            "took_ms": 1200 + number,
        }
        return Answered(**given | changes)

    def tap(self, store, count):
        return [store.ledger.save(self.answered()) for _ in range(count)]

    def close(self):
        for store in self._opened:
            store.close()


@pytest.fixture
def clocks():
    return FakeClocks()


@pytest.fixture
def till(tmp_path, clocks):
    till = Till(tmp_path / "data", clocks)
    yield till
    till.close()
