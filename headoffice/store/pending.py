"""The rows of a whole group of batches, written together at the end of their transaction.

Filled by `work.keep`. One statement a table then does for all, and the feed's lanes are locked in their order
and for a moment only, so that several processes neither wait long for each other nor lock each other out.
May touch `taps`, `feed`, the tallies and the feed's lanes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headoffice.store import feed, tallies, taps
from headoffice.store.endings import ending

if TYPE_CHECKING:
    from headoffice.store.engine import Connection
    from headoffice.store.feed import Run
    from headoffice.store.tallies import Key
    from headoffice.store.taps import StoredTap

MOST_TAPS = 20_000  # what waits beyond this is written at once: it is memory


@dataclass
class Pending:
    """What is not written yet."""

    taps: list[StoredTap] = field(default_factory=list)
    days: dict[Key, list[int]] = field(default_factory=dict)
    hours: dict[Key, list[int]] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    ledgers: set[int] = field(default_factory=set)

    @property
    def waiting(self) -> int:
        """How many rows wait; tallies come with taps."""
        return len(self.taps) + len(self.runs)

    def settle_for(self, connection: Connection, ledger: int) -> None:
        """Write what waits if it holds something of a ledger that is about to be read, or is too much."""
        if ledger in self.ledgers or len(self.taps) >= MOST_TAPS:
            self.settle(connection)

    def finish(self, connection: Connection) -> None:
        """Write all, the feed's lanes last."""
        self.settle(connection)
        feed.append(connection, self.runs)
        self.runs.clear()

    def settle(self, connection: Connection) -> None:
        """Write taps and tallies."""
        taps.insert_taps(connection, self.taps)
        tallies.add_counts(connection, "tallies_day", self.days)
        tallies.add_counts(connection, "tallies_hour", self.hours)
        for each in (self.taps, self.days, self.hours, self.ledgers):
            each.clear()


def pending(connection: Connection) -> Pending:
    """Give what this transaction still has to write."""
    return ending(connection, Pending)
