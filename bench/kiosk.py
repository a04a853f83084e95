"""The kiosk beside the same screens as a web page in Chromium --kiosk, on one virtual screen, in turns.

Called by `__main__`. I start a head office, the kiosk enrolled at it, Chromium on bench/page, and end them.
"""

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.figures import Figure, Goal, Report, Scale, median, p99
from bench.glass import Glass
from bench.machine import scratch
from bench.office import enrol, head_office
from bench.processes import busy_ns, first_line, pss_mb, running, tree
from deploy.places import FACES, Places

PAGE = Path(__file__).parent / "page"
# sqlite-utils and Kivy load numpy and Pillow if they are there: the test tools bring them, a kiosk has none.
AS_INSTALLED = "import sys; sys.modules.update(numpy=None, PIL=None); from kiosk.__main__ import main; main()"
COLOURS = [0xC4472D, 0xE3A72F, 0x2E8B57]  # the three faces, and nothing else on either screen
PLACES = Places()
QUESTION = slice(140, 270)  # the rows that hold the question, and no face
QUIET = [  # else Chromium looks up its maker's hosts, and asks questions of its own
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-session-crashed-bubble",
    "--noerrdialogs",
    "--disable-breakpad",
    "--host-resolver-rules=MAP * ~NOTFOUND",
]


@dataclass(frozen=True)
class Plan:
    """How often: starts of each, rounds of a running one, taps of each kind and idle seconds in a round."""

    starts: int
    rounds: int
    taps: int
    idle_s: float


PLANS = {
    Scale.QUICK: Plan(starts=2, rounds=1, taps=4, idle_s=3),
    Scale.USUAL: Plan(starts=15, rounds=4, taps=30, idle_s=15),
    Scale.FULL: Plan(starts=40, rounds=10, taps=100, idle_s=60),
}


@dataclass(frozen=True)
class Contestant:
    """A program that shows the three faces, and all that was measured of it (s, ms, MB, %)."""

    words: list[str]
    log: Path
    announces: bool  # whether it says on stdout that taps are stored
    env: dict[str, str]
    start_s: list[float] = field(default_factory=list)
    ready_s: list[float] = field(default_factory=list)
    change_ms: list[float] = field(default_factory=list)
    screen_ms: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    idle_percent: list[float] = field(default_factory=list)


def measure(scale: Scale) -> Report:
    """Run both in turns and give the figures of both."""
    plan = PLANS[scale]
    with scratch() as folder, Glass(1280, 800, folder) as glass, head_office(folder) as office:
        where = enrol(office, folder / "kiosk", config=PAGE / "config.toml")
        ours = Contestant(
            [sys.executable, "-c", AS_INSTALLED, "run", *where],
            folder / "kiosk.log",
            announces=True,
            env=compiled(folder),
        )
        peer = Contestant(chromium(folder), folder / "chromium.log", announces=False, env={})
        for contestant in (ours, peer):  # the first start of a machine's life is another matter
            with shown(contestant, glass, [], []):
                glass.until_still()
        for turn in range(max(plan.starts, plan.rounds)):
            for contestant in (ours, peer) if turn % 2 else (peer, ours):
                with shown(contestant, glass, contestant.start_s, contestant.ready_s) as pid:
                    if turn < plan.rounds:
                        glass.until_still()
                        play(contestant, glass, pid, plan)
    return report(ours, peer, plan)


def compiled(folder: Path) -> dict[str, str]:
    """Have the first start keep Python's compiled modules, as a package's installation does.

    Where the environment forbids it (PYTHONDONTWRITEBYTECODE), each start compiles it anew: 60 ms.
    """
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}


