"""Head office loses what came after its backup, and the kiosks give it all back."""

import sqlite3

import pytest

from kiosk.store.folder import LEDGER_FILE
from tests.e2e.fleet import identities


@pytest.fixture
def backup(shop):
    """A backup of head office as it is now, and the way back to it."""

    class Backup:
        file = shop.folder / "backup.sqlite3"

        def take(self):
            shop.office.run("backup", self.file)

        def put_back(self):
            shop.office.stop()
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


def test_a_restored_head_office_is_refilled_with_nothing_but_a_heartbeat(shop, backup):
    """More taps after the backup, all of them settled: after the restore the next sync gives them again."""
    kiosk = shop.open_kiosk()
    kiosk.run("simulate", "--visits", 10, "--seed", 1)
    kiosk.run("sync", "--once")
    backup.take()
    kiosk.run("simulate", "--visits", 15, "--seed", 2)
    kiosk.run("sync", "--once")
    whole = taps_of(kiosk)
    assert identities(shop.feed()) == whole

    backup.put_back()
    assert len(shop.feed()) < len(whole)
    kiosk.run("sync", "--once")
    assert identities(shop.feed()) == whole
    assert list(holdings(shop).values()) == [(len(whole), 0)]


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
