"""The agent keeps exchanging: whatever the clocks do, whatever hangs, and it ends when it is told to."""

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import apscheduler.schedulers.base
import pytest

from sync.agent import Agent, Alarm
from sync.client import Client
from sync.clocks import Clocks
from sync.contract import Ack
from sync.errors import Busy, NotAnAck, ServerTrouble, Unauthorised, Unreachable
from sync.pull import Pull
from sync.push import Exchanged, Push
from tests.sync.faulty_server import answer, hang_up, silence
from tests.sync.memory import HEALTH, SENT, MemoryOutbox
from tests.sync.office import KEY
from tests.sync.test_pull import SOUND
from tests.sync.waiting import until

ACK = Ack("ledger-1", "00", 0, (), "etag-1", 1)
HEARD = Exchanged(ack=ACK, more=False)


class ScriptedPush:
    """Does what the script says, one entry an exchange, and then answers that all is well."""

    def __init__(self, *script):
        self.script = list(script)
        self.count = 0
        self.threads = []
        self.waiting = 0

    def exchange(self):
        self.count += 1
        self.threads.append(threading.current_thread())
        step = self.script.pop(0) if self.script else HEARD
        if isinstance(step, Exception):
            raise step
        return step() if callable(step) else step

    def pending(self):
        return self.waiting

    def rejected(self):
        return 0

    def close(self):
        pass


class ScriptedPull:
    def __init__(self, error=None):
        self.error = error
        self.asked = []

    def refresh(self, etag):
        self.asked.append(etag)
        if self.error is not None:
            raise self.error
        return False

    def close(self):
        pass


class JumpingWall:
    """A wall clock that a test sets, for the agent and for APScheduler alike."""

    def __init__(self, monkeypatch):
        self.ahead = timedelta()
        wall = self

        class Jumped(datetime):
            @classmethod
            def now(cls, tz=None):
                return datetime.now(tz) + wall.ahead

        monkeypatch.setattr(apscheduler.schedulers.base, "datetime", Jumped)

    def now(self):
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def start():
    """Make agents that live ten times as fast, tell their states into a list, and are stopped in the end."""
    started = []
    fast = Clocks(monotonic_s=lambda: time.monotonic() * 10)

    def make(push, pull=None, *, every_s=2, **options):
        states = []
        agent = Agent(
            push,
            pull or ScriptedPull(),
            every_s=every_s,
            **{"on_state": states.append, "draw": lambda: 0.0, "tick_s": 0.05, "clocks": fast} | options,
        )
        agent.states = states
        started.append(agent)
        agent.start()
        return agent

    yield make
    for agent in started:
        agent.stop()


def test_exchanges_soon_after_the_start_and_again_and_again(start):
    """The first exchange comes at once or soon, the next at the interval."""
    push = ScriptedPush()
    start(push)
    until(lambda: push.count >= 4)


def test_goes_on_at_once_while_more_waits(start):
    """A backlog is drained in one go, not a batch an interval."""
    more = Exchanged(ack=ACK, more=True)
    push = ScriptedPush(*[more] * 20)
    start(push, every_s=3600)
    until(lambda: push.count == 21)


def test_mended_exchange_is_followed_by_the_next_at_once(start):
    """After a gap, a fork or a survey put, the taps go up without a pause."""
    push = ScriptedPush(Exchanged(ack=None, more=True), Exchanged(ack=None, more=True))
    agent = start(push, every_s=3600)
    until(lambda: push.count == 3 and agent.state.online)


def test_programme_is_brought_up_to_date_once_a_run(start):
    """The etag in the first ack of a run is passed to the pull."""
    pull = ScriptedPull()
    push = ScriptedPush(*[Exchanged(ack=ACK, more=True)] * 5)
    agent = start(push, pull, every_s=3600)
    until(lambda: agent.state.next_try_s is not None and agent.state.online)
    assert pull.asked == ["etag-1"]


