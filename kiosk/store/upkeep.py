"""The store's housework between taps: salvage, retention, ballast, a short log, a look at every row in turn.

Called at intervals by kiosk.bootstrap, on a thread of its own, and once by each command that writes.
Touches the database and the data directory.
"""

from collections.abc import Callable
from dataclasses import replace
from sqlite3 import Connection

from kiosk.store.database import Database
from kiosk.store.folder import mark_in_use
from kiosk.store.ledger import Ledger
from kiosk.store.ledgers import LedgerRow, keep, ledgers
from kiosk.store.problems import is_damage
from kiosk.store.rows import Row, rows_at_once
from kiosk.store.salvage import salvage
from kiosk.store.tap import Moment

GiveWay = Callable[[], object]  # waits while somebody uses the kiosk, though not for ever

RETENTION_MS = 90 * 24 * 60 * 60 * 1000  # of settled taps, so that a restored head office can be refilled
PURGED_AT_ONCE = 2_000
CHECKED_AT_ONCE = 2_000
PIECE_TAPS = 200  # read at a stretch; between two pieces a finger goes first
LOG_BYTES = 1 << 20  # written back beyond that when nobody taps,
LOG_BYTES_MOST = 8 << 20  # and beyond that in any case


class Upkeep:
    """One round of it is `once`; what a round leaves undone, the next one takes up."""

    def __init__(self, database: Database, ledger: Ledger, *, now: Callable[[], Moment]) -> None:
        self._database, self._ledger, self._now = database, ledger, now
        self._checked: Row = ("", 0)  # ledger and number of the tap that was looked at last
        self._tapped = -1  # the last number of the round before

    def once(self, give_way: GiveWay = lambda: None) -> None:
        """Go round, and give way to who taps between two steps; what is damaged is seen to at once.

        Raises sqlite3.Error, OSError or a StoreProblem when the disk does not let it.
        """
        if self._database.is_gone:
            self._ledger.heal(self._database.generation)
        salvage(self._database, at=self._now().at)
        self._look(give_way)
        give_way()
        self._purge()
        give_way()
        self._database.ballast.lay_out()
        quiet, self._tapped = self._tapped == self._ledger.last, self._ledger.last
        if self._database.log_bytes > (LOG_BYTES if quiet else LOG_BYTES_MOST):
            give_way()
            self._database.write_back()
        mark_in_use(self._database.folder, self._ledger.id, self._ledger.last)

    def _look(self, give_way: GiveWay) -> None:
        """Read the next taps, which checks them; damage sets the file aside, to be salvaged at once."""
        for _ in range(0, CHECKED_AT_ONCE, PIECE_TAPS):
            give_way()
            generation = self._database.generation
            try:
                seen = self._next_piece()
            except Exception as error:
                if not is_damage(error):
                    raise
                self._ledger.heal(generation)
                salvage(self._database, at=self._now().at)
                return
            self._checked = seen[-1][:2] if len(seen) == PIECE_TAPS else ("", 0)
            if self._checked == ("", 0):
                return

    def _next_piece(self) -> list[Row]:
        after = "WHERE (ledger, seq) > (?, ?) ORDER BY ledger, seq LIMIT ?"  # by the primary key
        with self._database.read() as reader:
            return list(rows_at_once(reader, "taps", after, (*self._checked, PIECE_TAPS)))

    def _purge(self) -> None:
        moment = self._now()
        if not moment.synced_clock:  # a clock that nobody set would empty the ledger when it jumps
            return
        with self._database.write() as writer:
            for row in ledgers(writer):
                if row.purged_through < row.settled_through:
                    _purge(writer, row, before=moment.at - RETENTION_MS)


def _purge(writer: Connection, row: LedgerRow, *, before: int) -> None:
    """Delete settled taps from the lowest number on, as far as all are old; what was not counted stays."""
    most = min(row.settled_through, row.purged_through + PURGED_AT_ONCE)
    younger = "SELECT seq FROM taps WHERE ledger = ? AND seq <= ? AND at >= ? ORDER BY seq LIMIT 1"
    found = writer.execute(younger, (row.id, most, before)).fetchone()
    through = found[0] - 1 if found else most
    if through <= row.purged_through:
        return
    writer.execute(
        """
        DELETE FROM taps WHERE ledger = ? AND seq <= ?
          AND (ledger, seq) NOT IN (SELECT ledger, seq FROM rejected)
          AND (ledger, seq) NOT IN (SELECT ledger, seq FROM withheld)
        """,
        (row.id, through),
    )
    keep(writer, replace(row, purged_through=through))
