"""Some of a fleet's kiosks in one process: their shoppers tap while their agents talk to head office.

Run as `python -m bench.fleet_kiosks PLAN` by bench.fleet. Stores, visits and sync are those that ship; the
clock is made up, and goes as fast as the shoppers can tap. Touches the data directories in the plan.
"""

import heapq
import itertools
import json
import queue
import resource
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from datetime import time as midnight
from pathlib import Path
from random import Random
from typing import Any, Self
from zoneinfo import ZoneInfo

from bench.fleet_proof import digest
from bench.town import Kind, Town, Visitor
from bench.town import Kiosk as Place
from kiosk.bootstrap import new_id, shipped
from kiosk.settings.file import Config, load
from kiosk.simulate import Manner, Simulation
from kiosk.store.enrolment import Enrolment, keep_enrolment
from kiosk.store.opened import Store
from kiosk.store.tap import Answered, Moment
from survey.model import Survey
from sync.agent import Agent
from sync.client import Client
from sync.contract import Health, Sent
from sync.errors import SyncError
from sync.pull import Pull
from sync.push import Push

TALKERS = 6  # threads in which the agents take turns
DEADLINE_S = 1.5  # longer than the line's black holes
EVERY_MS, AGAIN_MS = (
    2 * 3_600_000,
    600_000,
)  # of the made-up time: between two talks, and after one that failed
TOLD_EVERY_S = 1.0
MANNERS = {
    Kind.CHILD: Manner(most_answers=1, hurried=True),
    Kind.STAFF: Manner(hurried=True),
    Kind.GHOST: Manner(most_answers=1, hurried=True),
}


