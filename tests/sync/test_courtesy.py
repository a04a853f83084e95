"""Sync lets a finger go first, without ever standing still."""

import threading
from itertools import pairwise

import pytest

from sync import courtesy as rules
from sync.client import Client
from sync.clocks import Clocks
from sync.courtesy import Courtesy
from sync.errors import Closed
from sync.push import Push
from tests.sync.memory import HEALTH, SENT, MemoryOutbox
from tests.sync.office import KEY
from tests.sync.waiting import until


class World:
    """A clock that goes on only while somebody rests, and a finger that answers at given seconds."""

    def __init__(self, *answers_s):
        self.now_s = 100.0
        self.rests = 0
        self.answers_s = [self.now_s + each for each in answers_s]
        self.courtesy = Courtesy(clocks=Clocks(monotonic_s=lambda: self.now_s), rest=self.rest)
        self.go(0)

    def rest(self, seconds):
        self.rests += 1
        self.go(seconds)
        return False

    def go(self, seconds):
        end_s = self.now_s + seconds
        while self.answers_s and self.answers_s[0] <= end_s:
            self.now_s = self.answers_s.pop(0)
            self.courtesy.answered()
        self.now_s = end_s

    def begun_s(self):
        """Begin a batch, and give when that was, in seconds from the world's own beginning."""
        self.courtesy.begin()
        return self.now_s - 100.0


def test_nobody_there_costs_no_wait():
    """At rest a backlog goes at full speed: batch after batch begins and is settled without a pause."""
    world = World()
    for _ in range(1_000):
        world.courtesy.begin()
        world.courtesy.finish()
    assert (world.rests, world.now_s) == (0, 100.0)


def test_shopper_who_has_gone_holds_nothing_up():
    """Once nobody has touched the kiosk for a while, batches follow each other at once again."""
    world = World(0)
    world.go(rules.QUIET_S)
    assert [world.begun_s() for _ in range(3)] == [rules.QUIET_S] * 3
    assert world.rests == 0


def test_touch_holds_the_next_batch():
    """No batch begins while a finger is at work: first comes the breath before the next answer."""
    world = World(0)
    assert rules.BREATH_S <= world.begun_s() < rules.BREATH_ENDS_S


def test_finger_that_stays_down_is_given_no_batch_before_it_lifts():
    """Who presses for half a second, or writes, has not answered yet: the breath comes after the answer."""
    world = World(0.6)
    world.courtesy.touched()
    assert 0.6 + rules.BREATH_S <= world.begun_s() < 0.6 + rules.BREATH_ENDS_S


def test_one_batch_goes_in_a_turn():
    """While a shopper goes from question to question, one batch begins a turn, each in a breath."""
    world = World(0, 1, 2, 3, 4, 5)
    *begun_s, at_last_s = [world.begun_s() for _ in range(4)]
    assert begun_s == pytest.approx([0.3, 2.3, 4.3], abs=0.1)
    assert all(rules.BREATH_S <= each % 1 < rules.BREATH_ENDS_S for each in begun_s)
    assert all(later - sooner >= rules.TURN_S for sooner, later in pairwise(begun_s))
    assert at_last_s == pytest.approx(5 + rules.QUIET_S, abs=0.1)


def test_fast_series_does_not_hold_sync_for_ever():
    """Fingers that never pause hold a batch, and its settling, as long as the patience: the queue drains."""
    world = World(*(each / 10 for each in range(400)))
    ends_s = []
    for _ in range(4):
        world.courtesy.begin()
        world.courtesy.finish()
        world.go(0.1)
        ends_s.append(world.now_s - 100.0)
    assert ends_s[-1] <= 4 * (2 * rules.PATIENCE_S + 0.4)
    assert ends_s[0] >= rules.PATIENCE_S


def test_settling_waits_for_a_finger_that_came_meanwhile():
    """The commit that settles a batch goes at once where nobody came, and never right before an answer's."""
    world = World(0, 1)
    world.courtesy.begin()
    world.go(0.3)  # head office took so long: the breath is over
    rests = world.rests
    world.courtesy.finish()
    assert world.rests == rests
    world.courtesy.begin()
    world.go(1)
    world.courtesy.answered()
    touched_s = world.now_s
    world.courtesy.finish()
    assert rules.BREATH_S <= world.now_s - touched_s < rules.BREATH_ENDS_S


