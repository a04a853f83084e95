"""A kiosk without window and network, made of the real store: what the drivers beside this file share.

Run only inside recorded processes. Every line on stdout is said in one write, after what it tells of is done.
Touches the data directory it is given.
"""

import json
import os
import threading
import time
from pathlib import Path
from random import Random

from uuid_utils import uuid7

from kiosk.store.opened import Store
from kiosk.store.problems import NotStored
from kiosk.store.tap import Answered, Moment

BOOT = "b007"
NS_IN_MS = 1_000_000
SEASON_MS = 91 * 24 * 60 * 60 * 1000  # longer than settled taps are kept
ANSWERS = ("happy", "sad", None, 7, ["queue", "price"], "レジが混んでいました。" * 12)


def say(**what: object) -> None:
    """Tell the judge, in one whole line."""
    os.write(1, (json.dumps(what, ensure_ascii=False) + "\n").encode())


def warn(words: object) -> None:
    """Tell people."""
    os.write(2, f"{words}\n".encode())


class Clock:
    """A wall clock on which a season can pass in an instant."""

    def __init__(self) -> None:
        self._ahead_ms = 0

    def let_a_season_pass(self) -> None:
        self._ahead_ms += SEASON_MS

    def now(self) -> Moment:
        at = time.time_ns() // NS_IN_MS + self._ahead_ms
        return Moment(at=at, uptime=time.monotonic_ns() // NS_IN_MS, boot=BOOT, synced_clock=True)


def new_id() -> str:
    return str(uuid7())


def open_store(data: Path, clock: Clock) -> Store:
    return Store(data, now=clock.now, new_id=new_id, on_programme=list)


def answered(chance: Random) -> Answered:
    return Answered(
        visit=new_id(),
        survey="3fa9c1d2e4b5",
        question="rating",
        answer=chance.choice(ANSWERS),
        language="ja",
        took_ms=chance.randrange(20_000),
    )


class Shoppers:
    """They tap on a kiosk, one after the other."""

    def __init__(self, store: Store, chance: Random) -> None:
        self._store, self._chance = store, chance
        self.are_done = threading.Event()
        self.agent_called = threading.Semaphore(0)  # released by the agent's thread after each of its calls

    def tap(self, count: int) -> None:
        """Give so many taps, each after a call of the agent; of one that is refused people are told."""
        for _ in range(count):
            self.agent_called.acquire()
            try:
                # Under the lock a renumbering cannot come between a tap and what is said of it.
                with self._store.database.lock:
                    os.write(1, (self._store.ledger.save(answered(self._chance)).line() + "\n").encode())
            except NotStored as problem:
                warn(problem)
        self.are_done.set()
