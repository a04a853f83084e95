"""A kiosk on a virtual screen, as a tester sits at it: touches, types, looks, reads its ledger from outside.

Used by tests/screens and by whoever else wants to tap through the real window.
Starts and ends only what it started itself; nothing in the kiosk knows that it is being watched.
"""

import json
import os
import select
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self, TypeVar

from PIL import Image
from Xlib import XK, X, error
from Xlib.display import Display
from Xlib.ext import xtest

PATIENCE_S = 20.0
Seen = TypeVar("Seen")


def wait_for(look: Callable[[], Seen], what: str, patience_s: float = PATIENCE_S) -> Seen:
    """Look again and again until there is something to see; returns it."""
    deadline = time.monotonic() + patience_s
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience_s:g} s in vain for {what}")
        time.sleep(0.01)
    return seen


class Screen:
    """An X server of our own with one screen, and a hand and an eye on it."""

    def __init__(self, width: int = 1280, height: int = 800) -> None:
        self.width, self.height = width, height
        read, write = os.pipe()
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"],
            pass_fds=(write,),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        self.name = ":" + _read_line(read, PATIENCE_S)
        os.close(read)
        self._display = Display(self.name)
        self._root = self._display.screen().root

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._display.close()
        self._server.terminate()
        self._server.wait(PATIENCE_S)

    def press(self, x: int, y: int, button: int = 1) -> None:
        """Put the finger down; y counts from the top."""
        xtest.fake_input(self._display, X.MotionNotify, x=x, y=y)
        xtest.fake_input(self._display, X.ButtonPress, button)
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
        """What is on the screen now, as RGB."""
        raw = self._root.get_image(0, 0, self.width, self.height, X.ZPixmap, 0xFFFFFFFF)
        return Image.frombytes("RGB", (self.width, self.height), raw.data, "raw", "BGRX")

    def still(self) -> Image.Image:
        """What is on the screen once it has stopped changing for a moment."""
        last, since = self.look(), time.monotonic()
        deadline = since + PATIENCE_S
        while time.monotonic() - since < 0.25:
            now = self.look()
            if now.tobytes() != last.tobytes():
                last, since = now, time.monotonic()
            assert time.monotonic() < deadline, "the screen never comes to rest"
            time.sleep(0.02)
        return last


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
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait(PATIENCE_S)

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

    def errors(self) -> str:
        """What the kiosk wrote on stderr."""
        return self.config.with_suffix(".stderr").read_text(encoding="utf-8")

    def taps(self) -> list[tuple[str, object]]:
        """The ledger's (question, answer) in order, read from the file by standard means."""
        files = list(self.data.glob("*.sqlite3"))
        if len(files) != 1:
            return []
        ledger = sqlite3.connect(f"file:{files[0]}?mode=ro", uri=True)
        try:
            rows = ledger.execute("SELECT question, answer FROM taps ORDER BY ledger, seq").fetchall()
        finally:
            ledger.close()
        return [(question, json.loads(answer)) for question, answer in rows]

    def visits(self) -> int:
        """How many different visits the ledger holds."""
        (file,) = self.data.glob("*.sqlite3")
        ledger = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        try:
            return int(ledger.execute("SELECT COUNT(DISTINCT visit) FROM taps").fetchone()[0])
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
