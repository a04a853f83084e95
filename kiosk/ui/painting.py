"""Paints only the patch that a press changes, where the processor draws: a press must show at once.

Made by kiosk.ui.app; kiosk.ui.touch and kiosk.ui.screens say what has changed. May touch Kivy's window.
A whole picture costs a small processor more than the rest of a tap. Whatever a patch leaves out is painted
when the patches are over, so nothing that is forgotten here stays wrong: in strips, a frame each, since a
finger that comes down meanwhile must not wait for a whole picture.
"""

from collections.abc import Sequence
from math import ceil, floor
from typing import Any

from kivy.clock import Clock
from kivy.core.window import Window
from kivy.graphics.opengl import (
    GL_RENDERER,
    GL_SCISSOR_TEST,
    glDisable,
    glEnable,
    glGetString,
    glScissor,
)
from kivy.graphics.scissor_instructions import Rect, scissor_stack
from kivy.lang import Builder

from kiosk.ui.glx import Show, find_show
from kiosk.ui.touch import SINK

# Mesa's drawing by the processor copies its picture to the screen and keeps it. Graphics cards exchange two
# pictures, and what stands beside a patch would be two frames old.
KEEPS_ITS_PICTURE = (b"llvmpipe", b"softpipe")
MARGIN_PX = 4
REST_AFTER_S = 0.1  # before a finger comes again, and before anybody sees what is missing
STRIPS = 8
NOWHERE = (0, 0, 0, 0)  # a corner of the window, in which there is only paper

Box = tuple[float, float, float, float]  # left, bottom, right, top in pixels


class Painter:
    """Decides for each frame how much of the window is painted."""

    def __init__(self) -> None:
        self._patch: Box | None = None  # None: the whole window
        self._whole = False
        self._strips: list[Box] = []  # what is still to be painted of what the patches left out
        self._pay = Clock.create_trigger(self._paint_the_rest, REST_AFTER_S)
        self._shown = False  # whether the frame in hand has been brought to the screen already
        self._show: Show | None = None
        if any(name in glGetString(GL_RENDERER) for name in KEEPS_ITS_PICTURE):
            self._show = find_show()
            Window.bind(on_draw=self._draw, on_flip=self._flip)

    def patch(self, box: Box) -> None:
        """The next frame changes here; and nowhere else, unless `whole` is said too."""
        self._patch = _around((self._patch or box, box))

    def whole(self) -> None:
        """The next frame changes anywhere."""
        self._whole = True

    def learn(self, sinking: Sequence[Any]) -> None:
        """Draw a press of these targets that nobody sees: the driver prepares itself for it, for 50 ms."""
        if self._show:
            for target in sinking:
                target.sink = SINK
            Builder.sync()
            self._paint(NOWHERE)
            for target in sinking:
                target.sink = 1.0
            self._patch = None

    def _draw(self, *_: object) -> bool:
        """Draw the patch in the window's stead; False leaves the whole to the window."""
        patch, self._patch = self._patch, None
        whole, self._whole = self._whole, False
        self._strips.clear()
        self._pay.cancel()
        if patch is None or whole:
            return False
        self._shown = self._paint(patch)
        self._pay()
        return True

    def _paint(self, box: Box) -> bool:
        """Draw a part of the window; returns whether the screen shows it already."""
        left, bottom, width, height = _within(box, *Window.size)
        glEnable(GL_SCISSOR_TEST)
        glScissor(left, bottom, width, height)
        scissor_stack.push(Rect(left, bottom, width, height))  # a list that scrolls clips within it
        Window.clear()
        Window.render_context.draw()
        scissor_stack.pop()
        glDisable(GL_SCISSOR_TEST)
        if self._show:
            self._show(left, bottom, width, height)
        return self._show is not None

    def _flip(self, *_: object) -> bool:
        """Whether the window need not bring the frame to the screen: the patch is there."""
        shown, self._shown = self._shown, False
        return shown

    def _paint_the_rest(self, _: float) -> None:
        if not self._show:  # a strip would be brought to the screen with the whole window anyway
            self._whole = True
            Window.canvas.ask_update()
            return
        wide, high = Window.size
        self._strips = [(0, high * at / STRIPS, wide, high * (at + 1) / STRIPS) for at in range(STRIPS)]
        Clock.schedule_interval(self._paint_strip, 0)

    def _paint_strip(self, _: float) -> bool:
        """Paint a strip in a frame in which nothing else is painted; false ends it."""
        if self._strips and not Window.canvas.needs_redraw:
            self._paint(self._strips.pop())
        return bool(self._strips)


def _within(box: Box, wide: float, high: float) -> tuple[int, int, int, int]:
    """The box with its margin, as far as the window goes: left, bottom, width and height in pixels."""
    left, bottom = max(0, floor(box[0]) - MARGIN_PX), max(0, floor(box[1]) - MARGIN_PX)
    right, top = min(int(wide), ceil(box[2]) + MARGIN_PX), min(int(high), ceil(box[3]) + MARGIN_PX)
    return left, bottom, max(0, right - left), max(0, top - bottom)


def _around(boxes: Sequence[Box]) -> Box:
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)
