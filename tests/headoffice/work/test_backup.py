from pathlib import Path

import pytest

from headoffice.problems import DataUnusable, InUse, Invalid
from headoffice.store import feed
from headoffice.store.engine import open_database
from headoffice.store.sqlite import claim
from headoffice.work import backup
from tests.headoffice.work.test_rebuild import fill

pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


def test_a_backup_holds_what_was_committed(office, tmp_path):
    """A backup taken while the database is open is one file, for its owner alone, with every tap."""
    fill(office, ledgers=1)
    target = tmp_path / "backup.sqlite3"
    backup.backup(office.path, target)
    assert [path.name for path in tmp_path.glob("backup*")] == ["backup.sqlite3"]
    assert target.stat().st_mode & 0o077 == 0
    copy = open_database(target)
    with copy.read() as connection:
        held = connection.exec_driver_sql("SELECT count(*) FROM taps").scalar_one()
    copy.close()
    assert held == office.value("SELECT count(*) FROM taps") > 0


def test_a_backup_overwrites_nothing(office, tmp_path):
    """A file that is there already stays as it is."""
    target = tmp_path / "precious"
    target.write_text("mine")
    with pytest.raises(DataUnusable, match="there already"):
        backup.backup(office.path, target)
    assert target.read_text() == "mine"


def test_a_backup_into_nowhere_is_said(office, tmp_path):
    """A folder that is not there is named."""
    with pytest.raises(DataUnusable, match="cannot be written"):
        backup.backup(office.path, tmp_path / "no" / "where")


def test_restore_brings_the_taps_back_in_a_new_epoch(office, tmp_path):
    """After a restore the taps are the backup's, the old database is set aside, old cursors are refused."""
    fill(office, ledgers=1, seed=1)
    target = tmp_path / "backup.sqlite3"
    backup.backup(office.path, target)
    held = office.value("SELECT count(*) FROM taps")
    fill(office, ledgers=1, seed=2)
    with office.database.read() as connection:
        cursor = feed.write_cursor(feed.position(connection))
    office.database.close()
    aside = backup.restore(office.path, target, now=5)
    office.database = open_database(office.path)
    assert office.value("SELECT count(*) FROM taps") == held
    with office.database.read() as connection:
        with pytest.raises(Invalid, match="restored"):
            feed.page(connection, feed.read_cursor(connection, cursor), 10)
        rows, _, more = feed.page(connection, feed.read_cursor(connection, ""), 1000)
    assert (len(rows), more) == (held, False)
    assert not office.wrong()
    old = open_database(Path(aside))
    with old.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM taps").scalar_one() == 2 * held
    old.close()


def test_restore_works_over_a_database_in_ruins(office, tmp_path):
    """A damaged database does not stand in the way of the backup that is to replace it."""
    target = tmp_path / "backup.sqlite3"
    backup.backup(office.path, target)
    office.database.close()
    office.path.write_bytes(b"in ruins" * 1000)
    backup.restore(office.path, target, now=5)
    office.database = open_database(office.path)
    assert office.value("SELECT name FROM sites") == "Shibuya"


def test_restore_into_an_empty_place(office, tmp_path):
    """On a new machine a backup becomes the database, and nothing is set aside."""
    target = tmp_path / "backup.sqlite3"
    backup.backup(office.path, target)
    path = tmp_path / "new" / "headoffice.sqlite3"
    assert backup.restore(path, target, now=5) is None
    assert path.exists()


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\x00" + b"\x01" * 5000, None])
def test_restore_refuses_what_is_no_backup(office, tmp_path, content):
    """What is no whole backup is refused by name, and the database stays."""
    source = tmp_path / "source"
    if content is not None:
        source.write_bytes(content)
    with pytest.raises(DataUnusable, match="source"):
        backup.restore(office.path, source, now=5)
    assert office.value("SELECT name FROM sites") == "Shibuya"


def test_restore_refuses_while_the_server_runs(office, tmp_path):
    """A database that is being served is not taken away."""
    target = tmp_path / "backup.sqlite3"
    backup.backup(office.path, target)
    holder = claim(office.path)
    with pytest.raises(InUse, match="being served by process"):
        backup.restore(office.path, target, now=5)
    holder.close()
    assert office.value("SELECT name FROM sites") == "Shibuya"
