"""Head office's ingest over HTTP beside SQLite itself, which stores the same rows in one thread.

Called by `__main__`. I start a real head office on loopback and fire batches at it that were made beforehand.
"""

import time
from contextlib import closing
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import urlopen

from bench.bare import Prepared, ingest
from bench.database import bare_postgres
from bench.devices import Device, enrolled, request_of
from bench.figures import Figure, Goal, Report, Scale, median, p99
from bench.load import Outcome, Request, fire
from bench.machine import scratch
from bench.office import Office, head_office
from bench.processes import command, pss_mb, tree
from headoffice.store import partitions
from headoffice.store.postgres import open_server, read_server
from tests.headoffice.postgres import serving as postgres

BACKLOG, VISIT, TAP = 50, 3, 1  # taps in a request: of a kiosk that was away, of a visit, of one finger
HALF = 0.5


class Heat(NamedTuple):
    """So many taps a request, by so many connections."""

    size: int
    connections: int


@dataclass(frozen=True)
class Plan:
    """Connections, rounds, and requests of a connection in a round: of 50 taps, and of fewer."""

    connections: int
    crowd: int  # connections of a large chain, for small requests
    rounds: int
    large: int
    small: int
    herd: int  # kiosks that come all at once

    @property
    def heats(self) -> dict[Heat, int]:
        """What is measured in each round, and how many requests each connection sends then."""
        in_crowd = ceil(self.small * self.connections / self.crowd)
        return {
            Heat(BACKLOG, self.connections): self.large,
            Heat(VISIT, self.crowd): in_crowd,
            Heat(TAP, self.crowd): in_crowd,
            Heat(VISIT, self.connections): self.small,
            Heat(TAP, self.connections): self.small,
        }

    @property
    def taps_each(self) -> int:
        """How many taps each connection needs for everything."""
        in_round = sum(heat.size * requests for heat, requests in self.heats.items())
        return self.rounds * (in_round + self.large * BACKLOG)


PLANS = {
    Scale.QUICK: Plan(connections=4, crowd=10, rounds=1, large=20, small=50, herd=50),
    Scale.USUAL: Plan(connections=128, crowd=400, rounds=3, large=50, small=125, herd=2000),
    Scale.FULL: Plan(connections=128, crowd=400, rounds=7, large=100, small=250, herd=2000),
}


@dataclass(frozen=True)
class Pair:
    """Requests a second of both, a value for each round."""

    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class After:
    """What is measured of head office alone: at half load, when all come at once, and its memory then."""

    calm: list[Outcome]  # a round each
    herd: Outcome
    memory_mb: float
    generator: float  # the part of a core that the load itself took, at most
    there: tuple[float, float]  # requests a second on PostgreSQL, and of its bare driver


@dataclass
class Race:
    """Both databases, and the devices whose batches they are given."""

    office: Office
    bare: Path
    devices: list[Device]
    generator: float = 0.0  # the part of a core that the load itself took, at most

    def run(self, pair: Pair, heat: Heat, requests: int) -> None:
        """Store the same batches here and there, and note how fast."""
        lanes, rows = self.batches(heat, requests)
        begin = time.perf_counter()
        ingest(self.bare, rows)
        pair.bare.append(len(rows) / (time.perf_counter() - begin))
        outcome = fire(self.port, lanes)
        pair.ours.append(outcome.requests / outcome.seconds)
        self.generator = max(self.generator, outcome.own_cpu_s / outcome.seconds)

    def batches(self, heat: Heat, requests: int) -> tuple[list[list[Request]], list[Prepared]]:
        """Make the devices' next batches: in lanes for head office, in turn for the bare database."""
        devices = self.devices[: heat.connections]
        lanes: list[list[Request]] = [[] for _ in devices]
        rows = []
        for _ in range(requests):
            for lane, device in zip(lanes, devices, strict=True):
                request, prepared = request_of(self.office, device, heat.size)
                lane.append(request)
                rows.append(prepared)
        return lanes, rows

    @property
    def port(self) -> int:
        """Where head office listens."""
        return urlsplit(self.office.address).port or 80


def measure(scale: Scale) -> Report:
    """Measure both in turns and give the figures of both."""
    plan = PLANS[scale]
    pairs = {heat: Pair() for heat in plan.heats}
    large = Heat(BACKLOG, plan.connections)
    with scratch() as folder, head_office(folder) as office:
        command("headoffice", "migrate", "--data", str(folder / "bare"))
        devices = enrolled(office, plan.crowd, taps_each=plan.taps_each)
        race = Race(office, folder / "bare" / "headoffice.sqlite3", devices)
        for _ in range(plan.rounds):
            for heat, requests in plan.heats.items():
                race.run(pairs[heat], heat, requests)
        half = median(pairs[large].ours) * HALF  # requests a second
        calm = []
        for _ in range(plan.rounds):
            lanes, _rows = race.batches(large, plan.large)
            calm.append(fire(race.port, lanes, every_s=len(lanes) / half))
        race.devices = enrolled(office, plan.herd, taps_each=BACKLOG)
        lanes, _ = race.batches(Heat(BACKLOG, plan.herd), 1)
        herd = fire(race.port, lanes)
        memory = pss_mb(tree(office.pid))
        there = _on_postgres(folder / "postgres", plan)
    return report(pairs, After(calm, herd, memory, race.generator, there), plan)


