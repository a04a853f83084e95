"""Draws every page of staff, to be looked at: `python -m tests.screens.staffroom FOLDER [800x480x7 …]`.

Each in ja and en. Also gives the tests a Backroom that keeps everything in memory.
"""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from kiosk.settings.file import load
from kiosk.settings.pin import Entered
from kiosk.ui.staff.backroom import PinState
from survey.parse import loads_toml
from tests.screens import gallery
from tests.screens.pictures import Camera
from tests.screens.speaking import open_app, resize, settle

SIZES = ("800x480x7", "1280x800x10.1")


class MadeUp:
    """A Backroom without anything behind it."""

    def __init__(self) -> None:
        self.pins = {"staff": "271828"}
        self.wait_ms = 0

    def pin(self, role: str) -> PinState:
        return PinState(is_set=role in self.pins, wait_ms=self.wait_ms)

    def enter(self, role: str, pin: str) -> Entered:
        is_right = self.pins.get(role) == pin
        return Entered(is_right=is_right, wait_ms=0 if is_right else 4000)

    def put_pin(self, role: str, pin: str) -> None:
        self.pins[role] = pin


def scenes(app, backroom: MadeUp, language: str) -> Iterator[str]:
    """Show one page after the other, and name each."""
    entrance = app._entrance
    app.home = language
    entrance.come(language)
    yield "pad"
    pad = entrance._desk.top
    for _ in range(4):
        pad.strike(next(one for one in pad.children if getattr(one, "value", None) == 7))
    yield "pad-typed"
    pad._wait(42_000)
    yield "pad-waits"
    pad._turn("technician")
    yield "pad-not-set"
    entrance._let_in("staff")
    yield "menu-staff"
    entrance._let_in("technician")
    yield "menu"
    app.rest()


def rest_of(app) -> None:
    """Let errands come back, and the layout settle."""
    from kivy.clock import Clock  # noqa: PLC0415 - Kivy reads what `prepare` sets when it is imported

    until = time.monotonic() + 0.15
    while time.monotonic() < until:
        Clock.tick()
        time.sleep(0.005)
    settle(app)


def main(folder: str, *sizes: str) -> int:
    """Draw them all."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    (survey,) = loads_toml(gallery.survey_text()).surveys
    (target / "config.toml").write_text(gallery.config("", languages=survey.languages), encoding="utf-8")
    os.environ["SDL_VIDEODRIVER"] = "offscreen"
    backroom = MadeUp()
    app, _ = open_app(load(target / "config.toml"), staff=lambda: backroom)
    app._make_a_way_in()
    app.ready = True
    for size in sizes or SIZES:
        width, height, inches = size.split("x")
        resize(app, int(width), int(height), float(inches))
        camera = Camera(app)
        for language in ("ja", "en"):
            for name in scenes(app, backroom, language):
                rest_of(app)
                camera.still().save(target / f"{name}-{language}-{width}.png", compress_level=1)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
