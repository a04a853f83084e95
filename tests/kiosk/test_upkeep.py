"""The housework between taps."""

import sqlite3
import time

import pytest

from kiosk.store.database import BUSY_TIMEOUT_MS
from kiosk.store.state import problems
from kiosk.store.upkeep import RETENTION_MS
from sync.contract import Rejected, Tap, Withheld
from tests.kiosk.conftest import DAY_MS


def kept(store):
    items = store.outbox.read(store.ledger.id, 1, 1000)
    return [item.seq for item in items if isinstance(item, Tap)]


def test_settled_taps_go_after_90_days_and_unsettled_ones_never(till, clocks):
    """Retention: what head office holds stays 90 days, everything else for ever."""
    store = till.open()
    till.tap(store, 6)
    store.outbox.settle(store.ledger.id, 4, [])
    clocks.forward(RETENTION_MS)
    store.upkeep.once()
    assert kept(store) == [1, 2, 3, 4, 5, 6]
    clocks.forward(1)
    store.upkeep.once()
    assert kept(store) == [5, 6]
    assert till.tap(store, 1)[0].seq == 7


def test_an_old_tap_that_waits_behind_a_settled_one_stays(till, clocks):
    """However old: only what head office holds may go."""
    store = till.open()
    till.tap(store, 4)
    store.outbox.settle(store.ledger.id, 2, [])
    clocks.forward(RETENTION_MS + 1)
    till.tap(store, 1)
    store.upkeep.once()
    assert kept(store) == [3, 4, 5]


def test_a_young_tap_keeps_the_older_ones_behind_it(till, clocks):
    """Numbers are purged from the lowest on: a hole never looks like a loss, whatever the clock did."""
    store = till.open()
    till.tap(store, 2)
    clocks.forward(100 * DAY_MS)
    till.tap(store, 1)
    clocks.forward(-100 * DAY_MS)
    till.tap(store, 1)
    store.outbox.settle(store.ledger.id, 4, [])
    clocks.forward(100 * DAY_MS)
    store.upkeep.once()
    assert kept(store) == [3, 4]


def test_a_clock_that_nobody_set_purges_nothing(till, clocks):
    """A kiosk that wakes up in the year 2099 keeps its taps."""
    store = till.open()
    till.tap(store, 3)
    store.outbox.settle(store.ledger.id, 3, [])
    clocks.synced = False
    clocks.forward(10_000 * DAY_MS)
    store.upkeep.once()
    assert kept(store) == [1, 2, 3]


def test_rejected_and_withheld_taps_outlive_the_retention(till, clocks):
    """P4: what was not counted stays where it can be looked at."""
    store = till.open()
    till.tap(store, 4)
    store.outbox.withhold(store.ledger.id, 3, "too large")
    store.outbox.settle(store.ledger.id, 4, [Rejected(2, "no question")])
    clocks.forward(RETENTION_MS + 1)
    store.upkeep.once()
    items = store.outbox.read(store.ledger.id, 1, 10)
    assert [type(item) for item in items] == [Withheld, Tap, Withheld, Withheld]
    assert items[2].withheld == "too large"


def test_a_purged_ledger_still_counts_on(till, clocks):
    """After a restart of a ledger all of whose taps were purged, no number comes twice."""
    store = till.open()
    till.tap(store, 3)
    store.outbox.settle(store.ledger.id, 3, [])
    clocks.forward(RETENTION_MS + 1)
    store.upkeep.once()
    store.close()
    store = till.open()
    assert store.outbox.head().first == 4
    assert till.tap(store, 1)[0].seq == 4


def test_purged_taps_are_sent_as_unreadable_to_a_restored_head_office(till, clocks):
    """A refill from beyond the retention closes the hole with words instead of waiting for ever."""
    store = till.open()
    till.tap(store, 2)
    store.outbox.settle(store.ledger.id, 2, [])
    clocks.forward(RETENTION_MS + 1)
    store.upkeep.once()
    till.tap(store, 1)
    store.outbox.rewind(store.ledger.id, 0)
    items = store.outbox.read(store.ledger.id, 1, 10)
    assert items[:2] == [Withheld(1, "unreadable"), Withheld(2, "unreadable")]
    assert items[2].seq == 3


