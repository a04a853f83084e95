"""A label that never cuts its text: it is broken into lines and made smaller until it fits.

Used in kiosk.kv. May touch Kivy's text and graphics; where lines break is kiosk.ui.typeset's matter.
Kivy's own Label darkens the edges of letters when its line height is not 1, so the lines are drawn here.
"""

from functools import lru_cache

from kivy.clock import Clock
from kivy.core.text import Label as Typesetter
from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.properties import (
    ColorProperty,
    ListProperty,
    NumericProperty,
    OptionProperty,
    StringProperty,
)
from kivy.uix.widget import Widget

from kiosk.ui.typeset import PITCH, Place, fit

MEASURED_AT_PX = 100
RAISE = 0.06  # font sizes: letters look centred a little above the middle of their font's line
SIDES = {"left": 0.0, "center": 0.5, "right": 1.0}


@lru_cache(maxsize=8192)
def advance(font_name: str, character: str) -> float:
    """How far a character moves the pen, in font sizes; the fonts have no kerning that Kivy would heed."""
    typesetter = Typesetter(font_name=font_name, font_size=MEASURED_AT_PX, font_hinting=None)
    typesetter.resolve_font_name()
    thrice, twice = (typesetter.get_extents(character * times)[0] for times in (3, 2))
    return float(thrice - twice) / MEASURED_AT_PX


class Fitted(Widget):  # type: ignore[misc] # Kivy ships no types
    """`words` set into `room` (pixels) at the first of `sizes` that fits: (font size in px, most lines).

    Its own size is what the lines take; its rule says where it stands.
    """

    words = StringProperty()
    room = ListProperty([0, 0])
    sizes = ListProperty()
    least = NumericProperty(0)  # pixels: sizes below are raised to it while there is room
    font_name = StringProperty()
    color = ColorProperty()
    halign = OptionProperty("center", options=list(SIDES))
    text = StringProperty()  # what is shown, line by line
    font_size = NumericProperty(0)

    def __init__(self, **kwargs: object) -> None:
        self._lines: list[tuple[Texture, Rectangle]] = []
        self._tint = Color()
        refit = Clock.create_trigger(self.refit, -1)
        super().__init__(**kwargs)
        for name in ("words", "room", "sizes", "least", "font_name"):
            self.fbind(name, refit)
        self.fbind("color", self._retint)
        self.fbind("pos", self._replace)
        self._retint()
        refit()

    def refit(self, *_: object) -> None:
        """Break, size and draw the text anew."""
        width, height = self.room
        lines: tuple[str, ...] = ()
        if self.words and width > 0 and self.sizes:
            wished = tuple((max(size, self.least), most) for size, most in self.sizes)
            setting = fit(self.words, Place(width, height, wished), self._measure)
            self.font_size, lines = setting.size, setting.lines
        self.text = "\n".join(lines)
        self.canvas.clear()
        self.canvas.add(self._tint)
        self._lines = [
            (texture, Rectangle(texture=texture, size=texture.size)) for texture in map(self._draw, lines)
        ]
        for _, rectangle in self._lines:
            self.canvas.add(rectangle)
        self.size = max((texture.width for texture, _ in self._lines), default=0), self._pitch * len(lines)
        self._replace()

    @property
    def _pitch(self) -> float:
        return float(self.font_size) * PITCH

    def _draw(self, line: str) -> Texture:
        typesetter = Typesetter(
            text=line, font_name=self.font_name, font_size=self.font_size, font_hinting=None
        )
        typesetter.refresh()
        return typesetter.texture

    def _replace(self, *_: object) -> None:
        """Put the lines in their places, on whole pixels."""
        for at, (texture, rectangle) in enumerate(self._lines):
            x = self.x + (self.width - texture.width) * SIDES[self.halign]
            middle = self.y + self.height - (at + 0.5) * self._pitch + RAISE * self.font_size
            rectangle.pos = round(x), round(middle - texture.height / 2)

    def _retint(self, *_: object) -> None:
        self._tint.rgba = self.color

    def _measure(self, text: str, size: float) -> float:
        """The width of a text in pixels."""
        return size * sum(advance(self.font_name, character) for character in text)
