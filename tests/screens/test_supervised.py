"""The kiosk under a supervisor: it says when it is ready and that it draws; it starts on a sealed system."""

import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from itertools import pairwise

import pytest

from deploy.places import Places
from deploy.screen import wait_for
from tests.screens.desk import Desk

WATCHDOG_S = 4.5
SEALED = """
mount --make-rprivate / && mount --bind "$0" "$0" && mount -o remount,bind,ro / && exec "$@"
"""


class Listener:
    """A supervisor's socket, and what was heard on it, with the time."""

    def __init__(self, place):
        self.heard = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(place))
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self):
        while word := self._socket.recv(999):
            self.heard.append((word.decode(), time.monotonic()))

    def count(self, word="WATCHDOG=1"):
        return sum(said == word for said, _ in self.heard)

    def quiet_s(self):
        return time.monotonic() - max(at_s for said, at_s in self.heard if said == "WATCHDOG=1")

    def close(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()


@pytest.fixture
def listener(tmp_path):
    listener = Listener(tmp_path / "notify")
    yield listener
    listener.close()


@pytest.fixture
def watched(desk: Desk, listener, tmp_path) -> Desk:
    """A kiosk that is supervised, ready for a finger."""
    extra = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": str(int(WATCHDOG_S * 1e6))}
    desk.start(extra=extra)
    wait_for(lambda: listener.count() >= 2, "a fed watchdog")
    return desk


def test_ready_comes_first_then_life_then_the_end(watched: Desk, listener):
    """READY=1 when a finger may come, WATCHDOG=1 though nobody touches it, STOPPING=1 at the end."""
    wait_for(lambda: listener.count() >= 4, "a watchdog that is fed on")
    fed_s = [at_s for said, at_s in listener.heard if said == "WATCHDOG=1"]
    assert max(later - earlier for earlier, later in pairwise(fed_s)) < WATCHDOG_S
    assert watched.stop() == 0
    words = [said for said, _ in listener.heard]
    assert (words[0], words[-1], listener.count("READY=1")) == ("READY=1", "STOPPING=1", 1)


def test_a_screen_that_hangs_is_not_fed(watched: Desk, listener, places: Places):
    """While the commit of a tap hangs the picture is frozen: the supervisor hears nothing meanwhile."""
    ledger = sqlite3.connect(watched.data / "ledger.sqlite3", isolation_level=None)
    ledger.execute("BEGIN IMMEDIATE")  # a stranger who locks the ledger
    watched.screen.tap(*places.face("happy"))
    wait_for(lambda: listener.quiet_s() > WATCHDOG_S, "silence")
    ledger.execute("ROLLBACK")
    ledger.close()
    wait_for(lambda: listener.quiet_s() < WATCHDOG_S / 3, "life")


def test_a_process_that_stands_still_is_not_fed(watched: Desk, listener):
    """A kiosk that gets no time at all is silent, and goes on when it does."""
    with watched.held_up():
        wait_for(lambda: listener.quiet_s() > WATCHDOG_S, "silence")
    wait_for(lambda: listener.quiet_s() < WATCHDOG_S / 3, "life")


class SealedDesk(Desk):
    """Everything but the data directory is read-only, the code and the home too."""

    def command(self, *arguments):
        self.data.mkdir(exist_ok=True)
        return ["unshare", "-m", "sh", "-c", SEALED, str(self.data), *super().command(*arguments)]


@pytest.fixture
def sealed(screen, tmp_path):
    if not _may_seal(tmp_path):
        pytest.skip(
            "the system cannot be sealed here: that takes unshare (util-linux) and the right to mount"
        )
    with SealedDesk(screen, tmp_path, CONFIG) as desk:
        yield desk


CONFIG = """
[kiosk]
store = "Midori"

[[survey]]
id = "short"
kind = "in_the_moment"
title = { ja = "レジ", en = "Checkout" }
  [[survey.question]]
  id = "rating"
  type = "faces"
  text = { ja = "いかがでしたか?", en = "How was it?" }
"""


def _may_seal(folder):
    if shutil.which("unshare") is None:
        return False
    trying = ["unshare", "-m", "sh", "-c", SEALED, str(folder), "touch", "/egao-must-not-be-written"]
    done = subprocess.run(trying, capture_output=True, text=True, check=False)
    return "Read-only" in done.stderr


def test_it_works_where_only_its_data_may_be_written(sealed: Desk, places: Places):
    """Read-only root, code, home and working directory: it starts, stores, restarts and keeps."""
    sealed.start(extra={"HOME": "/nonexistent", "TMPDIR": None})
    sealed.screen.still()
    sealed.screen.tap(*places.face("happy"))
    assert sealed.wait_for_taps(1) == [("rating", "happy")]
    assert sealed.stop(signal.SIGKILL) == -signal.SIGKILL
    sealed._process.stdout.close()
    sealed.start(extra={"HOME": "/nonexistent"})
    sealed.screen.still()
    sealed.screen.tap(*places.face("sad"))
    assert sealed.wait_for_taps(2) == [("rating", "happy"), ("rating", "sad")]
    assert sealed.stop() == 0
    assert "Read-only" not in sealed.errors()
