"""Leaves out what Kivy imports and a kiosk never uses: a third of what its own modules take to import.

Called by kiosk.ui.window before the window is imported. May touch the table of imported modules, and Kivy's.
What is imported already stays as it is; each stand-in gives way to the real module when Kivy has been read.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

# Other sources of touches than the window's; the one that tests use (TUIO) stays.
DEVICES = ("probesysfs", "mtdev", "hidinput", "linuxwacom", "leapfinger")
# Ways of widgets that no widget of ours has, with what they need: decimal numbers, a layout.
WAYS = {
    "codenavigation": ("CodeNavigationBehavior",),
    "compoundselection": ("CompoundSelectionBehavior",),
    "cover": ("CoverBehavior",),
    "drag": ("DragBehavior",),
    "emacs": ("EmacsBehavior",),
    "togglebutton": ("ToggleButtonBehavior",),
    "touchripple": ("TouchRippleBehavior", "TouchRippleButtonBehavior"),
}


def import_sparingly() -> None:
    """Import of Kivy what comes before its window, without what a kiosk does not use."""
    with _standing_in(_for_the_clock()):
        import kivy.clock  # noqa: PLC0415 # Kivy reads the environment when it is imported
    _import_unstyled()
    with _standing_in(_for_the_window()):
        import kivy.core.image  # noqa: PLC0415
        import kivy.input  # noqa: PLC0415
        import kivy.uix.behaviors  # noqa: F401, PLC0415


def _for_the_clock() -> dict[str, ModuleType]:
    # asyncio is for apps that run in its loop: 30 ms. ctypes.util would start ldconfig to find the C library:
    # 10 ms; None is the program itself, which has it.
    return {
        "asyncio": _module("asyncio", wait_for=None),
        "ctypes.util": _module("ctypes.util", find_library=lambda _: None),
    }


def _for_the_window() -> dict[str, ModuleType]:
    devices = {f"kivy.input.providers.{name}": ModuleType(name) for name in DEVICES}
    ways = {
        f"kivy.uix.behaviors.{name}": _module(name, **dict.fromkeys(classes))
        for name, classes in WAYS.items()
    }
    return devices | ways | {"filetype": _module("filetype", guess_extension=_guess_extension)}


def _guess_extension(file: Any) -> Any:
    """What a picture is, asked of the real module: only a store's logo is a picture that Kivy loads."""
    return import_module("filetype").guess_extension(file)


def _module(name: str, **values: object) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(values)
    return module


@contextmanager
def _standing_in(stand_ins: Mapping[str, ModuleType]) -> Iterator[None]:
    missing = {name: module for name, module in stand_ins.items() if name not in sys.modules}
    sys.modules.update(missing)
    try:
        yield
    finally:
        for name in missing:
            del sys.modules[name]


def _import_unstyled() -> None:
    """Spare the start 60 ms: Kivy's language reads the rules of all of Kivy's widgets when it is imported."""
    import kivy.resources  # noqa: PLC0415 # it is to know the true folder

    folder = kivy.kivy_data_dir
    kivy.kivy_data_dir = str(Path(__file__).with_name("unstyled"))
    try:
        import kivy.lang  # noqa: PLC0415
    finally:
        kivy.kivy_data_dir = folder
