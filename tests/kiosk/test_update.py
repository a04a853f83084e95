"""Updates: a newer program takes the ledger over whole or not at all, an older one touches nothing."""

import signal
import subprocess
import sys

import pytest

from kiosk.store.migrations import MIGRATIONS
from kiosk.store.problems import LedgerTooNew
from kiosk.store.rows import put
from tests.e2e.fleet import ROOT, command
from tests.kiosk.test_damage import exported, told

CUT_SHORT = """
import itertools, os, signal, sys
from pathlib import Path
from uuid_utils import uuid7
from kiosk.health import Clocks
from kiosk.store import migrations
from kiosk.store.opened import Store

def added(db):
    db.execute("CREATE TABLE added (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID")
    if MOMENT == "between two statements":
        os.kill(os.getpid(), signal.SIGKILL)
    db.execute("INSERT INTO added SELECT visit || seq FROM taps")

def further(db):
    if MOMENT == "between two migrations":
        os.kill(os.getpid(), signal.SIGKILL)
    db.execute("ALTER TABLE added ADD COLUMN more TEXT")
    os.kill(os.getpid(), signal.SIGKILL)

MOMENT = sys.argv[2]
migrations.MIGRATIONS = (*migrations.MIGRATIONS, added, further)
Store(Path(sys.argv[1]), now=Clocks().now, new_id=lambda: str(uuid7()), on_programme=list)
"""


def everything(folder):
    """Every file's name and bytes; SQLite's index of the log is made anew by whoever looks."""
    return {
        path.relative_to(folder): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith("-shm")
    }


def add_table(db):
    db.execute("CREATE TABLE added (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID")


@pytest.mark.parametrize("moment", ["between two statements", "between two migrations", "before the commit"])
@pytest.mark.parametrize("stop", ["close", "die"])
def test_a_kill_in_the_middle_of_a_migration_leaves_the_old_ledger(till, monkeypatch, moment, stop):
    """An update's migrations are one transaction: the old program goes on, or the new one begins again."""
    store = till.open()
    taps = till.tap(store, 40)
    store.close() if stop == "close" else till.die(store)
    words = [sys.executable, "-c", CUT_SHORT, str(till.folder), moment]
    assert subprocess.run(words, cwd=ROOT, check=False).returncode == -signal.SIGKILL

    store = till.open()  # the old program
    taps += till.tap(store, 1)
    with store.database.read() as reader:
        assert reader.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert not reader.execute("SELECT 1 FROM sqlite_schema WHERE name = 'added'").fetchall()
    assert told(store) == []
    store.close()
    monkeypatch.setattr("kiosk.store.migrations.MIGRATIONS", (*MIGRATIONS, add_table))
    store = till.open()  # the new one, once more
    taps += till.tap(store, 1)
    store.close()
    assert exported(till) == (taps, [])


@pytest.fixture
def newer(till):
    """The ledger of a program that is one version ahead; gives its taps."""
    store = till.open()
    taps = till.tap(store, 3)
    with store.database.write() as writer:
        put(writer, "settings", ("schema", str(len(MIGRATIONS) + 1)), verb="INSERT OR REPLACE")
        writer.execute("CREATE TABLE of_the_future (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID")
        writer.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    return taps, store


@pytest.mark.parametrize("stop", ["close", "die"])
def test_an_older_program_touches_nothing_of_a_newer_ledger(till, newer, stop):
    """It says that the ledger is newer than itself; not one byte and no name in the directory changes."""
    _, store = newer
    store.close() if stop == "close" else till.die(store)
    before = everything(till.folder)
    with pytest.raises(LedgerTooNew, match=r"version 2.*versions up to 1.*install the newer program again"):
        till.open()
    assert everything(till.folder) == before


@pytest.mark.parametrize("words", [["simulate", "--visits", "1"], ["status"], ["export"], ["sync", "--once"]])
def test_every_command_of_an_older_program_says_so(till, newer, words):
    """Exit 1 with the words, and the directory as it was, but for the lock that the command held."""
    newer[1].close()
    before = everything(till.folder)
    done = command("kiosk", *words, "--data", till.folder, check=False)
    assert done.returncode == 1
    assert "install the newer program again; the ledger was left as it is" in done.stderr
    assert "Traceback" not in done.stderr
    after = everything(till.folder)
    assert {name: after[name] for name in before} == before
    assert {name.name for name in after.keys() - before.keys()} <= {"lock"}
