"""The whole store of a kiosk that writes, put together.

Made by kiosk.bootstrap after the first frame, and by the commands that write.
Touches the data directory, which the caller has locked.
"""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from kiosk.store.database import Database
from kiosk.store.ledger import Ledger
from kiosk.store.outbox import Outbox
from kiosk.store.problems import LedgerDamaged, is_no_room
from kiosk.store.programme import Document, ProgrammeShelf, shelve
from kiosk.store.salvage import salvage
from kiosk.store.tap import Moment
from kiosk.store.upkeep import Upkeep


class Store:
    """One data directory's database and all that works on it. Any thread may call any part."""

    def __init__(
        self,
        folder: Path,
        *,
        now: Callable[[], Moment],
        new_id: Callable[[], str],
        on_programme: Callable[[list[Document]], object],
    ) -> None:
        """Open or make it; `on_programme` hears of a new programme on the agent's thread.

        Raises DataUnusable, LedgerTooNew or LedgerUnsafe.
        """
        self.now = now
        self.database = Database(folder)
        try:
            self.ledger = Ledger(self.database, now=now, new_id=new_id)
        except BaseException:
            self.database.close()  # left open it would look, at the next start, as if its log had been lost
            raise
        self.outbox = Outbox(
            self.database,
            self.ledger,
            now=now,
            new_id=new_id,
            salvage=lambda: salvage(self.database, at=now().at),
        )
        self.shelf = ProgrammeShelf(self.database, now_ms=lambda: now().at, on_change=on_programme)
        self.upkeep = Upkeep(self.database, self.ledger, now=now)

    def shelve(self, documents: list[Document]) -> None:
        """Keep this kiosk's own surveys, before their first tap; on a full disk in the reserve."""
        try:
            self._shelve(documents)
        except sqlite3.OperationalError as error:
            if not (is_no_room(error) and self.database.ballast.release()):
                raise
            self._shelve(documents)

    def _shelve(self, documents: list[Document]) -> None:
        with self.database.write() as writer:
            shelve(writer, documents)

    def close(self) -> None:
        """Write everything back and close."""
        with suppress(sqlite3.Error, LedgerDamaged):  # a courtesy, which a full disk may refuse
            self.ledger.leave_word()
        self.database.close()
