"""What the two databases say differently, and how much was written over a connection.

Used by `sqlite`, `postgres`, `engine` and the statements of this folder.
May touch nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import event

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

DRIVER = "egao driver"  # where a connection keeps its bare self


class Claim(Protocol):
    """A database taken for serving."""

    def close(self) -> None:
        """Give it back."""


def is_postgres(connection: Connection) -> bool:
    """Tell which of the two databases a connection leads to."""
    return connection.dialect.name == "postgresql"


def keep_driver(engine: Engine, wrap: Callable[[Any], object]) -> None:
    """Let each new connection of an engine keep its bare self, as `engine.driver` gives it."""

    def connected(bare: Any, record: Any) -> None:
        record.info[DRIVER] = wrap(bare)

    event.listen(engine, "connect", connected)
