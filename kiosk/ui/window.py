"""Sets all that Kivy reads when it is imported: its window is a kiosk's, and nobody's home is touched.

Called by kiosk.bootstrap before Kivy is imported. May touch the process's environment and Kivy's Config.

    Exception
    └── NoDisplay   there is no screen to draw on; the message says how to mend it
"""

import ctypes
import os
from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from kiosk.settings.model import ScreenSettings
from kiosk.ui.spare import import_sparingly

# Each of these counts for Kivy when it is there, whatever it holds.
KIVY_KEEPS_TO_ITSELF = {
    "KIVY_NO_CONFIG": "1",  # no ~/.kivy
    "KIVY_NO_FILELOG": "1",
    "KIVY_NO_ENV_CONFIG": "1",  # no settings through KCFG_… variables
    "KIVY_NO_ARGS": "1",  # our arguments are ours; no -m inspector
    "KIVY_LOG_MODE": "PYTHON",  # leaves logging and stderr as they are
    "KIVY_WINDOW": "sdl2",
    "KIVY_TEXT": "sdl2",
    "KIVY_AUDIO": "sdl2",
    "KIVY_IMAGE": "sdl2",  # not Pillow, which takes long to import
    "KIVY_METRICS_DENSITY": "1",  # a unit is 1/800 of the shorter side, whatever the desktop scales
    "KIVY_METRICS_FONTSCALE": "1",
}
SHADERS = "shaders"  # drivers would keep them in ~/.cache; without them every start is 100 ms longer
SHADERS_MOST = "8M"
WINDOWED_PX = (1280, 800)


class NoDisplay(Exception):  # noqa: N818 # it is told to people: "no display"
    """There is no screen to draw on."""


def prepare(
    screen: ScreenSettings, *, windowed: bool, folder: Path | None = None, visual: int | None = None
) -> None:
    """Make the next import of Kivy a kiosk's; raises NoDisplay when nobody would see it.

    The drivers keep what they compiled in `folder`, and nowhere without one. `visual` is the window's form
    (kiosk.ui.driver); without it SDL chooses one with depth and stencil.
    """
    video = choose_video(os.environ)
    os.environ.update(KIVY_KEEPS_TO_ITSELF)
    if folder is None:
        os.environ["MESA_SHADER_CACHE_DISABLE"] = "true"
    else:
        kept = {"MESA_SHADER_CACHE_DIR": str(folder / SHADERS), "MESA_SHADER_CACHE_MAX_SIZE": SHADERS_MOST}
        os.environ.update(kept)
    os.environ["SDL_VIDEODRIVER"] = video
    if visual is not None:
        os.environ.setdefault("SDL_VIDEO_X11_WINDOW_VISUALID", hex(visual))
    os.environ.setdefault("DBUS_SESSION_BUS_ADDRESS", "disabled:")  # where there is none, SDL would start one
    # Xlib would read 6,000 ways to compose a letter of dead keys: 9 ms, for keyboards that no shopper has.
    os.environ.setdefault("XCOMPOSEFILE", os.devnull)
    own = screen_size_px() if video == "x11" else None
    if video == "x11" and own is None:
        raise NoDisplay(
            f"the screen {os.environ['DISPLAY']} cannot be opened: start the X server first, "
            "or allow this user to use it (xhost +si:localuser:NAME, or XAUTHORITY)"
        )
    _configure(window_size_px(screen, own, windowed=windowed), windowed=windowed)
    import_sparingly()


def choose_video(environ: MutableMapping[str, str]) -> str:
    """The name of SDL's video driver. Without a screen SDL would draw where nobody looks: refused."""
    if asked_for := environ.get("SDL_VIDEODRIVER"):
        return asked_for
    if environ.get("DISPLAY"):
        return "x11"
    if environ.get("WAYLAND_DISPLAY"):
        raise NoDisplay(
            "this is a Wayland session without X11, which Kivy's packages lack: switch XWayland on"
        )
    raise NoDisplay(
        "there is no screen: DISPLAY is not set. "
        "Start the kiosk from a graphical session, or name its screen: DISPLAY=:0"
    )


def window_size_px(screen: ScreenSettings, own: tuple[int, int] | None, *, windowed: bool) -> tuple[int, int]:
    """Width and height of the window: as set, else the screen's own; when windowed, no more than that."""
    if screen.width and screen.height:
        return screen.width, screen.height
    if own is None:
        return WINDOWED_PX
    if windowed:
        return min(WINDOWED_PX[0], own[0]), min(WINDOWED_PX[1], own[1])
    return own


def screen_size_px() -> tuple[int, int] | None:
    """Ask the X server for the size of its screen; None when it cannot be reached."""
    with suppress(OSError, AttributeError):
        x11 = ctypes.CDLL("libX11.so.6")
        x11.XOpenDisplay.restype = ctypes.c_void_p
        for ask in (x11.XCloseDisplay, x11.XDefaultScreen):
            ask.argtypes = [ctypes.c_void_p]
        for ask in (x11.XDisplayWidth, x11.XDisplayHeight):
            ask.argtypes = [ctypes.c_void_p, ctypes.c_int]
        if display := x11.XOpenDisplay(None):
            number = x11.XDefaultScreen(display)
            size = x11.XDisplayWidth(display, number), x11.XDisplayHeight(display, number)
            x11.XCloseDisplay(display)
            return size
    return None


def _configure(size_px: tuple[int, int], *, windowed: bool) -> None:
    from kivy.config import Config  # noqa: PLC0415 # Kivy reads the environment when it is imported

    values: dict[tuple[str, str], Any] = {
        ("kivy", "exit_on_escape"): 0,
        ("kivy", "log_level"): "warning",
        ("kivy", "pause_on_minimize"): 0,
        (
            "graphics",
            "multisamples",
        ): 0,  # 30 ms from tap to paint on a small board; the shapes are smooth without
        ("graphics", "width"): size_px[0],
        ("graphics", "height"): size_px[1],
        # Without a window manager `auto` paints only the configured size, so that is set too.
        ("graphics", "fullscreen"): 0 if windowed else "auto",
        ("graphics", "resizable"): int(windowed),
        ("graphics", "show_cursor"): int(windowed),
        ("graphics", "allow_screensaver"): 0,
        ("graphics", "minimum_width"): 320,
        ("graphics", "minimum_height"): 240,
    }
    for (section, name), value in values.items():
        Config.set(section, name, str(value))
    # One source of touches, or every tap counts twice; no dot from a right click, which eats the next tap.
    Config.remove_section("input")
    Config.add_section("input")
    Config.set("input", "mouse", "mouse,disable_multitouch")
    Config.remove_section("modules")
    Config.add_section("modules")
