"""Tap → commit returned, through the real Visit and Ledger, beside one bare INSERT a commit on the same disk.

Called by `__main__`. I start a head office, and sync a backlog to it from this process while fingers tap.
"""

import itertools
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.backlog import fill
from bench.bare import BareLedger, Row
from bench.figures import FLAT, Figure, Goal, Report, Scale, halves, median, p99
from bench.machine import scratch
from bench.office import Office, enrol_codes, head_office
from bench.processes import pss_mb
from bench.shoppers import CONFIG, answers, survey_version
from kiosk.bootstrap import SWITCH_S, make_agent, new_id, open_store
from kiosk.health import monotonic_ms
from kiosk.in_force import InForce
from kiosk.settings.file import load
from kiosk.store.enrolment import Enrolment
from kiosk.store.outbox import Outbox
from kiosk.visit import Visit
from survey.model import Survey
from sync.agent import Agent
from sync.client import Client
from sync.contract import Head
from sync.errors import Closed

BETWEEN_TAPS_S = 0.004  # faster than any shopper, slow enough that the sync gets on
WEIGHED_EVERY_S = 0.2
PATIENCE_S = 60  # for a batch on its way
BLOCK = 20  # taps of one kind before it is the other's turn


@dataclass(frozen=True)
class Plan:
    """Taps of each kind, and how many wait while the second half is given."""

    taps: int
    waiting: int


PLANS = {
    Scale.QUICK: Plan(taps=100, waiting=5_000),
    Scale.USUAL: Plan(taps=3_000, waiting=100_000),
    Scale.FULL: Plan(taps=10_000, waiting=1_000_000),
}


@dataclass(frozen=True)
class Drained:
    """How often the backlog was sent while fingers tapped, and this process's PSS in MB meanwhile."""

    times: int
    weights: Sequence[float]


@dataclass(frozen=True)
class Times:
    """What each tap took, in ms."""

    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)


class Held:
    """The kiosk's outbox, that can be made to rest between two batches."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self.goes = threading.Event()
        self.goes.set()
        self._waits = threading.Event()

    def __getattr__(self, name: str) -> object:
        return getattr(self._outbox, name)

    def rest(self) -> None:
        """Begin no further batch; returns when the last one has been settled."""
        self._waits.clear()
        self.goes.clear()
        if not self._waits.wait(PATIENCE_S):
            raise RuntimeError("the drain does not come to rest")

    def head(self) -> Head:
        """Give what is next, when it may be sent."""
        if not self.goes.is_set():
            self._waits.set()
            self.goes.wait()
        return self._outbox.head()


class Till:
    """The kiosk's store, opened as the app opens it, and shoppers who answer one visit after the other."""

    def __init__(self, folder: Path) -> None:
        config = load(CONFIG)
        self._config = config
        self._store = open_store(folder, InForce(config))
        self._answers = self._visits(config.programme.surveys[0])

    def tap(self) -> None:
        """Answer the next question; it is on the disk when this returns."""
        next(self._answers)

    def agent(self, office: Office) -> Agent:
        """Enrol, and give the agent that sends what waits."""
        (code,) = enrol_codes(office, 1)
        enrolled = Client(office.address).enrol(code, name="bench")
        enrolment = Enrolment(server=office.address, **vars(enrolled))
        self._held = self._store.outbox = Held(self._store.outbox)
        return make_agent(self._store, enrolment, self._config, on_state=_ignore)

    def rest(self) -> None:
        """Hold the backlog back; returns when the batch on its way has been settled."""
        self._held.rest()

    def go(self) -> None:
        """Let it drain on."""
        self._held.goes.set()

    def forget(self) -> None:
        """Let everything wait again, as after head office was restored; it will know the taps."""
        self._store.outbox.rewind(self._store.ledger.id, 0)

    def close(self) -> None:
        """Close the store."""
        self._store.close()

    def _visits(self, survey: Survey) -> Iterator[None]:
        save = self._store.ledger.save
        for face in itertools.cycle(("happy", "sad", "happy", "neutral")):
            visit = Visit(survey, language="ja", save=save, monotonic_ms=monotonic_ms, new_id=new_id)
            visit.answer(face)
            yield
            visit.answer(9 if face == "happy" else ["queue", "price"])
            yield


def measure(scale: Scale) -> Report:
    """Tap into an empty ledger, then into one with a backlog that is being sent."""
    plan = PLANS[scale]
    sys.setswitchinterval(SWITCH_S)  # as the app
    empty, resting, busy = Times(), Times(), Times()
    with scratch() as folder:
        with closing(Till(folder / "empty")) as till:
            alternate(till, folder / "bare", plan.taps, empty)
        fill(folder / "full", plan.waiting)
        with (
            head_office(folder) as office,
            closing(Till(folder / "full")) as till,
            syncing(till, office) as drains,
            weighing() as weights,
        ):
            alternate(till, folder / "beside", plan.taps, busy, resting)
    return report(plan, empty, resting, busy, Drained(len(drains), weights))