@dataclass(frozen=True)
class Plan:
    """What a process of kiosks has to do; `mine` names the kiosks by their numbers in the town."""

    folder: str
    office: str
    town: dict[str, Any]
    mine: tuple[int, ...]
    names: tuple[str, ...]
    codes: tuple[str, ...]
    servers: tuple[str, ...]  # each kiosk's way to head office
    speed: float  # so many made-up seconds in a real one; 0: as fast as it can

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read what bench.fleet wrote."""
        document = json.loads(file.read_text("utf-8"))
        return cls(**{field.name: document[field.name] for field in fields(cls)})


class Device:
    """One kiosk: the real store, and the real agent on it, by a clock of its own."""

    def __init__(self, place: Place, folder: Path, config: Config, enrolment: Enrolment) -> None:
        self.place, self.thanked = place, list[bytes]()
        self._now_ms, self._boot = 0, new_id()
        self.store = Store(folder, now=self._moment, new_id=new_id, on_programme=_pass)
        survey = _first(config)
        self.store.shelve([survey.document()])
        with self.store.database.write() as writer:
            keep_enrolment(writer, enrolment)
        self._agent = self._made_agent(enrolment)
        self._simulation = Simulation(survey=survey, seed=place.name, save=self._save, new_id=new_id)
        self._foreign = survey.languages[-1]
        self._visits = itertools.count()

    def receive(self, visitor: Visitor, at_ms: int) -> None:
        """Let somebody tap."""
        self._now_ms = max(self._now_ms, at_ms)
        language = self._foreign if visitor.is_foreign else None
        manner = replace(MANNERS.get(visitor.kind, Manner()), mood=visitor.mood, language=language)
        self._simulation.visit(self.place.number * 10_000_000 + next(self._visits), manner)

    def talk(self) -> bool:
        """Drain to head office, as far as the line lets it; False when it did not."""
        try:
            self._agent.once()
        except SyncError:
            return False
        return True

    def close(self) -> None:
        """Close in order."""
        self._agent.stop()
        self.store.close()

    def _save(self, answered: Answered) -> None:
        self._now_ms += answered.took_ms
        self.thanked.append(digest(self.store.ledger.save(answered).columns()))

    def _made_agent(self, enrolment: Enrolment) -> Agent:
        client = Client(enrolment.server, enrolment.key, deadline_s=DEADLINE_S)
        push = Push(client, self.store.outbox, self.store.shelf, sent=self._sent, health=self._health)
        return Agent(push, Pull(client, self.store.shelf), every_s=30, on_state=_pass)

    def _moment(self) -> Moment:
        return Moment(at=self._now_ms, uptime=self._now_ms % 86_400_000, boot=self._boot, synced_clock=True)

    def _sent(self) -> Sent:
        # As if started anew since: head office then goes by the wall clock, whose time need not be its own.
        return Sent(at=time.time_ns() // 1_000_000, uptime=1, boot="later")

    def _health(self) -> Health:
        pending = self.store.outbox.pending()
        return Health(version="fleet", pending=pending, rejected=0, free_bytes=1 << 30, programme=None)


class Fleet:
    """The kiosks of one process, in made-up time."""

    def __init__(self, plan: Plan) -> None:
        config = load(shipped("config.toml"))
        self._plan, self._town = plan, read_town(plan.town)
        self._devices = [
            Device(self._town.kiosks[number], Path(plan.folder) / f"{number:05}", config, _enrolled(plan, at))
            for at, number in enumerate(plan.mine)
        ]
        self._dice = Random(f"{plan.town['seed']}/{plan.mine[0]}")  # noqa: S311  # a run can be repeated
        self._due: list[tuple[float, int]] = []  # when each kiosk talks next, as a heap
        self._asked: queue.Queue[int | None] = queue.Queue(maxsize=4 * TALKERS)
        self._answered: queue.SimpleQueue[tuple[int, bool]] = queue.SimpleQueue()
        self._out: set[int] = set()  # who is asked or talks just now: never twice at once
        self._began_s, self._told_s, self._now_ms = time.monotonic(), 0.0, 0.0

    def live(self) -> None:
        """Let the days pass, then talk until head office has everything."""
        with ThreadPoolExecutor(TALKERS) as threads:
            talkers = [threads.submit(self._talk) for _ in range(TALKERS)]
            try:
                for day in self._town.dates():
                    self._pass(day)
                self._drain()
            finally:
                for _ in talkers:
                    self._asked.put(None)
        for talker in talkers:
            talker.result()
        self._tell(force=True)
        with (Path(self._plan.folder) / f"thanked-{self._plan.mine[0]}").open("wb") as said:
            for device in self._devices:
                device.close()
                said.write(b"".join(device.thanked))

    def _pass(self, day: date) -> None:
        """Let a day pass at every shop; at night the logs are written back, as by the housework."""
        for at_ms, index, visitor in sorted(self._visitors(day), key=lambda visit: visit[:2]):
            self._reach(at_ms)
            self._devices[index].receive(visitor, at_ms)
        for device in self._devices:
            device.store.database.write_back()

    def _visitors(self, day: date) -> Iterator[tuple[int, int, Visitor]]:
        for index, device in enumerate(self._devices):
            zone = ZoneInfo(device.place.shop.timezone)
            begins_s = datetime.combine(day, midnight(), zone).timestamp()
            for visitor in self._town.visitors(device.place, day):
                yield int((begins_s + visitor.at_s) * 1000), index, visitor

    def _reach(self, at_ms: float) -> None:
        """Come to a moment, not sooner than the speed allows; those talk whose turn it was before."""
        if not self._now_ms:
            self._due = [(at_ms + self._dice.random() * EVERY_MS, at) for at in range(len(self._devices))]
            heapq.heapify(self._due)
            self._first_ms = at_ms
        self._now_ms = max(self._now_ms, at_ms)
        if self._plan.speed:
            ahead_s = (self._now_ms - self._first_ms) / 1000 / self._plan.speed
            time.sleep(max(0.0, self._began_s + ahead_s - time.monotonic()))
        while self._due and self._due[0][0] <= self._now_ms:
            self._ask(heapq.heappop(self._due)[1])
        self._hear()
        self._tell()

    def _ask(self, index: int) -> None:
        self._out.add(index)
        self._asked.put(index)

    def _hear(self, *, wait_s: float = 0.0) -> None:
        """Take in who has talked; each talks again later, sooner where the line did not let it."""
        with suppress(queue.Empty):
            while True:
                index, went = self._answered.get(timeout=wait_s) if wait_s else self._answered.get_nowait()
                wait_s = 0.0
                self._out.discard(index)
                pause_ms = (EVERY_MS if went else AGAIN_MS) * (0.75 + self._dice.random() / 2)
                heapq.heappush(self._due, (self._now_ms + pause_ms, index))

    def _drain(self) -> None:
        while waiting := [at for at, device in enumerate(self._devices) if device.store.outbox.pending()]:
            for index in set(waiting) - self._out:
                self._ask(index)
            self._hear(wait_s=TOLD_EVERY_S)
            self._tell()

    def _talk(self) -> None:
        while (index := self._asked.get()) is not None:
            self._answered.put((index, self._devices[index].talk()))

    def _tell(self, *, force: bool = False) -> None:
        """Say on stdout how far it is."""
        if not force and time.monotonic() - self._told_s < TOLD_EVERY_S:
            return
        self._told_s = time.monotonic()
        taps = sum(len(device.thanked) for device in self._devices)
        waiting = sum(device.store.outbox.pending() for device in self._devices)
        print(json.dumps({"at": self._now_ms, "taps": taps, "waiting": waiting}), flush=True)


def read_town(document: dict[str, Any]) -> Town:
    """Make the town that a plan names."""
    return Town(**document | {"begins": date.fromisoformat(document["begins"])})


def _enrolled(plan: Plan, at: int) -> Enrolment:
    """Enrol a kiosk by its code, straight at head office; from then on it goes by its own line."""
    client = Client(plan.office)
    given = client.enrol(plan.codes[at], plan.names[at])
    client.close()
    return Enrolment(server=plan.servers[at], **vars(given))


def _first(config: Config) -> Survey:
    return config.programme.surveys[0]


def _pass(_: object) -> None:
    """What nobody watches."""


def main(plan: str) -> None:
    """Live through the plan."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    Fleet(Plan.read(Path(plan))).live()


if __name__ == "__main__":
    main(*sys.argv[1:])