@pytest.mark.parametrize(("limit", "shrinks"), [("LOG_BYTES", True), ("LOG_BYTES_MOST", False)])
def test_a_long_log_is_written_back_when_nobody_taps(till, monkeypatch, limit, shrinks):
    """The log stays short, and a shopper's tap does not wait for it."""
    monkeypatch.setattr(f"kiosk.store.upkeep.{limit}", 8_000)
    store = till.open()
    store.upkeep.once()
    till.tap(store, 10)
    store.upkeep.once()
    written_while_tapping = store.database.log_bytes == 0
    assert written_while_tapping is not shrinks
    store.upkeep.once()
    assert store.database.log_bytes == 0


@pytest.fixture
def stranger(till):
    """Another program that reads the ledger and does not come to an end."""
    store = till.open()
    till.tap(store, 5)
    reading = sqlite3.connect(till.file, isolation_level=None)
    reading.execute("BEGIN")
    reading.execute("SELECT COUNT(*) FROM taps").fetchall()
    till.tap(store, 20)
    yield reading, store
    reading.close()


def test_no_tap_waits_for_a_log_that_somebody_reads(stranger):
    """P3: while an export runs, the log is written back as far as can be, at once; the rest comes later."""
    reading, store = stranger
    started = time.monotonic()
    store.database.write_back()
    assert time.monotonic() - started < 2.5  # SQLite would wait five seconds, and every tap with it
    assert store.database.writer.execute("PRAGMA busy_timeout").fetchone() == (BUSY_TIMEOUT_MS,)
    assert store.database.log_bytes > 0
    reading.execute("ROLLBACK")
    store.database.write_back()
    assert store.database.log_bytes == 0


def test_a_log_that_grows_is_told(till, stranger, monkeypatch):
    """A log that cannot be written back for long is a problem that staff and head office read of."""
    _, store = stranger
    monkeypatch.setattr("kiosk.store.state.LOG_BYTES_TOLD", store.database.log_bytes)
    with store.database.read() as reader:
        assert problems(reader, till.folder, now_ms=till.clocks.at) == []
        till.tap(store, 1)
        (told,) = problems(reader, till.folder, now_ms=till.clocks.at)
    assert "log has grown to" in told


def test_a_round_leaves_word_of_the_last_number(till):
    """For a ledger that is lost wholly, how far it had come is known."""
    store = till.open()
    till.tap(store, 3)
    store.upkeep.once()
    assert (till.folder / "in-use").read_text() == f"{store.ledger.id} 3\n"


def test_the_look_goes_round_all_rows(till, monkeypatch):
    """Every row is read in turn, a few a round, from the first again after the last."""
    monkeypatch.setattr("kiosk.store.upkeep.CHECKED_AT_ONCE", 4)
    monkeypatch.setattr("kiosk.store.upkeep.PIECE_TAPS", 2)
    store = till.open()
    till.tap(store, 10)
    reached = []
    for _ in range(4):
        store.upkeep.once()
        reached.append(store.upkeep._checked[1])
    assert reached == [4, 8, 0, 4]


def test_housework_gives_way_between_its_steps(till, monkeypatch):
    """P3: who comes in the middle of a round waits for a piece of it, not for the round."""
    for name, most in (("CHECKED_AT_ONCE", 6), ("PIECE_TAPS", 2), ("LOG_BYTES", 0)):
        monkeypatch.setattr(f"kiosk.store.upkeep.{name}", most)
    store = till.open()
    till.tap(store, 10)
    store.upkeep.once()
    done = []
    store.upkeep.once(lambda: done.append((store.upkeep._checked[1], store.database.log_bytes > 0)))
    assert done == [(6, True), (8, True), (10, True), (0, True), (0, True), (0, True)]
    assert store.database.log_bytes == 0
