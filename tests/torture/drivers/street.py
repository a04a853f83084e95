"""Many kiosks in one process: shoppers tap on all of them while each one's agent talks to head office.

Run as `python -m tests.torture.drivers.street FOLDER TAPS SEED` on the data directories in FOLDER; killed and
started again, it goes on where it was. Every tap is said on stdout once it is stored. Touches FOLDER.
"""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

from kiosk.bootstrap import new_id, open_store, shipped
from kiosk.health import Clocks
from kiosk.in_force import InForce
from kiosk.settings.file import load
from kiosk.simulate import Simulation
from kiosk.store.enrolment import find_enrolment
from kiosk.store.tap import Answered
from sync.agent import Agent
from sync.client import Client
from sync.contract import Health, Sent
from sync.errors import SyncError
from sync.pull import Pull
from sync.push import Push

AGENTS = 8  # threads in which the kiosks' agents take turns
BATCH_TAPS = 12
DEADLINE_S = 1.5


class Kiosk:
    """One of them: the real store, and the real agent on it."""

    def __init__(self, folder: Path, in_force: InForce, seed: str) -> None:
        self.store = open_store(folder, in_force)
        with self.store.database.read() as reader:
            enrolment = find_enrolment(reader)
        if enrolment is None:
            raise SystemExit(f"{folder} is not enrolled")
        client = Client(enrolment.server, enrolment.key, deadline_s=DEADLINE_S)
        push = Push(
            client,
            self.store.outbox,
            self.store.shelf,
            sent=_sent,
            health=self._health,
            batch_taps=BATCH_TAPS,
        )
        self._agent = Agent(push, Pull(client, self.store.shelf), every_s=30, on_state=lambda _: None)
        survey = in_force.own.surveys[0]
        self._shoppers = Simulation(survey=survey, seed=seed, save=self._save, new_id=new_id)
        self._visits = 0

    def visit(self) -> None:
        """Let a shopper tap."""
        self._visits += 1
        self._shoppers.visit(self._visits)

    def talk(self) -> None:
        """Drain to head office, as far as the line lets it."""
        try:
            self._agent.once()
        except SyncError as trouble:
            os.write(2, f"{type(trouble).__name__}: {trouble}\n".encode())

    def end(self) -> None:
        """Close in order."""
        self._agent.stop()
        self.store.close()

    def _save(self, answered: Answered) -> None:
        os.write(1, (self.store.ledger.save(answered).line() + "\n").encode())

    def _health(self) -> Health:
        pending = self.store.outbox.pending()
        return Health(version="test", pending=pending, rejected=0, free_bytes=1, programme=None)


def _sent() -> Sent:
    moment = Clocks().now()
    return Sent(at=moment.at, uptime=moment.uptime, boot=moment.boot)


def main(folder: str, taps: str, seed: str) -> None:
    """Tap until every ledger has so many taps, and talk until all of them are settled."""
    in_force = InForce(load(shipped("config.toml")))
    chance = Random(seed)  # noqa: S311 - a run can be repeated
    kiosks = [Kiosk(place, in_force, f"{seed}/{place.name}") for place in sorted(Path(folder).iterdir())]
    turns, are_done = threading.Semaphore(0), threading.Event()

    def shop() -> None:
        while wanting := [kiosk for kiosk in kiosks if kiosk.store.ledger.last < int(taps)]:
            turns.acquire()
            chance.choice(wanting).visit()
        are_done.set()

    def talk(some: list[Kiosk]) -> None:
        while waiting := [kiosk for kiosk in some if not are_done.is_set() or kiosk.store.outbox.pending()]:
            for kiosk in waiting:
                kiosk.talk()
                turns.release()

    with ThreadPoolExecutor(AGENTS + 1) as threads:
        jobs = [threads.submit(shop), *(threads.submit(talk, kiosks[at::AGENTS]) for at in range(AGENTS))]
    for job in jobs:
        job.result()
    for kiosk in kiosks:
        kiosk.end()


if __name__ == "__main__":
    main(*sys.argv[1:])
