"""A soft sound when an answer is safe: the same for every face, so that it tells nobody which.

Made by kiosk.ui.app; silent until it has been loaded, and for ever where there is no sound device.
May touch Kivy's audio, on a thread of its own: a sound system may take seconds to say that it is not there.
"""

import logging
from pathlib import Path
from threading import Thread
from typing import Any

log = logging.getLogger(__name__)


class Chime:
    """One sound."""

    def __init__(self) -> None:
        self._sound: Any = None

    def load(self, file: Path) -> None:
        """Have it ready in a while; nobody waits for it."""
        Thread(target=self._load, args=(file,), name="egao-chime", daemon=True).start()

    def play(self) -> None:
        """Sound it, from its beginning; what still sounds ends."""
        if self._sound:
            self._sound.play()

    def _load(self, file: Path) -> None:
        try:
            from kivy.core.audio import SoundLoader  # noqa: PLC0415 - only a kiosk with sound loads it

            sound = SoundLoader.load(str(file))
        except Exception:
            log.exception("there will be no sound")
            return
        if sound and sound.length:
            self._sound = sound
        else:
            log.warning("there will be no sound: no device plays %s", file.name)
