"""Tap → commit returned, through the real Visit and Ledger, beside one bare INSERT a commit on the same disk.

Called by `__main__`. I start a head office, and sync a backlog to it from this process while fingers tap.
"""

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from uuid_utils import uuid7

from bench.backlog import fill
from bench.bare import BareLedger, Row
from bench.figures import Figure, Goal, Report, Scale, median, p99
from bench.machine import scratch
from bench.office import Office, enrol_code, head_office
from bench.shoppers import answers, survey_documents, survey_version
from kiosk.health import Clocks, monotonic_ms
from kiosk.store.database import Database
from kiosk.store.ledger import Ledger
from kiosk.store.outbox import Outbox
from kiosk.store.programme import ProgrammeShelf, shelve
from kiosk.visit import Visit
from survey.parse import parse_programme
from sync.agent import Agent
from sync.client import Client
from sync.contract import Health, Sent
from sync.errors import Closed
from sync.pull import Pull
from sync.push import Push

BETWEEN_TAPS_S = 0.004  # faster than any shopper, slow enough that the sync gets on
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
class Times:
    """What each tap took, in ms."""

    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)


class Kiosk:
    """The kiosk's store, opened as the app opens it, in a visit that never ends."""

    def __init__(self, folder: Path) -> None:
        self._clocks = Clocks()
        self._database = Database(folder)
        self._ledger = Ledger(self._database, now=self._clocks.now, new_id=_new_id)
        with self._database.write() as writer:
            shelve(writer, survey_documents())
        self._survey = parse_programme(survey_documents()).surveys[0]
        self._taps = self._answers()

    def tap(self) -> None:
        """Answer the next question; it is on the disk when this returns."""
        next(self._taps)

    def agent(self, client: Client) -> tuple[Agent, Callable[[], None]]:
        """Give the sync of this store, and what makes it send everything again."""
        clocks, shelf = self._clocks, ProgrammeShelf(self._database, now_ms=_now_ms, on_change=_ignore)
        outbox = Outbox(self._database, self._ledger, now=clocks.now, new_id=_new_id, salvage=_nothing)
        push = Push(client, outbox, shelf, sent=lambda: Sent(*clocks.now()[:3]), health=_health)
        agent = Agent(push, Pull(client, shelf), every_s=30, on_state=_ignore)
        return agent, lambda: outbox.rewind(self._ledger.id, 0)

    def close(self) -> None:
        """Close the store."""
        self._database.close()

    def _answers(self) -> Iterator[None]:
        for face in itertools.cycle(("happy", "sad", "happy", "neutral")):
            visit = Visit(
                self._survey, language="ja", save=self._ledger.save, monotonic_ms=monotonic_ms, new_id=_new_id
            )
            visit.answer(face)
            yield
            visit.answer(9 if face == "happy" else ["queue", "price"])
            yield


def measure(scale: Scale) -> Report:
    """Tap into an empty ledger, then into one with a backlog that is being sent."""
    plan = PLANS[scale]
    with scratch() as folder:
        empty, busy = Times(), Times()
        kiosk = Kiosk(folder / "empty")
        try:
            alternate(kiosk, folder / "bare", plan.taps, empty)
        finally:
            kiosk.close()
        fill(folder / "full", plan.waiting)
        kiosk = Kiosk(folder / "full")
        try:
            with head_office(folder) as office, syncing(kiosk, office) as rounds:
                alternate(kiosk, folder / "beside", plan.taps, busy)
        finally:
            kiosk.close()
    return report(plan, empty, busy, len(rounds))


def alternate(kiosk: Kiosk, bare: Path, taps: int, times: Times) -> None:
    """Tap on both in turns, a few at a time, and note how long each took."""
    with BareLedger(bare) as ledger:
        rows = _rows(taps)
        for _ in range(0, taps, BLOCK):
            for row in itertools.islice(rows, BLOCK):
                time.sleep(BETWEEN_TAPS_S)
                begin = time.perf_counter()
                ledger.save(row)
                times.bare.append((time.perf_counter() - begin) * 1000)
            for _ in range(BLOCK):
                time.sleep(BETWEEN_TAPS_S)
                begin = time.perf_counter()
                kiosk.tap()
                times.ours.append((time.perf_counter() - begin) * 1000)


@contextmanager
def syncing(kiosk: Kiosk, office: Office) -> Iterator[Sequence[None]]:
    """Drain the backlog again and again on a thread of this process, as in the app; gives the drains done."""
    key = Client(office.address).enrol(enrol_code(office), "bench").key
    client = Client(office.address, key)
    agent, again = kiosk.agent(client)
    ending, rounds, failures = threading.Event(), list[None](), list[Exception]()

    def drain() -> None:
        with suppress(Closed):
            try:
                while not ending.is_set():
                    agent.once()
                    rounds.append(None)
                    again()  # head office knows these taps by now; to the kiosk they are a backlog as before
            except Closed:
                raise
            except Exception as error:  # noqa: BLE001  # raised again below
                failures.append(error)

    thread = threading.Thread(target=drain)
    thread.start()
    try:
        yield rounds
    finally:
        ending.set()
        client.close()
        thread.join()
    if failures:
        raise failures[0]


def report(plan: Plan, empty: Times, busy: Times, rounds: int) -> Report:
    """Put the two side by side; the limit is always the undisturbed one."""
    calm, calm_p99 = median(empty.bare), p99(empty.bare)
    bounded = Goal("at most", 20, "figure")
    return Report(
        title="Tap → commit returned, beside a bare INSERT with synchronous=FULL",
        peer="bare sqlite3",
        figures=(
            Figure("empty ledger, median ms", median(empty.ours), calm, Goal("at most", 2.0)),
            Figure("empty ledger, p99 ms", p99(empty.ours), calm_p99, bounded),
            Figure("backlog being sent, median ms", median(busy.ours), calm, Goal("at most", 2.0)),
            Figure("backlog being sent, p99 ms", p99(busy.ours), calm_p99, bounded),
            Figure("… a bare INSERT meanwhile, median ms", median(busy.bare)),
            Figure("… a bare INSERT meanwhile, p99 ms", p99(busy.bare)),
        ),
        notes=(
            f"{len(busy.ours):,} taps each, {BETWEEN_TAPS_S * 1000:g} ms apart, in turns of {BLOCK}.",
            f"Backlog: {plan.waiting:,} taps, sent {rounds} times over to a head office on this machine.",
            "It is sent from a thread of the process that taps, as in the app.",
            "A tap of ours is also checked, numbered, hashed and followed by the next question.",
        ),
    )


def _rows(count: int) -> Iterator[Row]:
    ledger, boot = _new_id(), _new_id()
    for seq, tap in enumerate(answers(seed=3, until_ms=_now_ms(), count=count), 1):
        what = (ledger, seq, tap.visit, survey_version(), tap.question, str(tap.answer), tap.language)
        yield (*what, tap.at, tap.at, boot, tap.took, 1)


def _new_id() -> str:
    return str(uuid7())


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _health() -> Health:
    return Health(version="0", pending=0, rejected=0, free_bytes=1, programme=None)


def _ignore(_: object) -> None:
    """What nobody watches."""


def _nothing() -> None:
    """Nothing was set aside, so nothing is salvaged."""
