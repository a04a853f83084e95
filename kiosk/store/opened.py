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
from kiosk.store.ledgers import ledgers
from kiosk.store.outbox import Outbox
from kiosk.store.problems import LedgerDamaged, is_damage, is_no_room
from kiosk.store.programme import Document, ProgrammeShelf, shelve
from kiosk.store.residence import Machine, arrive
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
        self._write(lambda writer: shelve(writer, documents))

    def arrive(self, here: Machine) -> None:
        """Note on which machine the card is; on another one than before, begin a ledger of its own there."""
        try:
            self._write(lambda writer: self._arrive(writer, here))
        except Exception as error:
            if not is_damage(error):
                raise
            self.ledger.heal(self.database.generation)

    def _arrive(self, writer: sqlite3.Connection, here: Machine) -> None:
        if arrive(writer, here, [row.id for row in ledgers(writer)]):
            self.ledger.begin()

    def _write(self, change: Callable[[sqlite3.Connection], object]) -> None:
        """Change something in one transaction, again without the ballast where there was no room for it."""
        try:
            self._try(change)
        except sqlite3.OperationalError as error:
            if not (is_no_room(error) and self.database.ballast.release()):
                raise
            self._try(change)

    def _try(self, change: Callable[[sqlite3.Connection], object]) -> None:
        with self.database.lock:
            try:
                with self.database.write() as writer:
                    change(writer)
            except BaseException:
                self.ledger.resume()  # as it stood before
                raise

    def close(self) -> None:
        """Write everything back and close."""
        with suppress(sqlite3.Error, LedgerDamaged):  # a courtesy, which a full disk may refuse
            self.ledger.leave_word()
        self.database.close()
