"""A virtual screen: an X server without a monitor, with a finger (XTEST) and an eye on it (its memory).

The demo and the tests of the real window use me. I start Xvfb and end only that; nothing is on the network.
"""

import mmap
import os
import select
import struct
import subprocess
import tempfile
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self, TypeVar

from PIL import Image, ImageChops
from Xlib import XK, X, error
from Xlib.display import Display
from Xlib.ext import xtest
from Xlib.protocol.event import ClientMessage

PATIENCE_S = 20.0
SETTLED_S = 0.45  # longer than a new screen refuses touches that were meant for the one before
ANOTHER_PAGE = 0.05  # of all pixels are not the same: a disc that sinks and a sign in a corner are less
Seen = TypeVar("Seen")


def wait_for(look: Callable[[], Seen], what: str, patience_s: float = PATIENCE_S) -> Seen:
    """Look again and again until there is something to see; returns it."""
    deadline = time.monotonic() + patience_s
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience_s:g} s in vain for {what}")
        time.sleep(0.03)
    return seen


class Screen:
    """An X server of our own with one screen, and a hand and an eye on it."""

    def __init__(self, width: int = 1280, height: int = 800) -> None:
        self.width, self.height = width, height
        self._folder = tempfile.TemporaryDirectory()
        read, write = os.pipe()
        self._server = subprocess.Popen(
            [
                *("Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24"),
                *("-fbdir", self._folder.name, "-nolisten", "tcp"),
            ],
            pass_fds=(write,),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        self.name = ":" + read_line(read, PATIENCE_S)
        os.close(read)
        self._display = Display(self.name)
        self._root = self._display.screen().root
        with (Path(self._folder.name) / "Xvfb_screen0").open("rb") as file:
            self._pixels = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        header = struct.unpack_from(">25I", self._pixels)  # of an XWD file; the colour map follows it
        self._begin, self._line_bytes = header[0] + 12 * header[19], header[12]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pixels.close()
        self._display.close()
        self._server.terminate()
        self._server.wait(PATIENCE_S)
        self._folder.cleanup()

    def press(self, x: int, y: int, button: int = 1) -> None:
        """Put the finger down; y counts from the top."""
        xtest.fake_input(self._display, X.MotionNotify, x=x, y=y)
        xtest.fake_input(self._display, X.ButtonPress, button)
        self._display.sync()

    def move(self, x: int, y: int) -> None:
        """Move the finger, be it down or not."""
        xtest.fake_input(self._display, X.MotionNotify, x=x, y=y)
        self._display.sync()

    def lift(self, button: int = 1) -> None:
        """Take the finger off."""
        xtest.fake_input(self._display, X.ButtonRelease, button)
        self._display.sync()

    def tap(self, x: int, y: int, button: int = 1) -> None:
        """Touch and let go."""
        self.press(x, y, button)
        self.lift(button)

    def key(self, *names: str) -> None:
        """Press the keys together and let them go, e.g. `key("Alt_L", "F4")`; the window gets them."""
        for window in self._root.query_tree().children:
            with suppress(error.XError):
                window.set_input_focus(X.RevertToParent, X.CurrentTime)
        self._display.sync()
        codes = [self._display.keysym_to_keycode(XK.string_to_keysym(name)) for name in names]
        for code in codes:
            xtest.fake_input(self._display, X.KeyPress, code)
        for code in reversed(codes):
            xtest.fake_input(self._display, X.KeyRelease, code)
        self._display.sync()

    def ask_to_close(self) -> None:
        """What a window manager sends for Alt+F4 or a click on a window's cross."""
        protocols, delete = (self._display.intern_atom(name) for name in ("WM_PROTOCOLS", "WM_DELETE_WINDOW"))
        for window in self._root.query_tree().children:
            wanted = window.get_full_property(protocols, X.AnyPropertyType)
            if wanted is not None and delete in wanted.value:
                window.send_event(_client_message(window, protocols, delete))
        self._display.sync()

    def look(self) -> Image.Image:
        """What is on the screen now, as RGB, read from the server's memory: the kiosk does not notice."""
        shape, raw = (self.width, self.height), self._pixels[self._begin :]
        return Image.frombytes("RGB", shape, raw, "raw", "BGRX", self._line_bytes)

    def print(self) -> int:
        """A fingerprint of what is on the screen now; each pixel's fourth byte is padding, and anything."""
        return zlib.crc32(self.look().tobytes())

    def still(self) -> Image.Image:
        """What is on the screen once it has not changed for so long that a touch counts again."""
        last, since = self.print(), time.monotonic()
        deadline = since + PATIENCE_S
        while time.monotonic() - since < SETTLED_S:
            if (now := self.print()) != last:
                last, since = now, time.monotonic()
            if time.monotonic() > deadline:
                raise AssertionError("the screen never comes to rest")
            time.sleep(0.02)
        return self.look()

    def choose(self, x: int, y: int) -> None:
        """Tap what stays on the screen, and wait until it shows."""
        before = self.print()
        self.tap(x, y)
        wait_for(lambda: self.print() != before, "another picture")

    def step(self, x: int, y: int) -> Image.Image:
        """Tap what leads to another screen; returns that one at rest."""
        self.choose(x, y)
        return self.still()

    def turn(self, x: int, y: int) -> Image.Image:
        """Touch what leads to another page; that page, at rest. What a touch shows at once is not yet one."""
        before = self.look()
        self.tap(x, y)
        self.until_unlike(before)
        return self.still()

    def until_unlike(self, picture: Image.Image) -> None:
        """Wait until the screen shows another page than this picture does."""
        wait_for(lambda: unlike(picture, self.look()) > ANOTHER_PAGE, "another page")

    def until_like(self, picture: Image.Image) -> None:
        """Wait until the screen shows this picture."""
        wait_for(lambda: self.look().tobytes() == picture.tobytes(), "a picture seen before")


def unlike(one: Image.Image, other: Image.Image) -> float:
    """Which share of two pictures is not the same."""
    same = ImageChops.difference(one, other).convert("L").histogram()[0]
    return 1 - same / (one.width * one.height)


def read_line(descriptor: int, patience_s: float) -> str:
    """One line from a pipe, or what came before it was closed."""
    line, deadline = b"", time.monotonic() + patience_s
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
        piece = os.read(descriptor, 1) if ready else b""
        if not piece:
            break
        line += piece
    return line.decode().strip()


def _client_message(window: object, protocols: int, delete: int) -> object:
    return ClientMessage(window=window, client_type=protocols, data=(32, [delete, X.CurrentTime, 0, 0, 0]))
