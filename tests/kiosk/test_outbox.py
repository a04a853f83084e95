"""Peek, send, settle: what the agent sees of the store."""

import pytest

from kiosk.store.incidents import incidents
from kiosk.store.ledgers import ledgers
from sync.contract import Head, Rejected, Tap, Withheld


def rows(store):
    with store.database.read() as reader:
        return ledgers(reader)


def seqs(items):
    return [item.seq for item in items]


def test_an_empty_ledger_has_an_empty_end(till):
    """The heartbeat of a kiosk without taps names its ledger and number 1."""
    store = till.open()
    assert store.outbox.head() == Head(ledger=store.ledger.id, first=1, last=0)
    assert store.outbox.read(store.ledger.id, 1, 10) == []


def test_a_peek_gives_taps_as_the_contract_has_them(till):
    """What goes on the wire is what was stored."""
    store = till.open()
    tap = store.ledger.save(till.answered(answer=["price"]))
    (item,) = store.outbox.read(tap.ledger, 1, 10)
    assert isinstance(item, Tap)
    assert vars(item) == {name: getattr(tap, name) for name in vars(item)}


def test_settling_moves_the_cursor_and_only_forward(till):
    """P2: a tap leaves the outbox on head office's word, and a late, smaller word takes nothing back."""
    store = till.open()
    till.tap(store, 10)
    store.outbox.settle(store.ledger.id, 6, [])
    store.outbox.settle(store.ledger.id, 4, [])
    assert store.outbox.head() == Head(ledger=store.ledger.id, first=7, last=10)
    assert store.outbox.pending() == 4


def test_a_word_about_taps_that_were_never_sent_is_not_believed(till):
    """Nothing beyond the ledger's end can be settled."""
    store = till.open()
    till.tap(store, 3)
    store.outbox.settle(store.ledger.id, 99, [])
    assert store.outbox.head() == Head(ledger=store.ledger.id, first=1, last=3)


def test_what_was_rejected_is_kept_here_too(till):
    """P4: a rejected tap is settled, counted, and stays in the ledger."""
    store = till.open()
    till.tap(store, 3)
    store.outbox.settle(store.ledger.id, 3, [Rejected(2, "no question q9")])
    store.outbox.settle(store.ledger.id, 3, [Rejected(2, "no question q9")])
    assert (store.outbox.pending(), store.outbox.rejected()) == (0, 1)
    assert seqs(store.outbox.read(store.ledger.id, 1, 3)) == [1, 2, 3]


def test_a_restored_head_office_is_refilled(till):
    """P2: after a gap the cursor goes back to what head office names, and no further."""
    store = till.open()
    till.tap(store, 10)
    store.outbox.settle(store.ledger.id, 10, [])
    store.outbox.rewind(store.ledger.id, 4)
    assert store.outbox.head().first == 5
    store.outbox.rewind(store.ledger.id, 8)
    store.outbox.rewind(store.ledger.id, -1)
    assert store.outbox.head().first == 5


def test_the_cursor_survives_a_kill(till):
    """What was settled stays settled."""
    store = till.open()
    till.tap(store, 5)
    store.outbox.settle(store.ledger.id, 3, [])
    till.die(store)
    assert till.open().outbox.head().first == 4


def test_a_withheld_tap_is_sent_as_its_reason_and_kept(till):
    """A tap that cannot be sent is still decided: its number goes up with the reason."""
    store = till.open()
    till.tap(store, 3)
    store.outbox.withhold(store.ledger.id, 2, "too large")
    store.outbox.withhold(store.ledger.id, 2, "refused")
    items = store.outbox.read(store.ledger.id, 1, 10)
    assert items[1] == Withheld(2, "refused")
    assert seqs(items) == [1, 2, 3]


def test_a_forked_ledger_goes_on_in_a_new_one(till):
    """A cloned card: what head office holds stays, later taps get new numbers, nothing is doubled."""
    store = till.open()
    taps = till.tap(store, 10)
    store.outbox.settle(store.ledger.id, 6, [])
    store.outbox.fork(taps[0].ledger, 6)
    moved = store.ledger.id
    later = till.tap(store, 2)
    assert store.outbox.head() == Head(ledger=moved, first=1, last=6)
    items = store.outbox.read(moved, 1, 10)
    assert [item.visit for item in items] == [tap.visit for tap in (*taps[6:], *later)]
    assert seqs(items) == [1, 2, 3, 4, 5, 6]
    assert [(row.id, row.last, row.closed is None) for row in rows(store)] == [
        (taps[0].ledger, 6, False),
        (moved, 6, True),
    ]
    assert store.outbox.read(taps[0].ledger, 1, 10)[-1].seq == 6


