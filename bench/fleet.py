"""`python -m bench.fleet`: a chain of shops lives through days in minutes, on a line that breaks and lies.

Also a benchmark of `python -m bench`. I start a head office and processes of kiosks (bench.fleet_kiosks), put
bad lines (bench.faulty_line) between them, and count in the end what was lost or doubled.
"""

import argparse
import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from subprocess import Popen
from typing import Any, Self

from bench.faulty_line import FaultyLine
from bench.figures import Figure, Goal, Report, Scale
from bench.fleet_kiosks import Plan, read_town
from bench.fleet_proof import Proof, prove, read_feed, read_missing
from bench.machine import elsewhere
from bench.office import Office, codes_for, head_office
from bench.processes import command, running

KIOSKS_A_LINE = 20  # share a way to head office, as the kiosks of a few shops do
KIOSKS_A_SITE = 4
TOLD_EVERY_S = 5.0
DAY_S = 86_400
LATEST = timedelta(hours=4)  # so long after midnight UTC the last shop shuts, in Newfoundland
NONE = Goal("at most", 0, "figure")
PLANS = {Scale.QUICK: (8, 1, 10), Scale.USUAL: (100, 3, 20), Scale.FULL: (1_000, 7, 20)}


def yesterday() -> date:
    """Give the last day that is over at every shop."""
    return (datetime.now(UTC) - LATEST).date() - timedelta(days=1)


