"""Sleeps until there is something to do: an event from the X server, a timer, or a call from elsewhere.

Installed once by kiosk.ui.app. May touch Kivy's clock and event loop.
Kivy alone wakes 60 times a second: measured, 4.9 % of a core for nothing, and 72 ms from tap to paint.
"""

import ctypes
import os
import select
import threading
from typing import Any

from kivy.base import EventLoop
from kivy.cache import Cache
from kivy.clock import Clock
from kivy.core.window import Window

FRAME_S = 1 / 60
MOST_S = 5.0  # however quiet it is: a wake-up that was lost may cost this much, not the kiosk
READ_ALL = 1  # Xlib's QueuedAfterReading
PURGE_S = 60.0  # Kivy looks every second whether a picture it keeps has grown old: two thirds of all wake-ups


class XConnection:
    """The connection of our window to the X server."""

    def __init__(self, display: int) -> None:
        self._x11 = ctypes.CDLL("libX11.so.6")
        self._x11.XConnectionNumber.argtypes = [ctypes.c_void_p]
        self._x11.XEventsQueued.argtypes = [ctypes.c_void_p, ctypes.c_int]
        self._display = display
        self.descriptor = int(self._x11.XConnectionNumber(display))

    def waiting(self) -> bool:
        """Whether events are here already: drawing may have read them, and select() would see none."""
        return bool(self._x11.XEventsQueued(self._display, READ_ALL))


class Sleeper:
    """Takes the place of the clock's own waiting between two frames."""

    def __init__(self, connection: XConnection, clock: Any, window: Any) -> None:
        self._connection, self._clock, self._window = connection, clock, window
        self._bell, self._ring = os.pipe()
        for end in (self._bell, self._ring):
            os.set_blocking(end, False)
        self._thread = threading.get_ident()

    def idle(self) -> float:
        """Wait; then read what came, so that it is handled and drawn in this frame. Returns the time."""
        wait_s = self.wait_s()
        if wait_s > 0 and not self._connection.waiting():
            ready, _, _ = select.select([self._connection.descriptor, self._bell], [], [], wait_s)
            if self._bell in ready:
                os.read(self._bell, 4096)
        self._window.mainloop()
        now = float(self._clock.time())
        self._clock._dt = now - self._clock._last_tick  # noqa: SLF001 # what the clock's own idle() keeps
        self._clock._last_tick = now  # noqa: SLF001
        return now

    def wait_s(self) -> float:
        """How long there is nothing to do."""
        if EventLoop.quit or self._window.canvas.needs_redraw or self._unread():
            return 0.0
        now, due = float(self._clock.time()), float(self._clock.get_min_timeout())
        passed = now - float(self._clock.get_time())
        # Kivy gives the clock's time at which the next event is due; 0 for one that waits for the next frame.
        return min(MOST_S, max(due - now if due else 0.0, FRAME_S - passed))

    def wake(self, *_: object) -> None:
        """End the sleep; may be called from any thread and from a signal's handler."""
        try:
            os.write(self._ring, b"!")
        except BlockingIOError:
            return  # it is ringing already

    def scheduled(self, _event: object) -> None:
        """The clock was given something to do; another thread has to wake this one for it."""
        if threading.get_ident() != self._thread:
            self.wake()

    def _unread(self) -> bool:
        """Whether input has been read that no widget has seen yet."""
        return any(getattr(provider, "waiting_event", ()) for provider in EventLoop.input_providers)


def install() -> Sleeper | None:
    """Sleep on the window's X connection; None where there is none, and Kivy waits as it always did."""
    info = Window.get_window_info()
    display = getattr(info, "display", None)
    if not display:
        return None
    sleeper = Sleeper(XConnection(int(display)), Clock, Window)
    Clock.idle = sleeper.idle
    Clock.on_schedule = sleeper.scheduled
    Clock.unschedule(Cache._purge_by_timeout)  # noqa: SLF001 # scheduled where the cache is imported
    Clock.schedule_interval(Cache._purge_by_timeout, PURGE_S)  # noqa: SLF001
    return sleeper
