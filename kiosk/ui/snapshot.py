"""Reads what the window shows: once a whole frame is drawn, before it goes to the screen.

Called by kiosk.ui.app, between visits only. May touch Kivy's window and OpenGL. At 1280 × 800 it takes the
window's thread some milliseconds, a few times a year; whoever makes a PNG of it does that elsewhere.
"""

from collections.abc import Callable
from typing import Any

from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGBA, GL_UNSIGNED_BYTE, glReadPixels


def snap(painter: Any, *, is_free: Callable[[], bool], taken: Callable[[int, int, bytes], None]) -> None:
    """Have the next frame drawn whole, and hand over its pixels, unless somebody is there by then."""

    def read(*_: object) -> None:
        Window.unbind(on_flip=read)
        if is_free():
            width, height = (int(side) for side in Window.system_size)
            # Four bytes a pixel: rows of three may be filled up to a multiple of four.
            taken(width, height, glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE))

    painter.whole()
    Window.bind(on_flip=read)
    Window.canvas.ask_update()
