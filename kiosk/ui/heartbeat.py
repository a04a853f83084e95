"""Beats while frames are drawn: a kiosk whose picture has frozen is dead, whatever its threads say.

Started by kiosk.bootstrap once the kiosk is ready. May touch Kivy's clock and window.
"""

from collections.abc import Callable

from kivy.clock import Clock
from kivy.core.window import Window


def start(beat: Callable[[], None], every_s: float) -> None:
    """Ask for a frame every so often, and call `beat` once it has been drawn."""
    asked = False

    def ask(_passed_s: float) -> None:
        nonlocal asked
        asked = True
        Window.canvas.ask_update()

    def drawn(_window: object) -> None:
        nonlocal asked
        if asked:
            asked = False
            beat()

    Window.bind(on_flip=drawn)
    Clock.schedule_interval(ask, every_s)