def alternate(till: Till, bare: Path, taps: int, times: Times, resting: Times | None = None) -> None:
    """Tap on both in turns, a few at a time, and note how long each took.

    With `resting`, each turn comes once while the backlog rests too: the disk is as busy with other things.
    """
    with BareLedger(bare) as ledger:
        rows = _rows(taps * 2)
        for _ in range(0, taps, BLOCK):
            if resting is not None:
                till.rest()
                _turn(till, ledger, rows, resting)
                till.go()
            _turn(till, ledger, rows, times)


def _turn(till: Till, ledger: BareLedger, rows: Iterator[Row], times: Times) -> None:
    for row in itertools.islice(rows, BLOCK):
        time.sleep(BETWEEN_TAPS_S)
        begin = time.perf_counter()
        ledger.save(row)
        times.bare.append((time.perf_counter() - begin) * 1000)
    for _ in range(BLOCK):
        time.sleep(BETWEEN_TAPS_S)
        begin = time.perf_counter()
        till.tap()
        times.ours.append((time.perf_counter() - begin) * 1000)


@contextmanager
def syncing(till: Till, office: Office) -> Iterator[Sequence[None]]:
    """Send the backlog again and again on a thread of this process, as the app does; gives the drains."""
    agent = till.agent(office)
    ending, drains, failures = threading.Event(), list[None](), list[Exception]()

    def drain() -> None:
        try:
            while not ending.is_set():
                agent.once()
                drains.append(None)
                till.forget()
        except Closed:
            return  # in the middle of a drain, because the taps are done
        except Exception as error:  # noqa: BLE001  # raised again where it is seen
            failures.append(error)

    thread = threading.Thread(target=drain)
    thread.start()
    try:
        yield drains
    finally:
        ending.set()
        till.go()
        agent.stop()
        thread.join()
    if failures:
        raise failures[0]


@contextmanager
def weighing() -> Iterator[Sequence[float]]:
    """Weigh this process again and again, on a thread of its own."""
    ending, weights = threading.Event(), list[float]()

    def weigh() -> None:
        while not ending.wait(WEIGHED_EVERY_S):
            weights.append(pss_mb([os.getpid()]))

    thread = threading.Thread(target=weigh)
    thread.start()
    try:
        yield weights
    finally:
        ending.set()
        thread.join()


def report(plan: Plan, empty: Times, resting: Times, busy: Times, drained: Drained) -> Report:
    """Put them side by side; the limit is always the undisturbed one."""
    calm, calm_p99 = median(empty.bare), p99(empty.bare)
    bounded = Goal("at most", 20, "figure")
    unchanged = p99(busy.ours) / p99(resting.ours)
    return Report(
        title="Tap → commit returned, beside a bare INSERT with synchronous=FULL",
        peer="bare sqlite3",
        figures=(
            Figure("empty ledger, median ms", median(empty.ours), calm, Goal("at most", 2.0)),
            Figure("empty ledger, p99 ms", p99(empty.ours), calm_p99, bounded),
            Figure("backlog that rests, median ms", median(resting.ours), median(resting.bare)),
            Figure("backlog that rests, p99 ms", p99(resting.ours), p99(resting.bare), bounded),
            Figure("backlog being sent, median ms", median(busy.ours), calm, Goal("at most", 2.0)),
            Figure("backlog being sent, p99 ms", p99(busy.ours), calm_p99, bounded),
            Figure("… p99 over that of one that rests", unchanged, goal=Goal("at most", 1.2, "figure")),
            Figure("… a bare INSERT meanwhile, median ms", median(busy.bare)),
            Figure("… a bare INSERT meanwhile, p99 ms", p99(busy.bare)),
            Figure("… memory, second half and first, PSS MB", *halves(drained.weights), FLAT),
        ),
        notes=(
            f"{len(busy.ours):,} taps each, {BETWEEN_TAPS_S * 1000:g} ms apart, in turns of {BLOCK}.",
            f"{plan.waiting:,} taps waited; {drained.times} times they were all sent to a head office here.",
            "It is sent from a thread of the process that taps, as in the app.",
            "A tap of ours is also checked, numbered, hashed and followed by the next question.",
        ),
    )


def _rows(count: int) -> Iterator[Row]:
    ledger, boot, now = new_id(), new_id(), time.time_ns() // 1_000_000
    for seq, tap in enumerate(answers(seed=3, until_ms=now, count=count), 1):
        what = (ledger, seq, tap.visit, survey_version(), tap.question, str(tap.answer), tap.language)
        yield (*what, tap.at, tap.at, boot, tap.took, 1)


def _ignore(_: object) -> None:
    """What nobody watches."""
