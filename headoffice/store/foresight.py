"""What each of a group of batches asks first, looked up for all at once: whose key, how far which ledger.

Filled and asked by `work.ingest` inside a transaction, and forgotten with it.
May read what `kiosks` and `ledgers` read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headoffice.store import kiosks, ledgers
from headoffice.store.dialects import is_postgres
from headoffice.store.endings import ending

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from headoffice.store.engine import Connection
    from headoffice.store.kiosks import KeyRow, Standing
    from headoffice.store.ledgers import Heard, Ledger, Numbers

MOST_LEDGERS = 100_000  # numbers kept ready


@dataclass
class _Found:
    """What was looked up in this transaction, and has changed by nobody else in it."""

    keys: dict[bytes, KeyRow] = field(default_factory=dict)
    ledgers: dict[UUID, Ledger] = field(default_factory=dict)
    waiting = 0

    def settle(self, _connection: Connection) -> None:
        """Forget all: what comes next may change it."""
        self.keys.clear()
        self.ledgers.clear()

    def finish(self, connection: Connection) -> None:
        """Forget all."""
        self.settle(connection)


class Foresight:
    """Looks up for a whole group; remembers between groups what never changes."""

    def __init__(self) -> None:
        self._numbers: dict[UUID, Numbers] = {}

    def look(self, connection: Connection, *, keys: Collection[bytes], uuids: Collection[UUID]) -> None:
        """Look up keys and ledgers for batches to come, by an array of each.

        SQLite has nobody to send a question to and wait for, so there each batch asks for itself.
        """
        if not is_postgres(connection) or len(uuids) == 1:
            return
        found = ending(connection, _Found)
        found.keys |= kiosks.find_keys(connection, keys)
        new = [uuid for uuid in uuids if uuid not in self._numbers]
        if new:
            if len(self._numbers) + len(new) > MOST_LEDGERS:
                self._numbers.clear()
            numbers = ledgers.find_numbers(connection, [uuid.bytes for uuid in new])
            self._numbers |= {uuid: numbers[uuid.bytes] for uuid in new if uuid.bytes in numbers}
        known = {uuid: told for uuid in uuids if (told := self._numbers.get(uuid)) is not None}
        heads = {head.id: head for head in ledgers.find_heads(connection, list(known.values()))}
        found.ledgers |= {uuid: heads[numbers.id] for uuid, numbers in known.items() if numbers.id in heads}


def standing(connection: Connection, key: bytes, *, now: int) -> Standing:
    """Tell whose key it is, as `kiosks.standing` does."""
    row = ending(connection, _Found).keys.get(key)
    return kiosks.standing(connection, key, now=now) if row is None else kiosks.valid(row, now=now)


def ledger(connection: Connection, uuid: UUID) -> Ledger | None:
    """Find a ledger as it stands within this transaction, as `ledgers.find_ledger` does."""
    found = ending(connection, _Found).ledgers.get(uuid)
    return ledgers.find_ledger(connection, uuid) if found is None else found


def moved(connection: Connection, uuid: UUID, was: Ledger, heard: Heard) -> None:
    """Remember that a ledger's head is to move on, for the batches behind."""
    ending(connection, _Found).ledgers[uuid] = was._replace(
        through=heard.through,
        rejected=was.rejected + heard.rejected,
        newest=heard.newest,
        newest_from=heard.newest_from,
        looks=heard.looks,
    )
