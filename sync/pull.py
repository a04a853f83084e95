"""I fetch the programme from head office when it differs from the one on the shelf, and check it whole.

``agent`` calls me, on its own thread, after an ack that names another etag.
I see the kiosk's store through the Protocol here, and the network through ``client``.
"""

from __future__ import annotations

from typing import Any, Protocol


class ProgrammeShelf(Protocol):
    """The programme from head office, as the kiosk keeps it. Called from the sync thread."""

    def etag(self) -> str | None:
        """Give the etag of what is kept, None if nothing is."""
        ...

    def put(self, etag: str, documents: list[dict[str, Any]]) -> None:
        """Keep a checked programme and its surveys in one transaction; an empty one means config.toml."""
        ...
