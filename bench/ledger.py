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

from bench.backlog import fill
from bench.bare import BareLedger, Row
from bench.beside import Beside, Span, beside
from bench.figures import FLAT, Figure, Goal, Report, Scale, halves, median, p99
from bench.machine import elsewhere, scratch
from bench.office import head_office
from bench.processes import pss_mb
from bench.shoppers import answers, survey_version
from bench.till import FINGER_S, Till, syncing
from kiosk.bootstrap import SWITCH_S, new_id

BETWEEN_TAPS_S = 0.004  # faster than any shopper: a series without an end, the worst there can be
WEIGHED_EVERY_S = 0.2
BLOCK = 20  # taps of one kind before it is the other's turn
STRETCH_TAPS = 1_000  # before the backlog rests, or goes again: some seconds, so that it does go meanwhile

COMES_S, READS_S = 3.0, 1.5  # until a shopper comes to a kiosk that nobody uses, and from tap to tap
ANSWERS = 2  # a visit

BESIDE = "Beside the shoppers: the next one of another process after each tap."

BOUNDED = Goal("at most", 20, "figure")
TWICE = Goal("at most", 2.0)
UNCHANGED = Goal("at most", 1.2, "figure")


@dataclass(frozen=True)
class Plan:
    """Taps of each kind in an endless series, visits of shoppers, and how many taps wait meanwhile."""

    taps: int
    visits: int
    waiting: int


PLANS = {
    Scale.QUICK: Plan(taps=100, visits=1, waiting=5_000),
    Scale.USUAL: Plan(taps=3_000, visits=20, waiting=100_000),
    Scale.FULL: Plan(taps=5_000, visits=40, waiting=1_000_000),
}


@dataclass
class Times:
    """What each tap took, in ms, and how many of ours met with a batch that was being sent."""

    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    met: int = 0
    moments_s: list[float] = field(default_factory=list)  # of ours, on the monotonic clock
    spans: list[Span] = field(default_factory=list)  # of shoppers' visits
    longest: float = 0.0  # INSERT of another process meanwhile


@dataclass
class Sent:
    """How much of the backlog went up while somebody tapped."""

    taps: int = 0
    seconds: float = 0.0

    @contextmanager
    def counting(self, till: Till) -> Iterator[None]:
        """Count what goes up during the block."""
        sent, begin = till.sent, time.perf_counter()
        yield
        self.taps += till.sent - sent
        self.seconds += time.perf_counter() - begin


@dataclass
class Found:
    """All that was measured; memory is this process's PSS in MB, while shoppers came."""

    plan: Plan
    empty: Times = field(default_factory=Times)
    resting: Times = field(default_factory=Times)
    busy: Times = field(default_factory=Times)
    sent: Sent = field(default_factory=Sent)
    calm: Times = field(default_factory=Times)  # shoppers' taps while the backlog rests,
    beside: Times = field(default_factory=Times)  # and while it is sent
    sent_to_shoppers: Sent = field(default_factory=Sent)
    drains: int = 0
    weights: Sequence[float] = ()

    def compare(self, disk: Beside) -> None:
        """Put beside each shopper's tap the next bare INSERT of another process."""
        for times in (self.calm, self.beside):
            times.bare, times.longest = disk.following(times.moments_s), disk.longest(times.spans)


def measure(scale: Scale) -> Report:
    """Tap into an empty ledger, then into one with a backlog that is being sent."""
    found = Found(PLANS[scale])
    sys.setswitchinterval(SWITCH_S)  # as the app
    with scratch() as folder, elsewhere() as far:
        with closing(Till(folder / "empty")) as till, BareLedger(folder / "bare") as bare:
            series(till, bare, _rows(found.plan.taps), found.empty)
        fill(folder / "full", found.plan.waiting)
        with (
            head_office(far) as office,
            closing(Till(folder / "full")) as till,
            BareLedger(folder / "meanwhile") as bare,
            syncing(till, office) as drains,
        ):
            endless(till, bare, found)
            with beside(folder) as disk:
                with weighing() as found.weights:  # while most is sent; without what comparing takes
                    visits(till, found)
                found.compare(disk)
            found.drains = len(drains)
    return report(found)


def endless(till: Till, bare: BareLedger, found: Found) -> None:
    """Tap on both in a series without an end, while the backlog rests and while it goes, in turns."""
    rows = _rows(found.plan.taps * 2)
    for done in range(0, found.plan.taps, STRETCH_TAPS):
        some = min(STRETCH_TAPS, found.plan.taps - done)
        till.rest()
        series(till, bare, itertools.islice(rows, some), found.resting)
        till.go()
        with found.sent.counting(till):
            series(till, bare, itertools.islice(rows, some), found.busy)


def visits(till: Till, found: Found) -> None:
    """Let shoppers come, one while the backlog rests and one while it goes, in turns."""
    for _ in range(found.plan.visits):
        till.rest()
        visit(till, found.calm)
        till.go()
        with found.sent_to_shoppers.counting(till):
            visit(till, found.beside)


