"""A group of changes in one transaction, each with its own outcome; a poisonous one harms no other.

Used by `commit` in a thread, and by `writing` in a process of its own.
May touch the database through a writing connection.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from headoffice.problems import HeadOfficeError, StoreFailed
from headoffice.store.endings import bounded
from headoffice.store.engine import written_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headoffice.store.engine import Connection, Database

Change = Callable[["Connection"], Any]


class Outcome(NamedTuple):
    """What a change returned, or what it raised."""

    value: Any = None
    error: Exception | None = None


class Foresight(Protocol):
    """Who gets ready for a group; where several are written at once, for each of them."""

    def foresee(self, connection: Connection, changes: Sequence[Change]) -> None:
        """Be shown a group before its first change."""

    def committed(self) -> None:
        """Be told that the group was committed together."""


class Groups:
    """Makes the changes of a group, and commits them together.

    A change is a function of the writing connection. It may raise a HeadOfficeError before its first write:
    the others are committed without it. Any other error undoes the group, and each is then tried within
    bounds of its own (a savepoint), so that a poisonous one harms nobody else.
    """

    def __init__(self, database: Database, foresight: Foresight | None = None) -> None:
        self._database = database
        self._foresight = foresight

    def commit(self, changes: Sequence[Change]) -> list[Outcome]:
        """Make these changes; what is returned is durable."""
        if not changes:
            return []
        try:
            return self._together(changes)
        except Exception:  # noqa: BLE001 - whatever it is, it belongs to one of them and must not harm the others
            return self._one_by_one(changes)

    def _together(self, changes: Sequence[Change]) -> list[Outcome]:
        outcomes = []
        with self._database.write() as connection:
            if self._foresight is not None:
                self._foresight.foresee(connection, changes)
            written = written_rows(connection)
            for change in changes:
                before = written()
                try:
                    outcomes.append(Outcome(change(connection)))
                except HeadOfficeError as error:
                    if written() != before:
                        raise
                    outcomes.append(Outcome(error=error))
        if self._foresight is not None:
            self._foresight.committed()
        return outcomes

    def _one_by_one(self, changes: Sequence[Change]) -> list[Outcome]:
        """Each to its end and within bounds of its own, but all in one commit."""
        try:
            with self._database.write() as connection:
                return [self._by_itself(connection, change) for change in changes]
        except Exception as error:  # noqa: BLE001 - handed to those who wait for it
            return [Outcome(error=error)] * len(changes)

    def _by_itself(self, connection: Connection, change: Change) -> Outcome:
        try:
            with self._database.explained(), bounded(connection):
                return Outcome(change(connection))
        except StoreFailed:
            raise
        except Exception as error:  # noqa: BLE001 - handed to the one who waits for it
            return Outcome(error=error)
