"""How long head office's pages take over a year of 500 sites, beside a page that shows nothing.

Called by `__main__`. I fill a database of my own (bench.year), roll it up, serve it and ask over HTTP.
"""

import http.client
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bench.dashboard import PATIENCE_S, Served, prepared
from bench.figures import Figure, Goal, Report, Scale, p95
from bench.machine import scratch
from bench.paint import paints
from bench.processes import first_line, running
from bench.year.__main__ import LIVELY, Wanted
from headoffice.store import people
from headoffice.store.audit import By
from headoffice.store.engine import Database, open_database
from headoffice.work import access, sign_in

SIZES = {Scale.QUICK: (12, 30, 60), Scale.USUAL: (500, 700, 365), Scale.FULL: (500, 2000, 365)}
ROUNDS = {Scale.QUICK: 2, Scale.USUAL: 20, Scale.FULL: 40}
SOON = Goal("at most", 100, "figure")  # ms
PAINTED = Goal("at most", 1000, "figure")  # ms
LOOKED_AT = ("/", "/sites", "/sites?site=7", "/questions", "/reasons", "/voices", "/journey", "/kiosks")
LOOKS = 5
EMPTY = "/password"
PAGES: Mapping[str, Sequence[str]] = {
    "admin": (
        *("/", "/sites", "/sites?all=1", "/sites?days=364", "/sites?site=7", "/sites?site=7&days=364"),
        *("/sites?days=364&metric=nps&compare=previous", "/questions", "/questions?days=364"),
        *("/reasons", "/reasons?days=364", "/voices", "/journey", "/journey?days=364", "/surveys"),
        *("/kiosks", "/kiosks/7", "/alerts", "/admin/people", "/admin/sites", "/admin/tokens"),
        *("/admin/misuse", "/admin/audit", "/admin/settings"),
    ),
    "analyst": ("/", "/sites", "/sites?site=7", "/questions", "/reasons", "/journey"),
}


@dataclass
class Waits:
    """What a page took, ms: the first time, then by the clock and of the server's processor time."""

    first: float = 0.0
    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


def measure(scale: Scale) -> Report:
    """Ask for every page, again and again, of a year that is made for it."""
    sites, kiosks, days = SIZES[scale]
    with scratch() as folder:
        wanted = Wanted(sites=sites, kiosks=kiosks, days=days, visits=LIVELY)
        served = prepared("SQLite", folder / "data", wanted)
        waits, empty, painted = asked(served, folder / "log", rounds=ROUNDS[scale])
    return report(waits, empty, painted, SIZES[scale])


def asked(
    served: Served, log: Path, *, rounds: int
) -> tuple[dict[str, Waits], Waits, Mapping[str, Sequence[float]]]:
    """Ask for every page as often; returns what each took, by page and role, the empty one, and paints."""
    with closing(open_database(served.place)) as database:
        cookies = {role: _cookie(database, role) for role in PAGES}
    words = [sys.executable, "-m", "headoffice", "serve", "--port", "0", *served.option]
    waits: dict[str, Waits] = {}
    empty = Waits()
    with running(words, log=log) as process:
        address = urlsplit(first_line(process, log).rsplit(" ", 1)[1]).netloc
        with closing(http.client.HTTPConnection(address, timeout=PATIENCE_S)) as line:
            for number in range(rounds + 1):
                _ask(line, process.pid, (EMPTY, cookies["admin"]), empty, first=not number)
                for role, pages in PAGES.items():
                    for page in pages:
                        said = page if role == "admin" else f"{page} for an {role}"
                        one = waits.setdefault(said, Waits())
                        _ask(line, process.pid, (page, cookies[role]), one, first=not number)
        painted = paints(f"http://{address}", cookies["admin"], LOOKED_AT, rounds=LOOKS)
    return waits, empty, painted


def report(
    waits: Mapping[str, Waits],
    empty: Waits,
    painted: Mapping[str, Sequence[float]],
    size: tuple[int, int, int],
) -> Report:
    """Put each page beside the empty one."""
    figures = []
    for page, one in waits.items():
        figures.append(Figure(f"{page}, p95 ms", p95(one.clock), p95(empty.clock), SOON))
        figures.append(Figure("… of the server's processor", p95(one.processor), p95(empty.processor)))
    figures += [
        Figure(f"{page}, largest paint, ms, slowest of {LOOKS}", max(took), goal=PAINTED)
        for page, took in painted.items()
    ]
    sites, kiosks, days = size
    slow = sorted(waits.items(), key=lambda item: -item[1].first)[:3]
    firsts = ", ".join(f"{page} {one.first:,.0f} ms" for page, one in slow)
    return Report(
        title="Head office's pages over a year of a whole chain",
        peer=f"{EMPTY}, which shows nothing",
        figures=tuple(figures),
        notes=(
            f"{sites} sites with {kiosks:,} kiosks over {days} days, tallies only, on SQLite, rolled up.",
            "Over HTTP on loopback by one connection, one page after the other, as gzip, read to its end.",
            "Processor time is the server's, of all its threads, while it answers: what a page takes alone.",
            f"The first time after the start is left out; then took longest: {firsts}.",
            "Largest contentful paint: Chromium's own word, of an administrator's page seen once before.",
        ),
    )


def _cookie(database: Database, role: str) -> str:
    by = By("bench", time.time_ns() // 1_000_000)
    email = f"{role}{by.at}@example.com"
    with database.write() as connection:
        access.add_person(connection, email=email, role=role, by=by)
        person = people.person_by_email(connection, email)
        if person is None:
            raise RuntimeError(f"{email} was not added")
        return sign_in.open_session(connection, person=person.id, now=by.at, how="password")


def _ask(
    line: http.client.HTTPConnection, pid: int, page: tuple[str, str], waits: Waits, *, first: bool
) -> None:
    path, cookie = page
    used = _processor_ns(pid)
    begin = time.perf_counter()
    line.request("GET", path, headers={"Cookie": f"egao_session={cookie}", "Accept-Encoding": "gzip"})
    answer = line.getresponse()
    body = answer.read()
    took = (time.perf_counter() - begin) * 1000
    if answer.status != http.HTTPStatus.OK:
        raise RuntimeError(f"{path}: {answer.status} {body[:500]!r}")
    if first:
        waits.first = took
        return
    waits.clock.append(took)
    waits.processor.append((_processor_ns(pid) - used) / 1e6)


def _processor_ns(pid: int) -> int:
    """The processor time that all threads of a process have used (proc(5): schedstat's first number)."""
    return sum(
        int(each.read_text("ascii").split()[0]) for each in Path(f"/proc/{pid}/task").glob("*/schedstat")
    )
