"""Head office loses its disk, is restored from a backup, and the kiosks give all the rest back."""

import shutil
import sqlite3
from collections import Counter

import pytest

from kiosk.store.folder import LEDGER_FILE
from tests.e2e.fleet import identities, wait_for


@pytest.fixture
def backup(shop):
    """A backup of head office as it is now, kept elsewhere, and the way back to it once the disk is gone."""

    class Backup:
        file = shop.folder / "backup.sqlite3"

        def take(self):
            shop.office.run("backup", self.file)

        def put_back(self):
            shop.office.stop()
            shutil.rmtree(shop.office.data)
            shop.office.run("restore", self.file)
            shop.office.start()

    return Backup()


def taps_of(kiosk):
    return identities(kiosk.taps())


def holdings(shop):
    """What head office says it holds of each ledger, and what of it is missing."""
    rows = shop.office.get("/api/v1/completeness", shop.token)["completeness"]
    return {row["ledger"]: (row["held"], row["missing"]) for row in rows}


def rot(kiosk):
    """Make one row of the ledger fail its check, so that the whole ledger is closed and a new one opened."""
    connection = sqlite3.connect(kiosk.data / LEDGER_FILE, isolation_level=None)
    connection.execute("UPDATE ledgers SET \"check\" = 'rot'")
    connection.close()


def share_held(shop, taps):
    """Of these taps the share that head office says it holds, counted anew; 1 is all of them."""
    rows = shop.office.get("/api/v1/completeness?recount=true", shop.token)["completeness"]
    said = {row["ledger"]: row["held"] for row in rows if not row["missing"]}
    made = Counter(ledger for ledger, _ in taps)
    return sum(min(said.get(ledger, 0), count) for ledger, count in made.items()) / len(taps)


def test_a_lost_disk_yesterdays_backup_and_kiosks_at_work(shop, backup):
    """An agent that nobody touches gives all again; a kiosk that the backup does not know enrols anew.

    Until completeness says 100 %: then the feed has every tap of every ledger once, and nothing else.
    """
    old = shop.open_kiosk("old", config=shop.often())
    old.run("simulate", "--visits", 10, "--seed", 1)
    old.run("sync", "--once")
    backup.take()
    old.run("simulate", "--visits", 15, "--seed", 2)
    young = shop.open_kiosk("young")
    young.run("simulate", "--visits", 5, "--seed", 3)
    young.run("sync", "--once")
    whole = sorted(taps_of(old) + taps_of(young))
    old.start("sync")
    wait_for(lambda: share_held(shop, whole) == 1, what="completeness before the loss")
    assert identities(shop.feed()) == whole

    backup.put_back()
    assert share_held(shop, whole) < 1
    unknown = young.run("sync", "--once", check=False)
    assert (unknown.returncode, "this key is unknown" in unknown.stderr) == (1, True)
    shop.enrol(young)
    young.run("sync", "--once")
    wait_for(lambda: share_held(shop, whole) == 1, what="completeness after the refill")
    assert identities(shop.feed()) == whole
    made = Counter(ledger for ledger, _ in whole)
    assert holdings(shop) == {ledger: (count, 0) for ledger, count in made.items()}


def test_ledgers_that_were_closed_meanwhile_are_refilled_too(shop, backup):
    """A closed ledger has nothing to send and no heartbeat of its own; what was lost of it comes back."""
    kiosk = shop.open_kiosk()
    backup.take()
    for seed in (1, 2):
        kiosk.run("simulate", "--visits", 10, "--seed", seed)
        rot(kiosk)
    kiosk.run("simulate", "--visits", 5, "--seed", 3)
    kiosk.run("sync", "--once")
    whole = taps_of(kiosk)
    ledgers = {ledger for ledger, _ in whole}
    assert len(ledgers) == 3
    assert identities(shop.feed()) == whole

    backup.put_back()
    assert shop.feed() == []
    kiosk.run("sync", "--once")
    assert identities(shop.feed()) == whole
    held = holdings(shop)
    assert held.keys() == ledgers
    assert {missing for _, missing in held.values()} == {0}
    assert sum(count for count, _ in held.values()) == len(whole)
