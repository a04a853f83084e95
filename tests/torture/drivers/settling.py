"""Shoppers tap while the agent's thread settles what head office is said to have decided.

Run as `python -m tests.torture.drivers.settling DATA SEED TAPS CALL…` under the recorder; the CALLs
are drawn by lot, again and again. Touches the data directory.
"""

import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from types import MappingProxyType

from kiosk.store.opened import Store
from kiosk.store.problems import StoreProblem
from sync.contract import Rejected
from tests.torture.drivers.kiosk import Clock, Shoppers, open_store, say, warn

OFFLINE = 0.7  # of the times; meanwhile the next batch grows


class Agent:
    """Makes the calls that a server's answers would make it do, from what the outbox shows."""

    def __init__(self, store: Store, clock: Clock, chance: Random) -> None:
        self._store, self._clock, self._chance = store, clock, chance
        self._outbox = store.outbox
        self._calls = 0

    def work(self, calls: Sequence[str], shoppers: Shoppers) -> None:
        """Go on until the shoppers are done; of what fails people are told."""
        while not shoppers.are_done.is_set():
            try:
                CALLS[self._chance.choice(calls)](self)
            except (sqlite3.Error, OSError) as problem:
                warn(problem)
            finally:
                shoppers.agent_called.release()

    def settle(self) -> None:
        """Reject some taps of a batch, and settle the whole of it: both or neither may survive."""
        head = self._outbox.head()
        items = self._outbox.read(head.ledger, head.first, self._chance.randint(1, 20))
        if not items or self._chance.random() < OFFLINE:
            return
        through, self._calls = items[-1].seq, self._calls + 1
        call = f"{os.getpid()}-{self._calls}"
        fresh = [item.seq for item in items if item.seq not in self._rejected(head.ledger)]
        chosen = self._chance.sample(fresh, min(len(fresh), self._chance.randint(0, 6)))
        refused = [Rejected(seq=seq, problem=f"{call}/{len(chosen)}") for seq in chosen]
        say(decided=head.ledger, through=through)
        self._outbox.settle(head.ledger, through, refused)
        if refused:
            say(rejected=call)

    def _rejected(self, ledger: str) -> set[int]:
        """A tap is rejected once only, so that its row goes on naming the call."""
        with self._store.database.read() as reader:
            return {seq for (seq,) in reader.execute("SELECT seq FROM rejected WHERE ledger = ?", (ledger,))}

    def rewind(self) -> None:
        """A restored head office names a lower number."""
        head = self._outbox.head()
        say(rewound=head.ledger)
        self._outbox.rewind(head.ledger, max(0, head.first - 1 - self._chance.randrange(20)))

    def withhold(self) -> None:
        """Head office will not take a tap."""
        head = self._outbox.head()
        if head.last >= head.first:
            self._outbox.withhold(head.ledger, head.first, "too large")
            say(withheld=head.ledger, seq=head.first)

    def fork(self) -> None:
        """Another device has sent other taps under these numbers."""
        head = self._outbox.head()
        if head.last - head.first > 5:
            self._outbox.fork(head.ledger, head.first + self._chance.randrange(3))
            say(forked=head.ledger)

    def upkeep(self) -> None:
        """Housekeeping, between two taps."""
        self._store.upkeep.once()

    def write_back(self) -> None:
        """What housekeeping does to a log that has grown long."""
        self._store.database.write_back()

    def season(self) -> None:
        """Settled taps grow old, and the housekeeping lets go of them."""
        self._clock.let_a_season_pass()
        self._store.upkeep.once()

    def short_log(self) -> None:
        """SQLite itself writes the log back and begins it anew, as it does in earnest after 4,000 pages."""
        with self._store.database.lock:
            self._store.database.writer.execute("PRAGMA wal_autocheckpoint = 12").fetchall()

    def die(self) -> None:
        """The process is killed, in the middle of whatever the other thread is doing."""
        if self._chance.random() < 0.1:
            os.kill(os.getpid(), signal.SIGKILL)


CALLS: Mapping[str, Callable[[Agent], None]] = MappingProxyType(
    {
        "settle": Agent.settle,
        "rewind": Agent.rewind,
        "withhold": Agent.withhold,
        "fork": Agent.fork,
        "upkeep": Agent.upkeep,
        "write_back": Agent.write_back,
        "season": Agent.season,
        "short_log": Agent.short_log,
        "die": Agent.die,
    }
)


def main(data: str, seed: str, taps: str, *calls: str) -> int:
    """Tap and settle at the same time until all taps are given, then close as the kiosk does."""
    try:
        clock = Clock()
        store = open_store(Path(data), clock)
        shoppers = Shoppers(store, Random(seed))  # noqa: S311 - a run can be repeated
        agent = Agent(store, clock, Random(f"agent {seed}"))  # noqa: S311 - the same
        thread = threading.Thread(target=agent.work, args=(calls, shoppers))
        thread.start()
        shoppers.tap(int(taps))
        thread.join()
        store.close()
    except (StoreProblem, sqlite3.Error, OSError) as problem:
        warn(problem)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
