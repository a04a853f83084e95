"""The kiosk as the app has it, without its window: shoppers, housework, and the real agent on a real line.

Run as `python -m tests.torture.drivers.whole DATA SEED VISITS` under the recorder. Head office is in this
process, in memory: it loses answers, is busy, refuses taps and forgets some, as one restored from a backup.
Touches the data directory.
"""

import os
import sys
import threading
from dataclasses import replace
from pathlib import Path
from random import Random

from kiosk import bootstrap
from kiosk.in_force import InForce
from kiosk.settings.file import load
from kiosk.simulate import Simulation
from kiosk.store.enrolment import Enrolment, keep_enrolment
from kiosk.store.tap import Answered, StoredTap
from sync import courtesy
from tests.sync.faulty_server import FaultyServer, Request, Response, Wire, answer, lost, served
from tests.sync.office import KEY, Office
from tests.torture.drivers.kiosk import say

EVERY_S, UPKEEP_S = 0.02, 0.05
PATIENCE_S = 0.15  # a shopper taps on, however long the line is dead
REFUSES, FORGETS, LOSES_ANSWER, IS_BUSY = 0.05, 0.1, 0.08, 0.02


class HeadOffice(Office):
    """Says what it decides before it answers: from then on the kiosk may hold it to its word."""

    def __init__(self, chance: Random) -> None:
        super().__init__()
        self.asked = threading.Semaphore(0)  # released after each request
        self._chance = chance
        self._refused: dict[tuple[str, int], bool] = {}

    def behave(self, request: Request, wire: Wire) -> None:
        """Answer on a line that is not always good."""
        draw = self._chance.random()
        if draw < LOSES_ANSWER:
            usual = lost(self)
        else:
            usual = answer(503, Retry_After="1") if draw < LOSES_ANSWER + IS_BUSY else served(self)
        usual(request, wire)
        self.asked.release()

    def take(self, body: bytes) -> Response:
        """Take a batch; now and then after some of what was held has been lost."""
        for ledger, held in self.ledgers.items():
            if held and self._chance.random() < FORGETS:
                say(rewound=ledger)
                del held[-self._chance.randint(1, 10) :]
        return super().take(body)

    def ack(self, batch: dict, body: bytes, through: int) -> Response:
        """Decide, and say so."""
        self.rejects = lambda item: self._problem(batch["ledger"], item["seq"])
        say(decided=batch["ledger"], through=through)
        return super().ack(batch, body, through)

    def _problem(self, ledger: str, seq: int) -> str | None:
        place = (ledger, seq)
        if place not in self._refused:
            self._refused[place] = self._chance.random() < REFUSES
        return f"{ledger}-{seq}/1" if self._refused[place] else None


def tell_taps(kiosk: bootstrap.Kiosk) -> None:
    """Have each tap said on stdout once it is stored."""
    ledger = kiosk._store.ledger
    save = ledger.save

    def save_and_say(answered: Answered) -> StoredTap:
        stored = save(answered)
        os.write(1, (stored.line() + "\n").encode())
        return stored

    ledger.save = save_and_say


def main(data: str, seed: str, visits: str) -> None:
    """Open as the app does, let shoppers come, and close as the app does."""
    config = load(bootstrap.shipped("config.toml"))
    settings = replace(config.settings, sync=replace(config.settings.sync, every_s=EVERY_S, batch_taps=12))
    config = replace(config, settings=settings)
    bootstrap.UPKEEP_S = UPKEEP_S
    courtesy.QUIET_S = 0.0  # taps and settlements are to meet here
    office = HeadOffice(Random(f"office {seed}"))  # noqa: S311 - a run can be repeated
    with FaultyServer(office.behave) as server:
        place = {"kiosk": "k", "site": "s", "touchpoint": "checkout", "timezone": "Asia/Tokyo"}
        with bootstrap.writing(Path(data), config) as opened, opened.store.database.write() as writer:
            keep_enrolment(writer, Enrolment(server=server.address, key=KEY, **place))
        kiosk = bootstrap.Kiosk(Path(data), config, InForce(config))
        kiosk.open()
        tell_taps(kiosk)

        def save(answered: Answered) -> None:
            office.asked.acquire(timeout=PATIENCE_S)
            kiosk.save(answered)

        survey = config.programme.surveys[0]
        shoppers = Simulation(survey=survey, seed=seed, save=save, new_id=bootstrap.new_id)
        for number in range(int(visits)):
            shoppers.visit(number)
        kiosk.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