@pytest.mark.parametrize("error", [NotAnAck("no programme"), OSError("disk is full")])
def test_programme_that_cannot_be_had_holds_back_no_tap(start, error):
    """Taps go up all the same, and the problem is said."""
    push = ScriptedPush(*[Exchanged(ack=ACK, more=True)] * 3)
    agent = start(push, ScriptedPull(error), every_s=3600)
    until(lambda: push.count == 4 and agent.state.next_try_s is not None)
    assert agent.state.online
    assert agent.state.problem == str(error)


class ScriptedPictures:
    """Notes what each ack said of a picture, and fails."""

    def __init__(self):
        self.heard_of = []

    def heard(self, asked):
        self.heard_of.append(asked)
        raise Unreachable("cut")


def test_a_picture_that_cannot_be_sent_holds_back_no_tap(start):
    """What the first ack of a run says of a picture is passed on; that it fails is no problem of the sync."""
    push, pictures = ScriptedPush(Exchanged(ack=replace(ACK, picture="17"), more=True)), ScriptedPictures()
    agent = start(push, every_s=3600, pictures=pictures)
    until(lambda: push.count == 2 and agent.state.next_try_s is not None)
    assert (pictures.heard_of, agent.state.online, agent.state.problem) == (["17"], True, None)


def test_failure_is_told_and_tried_again(start):
    """After a failure the state says what and when next, and the next try mends it."""
    push = ScriptedPush(ServerTrouble("head office has trouble of its own (500)"))
    push.waiting = 12
    agent = start(push)
    until(lambda: any(state.code == "server_trouble" for state in agent.states))
    told = next(state for state in agent.states if state.code == "server_trouble")
    assert (told.online, told.pending) == (False, 12)
    assert 0 < told.next_try_s <= 1
    until(lambda: agent.state.online)
    assert agent.state.problem is None


def test_fault_of_the_store_does_not_end_sync(start):
    """Whatever the store raises, sync says so and goes on trying."""
    push = ScriptedPush(RuntimeError("database is locked"))
    agent = start(push)
    until(lambda: any(state.problem == "database is locked" for state in agent.states))
    until(lambda: agent.state.online)


@pytest.mark.parametrize(
    ("error", "least_s", "most_s"),
    [(Unauthorised("unknown"), 3590, 3600), (Busy("busy", 600), 590, 600), (Unreachable("cut"), 0, 1)],
)
def test_pause_is_the_one_the_trouble_asks_for(start, error, least_s, most_s):
    """Hourly without a valid key, as named when busy, a second or two after a first failure."""
    agent = start(ScriptedPush(error))
    until(lambda: agent.states and agent.states[-1].problem)
    assert least_s <= agent.states[-1].next_try_s <= most_s


def test_who_asks_for_it_is_heard_at_once_whatever_pause_is_kept(start):
    """Staff who have mended the network need not wait out the hour after a refused key."""
    push = ScriptedPush(Unauthorised("not known"))
    agent = start(push)
    until(lambda: agent.states and agent.states[-1].code == "unauthorised" and agent.state.next_try_s)
    assert agent.state.next_try_s > 60

    agent.try_now(patience_s=5.0)
    assert push.count == 2
    assert agent.state.online


def test_screen_that_fails_does_not_end_sync(start):
    """Whoever is told may fail: sync goes on."""
    push = ScriptedPush(Unreachable("cut"))
    start(push, on_state=lambda _: 1 / 0)
    until(lambda: push.count >= 4)


class TestNudge:
    def test_tap_goes_up_soon(self, start):
        """A nudge brings the next exchange within a second or so, and tap after tap does not put it off."""
        push = ScriptedPush()
        agent = start(push, every_s=3600)
        until(lambda: agent.state.next_try_s is not None and agent.state.online)
        agent.nudge()
        assert agent.state.next_try_s <= 1
        until(lambda: agent.nudge() or push.count == 2)

    def test_nudge_does_not_break_a_pause_that_is_needed(self, start):
        """While head office is not well, tapping shoppers do not make the kiosk hammer at it."""
        push = ScriptedPush(Unauthorised("unknown"))
        agent = start(push)
        until(lambda: agent.states and agent.states[-1].problem)
        agent.nudge()
        assert agent.state.next_try_s > 3500
        assert push.count == 1

    def test_nudge_during_an_exchange_is_not_forgotten(self, start):
        """A tap saved while an exchange goes on is not left for the next interval."""
        going, go = threading.Event(), threading.Event()
        push = ScriptedPush(lambda: going.set() or (go.wait(5) and HEARD))
        agent = start(push, every_s=3600)
        assert going.wait(5)
        agent.nudge()
        go.set()
        until(lambda: push.count == 2)


