"""Sync resumes within two intervals whatever is done to the wall clock, summer time included."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from sync.agent import Agent
from sync.clocks import Clocks
from tests.sync.test_agent import JumpingWall, ScriptedPull, ScriptedPush
from tests.sync.waiting import until

EVERY_S = 0.8
JUMPS = {
    "2 minutes back": timedelta(minutes=-2),
    "2 minutes ahead": timedelta(minutes=2),
    "30 days back": timedelta(days=-30),
    "30 days ahead": timedelta(days=30),
    "10 years ahead": timedelta(days=3653),
    "10 years back": timedelta(days=-3653),
    "an hour back, as a clock kept in local time": timedelta(hours=-1),
    "an hour ahead, the same": timedelta(hours=1),
}
CHANGES = {  # Europe/Berlin, in UTC
    "summer time begins": datetime(2027, 3, 28, 1, tzinfo=UTC),
    "summer time ends": datetime(2026, 10, 25, 1, tzinfo=UTC),
}


class Stamped(ScriptedPush):
    """Notes when it was asked to exchange, on the clock that cannot jump."""

    def __init__(self):
        super().__init__()
        self.at_s = []

    def exchange(self):
        self.at_s.append(time.monotonic())
        return super().exchange()


@pytest.fixture
def start(monkeypatch):
    """Start an agent whose wall clock is set by hand; gives what it drives, and that clock."""
    agents = []

    def make(ahead=timedelta()):
        wall, push = JumpingWall(monkeypatch), Stamped()
        wall.ahead = ahead
        agents.append(
            Agent(
                push,
                ScriptedPull(),
                every_s=EVERY_S,
                on_state=lambda _: None,
                draw=lambda: 0.5,
                clocks=Clocks(now=wall.now),
                tick_s=0.05,
            )
        )
        agents[0].start()
        until(lambda: len(push.at_s) >= 2)
        return push, wall

    yield make
    for agent in agents:
        agent.stop()


def pauses(push):
    return [later - earlier for earlier, later in zip(push.at_s, push.at_s[1:], strict=False)]


@pytest.mark.parametrize("jump", JUMPS)
def test_sync_resumes_within_two_intervals(start, jump):
    """After the clock was set, the next exchange comes within two intervals, and not in a burst."""
    push, wall = start()
    before = len(push.at_s)
    wall.ahead = JUMPS[jump]
    until(lambda: len(push.at_s) >= before + 2)
    assert max(pauses(push)[before - 1 :]) < 2 * EVERY_S
    assert min(pauses(push)[before - 1 :]) > EVERY_S / 2


@pytest.fixture
def berlin(monkeypatch):
    """A machine whose local time has summer time."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("change", CHANGES)
def test_summer_time_is_no_event(berlin, start, change):
    """Where local time jumps, exchanges come at their interval as ever."""
    moment = CHANGES[change]
    push, wall = start(moment - datetime.now(UTC) - timedelta(seconds=1.5))
    offset = wall.now().astimezone().utcoffset()
    until(lambda: wall.now() > moment)
    passed = len(push.at_s)
    until(lambda: len(push.at_s) >= passed + 2)
    assert wall.now().astimezone().utcoffset() != offset, "local time has jumped meanwhile"
    assert max(pauses(push)) < 2 * EVERY_S
    assert min(pauses(push)[1:]) > EVERY_S / 2
