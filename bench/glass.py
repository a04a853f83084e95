"""A virtual screen whose pixels are shared memory: a finger on it, and an eye that costs little.

bench.kiosk watches both contestants through me. I start one Xvfb, read its framebuffer file, and end it.
"""

import os
import struct
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt
from Xlib import X
from Xlib.display import Display
from Xlib.ext import xtest

Pixels = npt.NDArray[np.uint32]

NAP_S = 0.0003  # between two looks: a look takes 0.15 ms, and the programs watched need the processor too
COLOUR = np.uint32(0xFFFFFF)  # a pixel's fourth byte is padding
PATIENCE_S = 30.0
NEAR = 6  # a colour's channels may be this far off
SPARSE = 4  # colours are looked for in every fourth pixel of every fourth row
ENOUGH = 400  # of those; a face has about 3,000


class Glass:
    """A screen of `width` × `height` pixels; a context manager. `display` is what DISPLAY must be."""

    def __init__(self, width: int, height: int, folder: Path) -> None:
        self.size = (width, height)
        self.display = ""
        self._folder = folder

    def __enter__(self) -> Self:
        reading, writing = os.pipe()
        width, height = self.size
        words = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24"]
        # Without a drawn pointer, a moving finger changes no pixel by itself.
        words += ["-fbdir", str(self._folder), "-nocursor", "-nolisten", "tcp", "-noreset", "-s", "0"]
        self._server = subprocess.Popen(words, pass_fds=[writing], stderr=subprocess.DEVNULL)
        os.close(writing)
        with os.fdopen(reading) as announced:
            number = announced.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start; is the Debian package xvfb installed?")
        self.display = f":{number}"
        self._hand = Display(self.display)
        self._pixels = _framebuffer(self._folder / "Xvfb_screen0")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hand.close()
        self._server.terminate()
        self._server.wait()

    def move(self, at: tuple[float, float]) -> None:
        """Bring the finger over a pixel, counted from the top left."""
        xtest.fake_input(self._hand, X.MotionNotify, x=round(at[0]), y=round(at[1]))
        self._hand.sync()

    def press(self) -> None:
        """Put the finger down."""
        xtest.fake_input(self._hand, X.ButtonPress, 1)
        self._hand.sync()

    def release(self) -> None:
        """Lift it."""
        xtest.fake_input(self._hand, X.ButtonRelease, 1)
        self._hand.sync()

    def tap(self, at: tuple[float, float]) -> None:
        """Touch a pixel and let go."""
        self.move(at)
        self.press()
        self.release()

    def look(self) -> Pixels:
        """Give a copy of what the screen shows now."""
        return self._pixels.copy()

    def shows(self, colours: list[int]) -> bool:
        """Whether each of these colours (0xRRGGBB) covers a good part of the screen."""
        sparse = self._pixels[::SPARSE, ::SPARSE]
        channels = np.stack([(sparse >> shift) & 0xFF for shift in (16, 8, 0)], axis=-1).astype(np.int16)
        for colour in colours:
            wanted = np.array([(colour >> shift) & 0xFF for shift in (16, 8, 0)], dtype=np.int16)
            if int((np.abs(channels - wanted) <= NEAR).all(axis=-1).sum()) < ENOUGH:
                return False
        return True

    def until_shown(self, colours: list[int]) -> float:
        """Wait for these colours; give the moment (perf_counter, s) they were there."""
        end = time.perf_counter() + PATIENCE_S
        while not self.shows(colours):
            if time.perf_counter() > end:
                raise TimeoutError(f"the screen did not show {[f'{colour:06x}' for colour in colours]}")
            time.sleep(NAP_S)
        return time.perf_counter()

    def until_changed(
        self, seen: Pixels, *, rows: slice = slice(None), within_s: float = PATIENCE_S
    ) -> float:
        """Wait until a pixel in `rows` is not as in `seen`; give the moment (perf_counter, s)."""
        end = time.perf_counter() + within_s
        now, then = self._pixels[rows], seen[rows]
        while True:
            if not np.array_equal(now, then) and ((now ^ then) & COLOUR).any():
                return time.perf_counter()
            if time.perf_counter() > end:
                raise TimeoutError(f"the screen did not change within {within_s} s")
            time.sleep(NAP_S)

    def until_still(self, for_s: float = 0.3) -> Pixels:
        """Wait until nothing has changed for so long; give what is shown then."""
        end = time.perf_counter() + PATIENCE_S
        while True:
            seen = self.look()
            try:
                self.until_changed(seen, within_s=for_s)
            except TimeoutError:
                return seen
            if time.perf_counter() > end:
                raise TimeoutError(f"the screen was never still for {for_s} s")


def _framebuffer(path: Path) -> Pixels:
    # An XWD file: a header of big-endian words, a colour map of 12 bytes an entry, then the pixels.
    head = struct.unpack(">25I", path.read_bytes()[:100])
    header_bytes, width, height, row_bytes, colours = head[0], head[4], head[5], head[12], head[19]
    offset = header_bytes + 12 * colours
    shared = np.memmap(path, np.uint32, "r", offset, (height, row_bytes // 4))
    return shared.view(np.ndarray)[:, :width]
