"""Keeps shoppers inside the app, and the app running when something in it fails.

Called by kiosk.ui.app. May touch Kivy's window and its handling of exceptions.
"""

import logging
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from kivy.base import ExceptionHandler, ExceptionManager
from kivy.core.window import Window

MOST, WITHIN_S = 3, 60.0  # so many failures in so short a time: beginning anew does not help
log = logging.getLogger(__name__)


class Failures:
    """Remembers when something failed, by monotonic time."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=MOST)

    def again(self, now: float) -> bool:
        """One more; whether they have become too many."""
        self._times.append(now)
        return len(self._times) == MOST and now - self._times[0] <= WITHIN_S


class Recovering(Protocol):
    """What the guard asks of the app, so that it need not know it."""

    ready: bool

    def recover(self) -> None:
        """Return to the first screen."""


class KeepGoing(ExceptionHandler):  # type: ignore[misc] # Kivy ships no types
    """Logs what fails and returns to the first screen; before the app is ready, its starter must know."""

    def __init__(self, app: Recovering) -> None:
        self._app = app

    def handle_exception(self, exception: BaseException) -> int:
        """Pass or raise, in Kivy's terms."""
        if not self._app.ready or not isinstance(exception, Exception):
            return int(ExceptionManager.RAISE)
        log.error("back to the first screen after a failure", exc_info=exception)
        self._app.recover()
        return int(ExceptionManager.PASS)


@contextmanager
def kept_going(app: Recovering) -> Iterator[None]:
    """Handle failures like that for as long as the app runs."""
    handler = KeepGoing(app)
    ExceptionManager.add_handler(handler)
    try:
        yield
    finally:
        ExceptionManager.remove_handler(handler)


def close_the_ways_out() -> None:
    """No key does anything, and the window does not close when asked to; a signal ends the app."""
    Window.bind(on_keyboard=_swallow, on_key_down=_swallow, on_key_up=_swallow, on_request_close=_swallow)


def _swallow(*_: object, **__: object) -> bool:
    return True
