"""I send what waits in the outbox, batch by batch, and let go of a tap only on head office's word.

``agent`` calls me, on its own thread.
I see the kiosk's store through the two Protocols here, and the network through ``client``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync.contract import Head, Item, Rejected


class Outbox(Protocol):
    """The ledgers, as what still has to be sent. Called from the sync thread; a call is a transaction."""

    def head(self) -> Head:
        """Give the unsettled part of the oldest ledger that has one, else the open ledger's empty end."""
        ...

    def read(self, ledger: str, first: int, limit: int) -> Sequence[Item]:
        """Give at most ``limit`` items numbered ``first``, ``first + 1``, … without a hole."""
        ...

    def settle(self, ledger: str, through: int, rejected: Sequence[Rejected]) -> None:
        """Note that everything up to ``through`` is decided; never moves the cursor back."""
        ...

    def rewind(self, ledger: str, through: int) -> None:
        """Move the cursor back: head office holds the ledger only up to ``through``."""
        ...

    def fork(self, ledger: str, same: int) -> None:
        """Close the ledger at ``same`` and move its later taps, with new numbers, to a new open one."""
        ...

    def withhold(self, ledger: str, seq: int, reason: str) -> None:
        """Keep the tap, but from now on read it as Withheld for ``reason``."""
        ...

    def pending(self) -> int:
        """Count the taps that are not settled."""
        ...

    def rejected(self) -> int:
        """Count the taps that head office rejected."""
        ...


class SurveyShelf(Protocol):
    """Every survey version that a tap of this kiosk may name."""

    def document(self, version: str) -> dict[str, Any] | None:
        """Give the document as it was written, None if it is not here."""
        ...