def visit(till: Till, times: Times) -> None:
    """Come to a kiosk that nobody uses, and answer."""
    begin = time.monotonic()
    time.sleep(COMES_S)
    for _ in range(ANSWERS):
        till.press()
        _tap(till, times)
        time.sleep(READS_S)
    times.spans.append((begin, time.monotonic()))


def series(till: Till, bare: BareLedger, rows: Iterator[Row], times: Times) -> None:
    """Store each row bare, and as many taps, a few at a time; note how long each took."""
    while some := list(itertools.islice(rows, BLOCK)):
        _turn(till, bare, some, times)


def _turn(till: Till, bare: BareLedger, rows: Sequence[Row], times: Times) -> None:
    for row in rows:
        time.sleep(BETWEEN_TAPS_S)
        begin = time.perf_counter()
        bare.save(row)
        times.bare.append((time.perf_counter() - begin) * 1000)
    for _ in rows:
        time.sleep(BETWEEN_TAPS_S)
        _tap(till, times)


def _tap(till: Till, times: Times) -> None:
    times.moments_s.append(time.monotonic())
    took_ms, met = till.timed()
    times.ours.append(took_ms)
    times.met += met


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


def report(found: Found) -> Report:
    """Put them side by side; the limit is always the undisturbed one."""
    return Report(
        title="Tap → commit returned, beside a bare INSERT with synchronous=FULL",
        peer="bare sqlite3",
        figures=(
            *_series(found),
            *_shoppers(found),
            Figure("memory, second half and first, PSS MB", *halves(found.weights), FLAT),
        ),
        notes=(
            f"Endless series: {len(found.busy.ours):,} taps each, {BETWEEN_TAPS_S * 1000:g} ms apart.",
            f"No finger is so fast. Ours and bare in turns of {BLOCK}, the backlog in {STRETCH_TAPS:,}.",
            f"Shoppers: {len(found.beside.ours):,} taps each. They come after {COMES_S:g} s of nobody.",
            f"They answer {ANSWERS} times, {READS_S:g} s apart, the finger down for {FINGER_S * 1000:g} ms.",
            f"{found.plan.waiting:,} taps waited; all were sent to a head office here {found.drains} times.",
            "It is sent from a thread of the process that taps, as in the app.",
            "Head office's database is in memory: in the field it is not on the kiosk's disk.",
            f"Beside the series: bare INSERTs in turn with it. {BESIDE}",
            "A tap of ours is also checked, numbered, hashed and followed by the next question.",
        ),
    )


def _series(found: Found) -> tuple[Figure, ...]:
    empty, resting, busy, sent = found.empty, found.resting, found.busy, found.sent
    return (
        Figure("empty ledger, median ms", median(empty.ours), median(empty.bare), TWICE),
        Figure("empty ledger, p99 ms", p99(empty.ours), p99(empty.bare), BOUNDED),
        Figure("endless series, backlog rests, median ms", median(resting.ours), median(resting.bare)),
        Figure("endless series, backlog rests, p99 ms", p99(resting.ours), p99(resting.bare), BOUNDED),
        Figure("endless series, backlog being sent, median ms", median(busy.ours), median(busy.bare), TWICE),
        Figure("endless series, backlog being sent, p99 ms", p99(busy.ours), p99(busy.bare), BOUNDED),
        Figure("… p99 over that of one that rests", p99(busy.ours) / p99(resting.ours), goal=UNCHANGED),
        Figure("… of these taps, met with a batch, %", 100 * busy.met / len(busy.ours)),
        Figure("… sent meanwhile, taps/s", sent.taps / sent.seconds),
    )


def _shoppers(found: Found) -> tuple[Figure, ...]:
    calm, busy, sent = found.calm.ours, found.beside.ours, found.sent_to_shoppers
    calm_disk, busy_disk = found.calm.bare, found.beside.bare
    return (
        Figure("shoppers, backlog rests, median ms", median(calm), median(calm_disk)),
        Figure("shoppers, backlog rests, p99 ms", p99(calm), p99(calm_disk), BOUNDED),
        Figure("shoppers, backlog being sent, median ms", median(busy), median(busy_disk)),
        Figure("shoppers, backlog being sent, p99 ms", p99(busy), p99(busy_disk), BOUNDED),
        Figure("… the longest of them, of that process all the while, ms", max(busy), found.beside.longest),
        Figure("… p99 over that of one that rests", p99(busy) / p99(calm), goal=UNCHANGED),
        Figure("… of these taps, met with a batch, %", 100 * found.beside.met / len(busy)),
        Figure("… sent meanwhile, taps/s", sent.taps / sent.seconds),
    )


def _rows(count: int) -> Iterator[Row]:
    ledger, boot, now = new_id(), new_id(), time.time_ns() // 1_000_000
    for seq, tap in enumerate(answers(seed=3, until_ms=now, count=count), 1):
        what = (ledger, seq, tap.visit, survey_version(), tap.question, str(tap.answer), tap.language)
        yield (*what, tap.at, tap.at, boot, tap.took, 1)
