"""What a transaction still has to write before it commits: rows better written once for a whole group.

Filled by `pending`; run by the two databases at the end of `write`.
May touch what the endings touch.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

NAME = "egao endings"


class Ending(Protocol):
    """Something that is written at the end of a transaction."""

    @property
    def waiting(self) -> int:
        """How many rows wait."""

    def settle(self, connection: Connection) -> None:
        """Write what others may want to read before the end."""

    def finish(self, connection: Connection) -> None:
        """Write all that was put off."""


E = TypeVar("E", bound=Ending)


def ending(connection: Connection, kind: type[E]) -> E:
    """Give the one ending of a kind that this transaction has, made at the first call."""
    endings = connection.info.setdefault(NAME, {})
    if kind not in endings:
        endings[kind] = kind()
    found: E = endings[kind]
    return found


def put(connection: Connection, kept: Ending) -> None:
    """Let this transaction have an ending that was there before it."""
    connection.info[NAME][type(kept)] = kept


def begin(connection: Connection) -> None:
    """Forget what a transaction before this one put off and never wrote."""
    connection.info[NAME] = {}


def settle(connection: Connection) -> None:
    """Write what was put off and others may want to read; called before whatever does not know of it."""
    for each in connection.info[NAME].values():
        each.settle(connection)


def finish(connection: Connection) -> None:
    """Write all that was put off."""
    for each in connection.info[NAME].values():
        each.finish(connection)


@contextmanager
def bounded(connection: Connection) -> Iterator[None]:
    """Do a part of a transaction to its end, or leave nothing of it."""
    with connection.begin_nested():
        begin(connection)
        try:
            yield
            finish(connection)
        finally:
            begin(connection)


def counter(connection: Connection) -> Callable[[], int]:
    """Give what counts the rows that this transaction puts off."""
    endings: dict[type[Ending], Ending] = connection.info[NAME]

    def waiting() -> int:
        count = 0
        for each in endings.values():  # asked for every change: a generator would take twice as long
            count += each.waiting
        return count

    return waiting
