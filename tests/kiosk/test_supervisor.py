"""What a supervisor such as systemd is told, and that it hears nothing while something beside us is dead."""

import os
import socket

import pytest

from kiosk.bootstrap import SYNC_QUIET_S, Kiosk
from kiosk.in_force import InForce
from kiosk.settings.file import load
from kiosk.supervisor import ALIVE, READY, Supervisor
from tests.e2e.fleet import ROOT


@pytest.fixture
def listener():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.settimeout(5)
        yield listener


def test_words_reach_the_socket(listener, tmp_path):
    """READY and WATCHDOG arrive as systemd wants them, one datagram each."""
    place = tmp_path / "notify"
    listener.bind(str(place))
    supervisor = Supervisor({"NOTIFY_SOCKET": str(place)})
    supervisor.tell(READY)
    supervisor.tell(ALIVE)
    assert [listener.recv(99), listener.recv(99)] == [b"READY=1", b"WATCHDOG=1"]


def test_a_socket_without_a_file_is_found_too(listener):
    """A supervisor may name one in the abstract namespace, with an @."""
    name = f"egao-test-{os.getpid()}"
    listener.bind(f"\0{name}")
    Supervisor({"NOTIFY_SOCKET": f"@{name}"}).tell(READY)
    assert listener.recv(99) == b"READY=1"


@pytest.mark.parametrize("place", ["", "/nowhere/notify", "@nobody-listens-here", "/" + "x" * 200])
def test_nobody_who_listens_is_no_trouble(place):
    """Started by hand, or with a supervisor that has gone, the kiosk works all the same."""
    Supervisor({"NOTIFY_SOCKET": place}).tell(READY)


def test_a_supervisor_that_reads_nothing_does_not_hold_the_kiosk(listener, tmp_path):
    """A full socket costs a word, not the screen."""
    listener.bind(str(tmp_path / "notify"))
    supervisor = Supervisor({"NOTIFY_SOCKET": str(tmp_path / "notify")})
    for _ in range(2_000):
        supervisor.tell(ALIVE)


@pytest.mark.parametrize(
    ("environ", "every_s"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 10.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 10.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getppid())}, 10.0),  # cage, which started us
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "0"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_fed_three_times_in_its_time(environ, every_s):
    """Only when it is ours to feed."""
    assert Supervisor({"NOTIFY_SOCKET": "/n", **environ}).feed_every_s == every_s
    assert Supervisor(environ).feed_every_s is None


class FakeAgent:
    def __init__(self, quiet_s):
        self.quiet_s = quiet_s

    def stop(self):
        pass


@pytest.fixture
def kiosk(till):
    config = load(ROOT / "config.toml")
    kiosk = Kiosk(till.folder, config, InForce(config))
    yield kiosk
    kiosk.close()


def test_a_kiosk_is_well_from_its_ledgers_opening_on(kiosk):
    """Without a head office there is no sync that could be dead."""
    assert not kiosk.is_well
    kiosk.open()
    assert kiosk.is_well


def test_a_kiosk_whose_sync_is_dead_is_not_well(kiosk):
    """An agent that does not look after itself any more is for the supervisor to end, with us."""
    kiosk.open()
    kiosk._agent = FakeAgent(quiet_s=1.0)
    assert kiosk.is_well
    kiosk._agent = FakeAgent(quiet_s=SYNC_QUIET_S + 1)
    assert not kiosk.is_well


def test_a_kiosk_whose_housework_ended_is_not_well(kiosk):
    """The thread that keeps house and starts the agent must be there."""
    kiosk.open()
    kiosk._stop.set()
    kiosk._housework.join()
    assert not kiosk.is_well
