"""Kana to kanji beside the screens: a thread asks Mozc, the answers come back through the clock.

Made by kiosk.ui.app where Mozc is installed, asked by kiosk.ui.writing. May touch threads and kiosk.ui.mozc.
The screens never wait for it; when it dies, kana alone is written.
"""

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue

from kiosk.ui.mozc import Candidate, Mozc, MozcGone, Tools

STARTS = 3  # so often it is started anew when it has died
CLOSING_S = 3.0
log = logging.getLogger(__name__)

Deliver = Callable[[str, tuple[Candidate, ...]], None]


class Conversion:
    """Answers readings with candidates, later; the processes start with the first question."""

    def __init__(self, tools: Tools, deliver: Deliver) -> None:
        """`deliver` is called on the conversion's thread with each reading and what it may become."""
        self._tools, self._deliver = tools, deliver
        self._readings: SimpleQueue[str | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self.alive = True  # until it has failed for good

    def warm(self) -> None:
        """Start, so that the first candidates come fast."""
        self.ask("")

    def ask(self, reading: str) -> None:
        """Ask for what a reading may become; of several that wait only the last is answered."""
        if not self.alive:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="egao-kana", daemon=True)
            self._thread.start()
        self._readings.put(reading)

    def close(self) -> None:
        """End the thread and the processes."""
        self.alive = False
        if self._thread is not None:
            self._readings.put(None)
            self._thread.join(CLOSING_S)

    def _work(self) -> None:
        for _ in range(STARTS):
            try:
                mozc = Mozc(self._tools)
            except MozcGone as problem:
                log.warning("kana stay kana: Mozc does not start: %s", problem)
                break
            try:
                self._answer(mozc)
            except MozcGone as problem:
                log.warning("Mozc was lost: %s", problem)
            else:
                return
            finally:
                mozc.close()
        self.alive = False

    def _answer(self, mozc: Mozc) -> None:
        """Answer until told to end."""
        while (reading := self._latest()) is not None:
            if reading:
                self._deliver(reading, mozc.convert(reading))

    def _latest(self) -> str | None:
        """The last reading that waits; None ends the work, however much came after it."""
        reading = self._readings.get()
        while reading is not None and not self._readings.empty():
            reading = self._readings.get()
        return reading
