"""I send a picture of the kiosk's screen, where head office asked for one: once, and never unasked.

``agent`` calls me, on its own thread, with what an ack said.
I see the screen through the Protocol here, and the network through ``client``.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

from sync.errors import Refused

if TYPE_CHECKING:
    from sync.client import Client

_log = logging.getLogger(__name__)


class Camera(Protocol):
    """The screen, as a picture that is taken when nobody is there. Called from the sync thread."""

    def ask(self) -> None:
        """Have a picture taken as soon as nobody is there; asked again, nothing more is done."""
        ...

    def developed(self) -> bytes | None:
        """Give the picture that was taken, as PNG, and keep it no longer; None while there is none."""
        ...

    def forget(self) -> None:
        """Nobody waits for a picture any more: none is taken, and one that was is dropped."""
        ...


class Pictures:
    """A picture's way up."""

    def __init__(self, client: Client, camera: Camera) -> None:
        self._client = client
        self._camera = camera
        self._refused: str | None = None  # the name of one that head office would not have

    def heard(self, asked: str | None) -> None:
        """Do what an ack asks for: have a picture taken, or send the one that was. Raises a SyncError."""
        if asked is None or asked == self._refused:
            self._camera.forget()
            return
        png = self._camera.developed()
        if png is None:
            self._camera.ask()
            return
        try:
            self._client.put_picture(asked, png)
        except Refused as refusal:
            _log.warning("head office refuses the picture of the screen that it asked for: %s", refusal)
            self._refused = asked