def chromium(folder: Path) -> list[str]:
    """Give the command line of the peer."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise RuntimeError("Chromium is not installed; Debian's package is chromium")
    profile = f"--user-data-dir={folder / 'profile'}"
    return [
        program,
        "--kiosk",
        *QUIET,
        "--window-position=0,0",
        "--window-size=1280,800",
        profile,
        (PAGE / "index.html").as_uri(),
    ]


@contextmanager
def shown(contestant: Contestant, glass: Glass, start_s: list[float], ready_s: list[float]) -> Iterator[int]:
    """Start it and wait for its faces; note how long that took; end it when the block ends."""
    end = time.perf_counter() + 5
    while glass.shows(COLOURS) and time.perf_counter() < end:  # the X server may yet have to clear up
        time.sleep(0.01)
    if glass.shows(COLOURS):
        raise RuntimeError("faces are on the screen before anything was started")
    begin = time.perf_counter()
    with running(
        contestant.words, log=contestant.log, env={"DISPLAY": glass.display, **contestant.env}
    ) as process:
        start_s.append(glass.until_shown(COLOURS) - begin)
        if contestant.announces:
            first_line(process, contestant.log)
            ready_s.append(time.perf_counter() - begin)
        yield process.pid


def play(contestant: Contestant, glass: Glass, pid: int, plan: Plan) -> None:
    """Tap, visit every screen, weigh, and then leave it alone."""
    for turn in range(plan.taps):
        face = PLACES.face(FACES[turn % 3])
        contestant.change_ms.append(tap_held(glass, face))
        contestant.screen_ms.append(tap_through(glass, face))
    visit(glass, PLACES.face("sad"), PLACES.card(4, 6))
    visit(glass, PLACES.face("happy"), PLACES.cell(9))
    glass.until_still(1.0)
    contestant.memory_mb.append(pss_mb(tree(pid)))
    contestant.idle_percent.append(idle_percent(pid, plan.idle_s))


def idle_percent(pid: int, for_s: float) -> float:
    """Leave it alone for so long: % of a core that all its processes took, those that came and went not."""
    before, begin = busy_ns(tree(pid)), time.perf_counter()
    time.sleep(for_s)
    used_ns = sum(spent - before.get(thread, 0) for thread, spent in busy_ns(tree(pid)).items())
    return 100 * used_ns / 1e9 / (time.perf_counter() - begin)


def tap_held(glass: Glass, face: tuple[float, float]) -> float:
    """Put the finger on a face: ms until any pixel has changed. Then lift it and come back."""
    glass.move(face)
    seen = glass.until_still()
    begin = time.perf_counter()
    glass.press()
    changed = glass.until_changed(seen)
    glass.release()
    come_back(glass)
    return (changed - begin) * 1000


def tap_through(glass: Glass, face: tuple[float, float]) -> float:
    """Tap a face: ms until the question gives way to the next one. Then come back."""
    glass.move(face)
    seen = glass.until_still()
    begin = time.perf_counter()
    glass.press()
    glass.release()
    changed = glass.until_changed(seen, rows=QUESTION)
    come_back(glass)
    return (changed - begin) * 1000


def come_back(glass: Glass) -> None:
    """From a follow-up back to the faces."""
    glass.until_still()
    glass.tap(PLACES.back)
    glass.until_shown(COLOURS)


def visit(glass: Glass, face: tuple[float, float], answer: tuple[float, float]) -> None:
    """One whole visit: a face, an answer, the thanks, and the faces again."""
    for place in (face, answer, PLACES.onward):
        glass.until_still()
        glass.tap(place)
    end = time.perf_counter() + 5
    while glass.shows(COLOURS) and time.perf_counter() < end:
        time.sleep(0.01)
    glass.until_shown(COLOURS)


def report(ours: Contestant, peer: Contestant, plan: Plan) -> Report:
    """Put the two side by side."""

    def row(what: str, of: Callable[[Contestant], float], bound: float | None = None) -> Figure:
        return Figure(what, of(ours), of(peer), Goal("at most", bound) if bound else None)

    return Report(
        title="The kiosk beside the same screens in Chromium --kiosk",
        peer="Chromium",
        figures=(
            row("start → faces on screen, median s", lambda one: median(one.start_s), 0.7),
            row("start → faces on screen, slowest s", lambda one: max(one.start_s)),
            Figure("start → taps are stored, median s", median(ours.ready_s)),
            row("memory after every screen, median PSS MB", lambda one: median(one.memory_mb), 0.3),
            row("idle, median % of a core", lambda one: median(one.idle_percent), 0.3),
            row("touch → next changed frame, median ms", lambda one: median(one.change_ms), 1.0),
            row("touch → next changed frame, p99 ms", lambda one: p99(one.change_ms), 1.0),
            row("tap → next question begins, median ms", lambda one: median(one.screen_ms)),
            row("tap → next question begins, p99 ms", lambda one: p99(one.screen_ms)),
        ),
        notes=(
            f"{len(ours.start_s)} starts, {plan.rounds} rounds; {plan.taps} taps of each kind a round.",
            f"After them it is left idle for {plan.idle_s:g} s.",
            "Both in turns on one Xvfb of 1280 × 800 with software drawing, files in the page cache.",
            "The kiosk is whole: enrolled at a head office, and it syncs. The page stores and sends nothing.",
            "Its modules are compiled, as those of a package are. Idle time is counted in ns, not in ticks.",
            "numpy and Pillow, which the test tools bring along, are hidden from it: no kiosk has them.",
            "Before the kiosk's next question begins, the tap is on disk (a commit with synchronous=FULL).",
        ),
    )