def _on_postgres(folder: Path, plan: Plan) -> tuple[float, float]:
    """Requests of 50 taps a second over HTTP on PostgreSQL, and of its bare driver in groups like ours."""
    folder.mkdir()
    with postgres(folder, "bench") as server, head_office(folder, url=server.new()) as office:
        devices = enrolled(office, plan.connections, taps_each=plan.large * BACKLOG)
        race = Race(office, folder, devices)
        lanes, rows = race.batches(Heat(BACKLOG, plan.connections), plan.large)
        before = _grouped(office)
        outcome = fire(race.port, lanes)
        size = _mean_group(before, _grouped(office))
        groups = [rows[at : at + size] for at in range(0, len(rows), size)]
        with closing(open_server(read_server(server.new(), option="bench"))) as plain:
            with plain.write() as connection:
                partitions.make_ahead(connection, now=time.time_ns() // 1_000_000)
            bare = bare_postgres(plain, groups)
        return outcome.requests / outcome.seconds, len(rows) / bare


def _grouped(office: Office) -> tuple[float, float]:
    """How many groups head office has committed, and how many changes, as it tells Prometheus."""
    with urlopen(f"{office.address}/metrics", timeout=30) as answer:  # noqa: S310 - our own server
        page = answer.read().decode()
    groups, changes = (
        next(line for line in page.splitlines() if line.startswith(f"egao_commit_group_size_{what} "))
        for what in ("count", "sum")
    )
    return float(groups.split()[1]), float(changes.split()[1])


def _mean_group(before: tuple[float, float], after: tuple[float, float]) -> int:
    """Requests in a group, on an average, rounded up."""
    return max(1, ceil((after[1] - before[1]) / (after[0] - before[0])))


def report(pairs: dict[Heat, Pair], after: After, plan: Plan) -> Report:
    """Put the two side by side."""
    calm, herd = after.calm, after.herd
    fifty, *small = [_figure(heat, pair, plan) for heat, pair in pairs.items()]
    there, there_bare = after.there
    postgresql = Figure(
        "PostgreSQL: taps/s, 50 a request", there * BACKLOG, there_bare * BACKLOG, Goal("at least", 0.8)
    )
    pace = median([each.taps / each.seconds for each in calm])
    slowest = [p99(each.waited_ms) for each in calm]
    return Report(
        title="Head office's ingest over HTTP beside bare SQLite",
        peer="bare sqlite3",
        figures=(
            fifty,
            *small,
            Figure("ack at half that load, median ms", median([median(each.waited_ms) for each in calm])),
            Figure("ack at half that load, p99 ms", median(slowest), goal=Goal("at most", 50, "figure")),
            Figure(f"{plan.herd} kiosks at once: until all are acked, s", herd.seconds),
            Figure(
                "… memory of head office's processes then, PSS MB",
                after.memory_mb,
                goal=Goal("at most", 300, "figure"),
            ),
            postgresql,
        ),
        notes=(
            f"{plan.connections} connections, or as many as told; medians of {plan.rounds} rounds in turns.",
            "Bare sqlite3 commits each request by itself in one thread, with synchronous=FULL.",
            "PostgreSQL: a round; its bare driver has our statements, and groups as large as ours were.",
            "Its rows, and the tallies it keeps too, are reckoned beforehand: no HTTP, no JSON, no checks.",
            f"Half load: {pace:,.0f} taps/s on a fixed timetable; waiting behind a late ack counts.",
            f"Its p99 round by round, behind the others: {', '.join(f'{each:.3g}' for each in slowest)} ms.",
            f"At once: a batch of 50 from each; {herd.put_off} were told to come again, and did.",
            f"The load comes from this machine too and took up to {after.generator:.0%} of one core.",
        ),
    )


def _figure(heat: Heat, pair: Pair, plan: Plan) -> Figure:
    ours, bare = median(pair.ours), median(pair.bare)
    if heat.size == BACKLOG:
        return Figure("taps/s, 50 a request", ours * BACKLOG, bare * BACKLOG, Goal("at least", 1.0))
    taps = f"{heat.size} tap{'s' if heat.size > 1 else ''} each"
    if heat.connections < plan.crowd:
        return Figure(f"the same with {taps}, by {heat.connections} connections", ours, bare)
    words = f"requests/s, {taps}, by {heat.connections} connections"
    return Figure(words, ours, bare, Goal("at least", 5000, "figure"))
