"""The device around the kiosk: screen, touch, fonts, clock, program.

Called by kiosk.doctor.visit. Asks the operating system, and changes nothing.
"""

import platform
import struct
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from kiosk.settings.model import ScreenSettings
from kiosk.ui.glyphs import Coverage
from kiosk.ui.scripts import ALL
from kiosk.ui.window import NoDisplay, choose_video, screen_size_px
from sync import __version__
from sync.finding import Finding, broken, fine, watch

ABS_MT_POSITION_X = 0x35  # linux/input-event-codes.h: a device that reports places of several fingers
ABS_X, BTN_TOUCH = 0x00, 0x14A  # one that reports a single finger or pen
SMALLEST_PX = 480


def screen(settings: ScreenSettings, environ: Mapping[str, str]) -> Finding:
    """Whether there is a screen that the kiosk can be seen on."""
    try:
        video = choose_video(dict(environ))
    except NoDisplay as problem:
        return broken("screen", str(problem), "run the doctor in the session that the kiosk runs in")
    if video != "x11":
        return watch("screen", f"SDL_VIDEODRIVER is {video}", "unset it, so that the kiosk finds its screen")
    size = screen_size_px()
    if size is None:
        return broken(
            "screen",
            f"the screen {environ.get('DISPLAY')} cannot be opened",
            "start the X server first, or allow this user to use it: xhost +si:localuser:NAME",
        )
    words = f"{size[0]} × {size[1]} pixels, said to be {settings.diagonal_inches:g} inches across"
    wanted = settings.width, settings.height
    if all(wanted) and wanted != size:
        said = f"{wanted[0]} × {wanted[1]}"
        return watch(
            "screen",
            f"{words}; config.toml says {said}",
            "set screen.width and screen.height to 0 for the screen's own size",
        )
    if min(size) < SMALLEST_PX:
        return watch("screen", f"{words}: small", "use a screen of at least 800 × 480 pixels")
    return fine("screen", words)


def touch(devices: Path) -> Finding:
    """Whether something is there to be touched."""
    try:
        named = [name for name, is_touch in _inputs(devices.read_text("utf-8", "replace")) if is_touch]
    except OSError as error:
        return watch("touch", f"nobody can tell: {error.strerror}", f"look at {devices} by hand")
    if not named:
        return watch(
            "touch",
            "no touch screen was found; a mouse works too",
            "plug its USB cable in; on a Raspberry Pi, name its overlay in /boot/firmware/config.txt",
        )
    return fine("touch", ", ".join(dict.fromkeys(named)))


def _inputs(listing: str) -> Iterator[tuple[str, bool]]:
    """The name of each input device, and whether fingers are what it reports."""
    for block in listing.split("\n\n"):
        name, bits = "", {}
        for line in block.splitlines():
            if line.startswith("N: Name="):
                name = line.partition("=")[2].strip('"')
            if line.startswith("B: "):
                kind, _, words = line[3:].partition("=")
                bits[kind] = _bits(words)
        absolute = bits.get("ABS", 0)
        fingers = absolute >> ABS_MT_POSITION_X & 1
        single = absolute >> ABS_X & 1 and bits.get("KEY", 0) >> BTN_TOUCH & 1
        if name:
            yield name, bool(fingers or single)


def _bits(words: str) -> int:
    """A bit field as the kernel prints it: words of its own size, the highest first."""
    wide = 64 if platform.machine().endswith("64") else 32
    found = 0
    for word in words.split():
        found = found << wide | int(word, 16)
    return found


def fonts(folder: Path) -> Finding:
    """Whether every script's fonts are there and can be read."""
    wanted = sorted({f"{each.font}-{weight}.ttf" for each in ALL for weight in ("Regular", "Bold")})
    spoilt = [name for name in wanted if not _is_readable(folder / name)]
    if spoilt:
        mend = "install the kiosk again: its files are damaged"
        return broken("fonts", f"damaged or missing: {', '.join(spoilt)}", mend)
    return fine("fonts", f"{len(wanted)} files")


def _is_readable(font: Path) -> bool:
    try:
        Coverage(font)
    except (OSError, ValueError, IndexError, KeyError, struct.error):
        return False
    return True


def clock(now: datetime, *, synced: bool, installed: datetime) -> Finding:
    """Whether the wall clock can be believed."""
    shown = f"{now.astimezone():%Y-%m-%d %H:%M:%S %Z}"
    if now < installed:
        return broken("clock", f"{shown} is before this program was installed", "timedatectl set-ntp true")
    if not synced:
        return watch(
            "clock",
            f"{shown}, which no time source confirms; answers are marked so",
            "timedatectl set-ntp true; where there is no network, add a clock module with a battery",
        )
    return fine("clock", f"{shown}, confirmed by a time source")


def program() -> Finding:
    """Which version runs on what."""
    return fine("program", f"Egao {__version__}, Python {platform.python_version()}, {platform.machine()}")