def test_finger_that_comes_while_a_batch_is_made_goes_first():
    """Between two pieces of a batch a touch is seen: the next piece comes in the breath after the answer."""
    world = World(0.7)
    world.courtesy.begin()
    world.courtesy.between()
    assert world.rests == 0, "nobody came"
    world.go(0.5)
    world.courtesy.touched()
    world.courtesy.between()
    assert 0.7 + rules.BREATH_S <= world.now_s - 100 < 0.7 + rules.BREATH_ENDS_S
    rests = world.rests
    world.go(1)
    world.courtesy.between()
    assert world.rests == rests, "one answer holds up one piece"


def test_fingers_that_never_pause_hold_the_making_of_a_batch_no_longer_than_the_patience():
    """However many pieces: the waits between them have one patience together."""
    world = World(*(each / 10 for each in range(1, 400)))
    world.courtesy.begin()
    for _ in range(20):
        world.courtesy.between()
        world.go(0.1)
    assert world.now_s - 100.0 <= rules.PATIENCE_S + 20 * 0.1 + 0.1


def test_housework_waits_for_nobody_to_be_there_though_not_for_ever():
    """A round of many steps stands back for who taps, in sum as long as the patience; at rest not at all."""
    world = World(*(each / 10 for each in range(400)))
    stand_back = world.courtesy.standing_back()
    for _ in range(20):
        stand_back()
    assert world.now_s - 100.0 == pytest.approx(rules.PATIENCE_S, abs=0.01)
    once = World(0)
    once.courtesy.standing_back()()
    assert once.now_s - 100.0 == pytest.approx(rules.QUIET_S, abs=0.11)
    rests = once.rests
    once.courtesy.standing_back()()
    assert once.rests == rests


@pytest.fixture
def finger(server, surveys):
    """A real push to a real server, on a clock that stands still: after a touch it would wait for ever."""
    courtesy = Courtesy(clocks=Clocks(monotonic_s=lambda: 100.0))
    outbox = MemoryOutbox(10)
    push = Push(
        Client(server.address, KEY),
        outbox,
        surveys,
        sent=lambda: SENT,
        health=lambda: HEALTH,
        courtesy=courtesy,
    )
    yield courtesy, push, outbox
    push.close()


def test_end_of_the_program_ends_the_wait(finger, server):
    """A stop is not held up by a finger, nor does a batch go up after it."""
    courtesy, push, _ = finger
    courtesy.touched()
    ended = []

    def exchange():
        try:
            push.exchange()
        except Closed as end:
            ended.append(end)

    thread = threading.Thread(target=exchange, daemon=True)
    thread.start()
    threading.Event().wait(0.05)
    assert thread.is_alive()
    push.close()
    until(lambda: ended)
    assert server.requests == []


def test_push_asks_before_it_sends_and_before_it_settles(finger, server):
    """Neither the batch nor the commit that settles it begins right after a touch."""
    courtesy, push, outbox = finger
    settling = threading.Event()
    finish = courtesy.finish
    courtesy.finish = lambda: (courtesy.touched(), settling.set(), finish())
    thread = threading.Thread(target=push.exchange, daemon=True)
    thread.start()
    assert settling.wait(5)
    assert outbox.pending() == 10
    courtesy.end()
    until(lambda: outbox.pending() == 0)


def test_finger_goes_first_between_the_pieces_of_a_batch(server, surveys, monkeypatch):
    """A batch is made piece by piece, and courtesy is asked after each; it is one request all the same."""
    monkeypatch.setattr("sync.push._PIECE_TAPS", 4)
    courtesy, outbox, pieces = Courtesy(), MemoryOutbox(10), []
    read = outbox.read
    outbox.read = lambda ledger, first, limit: pieces.append((first, limit)) or read(ledger, first, limit)
    courtesy.between = lambda: pieces.append("a finger may come")
    client = Client(server.address, KEY)
    Push(client, outbox, surveys, sent=lambda: SENT, health=lambda: HEALTH, courtesy=courtesy).exchange()
    client.close()
    may = "a finger may come"
    assert pieces == [(1, 4), may, (5, 4), may, (9, 2), may]
    assert outbox.pending() == 0
    assert len(server.requests) == 1
