"""Storing a tap."""

import json
import sqlite3
import stat
import threading

import pytest

from kiosk.store.ballast import BALLAST_BYTES
from kiosk.store.problems import NotStored
from kiosk.store.tap import Answered


def in_file(till):
    """What another process finds in the file."""
    with sqlite3.connect(f"file:{till.file}?mode=ro", uri=True) as other:
        found = other.execute(
            "SELECT ledger, seq, question, answer FROM taps ORDER BY ledger, seq"
        ).fetchall()
    other.close()
    return found


def test_a_saved_tap_is_committed_before_save_returns(till):
    """P1: another process sees the tap as soon as save has returned."""
    store = till.open()
    tap = store.ledger.save(till.answered(answer=["queue", "price"]))
    assert in_file(till) == [(tap.ledger, 1, "rating", '["queue","price"]')]


def test_numbers_have_no_gap_and_go_on_after_a_restart(till):
    """Numbers count up by one within a ledger, through restarts and kills."""
    store = till.open()
    first = till.tap(store, 3)
    store.close()
    store = till.open()
    second = till.tap(store, 2)
    till.die(store)
    third = till.tap(till.open(), 2)
    taps = [*first, *second, *third]
    assert [tap.seq for tap in taps] == [1, 2, 3, 4, 5, 6, 7]
    assert len({tap.ledger for tap in taps}) == 1


def test_a_tap_carries_every_column_of_the_design(till):
    """A line of NDJSON has the columns of the ledger, the answer as JSON and synced_clock as a boolean."""
    tap = till.open().ledger.save(till.answered(visit="v", answer=["queue"], took_ms=7))
    assert json.loads(tap.line()) == {
        "ledger": tap.ledger,
        "seq": 1,
        "visit": "v",
        "survey": "3fa9c1d2e4b5",
        "question": "rating",
        "answer": ["queue"],
        "language": "ja",
        "at": 1_795_250_000_000,
        "uptime": 86_400_000,
        "boot": "boot-1",
        "took": 7,
        "synced_clock": True,
        "check": tap.check,
    }


@pytest.mark.parametrize("answer", [None, True, 0, 10, "happy", '日本語 " \\ \n 🙂', ["a", "b"]])
def test_any_answer_comes_back_as_it_was_given(till, answer):
    """What head office is sent is what the shopper answered."""
    store = till.open()
    store.ledger.save(till.answered(answer=answer))
    (item,) = store.outbox.read(store.ledger.id, 1, 10)
    assert item.answer == answer
    assert type(item.answer) is type(answer)


def test_two_threads_that_save_and_one_that_settles_keep_every_number(till):
    """P1, P2: saving and settling at the same time loses no tap and doubles no number."""
    store = till.open()
    taps, failures, done = [], [], threading.Event()

    def save():
        taps.extend(till.tap(store, 150))

    def settle():
        while not done.is_set():
            head = store.outbox.head()
            items = store.outbox.read(head.ledger, head.first, 20)
            if [item.seq for item in items] != list(range(head.first, head.first + len(items))):
                failures.append(items)
            store.outbox.settle(head.ledger, head.first + len(items) - 1, [])
            store.database.write_back()

    savers = [threading.Thread(target=save) for _ in range(2)]
    settler = threading.Thread(target=settle)
    for thread in (*savers, settler):
        thread.start()
    for thread in savers:
        thread.join()
    done.set()
    settler.join()
    assert not failures
    assert sorted(tap.seq for tap in taps) == list(range(1, 301))
    assert [seq for _, seq, _, _ in in_file(till)] == list(range(1, 301))


def test_everything_on_the_disk_is_for_this_user_alone(till):
    """Other users of the machine can read neither answers nor the key."""
    store = till.open()
    till.tap(store, 1)
    store.upkeep.once()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in till.folder.iterdir()}
    assert stat.S_IMODE(till.folder.stat().st_mode) == 0o700
    assert modes.keys() >= {"ledger.sqlite3", "ledger.sqlite3-wal", "in-use", "ballast"}
    assert set(modes.values()) == {0o600}


def test_a_directory_with_strangers_files_keeps_its_rights(till):
    """Pointed at a shared folder by mistake, the kiosk does not lock others out of it."""
    till.folder.mkdir(mode=0o755)
    (till.folder / "somebody's").write_text("file")
    till.open()
    assert stat.S_IMODE(till.folder.stat().st_mode) == 0o755


def fill_the_disk(store):
    """From now on the database may not grow by a page."""
    (pages,) = store.database.writer.execute("PRAGMA page_count").fetchone()
    store.database.writer.execute(f"PRAGMA max_page_count = {pages}")


def until_full(till, store):
    """Save until it is refused; returns what was saved, and what was not."""
    saved = []
    while True:
        answered = till.answered(answer="x" * 190)
        try:
            saved.append(store.ledger.save(answered))
        except NotStored:
            return saved, answered


def test_on_a_full_disk_the_ballast_goes_and_the_tap_stays(till, monkeypatch):
    """P1: a tap that meets a full disk is stored in the room that was kept for it, in the same call."""
    store = till.open()
    store.upkeep.once()
    ballast = till.folder / "ballast"
    assert ballast.stat().st_blocks * 512 >= BALLAST_BYTES
    fill_the_disk(store)
    release = store.database.ballast.release

    def released():
        store.database.writer.execute("PRAGMA max_page_count = 4294967294")
        return release()

    monkeypatch.setattr(store.database.ballast, "release", released)
    taps = till.tap(store, 200)
    assert [tap.seq for tap in taps] == list(range(1, 201))
    assert not ballast.exists()


def test_when_nothing_helps_the_tap_is_refused_and_the_next_goes_on(till):
    """P4: a tap that cannot be stored is said to be so, takes no number, and can be given again later."""
    store = till.open()
    fill_the_disk(store)
    saved, refused = until_full(till, store)
    with pytest.raises(NotStored, match="full"):
        store.ledger.save(refused)
    store.database.writer.execute("PRAGMA max_page_count = 4294967294")
    again = store.ledger.save(refused)
    assert again.seq == len(saved) + 1
    assert len(in_file(till)) == len(saved) + 1


def test_the_ballast_comes_back_when_there_is_room(till):
    """After a full disk was cleared, the next round lays out the reserve again."""
    store = till.open()
    store.upkeep.once()
    assert store.database.ballast.release()
    assert not store.database.ballast.release()
    store.upkeep.once()
    assert (till.folder / "ballast").stat().st_size == BALLAST_BYTES


def test_answered_is_what_the_visit_hands_over():
    """The visit and the ledger speak of the same value."""
    from kiosk import visit  # noqa: PLC0415 - what is tested is that name

    assert visit.Answered is Answered