class TestClocks:
    @pytest.mark.parametrize(
        "jump",
        [
            timedelta(minutes=-2),
            timedelta(minutes=2),
            timedelta(days=-30),
            timedelta(days=30),
            timedelta(days=3653),
            timedelta(days=-3653),
        ],
        ids=str,
    )
    def test_wall_clock_may_jump(self, start, monkeypatch, jump):
        """After a jump of the wall clock sync goes on within two intervals or so, and does not run wild."""
        wall = JumpingWall(monkeypatch)
        push = ScriptedPush()
        start(push, every_s=0.1, clocks=Clocks(now=wall.now))
        until(lambda: push.count >= 2)
        wall.ahead = jump
        before, started = push.count, time.monotonic()
        until(lambda: push.count >= before + 3)
        assert push.count - before <= 2 + (time.monotonic() - started) / 0.09

    def test_pause_is_kept_when_the_wall_clock_jumps_forward(self, monkeypatch):
        """An hour's pause is an hour by the clock that cannot jump, whatever the wall clock says."""
        wall = JumpingWall(monkeypatch)
        rings = []
        alarm = Alarm(lambda: rings.append(1), lambda: None, clocks=Clocks(now=wall.now), tick_s=0.05)
        alarm.start()
        alarm.set(3600)
        wall.ahead = timedelta(hours=2)
        armed = []
        monkeypatch.setattr(alarm, "_arm", armed.append)
        alarm._scheduler.wakeup()
        until(lambda: armed)
        alarm.stop()
        assert rings == []
        assert armed[0] == pytest.approx(3600, abs=5)
        assert alarm.left_s() == pytest.approx(3600, abs=5)

    def test_agent_tells_how_long_ago_it_looked_after_itself(self, start):
        """Whether sync lives can be seen: the time stays short, and grows when its watcher is dead."""
        agent = start(ScriptedPush())
        until(lambda: agent.quiet_s < 2)

        agent._alarm._stopped.set()
        until(lambda: not agent._alarm._watcher.is_alive())
        until(lambda: agent.quiet_s > 5)

    def test_alarm_rings_once_for_the_last_time_set(self):
        """A later setting takes the place of the earlier."""
        rings = []
        alarm = Alarm(lambda: rings.append(1), lambda: None, clocks=Clocks(), tick_s=0.05)
        alarm.start()
        alarm.set(3600)
        alarm.set(0.1)
        until(lambda: rings)
        assert alarm.left_s() is None
        alarm.stop()
        assert rings == [1]


class TestHanging:
    def test_exchange_that_hangs_is_given_up_for_a_new_one(self, start):
        """A run that does not get on is said and followed by another; woken up, it sends no more."""
        release = threading.Event()
        push = ScriptedPush(lambda: release.wait(10) and Exchanged(ack=None, more=True))
        agent = start(push, hung_after_s=3, every_s=3600)
        until(lambda: any(state.code == "hung" for state in agent.states))
        until(lambda: agent.state.online)
        hung = push.threads[0]
        release.set()
        until(lambda: not hung.is_alive())
        assert push.threads.count(hung) == 1

    def test_run_that_was_given_up_does_not_speak_for_the_new_one(self, start):
        """When the hung run ends while the new one is at work, the new one still is the one in flight."""
        first, second = threading.Event(), threading.Event()
        push = ScriptedPush(lambda: first.wait(10) and HEARD, lambda: second.wait(10) and HEARD)
        agent = start(push, hung_after_s=10, every_s=3600)
        until(lambda: push.count == 2)
        first.set()
        until(lambda: not push.threads[0].is_alive())
        assert agent.state.next_try_s is None
        second.set()
        until(lambda: agent.state.next_try_s is not None)

    def test_store_that_hangs_every_time_costs_few_threads(self, start):
        """Runs that hang for good are not piled up."""
        release = threading.Event()
        hang = lambda: release.wait(20) and HEARD  # noqa: E731 - one word for it
        push = ScriptedPush(*[hang] * 20)
        agent = start(push, hung_after_s=0.1)
        until(
            lambda: push.count == 3 and agent.state.next_try_s and agent.state.next_try_s > 200, timeout_s=20
        )
        release.set()
        until(lambda: not any(thread.is_alive() for thread in push.threads))

    def test_only_one_exchange_is_in_flight(self, start):
        """However often it is nudged, no second exchange begins beside the first."""
        release = threading.Event()
        push = ScriptedPush(lambda: release.wait(10) and HEARD)
        agent = start(push, every_s=0.5)
        until(lambda: push.count == 1)
        pause = threading.Event()
        for _ in range(20):
            agent.nudge()
            agent._ring()  # as the alarm does when a nudge and a run cross
            pause.wait(0.01)
        assert push.count == 1
        release.set()


