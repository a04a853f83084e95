"""A virtual screen: an X server without a monitor, with a finger (XTEST) and an eye (screenshots).

The demo, the tests and the benchmarks use me. I start Xvfb and end only that; nothing listens on the network.
"""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Self

from PIL import Image
from Xlib import XK, X
from Xlib.display import Display
from Xlib.ext import xtest

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


class VirtualScreen:
    """An Xvfb of `width` × `height` pixels; a context manager. `display` is what DISPLAY must be."""

    def __init__(self, width: int, height: int) -> None:
        self.size = (width, height)
        self.display = ""

    def __enter__(self) -> Self:
        reading, writing = os.pipe()
        width, height = self.size
        self._server = subprocess.Popen(
            [
                "Xvfb",
                "-displayfd",
                str(writing),
                "-screen",
                "0",
                f"{width}x{height}x24",
                "-nolisten",
                "tcp",
                "-noreset",
            ],
            pass_fds=[writing],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        with os.fdopen(reading) as announced:
            number = announced.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start; is the Debian package xvfb installed?")
        self.display = f":{number}"
        self._eye = Display(self.display)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._eye.close()
        self._server.terminate()
        self._server.wait()

    def move(self, x: float, y: float) -> None:
        """Bring the pointer to a pixel, counted from the top left."""
        xtest.fake_input(self._eye, X.MotionNotify, x=round(x), y=round(y))
        self._eye.sync()

    def press(self, x: float, y: float, *, button: int = 1) -> None:
        """Put the finger down at a pixel and leave it there."""
        self.move(x, y)
        xtest.fake_input(self._eye, X.ButtonPress, button)
        self._eye.sync()

    def release(self, *, button: int = 1) -> None:
        """Lift the finger."""
        xtest.fake_input(self._eye, X.ButtonRelease, button)
        self._eye.sync()

    def tap(self, x: float, y: float, *, button: int = 1) -> None:
        """A tap at a pixel, counted from the top left."""
        self.press(x, y, button=button)
        self.release(button=button)

    def key(self, *names: str) -> None:
        """Press keys together, for example `key("Alt_L", "F4")`, and let go."""
        codes = [self._eye.keysym_to_keycode(XK.string_to_keysym(name)) for name in names]
        for code in codes:
            xtest.fake_input(self._eye, X.KeyPress, code)
        for code in reversed(codes):
            xtest.fake_input(self._eye, X.KeyRelease, code)
        self._eye.sync()

    def image(self) -> Image.Image:
        """What the screen shows now."""
        width, height = self.size
        raw = self._eye.screen().root.get_image(0, 0, width, height, X.ZPixmap, 0xFFFFFFFF)
        return Image.frombytes("RGB", self.size, raw.data, "raw", "BGRX")

    def screenshot(self, path: Path) -> None:
        """Keep what the screen shows now as a PNG."""
        self.image().save(path, optimize=True)
