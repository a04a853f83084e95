"""I keep kiosk and head office in step: I decide when to exchange, and drive push and pull.

The kiosk's bootstrap starts and stops me; the screens ask for ``state`` and may ``nudge``.
I alone know APScheduler; I touch store and network only through ``push`` and ``pull``.
"""

from __future__ import annotations

import logging
import random
import threading
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from apscheduler.schedulers.background import BackgroundScheduler

from sync.backoff import LONGEST_S
from sync.clocks import Clocks
from sync.errors import Hung, SyncError
from sync.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync.contract import Ack
    from sync.picture import Pictures
    from sync.pull import Pull
    from sync.push import Push
    from sync.standing import State

_log = logging.getLogger(__name__)

_FIRST_S = 2.0  # the first exchange comes within this of the start
_NUDGE_S = 1.0  # the taps of one visit go up together
_TELL_S = 1.0  # a long drain tells how far it is no more often than this
_STOP_S = 2.0  # what ``stop`` waits at most for an exchange to let go
_DICE = random.Random()  # noqa: S311 - no secret; its own, so that no other thread's dice change by it
_SLACK_S = 0.01  # the scheduler's clock and ours do not read the same instant
_MAX_HUNG = 3  # runs that hang for good; one more of them would change nothing


class Alarm:
    """Rings once, a given time from now, whatever happens to the wall clock.

    APScheduler goes by the wall clock: set back, it waits until the clock has caught up. So the date it is
    given is always reckoned from now, and a watcher on the monotonic clock arms it anew when it is overdue.
    """

    def __init__(
        self, ring: Callable[[], None], tick: Callable[[], None], *, clocks: Clocks, tick_s: float
    ) -> None:
        self._ring = ring
        self._tick = tick
        self._clocks = clocks
        self._tick_s = tick_s
        self._lock = threading.Lock()
        self._due_s: float | None = None  # monotonic: the truth, of which APScheduler's date is a copy
        self._looked_at_s = clocks.monotonic_s()
        self._stopped = threading.Event()
        self._scheduler = BackgroundScheduler(timezone=UTC)
        self._watcher = threading.Thread(target=self._watch, name="egao-sync-watcher", daemon=True)

    def start(self) -> None:
        """Begin to watch; call once."""
        self._scheduler.start()
        self._watcher.start()

    def stop(self) -> None:
        """Never ring again."""
        self._stopped.set()
        if self._scheduler.running:
            self._watcher.join()
            self._scheduler.remove_all_jobs()  # waits for one being fired: a shutdown would trip it
            self._scheduler.shutdown(wait=False)

    def set(self, delay_s: float) -> None:
        """Ring after ``delay_s``, in place of whatever was set before."""
        with self._lock:
            self._due_s = self._clocks.monotonic_s() + delay_s
        self._arm(delay_s)

    def left_s(self) -> float | None:
        """Give the time until it rings, None if it is not set."""
        with self._lock:
            return None if self._due_s is None else max(0.0, self._due_s - self._clocks.monotonic_s())

    @property
    def quiet_s(self) -> float:
        """How long ago the watcher last looked: about ``tick_s`` while all is well."""
        return self._clocks.monotonic_s() - self._looked_at_s

    def _arm(self, delay_s: float) -> None:
        if not self._stopped.is_set():
            self._scheduler.add_job(
                self._rung,
                "date",
                run_date=self._clocks.now() + timedelta(seconds=delay_s),
                id="exchange",
                replace_existing=True,
                misfire_grace_time=None,
            )

    def _rung(self) -> None:
        """Pass the ring on, unless a wall clock set forward brought it too early."""
        with self._lock:
            left_s = None if self._due_s is None else self._due_s - self._clocks.monotonic_s()
            if left_s is not None and left_s <= _SLACK_S:
                self._due_s = None
        if left_s is None:
            return
        if left_s > _SLACK_S:
            self._arm(left_s)
        else:
            self._ring()

    def _watch(self) -> None:
        while not self._stopped.wait(self._tick_s):
            with self._lock:
                is_overdue = (
                    self._due_s is not None and self._clocks.monotonic_s() > self._due_s + self._tick_s
                )
            if is_overdue:
                self._arm(0)
            self._tick()
            self._looked_at_s = self._clocks.monotonic_s()


