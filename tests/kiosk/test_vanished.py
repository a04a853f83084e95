"""Somebody clears the data directory under a running kiosk: what was thanked for comes back."""

import shutil

import pytest

from kiosk.store.problems import NotStored
from tests.kiosk.test_damage import drained, exported, told


def places(taps):
    return {(tap.ledger, tap.seq, tap.visit) for tap in taps}


def test_a_data_directory_that_vanished_comes_back_with_every_tap(till):
    """P1: the next tap finds it gone; the open file is written out anew, with its settled part known."""
    store = till.open()
    taps = till.tap(store, 40)
    store.outbox.settle(store.ledger.id, 25, [])
    shutil.rmtree(till.folder)
    taps += till.tap(store, 3)
    store.upkeep.once()
    found, complaints = exported(till)
    assert (places(found), complaints) == (places(taps), [])
    assert len({tap.ledger for tap in taps}) == 2
    assert {seq for ledger, seq in drained(store) if ledger == taps[0].ledger} == set(range(26, 41))
    assert [(incident.saved, incident.lost) for incident in told(store)] == [(40, 0)]
    store.close()
    assert places(exported(till)[0]) == places(taps)


def test_a_kiosk_at_rest_notices_too(till):
    """Without a shopper the housework finds it gone."""
    store = till.open()
    taps = till.tap(store, 5)
    shutil.rmtree(till.folder)
    store.upkeep.once()
    assert places(exported(till)[0]) == places(taps)
    store.upkeep.once()
    assert len(told(store)) == 1


def test_a_file_that_was_replaced_is_kept_as_well(till):
    """An old copy that was put in its place is set aside, and its taps are no second ones."""
    store = till.open()
    taps = till.tap(store, 5)
    store.database.write_back()
    copy = till.file.read_bytes()
    taps += till.tap(store, 5)
    for file in (till.file, till.log):
        file.unlink()
    till.file.write_bytes(copy)
    taps += till.tap(store, 1)
    store.upkeep.once()
    found, _ = exported(till)
    assert places(found) == places(taps)
    assert len(found) == len(taps)


def test_where_no_directory_can_be_made_a_tap_is_refused_until_it_can(till):
    """P4: it is said that nothing can be stored; what was stored before waits in the open file."""
    store = till.open()
    taps = till.tap(store, 5)
    shutil.rmtree(till.folder)
    till.folder.write_text("in the way")
    for _ in range(2):
        with pytest.raises(NotStored, match="cannot be the data directory"):
            till.tap(store, 1)
    till.folder.unlink()
    taps += till.tap(store, 1)
    store.upkeep.once()
    assert places(exported(till)[0]) == places(taps)


def test_a_deleted_index_of_the_log_costs_nothing(till):
    """The -shm file is made anew from the log."""
    store = till.open()
    taps = till.tap(store, 20)
    till.die(store)
    till.file.with_name(f"{till.file.name}-shm").unlink(missing_ok=True)
    store = till.open()
    taps += till.tap(store, 1)
    assert places(exported(till)[0]) == places(taps)
    assert told(store) == []


@pytest.mark.parametrize("names", [["-wal"], ["-shm"], ["-wal", "-shm"]])
def test_the_log_deleted_under_the_running_kiosk(till, names):
    """Taps that stand in a log without a name are written out anew, before a kill can take them."""
    store = till.open()
    taps = till.tap(store, 20)
    for name in names:
        till.file.with_name(f"{till.file.name}{name}").unlink()
    taps += till.tap(store, 5)
    store.upkeep.once()
    taps += till.tap(store, 1)
    till.die(store)
    store = till.open()
    store.upkeep.once()
    found, complaints = exported(till)
    assert (places(found), complaints) == (places(taps), [])
    assert len(found) == len(taps)
