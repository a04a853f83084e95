"""What a power cut leaves is no damage: the ledger opens, alarms nobody, and goes on with the next number."""

import gc
import sqlite3
import struct

import pytest

from kiosk.store.export import export
from kiosk.store.incidents import incidents
from kiosk.store.wal import PAGE_BYTES

LOG_HEADER_BYTES = 32
FRAME_BYTES = PAGE_BYTES + 24
JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")


def alarms(store):
    with store.database.read() as reader:
        return incidents(reader) or list(store.database.folder.glob("set-aside"))


def taps_of(store):
    with store.database.read() as reader:
        return reader.execute("SELECT ledger, seq, visit FROM taps ORDER BY ledger, seq").fetchall()


def places(taps):
    return [(tap.ledger, tap.seq, tap.visit) for tap in taps]


def test_a_ledger_that_was_being_made(till):
    """A cut in the first moment of a new ledger leaves a journal; the kiosk opens all the same."""
    till.folder.mkdir(mode=0o700)
    with sqlite3.connect(till.file, isolation_level=None) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    header = struct.pack(">8s5I", JOURNAL_MAGIC, 0, 1, 0, 512, PAGE_BYTES)  # rolls back to an empty file
    till.file.with_name(f"{till.file.name}-journal").write_bytes(header.ljust(512, b"\0"))
    store = till.open()
    assert [tap.seq for tap in till.tap(store, 2)] == [1, 2]
    assert not alarms(store)


def test_a_transaction_of_several_pages_torn_anywhere(till):
    """Of the last transaction any page may be missing: nobody is alarmed, and the numbers go on."""
    store = till.open()
    taps, begin = [], 0
    while till.log.stat().st_size - begin <= FRAME_BYTES or not taps:
        begin = till.log.stat().st_size
        taps += till.tap(store, 1)  # until one splits a page
    *acknowledged, last = taps
    till.die(store)
    whole = {file: file.read_bytes() for file in (till.file, till.log, till.folder / "in-use")}
    for at in range(begin, len(whole[till.log]), FRAME_BYTES):
        for file, content in whole.items():
            file.write_bytes(content)
        till.log.write_bytes(whole[till.log][:at] + bytes(FRAME_BYTES) + whole[till.log][at + FRAME_BYTES :])
        store = till.open()
        (new,) = till.tap(store, 1)
        found = taps_of(store)
        assert not alarms(store)
        assert found[: len(acknowledged)] == places(acknowledged)
        assert found[len(acknowledged) :] in (places([new]), places([last, new]))
        store.close()


def test_a_last_transaction_that_decayed_keeps_its_tap(till):
    """A decayed last frame cannot be told from a torn one: a tap that is whole in it is kept."""
    store = till.open()
    taps = till.tap(store, 3)
    till.die(store)
    content = bytearray(till.log.read_bytes())
    content[-FRAME_BYTES + 17] ^= 1  # in the frame's checksum, not in the tap
    till.log.write_bytes(content)
    complaints = []
    assert list(export(till.folder, complaints.append)) == taps
    assert not complaints
    store = till.open()
    assert taps_of(store) == places(taps)
    assert not alarms(store)
    assert till.tap(store, 1)[0].seq == 4


def test_a_log_that_had_just_begun_anew(till):
    """Behind a new log's header stand frames of the one before, which are in the file: no damage."""
    store = till.open()
    taps = till.tap(store, 6)
    before = till.log.read_bytes()
    store.database.writer.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    till.tap(store, 1)
    till.die(store)
    after = till.log.read_bytes()
    assert after[:LOG_HEADER_BYTES] != before[:LOG_HEADER_BYTES]
    till.log.write_bytes(after[:LOG_HEADER_BYTES] + before[LOG_HEADER_BYTES:])
    store = till.open()
    assert taps_of(store)[:6] == places(taps)
    assert not alarms(store)
    assert till.tap(store, 1)[0].ledger == taps[0].ledger


def test_what_a_start_finds_in_the_log_is_written_anew(till):
    """A log whose sync failed may be in memory alone: it is written back before a new tap is taken."""
    store = till.open()
    taps = till.tap(store, 30)
    till.die(store)
    assert till.log.stat().st_size > 30 * FRAME_BYTES
    store = till.open()
    assert store.database.log_bytes == 0
    assert taps_of(store) == places(taps)


def test_a_start_that_fails_alarms_nobody_later(till, clocks, monkeypatch):
    """A start that ends in an error closes what it opened: the next one misses no log."""
    with monkeypatch.context() as patched:
        patched.setattr(clocks, "now", no_clock)
        with pytest.raises(OSError, match="no clock"):
            till.open()
    gc.collect()
    store = till.open()
    assert till.tap(store, 1)[0].seq == 1
    assert not alarms(store)


def no_clock():
    raise OSError("no clock")