@dataclass(frozen=True)
class Asked:
    """What is to be simulated; `faults` is the share of requests that meet one."""

    kiosks: int
    days: int
    visits_a_day: float = 20.0
    faults: float = 0.3
    speed: float = 0.0
    sites: int = 0  # 0: one for every four kiosks
    seed: str = "fleet"
    last: date = field(default_factory=yesterday)
    processes: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))

    def town(self) -> dict[str, Any]:
        """Give the town, as a plan names it."""
        begins = self.last - timedelta(days=self.days - 1)
        sites = self.sites or max(1, self.kiosks // KIOSKS_A_SITE)
        size = {"sites": sites, "kiosks": self.kiosks, "days": self.days, "visits_a_day": self.visits_a_day}
        return {"seed": self.seed, "begins": begins.isoformat(), **size}


@dataclass
class Lived:
    """What came of it."""

    asked: Asked
    proof: Proof
    requests: int
    suffered: Counter[str]
    seconds: float  # from the first shopper until head office had everything
    missing: int  # by head office's own word
    tallies: str  # what `rebuild --check` says against them; nothing is good


def live(asked: Asked, folder: Path) -> Lived:
    """Simulate, and prove; everything is kept in `folder`."""
    document = asked.town()
    town = read_town(document)
    sites = [(shop.name, shop.timezone, shop.tags) for shop in town.shops]
    with head_office(folder, *sites) as office, ExitStack() as stack:
        count = -(-asked.kiosks // KIOSKS_A_LINE)
        port = int(office.address.rsplit(":", 1)[1])
        lines = [
            stack.enter_context(FaultyLine(port, share=asked.faults, seed=f"{asked.seed}/{line}"))
            for line in range(count)
        ]
        codes = codes_for(office, [(kiosk.shop.name, kiosk.touchpoint) for kiosk in town.kiosks])
        plans = [
            Plan(
                folder=str(folder / "kiosks"),
                office=office.address,
                town=document,
                mine=tuple(mine),
                names=tuple(f"{town.kiosks[at].shop.name} {town.kiosks[at].name}" for at in mine),
                codes=tuple(codes[at] for at in mine),
                servers=tuple(f"http://127.0.0.1:{lines[at // KIOSKS_A_LINE].port}" for at in mine),
                speed=asked.speed,
            )
            for mine in _shares(asked)
        ]
        begin = time.monotonic()
        with Progress(asked, lines) as progress:
            _run(plans, folder, progress)
        seconds = time.monotonic() - begin
        say("Everybody has gone, and head office has everything. Comparing every tap …")
        return _lived(asked, office, lines, folder, seconds)


def _shares(asked: Asked) -> list[range]:
    """Divide the kiosks among the processes, by their numbers."""
    processes = min(asked.processes, asked.kiosks)
    return [range(process, asked.kiosks, processes) for process in range(processes)]


def _run(plans: Sequence[Plan], folder: Path, progress: "Progress") -> None:
    """Have every process live through its plan; RuntimeError with the words of one that fails."""
    (folder / "kiosks").mkdir()
    log = folder / "kiosks.log"
    with ExitStack() as stack:
        processes = []
        for number, plan in enumerate(plans):
            file = folder / f"plan-{number}.json"
            file.write_text(json.dumps(asdict(plan)), "utf-8")
            words = [sys.executable, "-m", "bench.fleet_kiosks", str(file)]
            processes.append(stack.enter_context(running(words, log=log)))
            progress.follow(processes[-1])
        for process in processes:
            if process.wait():
                raise RuntimeError(
                    f"kiosks ended with {process.returncode}:\n{log.read_text('utf-8')[-3000:]}"
                )


def _lived(asked: Asked, office: Office, lines: Sequence[FaultyLine], folder: Path, seconds: float) -> Lived:
    token = command("headoffice", "token", "fleet", "--scope", "admin", "--data", str(office.data))
    kiosks = folder / "kiosks"
    folders = sorted(place for place in kiosks.iterdir() if place.is_dir())
    proof = prove(folders, kiosks.glob("thanked-*"), read_feed(office.address, token))
    try:
        command("headoffice", "rebuild", "--check", "--data", str(office.data))
        wrong = ""
    except RuntimeError as error:
        wrong = str(error)
    return Lived(
        asked=asked,
        proof=proof,
        requests=sum(line.requests for line in lines),
        suffered=sum((line.suffered for line in lines), Counter()),
        seconds=seconds,
        missing=read_missing(office.address, token),
        tallies=wrong,
    )


class Progress:
    """Tells how far the fleet is, from what its processes say; a context manager."""

    def __init__(self, asked: Asked, lines: Sequence[FaultyLine]) -> None:
        self._asked, self._lines = asked, lines
        self._said: dict[int, dict[str, float]] = {}
        self._threads: list[threading.Thread] = []
        self._over = threading.Event()
        self._began_s = time.monotonic()

    def __enter__(self) -> Self:
        self._teller = threading.Thread(target=self._tell)
        self._teller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._teller.join()

    def follow(self, process: Popen[str]) -> None:
        """Listen to a process until it ends."""

        def listen() -> None:
            for line in process.stdout or ():
                self._said[process.pid] = json.loads(line)

        threading.Thread(target=listen, daemon=True).start()

    def line(self) -> str:
        """Give where the fleet is, in words."""
        told = list(self._said.values())
        if not told:
            return "the kiosks enrol …"
        at = datetime.fromtimestamp(min(each["at"] for each in told) / 1000, UTC)
        taps, waiting = (int(sum(each[name] for each in told)) for name in ("taps", "waiting"))
        requests = sum(line.requests for line in self._lines)
        faults = sum(line.suffered.total() for line in self._lines)
        took_s = time.monotonic() - self._began_s
        return (
            f"{at:%a %d %b %H:%M} UTC │ {taps:,} taps, {waiting:,} wait │ "
            f"{requests:,} requests, "
            f"{faults / max(1, requests):.0%} with a fault │ {taps / took_s:,.0f} taps/s"
        )

    def _tell(self) -> None:
        is_watched = sys.stderr.isatty()
        before, after = ("\r\x1b[K", "") if is_watched else ("", "\n")
        while not self._over.wait(1.0 if is_watched else TOLD_EVERY_S):
            print(f"{before}{self.line()}", end=after, file=sys.stderr, flush=True)
        print(f"{before}{self.line()}", file=sys.stderr, flush=True)


def report(lived: Lived) -> Report:
    """Put what was lost and doubled first."""
    asked, proof = lived.asked, lived.proof
    lost = proof.lost + proof.forgotten
    return Report(
        title=f"{asked.days} days of {asked.kiosks:,} kiosks, {asked.faults:.0%} of requests meeting a fault",
        peer="",
        figures=(
            Figure("taps thanked for, and lost", lost, goal=NONE),
            Figure("taps at head office more than once", proof.doubled, goal=NONE),
            Figure("taps that ledgers and feed do not share", proof.unlike, goal=NONE),
            Figure("taps that head office says it misses", lived.missing, goal=NONE),
            Figure("tallies that differ from a recount", int(bool(lived.tallies)), goal=NONE),
            Figure("taps in the kiosks' ledgers", proof.kept),
            Figure("taps in head office's feed", proof.fed),
            Figure("requests", lived.requests),
            Figure("… with a fault, %", 100 * lived.suffered.total() / max(1, lived.requests)),
            Figure("seconds it took", lived.seconds),
            Figure("… times faster than life", asked.days * DAY_S / lived.seconds),
            Figure("taps/s", proof.kept / lived.seconds),
        ),
        notes=(
            "Real: the kiosks' stores, visits and sync, head office's process, HTTP, faults and retries.",
            "Made up: the clock, and who comes when and in which mood (bench/town.py); some hammer or cheat.",
            f"{len(lived.suffered)} kinds of fault: {', '.join(sorted(lived.suffered)).replace('_', ' ')}.",
            "Kiosks talk every two hours of their time. Disks are in memory: power cuts are another proof.",
        ),
    )


def measure(scale: Scale) -> Report:
    """Let a fleet live, as long as asked."""
    kiosks, days, visits_a_day = PLANS[scale]
    with elsewhere() as folder:
        return report(live(Asked(kiosks=kiosks, days=days, visits_a_day=visits_a_day), folder))


def say(words: str) -> None:
    """Tell who watches."""
    print(words, file=sys.stderr, flush=True)


def main() -> int:
    """Simulate what is asked for; 1 when a tap was lost or doubled, or a figure is not what it must be."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.fleet",
        description=__doc__,
        epilog="example: python -m bench.fleet --kiosks 1000 --days 7 --faults 0.3",
    )
    parser.add_argument("--kiosks", type=_count, default=100, metavar="N", help="how many (100)")
    parser.add_argument("--sites", type=_count, metavar="N", help="how many shops; one for every four kiosks")
    parser.add_argument("--days", type=_count, default=7, metavar="D", help="the days up to yesterday (7)")
    parser.add_argument("--visits", type=float, default=20.0, metavar="V", help="a day at a kiosk (20)")
    parser.add_argument("--faults", type=_share, default=0.3, metavar="P", help="share of all requests (0.3)")
    parser.add_argument("--speed", type=float, default=0.0, metavar="X", help="times life's; 0: no limit")
    parser.add_argument(
        "--seed", default="fleet", metavar="S", help="the same seed lets the same shoppers come"
    )
    parser.add_argument("--processes", type=_count, metavar="N", help="of kiosks; one for each core")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="keep everything here")
    given = {name: value for name, value in vars(parser.parse_args()).items() if value is not None}
    folder = given.pop("folder", None)
    asked = Asked(**{{"visits": "visits_a_day"}.get(name, name): value for name, value in given.items()})
    if asked.sites > asked.kiosks:
        parser.error(f"{asked.sites} shops want as many kiosks at least, not {asked.kiosks}")
    try:
        with elsewhere() if folder is None else nullcontext(_empty(parser, folder)) as place:
            found = report(live(asked, place))
    except RuntimeError as trouble:  # a program of ours that ended, with its last words
        say(str(trouble))
        return 1
    print(f"{found.title}\n{found.table()}\n" + "\n".join(f"- {note}" for note in found.notes))
    return int(any(figure.value for figure in found.figures if figure.goal is NONE))


def _empty(parser: argparse.ArgumentParser, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        parser.error(f"--folder {folder}: is not empty; name a new one")
    return folder.resolve()


def _count(text: str) -> int:
    if not (text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text} is no number of at least 1")
    return int(text)


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share < 1:
        raise argparse.ArgumentTypeError(f"{text} is no share from 0 to below 1")
    return share


if __name__ == "__main__":
    sys.exit(main())
