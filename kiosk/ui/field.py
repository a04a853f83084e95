"""Shows the end of a text that is being written: what stands stays where it is, a bar marks where it goes on.

Used by kiosk.ui.writing and kiosk.kv. May touch Kivy's graphics; kiosk.ui.printing draws a line.
It is a picture only: no clipboard, no selection, no system text input, so there is no way out through it.
"""

from unicodedata import category

from kivy.clock import Clock
from kivy.graphics import Color, Rectangle
from kivy.properties import ColorProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.ui.printing import Style
from kiosk.ui.running import running
from kiosk.ui.scripts import script_of
from kiosk.ui.typeset import PITCH

BASELINE = 0.376  # font sizes below a line's middle: there letters look centred
BAR, BAR_HIGH, BAR_GAP = 0.07, 0.94, 0.08  # of the font size: how wide and high the bar is, how far off
UNDERLINE, UNDERLINE_AT = 0.07, 0.62  # how thick, and how far below a line's middle
Place = tuple[float, float, float, float]


class Field(Widget):  # type: ignore[misc] # Kivy ships no types
    """The last lines of `words`; what may still become kanji, from `open_from` on, is underlined."""

    words = StringProperty()
    language = StringProperty("en")
    open_from = NumericProperty(0)
    type_px = NumericProperty(1)
    under = NumericProperty(0)  # pixels that it leaves free below itself
    color = ColorProperty()
    tint = ColorProperty()  # of the bar and the underline
    printer = ObjectProperty()

    def __init__(self, **kwargs: object) -> None:
        redraw = Clock.create_trigger(self.redraw, -1)
        super().__init__(**kwargs)
        for name in ("words", "language", "open_from", "type_px", "color", "tint", "printer", "pos", "size"):
            self.fbind(name, redraw)

    def redraw(self, *_: object) -> None:
        """Set the last lines anew."""
        self.canvas.clear()
        pitch = self.type_px * PITCH
        lines = running(self.words, self.width - 3 * BAR * self.type_px, self._advance)
        shown = lines[-max(1, int(self.height / pitch)) :]
        middle = self.y + self.height / 2 + (len(shown) - 1) * pitch / 2
        end_at = 0.0
        for begin, end in shown:
            end_at = self._draw_line(begin, end, middle)
            middle -= pitch
        wide, high = max(2.0, BAR * self.type_px), BAR_HIGH * self.type_px
        self._fill(self.tint, (end_at, middle + pitch - high / 2, wide, high))

    def _draw_line(self, begin: int, end: int, middle: float) -> float:
        """Draw a line; returns where the bar stands behind it."""
        line = self.printer.line(self.words[begin:end], self._style)
        rtl = script_of(self.language).right_to_left
        left = round(self.x + self.width - line.width if rtl else self.x)
        self.canvas.add(Color(*self.color))
        baseline = round(middle - BASELINE * self.type_px)
        for each in line.prints:
            pos = left + each.x, baseline + each.y
            self.canvas.add(Rectangle(texture=each.texture, size=each.texture.size, pos=pos))
        if end > self.open_from:
            before = self.printer.width(self.words[begin : max(begin, int(self.open_from))], self._style)
            y = middle - UNDERLINE_AT * self.type_px
            self._fill(self.tint, (left + before, y, line.width - before, UNDERLINE * self.type_px))
        gap = BAR_GAP * self.type_px
        return float(left - 2 * gap if rtl else left + line.width + gap)

    def _fill(self, colour: list[float], box: Place) -> None:
        self.canvas.add(Color(*colour))
        x, y, width, height = map(round, box)
        self.canvas.add(Rectangle(pos=(x, y), size=(width, max(2, height))))

    def _advance(self, character: str) -> float:
        return 0.0 if category(character) == "Mn" else float(self.printer.width(character, self._style))

    @property
    def _style(self) -> Style:
        return Style(script_of(self.language), bold=False, px=int(self.type_px))