def test_what_was_settled_before_a_fork_is_not_sent_twice(till):
    """Enrolled anew, a kiosk is told that nothing of its ledger is held; what was settled stays settled."""
    store = till.open()
    taps = till.tap(store, 5)
    store.outbox.settle(store.ledger.id, 3, [])
    store.outbox.fork(store.ledger.id, 0)
    items = store.outbox.read(store.ledger.id, 1, 10)
    assert [item.visit for item in items] == [tap.visit for tap in taps[3:]]


def test_a_fork_of_a_closed_ledger_leaves_the_open_ones_taps_in_place(till):
    """The ledger that forks need not be the one that is open."""
    store = till.open()
    old = till.tap(store, 4)
    store.ledger.begin()
    between = till.tap(store, 3)
    store.outbox.fork(old[0].ledger, 2)
    new = till.tap(store, 1)
    sent = [(item.visit, row.id) for row in rows(store) for item in store.outbox.read(row.id, 1, 10)]
    assert sorted(visit for visit, _ in sent) == sorted(tap.visit for tap in (*old, *between, *new))
    assert [row.last for row in rows(store)] == [2, 3, 3]


def test_a_fork_of_more_taps_than_are_moved_at_once_moves_them_all(till, monkeypatch):
    """A long outage before the fork is moved piece by piece, in one transaction."""
    monkeypatch.setattr("kiosk.store.outbox.MOVED_AT_ONCE", 3)
    store = till.open()
    taps = till.tap(store, 10)
    store.outbox.fork(store.ledger.id, 1)
    items = store.outbox.read(store.ledger.id, 1, 20)
    assert [(item.seq, item.visit) for item in items] == [
        (number, tap.visit) for number, tap in enumerate(taps[1:], 1)
    ]


def test_a_fork_that_fails_changes_nothing(till, monkeypatch):
    """One transaction: a fork that is cut short leaves the ledger open and whole."""
    store = till.open()
    taps = till.tap(store, 5)
    with monkeypatch.context() as patch:
        patch.setattr("kiosk.store.outbox.note", cut_short)
        with pytest.raises(KeyboardInterrupt):
            store.outbox.fork(store.ledger.id, 1)
    assert store.ledger.id == taps[0].ledger
    assert till.tap(store, 1)[0].seq == 6
    assert [row.last for row in rows(store)] == [6]


def cut_short(*_):
    raise KeyboardInterrupt


def test_a_fork_is_told(till):
    """Staff and head office hear that a ledger was forked."""
    store = till.open()
    till.tap(store, 3)
    store.outbox.fork(store.ledger.id, 1)
    with store.database.read() as reader:
        (incident,) = incidents(reader)
    assert "2 renumbered" in incident.words()


def test_older_ledgers_drain_first(till, clocks):
    """Closed ledgers are sent before the open one, the oldest first, and an empty one is passed over."""
    store = till.open()
    order = []
    for count in (2, 0, 1):
        till.tap(store, count)
        order.append(store.ledger.id)
        clocks.forward(1000)
        store.ledger.begin()
    till.tap(store, 1)
    order.append(store.ledger.id)
    seen = []
    while (head := store.outbox.head()).last >= head.first:
        seen.append(head.ledger)
        store.outbox.settle(head.ledger, head.last, [])
    assert seen == [order[0], order[2], order[3]]


def test_the_ends_of_closed_ledgers_are_known(till, clocks):
    """Closed ledgers that are settled are named, the oldest first, for a head office that was restored."""
    store = till.open()
    closed = []
    for count in (2, 0, 3, 1):
        till.tap(store, count)
        closed.append(store.ledger.id)
        clocks.forward(1000)
        store.ledger.begin()
    till.tap(store, 1)
    assert store.outbox.closed() == []
    store.outbox.settle(closed[0], 2, [])
    store.outbox.settle(closed[2], 2, [])
    store.outbox.settle(closed[3], 1, [])
    assert store.outbox.closed() == [Head(closed[0], 3, 2), Head(closed[3], 2, 1)]


def test_words_about_a_ledger_that_is_not_here_change_nothing(till):
    """An answer about a ledger that was set aside meanwhile is let go: once salvaged, it is sent again."""
    store = till.open()
    till.tap(store, 2)
    store.outbox.settle("another", 2, [Rejected(1, "x")])
    store.outbox.rewind("another", 0)
    store.outbox.fork("another", 0)
    assert store.outbox.head() == Head(ledger=store.ledger.id, first=1, last=2)
    assert store.outbox.rejected() == 0
