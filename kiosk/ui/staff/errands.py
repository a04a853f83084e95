"""One thread beside the window for all that staff's pages have done: files, hashes, the ledger, head office.

Made by kiosk.ui.staff.entrance. May touch threads, and Kivy's clock, through which what comes of it reaches
the window's thread.
"""

import logging
import threading
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import TypeVar

from kivy.clock import Clock

Found = TypeVar("Found")
log = logging.getLogger(__name__)


class Errands:
    """Does one thing after the other; the thread starts with the first."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def send(
        self, job: Callable[[], Found], done: Callable[[Found], None], failed: Callable[[Exception], None]
    ) -> None:
        """Do the job beside the window; then call `done` or `failed` on the window's thread."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="egao-staff", daemon=True)
            self._thread.start()
        self._jobs.put(partial(_run, job, done, failed))

    def _work(self) -> None:
        while True:
            self._jobs.get()()


def _run(
    job: Callable[[], Found], done: Callable[[Found], None], failed: Callable[[Exception], None]
) -> None:
    try:
        found = job()
    except Exception as problem:  # noqa: BLE001 - the page says what was wrong; the thread goes on
        log.info("an errand for staff failed: %s", type(problem).__name__)  # its text may name what was typed
        _hand_over(partial(failed, problem))
    else:
        _hand_over(partial(done, found))


def _hand_over(tell: Callable[[], None]) -> None:
    Clock.schedule_once(lambda _: tell(), 0)
