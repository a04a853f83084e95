"""A kiosk on a virtual screen, as a tester sits at it: touches, types, looks, reads its ledger from outside.

Used by tests/screens and by whoever else wants to tap through the real window.
Starts and ends only what it started itself; nothing in the kiosk knows that it is being watched.
"""

import json
import mmap
import os
import select
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self, TypeVar

from PIL import Image
from Xlib import XK, X, error
from Xlib.display import Display
from Xlib.ext import xtest

PATIENCE_S = 20.0
SETTLED_S = 0.45  # longer than a new screen refuses touches that were meant for the one before
ROOT = Path(__file__).parents[2]
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
        self.name = ":" + _read_line(read, PATIENCE_S)
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
        """A fingerprint of what is on the screen now."""
        return zlib.crc32(memoryview(self._pixels)[self._begin :])

    def still(self) -> Image.Image:
        """What is on the screen once it has not changed for so long that a touch counts again."""
        last, since = self.print(), time.monotonic()
        deadline = since + PATIENCE_S
        while time.monotonic() - since < SETTLED_S:
            if (now := self.print()) != last:
                last, since = now, time.monotonic()
            assert time.monotonic() < deadline, "the screen never comes to rest"
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

    def until_like(self, picture: Image.Image) -> None:
        """Wait until the screen shows this picture."""
        wait_for(lambda: self.look().tobytes() == picture.tobytes(), "a picture seen before")


class Desk:
    """A kiosk process on a screen, with its own home, data directory and config."""

    def __init__(self, screen: Screen, folder: Path, config: str) -> None:
        self.screen = screen
        self.home, self.data, self.config = folder / "home", folder / "data", folder / "config.toml"
        self.home.mkdir(parents=True)
        self.config.write_text(config, encoding="utf-8")
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def command(self, *arguments: str) -> list[str]:
        """The command line of a kiosk command on this desk's config and data."""
        own = ["--config", str(self.config), "--data", str(self.data)]
        return [sys.executable, "-m", "kiosk", *arguments, *own]

    def environment(self, extra: Mapping[str, str | None] | None = None) -> dict[str, str]:
        """This machine's environment with a home of its own and this screen; None in `extra` takes away."""
        private = {"HOME": str(self.home), "DISPLAY": self.screen.name, "PYTHONWARNINGS": "default"}
        xdg = {name: None for name in os.environ if name.startswith(("XDG_", "SDL_", "KIVY_", "WAYLAND_"))}
        merged = {**os.environ, **xdg, **private, **(extra or {})}
        return {name: value for name, value in merged.items() if value is not None}

    def start(self, *arguments: str, extra: Mapping[str, str | None] | None = None) -> Self:
        """Start the kiosk and return when it says that it is ready for a finger."""
        errors = self.config.with_suffix(".stderr").open("w", encoding="utf-8")
        with errors:
            self._process = subprocess.Popen(
                self.command("run", *arguments),
                cwd=ROOT,
                env=self.environment(extra),
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self._process.stdout is not None
        line = _read_line(self._process.stdout.fileno(), PATIENCE_S)
        assert line, f"not ready: {self.errors()}"
        assert json.loads(line)["ready"]
        return self

    @property
    def running(self) -> bool:
        """Whether the kiosk is still there."""
        return self._process is not None and self._process.poll() is None

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End the kiosk by a signal; returns its exit code."""
        assert self._process is not None
        self._process.send_signal(how)
        return self._process.wait(PATIENCE_S)

    def processor_s(self) -> float:
        """How long processors have worked for the kiosk, in seconds."""
        assert self._process is not None
        fields = (
            Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        )
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @contextmanager
    def held_up(self) -> Iterator[None]:
        """Keep the kiosk from running for as long as this lasts."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def errors(self) -> str:
        """What the kiosk wrote on stderr."""
        return self.config.with_suffix(".stderr").read_text(encoding="utf-8")

    def taps(self) -> list[tuple[str, object]]:
        """The ledger's (question, answer) in order."""
        return [
            (str(question), json.loads(str(answer))) for question, answer in self.rows("question, answer")
        ]

    def visits(self) -> int:
        """How many different visits the ledger holds."""
        return len(set(self.rows("visit")))

    def rows(self, columns: str) -> list[tuple[object, ...]]:
        """Columns of the taps in order, read by standard means; none before there is a ledger."""
        file = self.data / "ledger.sqlite3"
        if not file.exists():
            return []
        ledger = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        try:
            return ledger.execute(f"SELECT {columns} FROM taps ORDER BY ledger, seq").fetchall()  # noqa: S608
        finally:
            ledger.close()

    def wait_for_taps(self, count: int) -> list[tuple[str, object]]:
        """Wait until the ledger holds so many taps; returns all."""
        return wait_for(lambda: taps if len(taps := self.taps()) >= count else [], f"{count} taps")


def _read_line(descriptor: int, patience_s: float) -> str:
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
    from Xlib.protocol.event import ClientMessage  # noqa: PLC0415 # one use, and the name says little at the top

    return ClientMessage(window=window, client_type=protocols, data=(32, [delete, X.CurrentTime, 0, 0, 0]))
