"""What each of a group of batches asks first, looked up for all at once: whose key, how far which ledger.

Filled and asked by `work.ingest` inside a transaction; PostgreSQL is asked anew in the next.
May read what `kiosks` and `ledgers` read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headoffice.store import endings, kiosks, ledgers
from headoffice.store.dialects import is_postgres
from headoffice.store.endings import ending
from headoffice.store.ledgers import Ledger, Newest
from headoffice.store.pending import pending
from headoffice.store.sqlite import writes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headoffice.store.engine import Connection
    from headoffice.store.kiosks import KeyRow, Standing
    from headoffice.store.ledgers import Heard, Numbers

MOST_LEDGERS = 100_000  # numbers kept ready
MOST_FOUND = 20_000  # keys and ledgers


@dataclass
class Found:
    """What was looked up, and nobody has changed since."""

    keys: dict[bytes, KeyRow] = field(default_factory=dict)
    ledgers: dict[bytes, Ledger] = field(default_factory=dict)
    lasts: bool = False  # beyond the transaction
    as_of: tuple[int, int] | None = None
    waiting = 0

    def standing(self, connection: Connection, key: bytes, *, now: int) -> Standing:
        """Tell whose key it is, as `kiosks.standing` does."""
        row = self.keys.get(key)
        if row is None:
            row = kiosks.find_key(connection, key)
            if row is not None:
                self.keys[key] = row
        return kiosks.valid(row, now=now)

    def ledger(self, connection: Connection, uuid: bytes) -> Ledger | None:
        """Find a ledger as it stands within this transaction, as `ledgers.find_ledger` does."""
        known = self.ledgers.get(uuid)
        return ledgers.find_ledger(connection, uuid) if known is None else known

    def moved(self, uuid: bytes, was: Ledger, heard: Heard, newest: Newest) -> None:
        """Remember that a ledger's head is to move on, for the batches behind."""
        rejected = was.rejected + heard.rejected
        self.ledgers[uuid] = Ledger(was.id, was.kiosk, was.lane, heard.through, rejected, newest, heard.looks)

    def settle(self, _connection: Connection) -> None:
        """Forget all: what comes next may change it."""
        self.keys.clear()
        self.ledgers.clear()

    def finish(self, connection: Connection) -> None:
        """Note as of which writes it stands; nothing is put off here, and nothing is written after this."""
        if self.lasts:
            self.as_of = writes(connection)


class Foresight:
    """Looks up for a whole group; remembers between groups what nobody has changed since."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, Numbers] = {}
        self._found = Found(lasts=True)  # of SQLite, whose one writer sees whether anybody else has written
        self._stands: tuple[int, int] | None = None  # as of which writes that is so

    def look(self, connection: Connection, batches: Iterable[tuple[bytes, bytes]]) -> None:
        """Get ready for batches to come, by key and ledger: on PostgreSQL ask for all by an array of each.

        SQLite has nobody to send a question to and wait for, so there each batch asks for itself; but what
        was found for those before stands, until anybody else writes.
        """
        if not is_postgres(connection):
            self._go_on(connection)
            return
        asked = list(batches)
        uuids = {uuid for _, uuid in asked}
        if len(uuids) == 1:
            return
        found = ending(connection, Found)
        found.keys |= kiosks.find_keys(connection, {key for key, _ in asked})
        new = [uuid for uuid in uuids if uuid not in self._numbers]
        if new:
            if len(self._numbers) + len(new) > MOST_LEDGERS:
                self._numbers.clear()
            numbers = ledgers.find_numbers(connection, new)
            self._numbers |= numbers
        known = {uuid: told for uuid in uuids if (told := self._numbers.get(uuid)) is not None}
        heads = {head.id: head for head in ledgers.find_heads(connection, list(known.values()))}
        found.ledgers |= {uuid: heads[numbers.id] for uuid, numbers in known.items() if numbers.id in heads}

    def _go_on(self, connection: Connection) -> None:
        found = self._found
        if writes(connection) != self._stands or len(found.keys) + len(found.ledgers) > MOST_FOUND:
            found.settle(connection)
        self._stands = None  # until `committed`: what a group found that fails is nothing
        pending(connection)  # is to finish first
        endings.put(connection, found)

    def committed(self) -> None:
        """Be told that a group was committed as a whole: what was found for it stands."""
        self._stands = self._found.as_of


def found(connection: Connection) -> Found:
    """Give what was looked up for this transaction."""
    return ending(connection, Found)