class TestWhole:
    """With the real push, pull and client against a real server."""

    @pytest.fixture
    def whole(self, server, surveys, shelf, start):
        def make(outbox, **options):
            client = Client(server.address, KEY, deadline_s=30)
            push = Push(client, outbox, surveys, sent=lambda: SENT, health=lambda: HEALTH, batch_taps=8)
            return start(push, Pull(Client(server.address, KEY), shelf), **options)

        return make

    def test_backlog_and_programme_meet(self, whole, office, shelf):
        """After a start the backlog is up and the programme is down."""
        office.programme = ("etag-1", [SOUND])
        outbox = MemoryOutbox(100)
        agent = whole(outbox, every_s=3600)
        until(lambda: outbox.pending() == 0 and shelf.etag() == "etag-1")
        until(lambda: agent.state.next_try_s is not None)
        assert (agent.state.online, agent.state.pending, agent.state.problem) == (True, 0, None)

    def test_network_comes_back(self, whole, server):
        """What could not go up goes up when the network is back."""
        server.plan(hang_up)
        outbox = MemoryOutbox(10)
        agent = whole(outbox, every_s=3600)
        until(lambda: any(state.code == "unreachable" and state.pending == 10 for state in agent.states))
        until(lambda: outbox.pending() == 0)

    def test_stop_is_quick_even_in_the_middle_of_an_exchange(self, whole, server):
        """Ending the program does not wait for a silent server."""
        server.plan(silence)
        agent = whole(MemoryOutbox(10))
        until(lambda: server.requests)
        started = time.monotonic()
        agent.stop()
        assert time.monotonic() - started < 3
        until(lambda: not any(thread.name.startswith("egao") for thread in threading.enumerate()))


class TestOnce:
    """``sync --once``, without a scheduler."""

    @pytest.fixture
    def agent(self, push, pull):
        return Agent(push, pull, every_s=30, on_state=lambda _: None)

    def test_once_drains_and_returns(self, agent, outbox, shelf, office):
        """Everything is settled when it returns, and the programme is here."""
        office.programme = ("etag-1", [SOUND])
        outbox.add(50)
        agent.once()
        assert (outbox.pending(), shelf.etag()) == (0, "etag-1")

    def test_once_raises_what_stands_in_the_way(self, agent, outbox, server):
        """Without head office it says why, and nothing is settled."""
        outbox.add(5)
        server.plan(answer(401))
        with pytest.raises(Unauthorised, match="enrol"):
            agent.once()
        assert outbox.pending() == 5

    def test_agent_that_was_never_started_can_be_stopped(self, push, pull):
        """A program that ends before its first frame ends cleanly."""
        Agent(push, pull, every_s=30, on_state=lambda _: None).stop()


def test_state_is_there_before_the_first_exchange():
    """A screen may ask at any time, without I/O."""
    agent = Agent(ScriptedPush(), ScriptedPull(), every_s=30, on_state=lambda _: None)
    assert (agent.state.online, agent.state.next_try_s, agent.state.problem) == (False, None, None)
