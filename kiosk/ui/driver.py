"""Opens the graphics driver beside Python's own start, and chooses the plainest form that a window can have.

Started by kiosk.__main__ before anything is imported, asked and let go by kiosk.bootstrap. May touch Xlib and
GLX, on a connection and a thread of its own: a driver takes 30 to 100 ms to load, in which Python can import.
"""

import ctypes
import os
import threading
from typing import Any

from kiosk.ui.glx import open_glx

# From GL/glx.h: eight bits a colour, two pictures to exchange. No depth and no stencil: nothing here draws
# with them, and at 1280 × 800 they would take 4 MB and be cleared with every frame.
RGBA, TWO_PICTURES, RED, GREEN, BLUE = 4, 5, 8, 9, 10
PLAIN = (ctypes.c_int * 9)(RGBA, TWO_PICTURES, RED, 8, GREEN, 8, BLUE, 8, 0)


class _Visual(ctypes.Structure):
    """The beginning of Xlib's XVisualInfo."""

    _fields_ = (("visual", ctypes.c_void_p), ("number", ctypes.c_ulong))


class Driver:
    """The driver of the screen that DISPLAY names; where there is none, nothing is done."""

    def __init__(self) -> None:
        self._display: int | None = None
        self._visual: int | None = None
        self._x11: Any = None
        self._thread: threading.Thread | None = None
        if os.environ.get("DISPLAY") and os.environ.get("SDL_VIDEODRIVER", "x11") == "x11":
            self._begin()

    def visual(self) -> int | None:
        """The X server's number for the plainest form of a window, once the driver is there; else None."""
        if self._thread is not None:
            self._thread.join()
        return self._visual

    def let_go(self) -> None:
        """The window has the driver now; this needs it no more."""
        display, self._display = self._display, None
        if display:
            self._x11.XCloseDisplay(display)

    def _begin(self) -> None:
        try:
            self._x11 = ctypes.CDLL("libX11.so.6")
        except OSError:
            return
        self._x11.XInitThreads()  # before the main thread opens the same screen
        self._x11.XOpenDisplay.restype = ctypes.c_void_p
        for ask in (self._x11.XCloseDisplay, self._x11.XDefaultScreen, self._x11.XFree):
            ask.argtypes = [ctypes.c_void_p]
        # Not a daemon: a process that ends at once must not unload what is just being loaded.
        self._thread = threading.Thread(target=self._load, name="egao-driver")
        self._thread.start()

    def _load(self) -> None:
        self._display = self._x11.XOpenDisplay(None)
        glx = open_glx() if self._display else None
        if glx is None:
            return
        glx.glXChooseVisual.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]
        glx.glXChooseVisual.restype = ctypes.POINTER(_Visual)
        screen = self._x11.XDefaultScreen(self._display)
        if found := glx.glXChooseVisual(self._display, screen, PLAIN):
            self._visual = int(found.contents.number)
            self._x11.XFree(ctypes.cast(found, ctypes.c_void_p))
