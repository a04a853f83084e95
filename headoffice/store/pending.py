"""The rows of a whole group of batches, written together at the end of their transaction.

Filled by `work.keep` and `work.ingest`. One statement a table then does for all. The ledgers' heads come
first: they keep everybody else from these ledgers. The feed's lanes come last, and are locked for a moment.
Both are locked in their order, so that several processes never lock each other out.
May touch all that an ingest writes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from headoffice.store import feed, ledgers, tallies, taps, verbatims
from headoffice.store.endings import ending
from headoffice.store.engine import pipeline

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from headoffice.store.engine import Connection
    from headoffice.store.feed import Run
    from headoffice.store.ledgers import Heard
    from headoffice.store.tallies import Key
    from headoffice.store.taps import Held, RejectedRow, Span, TapRow, WithheldRow
    from headoffice.store.verbatims import Words

MOST_TAPS = 20_000  # what waits beyond this is written at once: it is memory


class Again(NamedTuple):
    """Where answers may be held that new ones of some visits stand in for.

    `replaced` tells whether one is, and takes it out of the sums then.
    """

    span: Span
    visits: Collection[bytes]
    replaced: Callable[[Held], bool]


@dataclass
class Pending:
    """What is not written yet."""

    heads: dict[int, Heard] = field(default_factory=dict)
    again: list[Again] = field(default_factory=list)
    taps: list[TapRow] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    withheld: list[WithheldRow] = field(default_factory=list)
    days: dict[Key, list[int]] = field(default_factory=dict)
    hours: dict[Key, list[int]] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)

    @property
    def waiting(self) -> int:
        """How many rows wait; all others come with these."""
        return len(self.heads) + len(self.runs)

    def put_head(self, ledger: int, heard: Heard) -> None:
        """Let a ledger's head move on, after what waits for it already."""
        before = self.heads.get(ledger)
        self.heads[ledger] = heard if before is None else heard.after(before)

    def settle_for(self, connection: Connection, ledger: int) -> None:
        """Write what waits if it holds something of a ledger that is about to be read."""
        if ledger in self.heads:
            self.settle(connection)

    def make_room(self, connection: Connection) -> None:
        """Write what waits if it is too much."""
        if len(self.taps) >= MOST_TAPS:
            self.settle(connection)

    def finish(self, connection: Connection) -> None:
        """Write all, the feed's lanes last."""
        self.settle(connection)
        feed.append(connection, self.runs)
        self.runs.clear()

    def settle(self, connection: Connection) -> None:
        """Write all but the feed. Raises Busy where another process has moved a head meanwhile."""
        ledgers.put_heads(connection, self.heads)
        self._supersede(connection)
        taps.insert_taps(connection, self.taps)
        with pipeline(connection):
            verbatims.insert(connection, self.words)
            taps.insert_rejected(connection, self.rejected)
            taps.insert_withheld(connection, self.withheld)
            tallies.add_counts(connection, "tallies_day", self.days)
            tallies.add_counts(connection, "tallies_hour", self.hours)
        for rows in (self.heads, self.again, self.taps, self.words, self.rejected, self.withheld):
            rows.clear()
        self.days.clear()
        self.hours.clear()

    def _supersede(self, connection: Connection) -> None:
        """Mark the answers held before that new ones stand in for."""
        if not self.again:
            return
        asked = {each.span.ledger: each for each in self.again}  # one a ledger: see `settle_for`
        held = taps.answers_in(connection, {each.span: each.visits for each in self.again})
        taps.supersede(connection, [each for each in held if asked[each.ledger].replaced(each)])


def pending(connection: Connection) -> Pending:
    """Give what this transaction still has to write."""
    return ending(connection, Pending)
