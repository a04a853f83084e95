"""Opening the ledger's file, and keeping others out."""

import os
import sqlite3
import subprocess
import sys
from contextlib import suppress

import pytest

from kiosk.store.database import SETTINGS, Database
from kiosk.store.lock import DataLock, holder
from kiosk.store.migrations import MIGRATIONS
from kiosk.store.problems import DataBusy, DataUnusable, LedgerUnsafe
from kiosk.store.rows import COLUMNS, rows

HOLDING = """
import sys
from pathlib import Path
from kiosk.store.lock import DataLock
lock = DataLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def asked(connection, name):
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


def test_the_ledger_is_opened_so_that_a_commit_is_on_the_disk(till):
    """P1 rests on WAL with synchronous=FULL; both are in force on the connection that writes."""
    store = till.open()
    assert asked(store.database.writer, "journal_mode") == "wal"
    assert asked(store.database.writer, "synchronous") == 2
    assert asked(store.database.writer, "busy_timeout") == 5000
    assert asked(store.database.writer, "secure_delete") == 1


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_that_does_not_hold_stops_the_kiosk(till, monkeypatch, name):
    """A setting is read back: an SQLite that quietly does something else is refused."""
    monkeypatch.setitem(SETTINGS, name, (SETTINGS[name][0], "something else"))
    with pytest.raises(LedgerUnsafe, match=name):
        till.open()


def test_the_reader_cannot_write(till):
    """The agent's peeks go through a connection that can change nothing."""
    store = till.open()
    with store.database.read() as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("DELETE FROM taps")


def test_the_reader_never_waits_for_the_writer(till):
    """A peek in the middle of a transaction sees what was committed before it."""
    store = till.open()
    till.tap(store, 2)
    with store.database.write() as writer:
        writer.execute("DELETE FROM taps")
        with store.database.read() as reader:
            assert len(list(rows(reader, "taps"))) == 2
        writer.execute("ROLLBACK")
        writer.execute("BEGIN")


def test_a_transaction_that_fails_leaves_nothing(till):
    """More than one statement is all or nothing."""
    store = till.open()
    till.tap(store, 2)
    with suppress(ZeroDivisionError), store.database.write() as writer:
        writer.execute("DELETE FROM taps WHERE seq = 1")
        writer.execute("DELETE FROM ledgers")
        raise ZeroDivisionError
    assert [item.seq for item in store.outbox.read(store.ledger.id, 1, 10)] == [1, 2]


def test_every_table_ends_with_its_check(till):
    """The columns that the code writes are those of the file, in their order, `check` last."""
    store = till.open()
    with store.database.read() as reader:
        for table, columns in COLUMNS.items():
            found = [row[1] for row in reader.execute(f"PRAGMA table_info({table})")]
            assert found == [*columns, "check"], table
        assert asked(reader, "user_version") == len(MIGRATIONS)


def test_a_migration_that_fails_leaves_the_file_as_it_was(till, monkeypatch):
    """The update story: a new version of the ledger comes whole or not at all."""

    def broken(db):
        db.execute("CREATE TABLE half (done)")
        raise sqlite3.OperationalError("no room")

    store = till.open()
    taps = till.tap(store, 2)
    store.close()
    with monkeypatch.context() as patch:
        patch.setattr("kiosk.store.migrations.MIGRATIONS", (*MIGRATIONS, broken))
        with pytest.raises(DataUnusable):
            till.open()
    store = till.open()
    assert [item.visit for item in store.outbox.read(store.ledger.id, 1, 9)] == [tap.visit for tap in taps]
    with store.database.read() as reader:
        assert not reader.execute("SELECT name FROM sqlite_schema WHERE name = 'half'").fetchall()


def test_a_migration_that_works_keeps_every_tap(till, monkeypatch):
    """A newer program takes the older ledger over."""
    store = till.open()
    taps = till.tap(store, 2)
    store.close()
    further = (*MIGRATIONS, lambda db: db.execute("CREATE TABLE added (id TEXT PRIMARY KEY) WITHOUT ROWID"))
    monkeypatch.setattr("kiosk.store.migrations.MIGRATIONS", further)
    store = till.open()
    assert [item.visit for item in store.outbox.read(store.ledger.id, 1, 9)] == [tap.visit for tap in taps]
    assert asked(store.database.writer, "user_version") == 2


def test_a_data_directory_that_cannot_be_made_is_said_so(tmp_path):
    """The message names the directory."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataUnusable, match="file/data cannot be the data directory"):
        Database(tmp_path / "file" / "data")


def test_a_second_process_is_refused_and_told_which_one_is_there(tmp_path):
    """Two processes never write to one ledger; the message names the pid."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(DataBusy, match=f"process {other.pid}") as caught:
            DataLock(tmp_path)
        assert caught.value.pid == holder(tmp_path) == other.pid
        other.kill()
    with DataLock(tmp_path):
        assert holder(tmp_path) == os.getpid()
    assert holder(tmp_path) is None


def test_looking_who_holds_the_lock_does_not_take_it(tmp_path):
    """`status` in a loop never keeps a kiosk from starting."""
    with DataLock(tmp_path):
        pass
    for _ in range(50):
        assert holder(tmp_path) is None
        DataLock(tmp_path).release()


def test_no_lock_file_means_nobody(tmp_path):
    """A directory that was never used belongs to nobody."""
    assert holder(tmp_path / "nowhere") is None