class Agent:
    """Exchanges at intervals, at once while more waits, and with growing pauses while it fails.

    One run is in flight at a time, in a thread of its own: the scheduler only starts it, so that a run which
    hangs cannot make the scheduler skip for ever. After ``hung_after_s`` without getting on it is given up
    for a new one. ``on_state`` is called from these threads.
    """

    def __init__(  # noqa: PLR0913 - what it drives, and every clock and die it uses
        self,
        push: Push,
        pull: Pull,
        *,
        every_s: float,
        on_state: Callable[[State], None],
        pictures: Pictures | None = None,
        draw: Callable[[], float] = _DICE.random,
        clocks: Clocks | None = None,
        tick_s: float = 3.0,
        hung_after_s: float = 600.0,
    ) -> None:
        self._push = push
        self._pull = pull
        self._pictures = pictures
        self._first_s = draw() * min(_FIRST_S, every_s)
        self._on_state = on_state
        self._clocks = clocks or Clocks()
        self._hung_after_s = hung_after_s
        self._alarm = Alarm(self._ring, self._look, clocks=self._clocks, tick_s=tick_s)
        self._lock = threading.Lock()  # over everything below
        self._ended = threading.Condition(self._lock)  # a run has
        self._runs_ended = 0
        self._standing = Standing(every_s=every_s, draw=draw, clocks=self._clocks)
        self._run: threading.Thread | None = None
        self._hung: list[threading.Thread] = []
        self._moved_at_s = 0.0  # when the run last got on
        self._told_at_s = 0.0
        self._is_nudged = False
        self._is_stopping = False

    @property
    def state(self) -> State:
        """How things stand now; no I/O, so a screen may ask."""
        left_s = self._alarm.left_s()
        with self._lock:
            return self._standing.state(left_s)

    @property
    def quiet_s(self) -> float:
        """How long ago sync last saw to itself; beyond some seconds, a started agent is dead."""
        return self._alarm.quiet_s

    def start(self) -> None:
        """Begin to exchange in the background; call once."""
        self._alarm.start()
        self._alarm.set(self._first_s)

    def stop(self) -> None:
        """End what is in flight, for good; takes two seconds at most."""
        with self._lock:
            self._is_stopping = True
            run = self._run
        self._push.close()
        self._pull.close()
        self._alarm.stop()
        if run is not None:
            run.join(_STOP_S)

    def nudge(self) -> None:
        """Exchange soon, because a tap was saved. While head office is not well, its pause is kept."""
        with self._lock:
            if self._run is not None:
                self._is_nudged = True
                return
            is_well = self._standing.is_well
        left_s = self._alarm.left_s()
        if is_well and left_s is not None and left_s > _NUDGE_S:
            self._alarm.set(_NUDGE_S)

    def try_now(self, patience_s: float) -> None:
        """Exchange at once, because somebody asks for it, and wait until that has ended, however it did."""
        with self._ended:
            wanted = self._runs_ended + 1
            if self._run is None:
                self._alarm.set(0)
            self._ended.wait_for(lambda: self._is_stopping or self._runs_ended >= wanted, patience_s)

    def once(self) -> None:
        """Drain the outbox here and now, on an agent that was not started; raises SyncError if it cannot."""
        self._drain(lambda: True)

    def _ring(self) -> None:
        with self._lock:
            if self._is_stopping or self._run is not None:
                return
            self._hung = [run for run in self._hung if run.is_alive()]
            is_full = len(self._hung) >= _MAX_HUNG
            if not is_full:
                self._run = threading.Thread(target=self._work, name="egao-sync", daemon=True)
                self._moved_at_s = self._clocks.monotonic_s()
                self._run.start()
        if is_full:
            self._alarm.set(LONGEST_S)

    def _work(self) -> None:
        """Run once, on the run's own thread, and see to the next."""
        error: Exception | None = None
        try:
            self._count()
            self._drain(self._is_current)
            self._count()
        except SyncError as failure:
            error = failure
        except Exception as failure:  # noqa: BLE001 - whatever the store raises, sync goes on trying
            _log.exception("sync stumbled over the kiosk itself")
            error = failure
        with self._lock:
            if self._is_stopping or self._run is not threading.current_thread():
                return
            self._run = None
            self._runs_ended += 1
            self._ended.notify_all()
            pause_s = self._standing.drained() if error is None else self._standing.failed(error)
            if self._is_nudged and error is None:
                pause_s = min(pause_s, _NUDGE_S)
            self._is_nudged = False
        self._alarm.set(pause_s)
        self._tell()

    def _drain(self, goes_on: Callable[[], bool]) -> None:
        """Exchange until nothing waits; the programme comes after the first ack, as a backlog takes long."""
        more, is_first = True, True
        while more and goes_on():
            exchanged = self._push.exchange()
            more = exchanged.more
            with self._lock:
                self._moved_at_s = self._clocks.monotonic_s()
            if exchanged.ack is not None:
                self._heard(exchanged.ack, is_first=is_first)
                is_first = False

    def _heard(self, ack: Ack, *, is_first: bool) -> None:
        with self._lock:
            self._standing.heard()
        if is_first:
            self._refresh(ack.programme)
            self._show(ack.picture)
        if is_first or self._clocks.monotonic_s() - self._told_at_s > _TELL_S:
            self._told_at_s = self._clocks.monotonic_s()
            self._count()
            self._tell()

    def _refresh(self, etag: str | None) -> None:
        error: Exception | None = None
        try:
            self._pull.refresh(etag)
        except Exception as failure:  # noqa: BLE001 - a programme that cannot be had must not hold back the taps
            _log.warning("the programme was not brought up to date: %s", failure)
            error = failure
        with self._lock:
            self._standing.programme(error)

    def _show(self, asked: str | None) -> None:
        """Let head office see the screen, if it asks; nothing that fails there holds back the taps."""
        if self._pictures is None:
            return
        try:
            self._pictures.heard(asked)
        except Exception as failure:  # noqa: BLE001 - a picture is worth less than any tap
            _log.warning("no picture of the screen was sent: %s", failure)

    def _count(self) -> None:
        pending, rejected = self._push.pending(), self._push.rejected()
        with self._lock:
            self._standing.counted(pending=pending, rejected=rejected)

    def _tell(self) -> None:
        try:
            self._on_state(self.state)
        except Exception:  # noqa: BLE001 - a screen that fails to draw it is no reason to stop
            _log.exception("nobody could be told how sync stands")

    def _is_current(self) -> bool:
        with self._lock:
            return self._run is threading.current_thread() and not self._is_stopping

    def _look(self) -> None:
        """Give up a run that hangs, and see to the next."""
        with self._lock:
            quiet_s = self._clocks.monotonic_s() - self._moved_at_s
            if self._run is None or quiet_s <= self._hung_after_s:
                return
            self._hung.append(self._run)
            self._run = None
            pause_s = self._standing.failed(Hung(f"sync has not got on for {quiet_s:.0f} s: the store hangs"))
        self._alarm.set(pause_s)
        self._tell()
