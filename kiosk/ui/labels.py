"""A label that never cuts its text: it is broken into lines and made smaller until it fits.

Used in kiosk.kv. May touch Kivy's text; where lines break is kiosk.ui.typeset's matter.
"""

from functools import lru_cache

from kivy.clock import Clock
from kivy.core.text import Label as Typesetter
from kivy.properties import ListProperty, NumericProperty, StringProperty
from kivy.uix.label import Label

from kiosk.ui.typeset import PITCH, Place, fit

MEASURED_AT_PX = 100
FONT_PITCH = 1.448  # Noto Sans JP: ascent and descent, in font sizes


@lru_cache(maxsize=8192)
def advance(font_name: str, character: str) -> float:
    """How far a character moves the pen, in font sizes; the fonts have no kerning that Kivy would heed."""
    typesetter = Typesetter(font_name=font_name, font_size=MEASURED_AT_PX, font_hinting=None)
    typesetter.resolve_font_name()
    thrice, twice = (typesetter.get_extents(character * times)[0] for times in (3, 2))
    return float(thrice - twice) / MEASURED_AT_PX


class Fitted(Label):  # type: ignore[misc] # Kivy ships no types
    """`words` set into `room` (pixels) at the first of `sizes` that fits: (font size in px, most lines).

    `height_px` is what the lines take; the widget's own size is left to its rule.
    """

    words = StringProperty()
    room = ListProperty([0, 0])
    sizes = ListProperty()
    least = NumericProperty(0)  # pixels: sizes below are raised to it while there is room
    height_px = NumericProperty(0)

    def __init__(self, **kwargs: object) -> None:
        self._refit = Clock.create_trigger(self.refit, -1)
        super().__init__(line_height=PITCH / FONT_PITCH, font_hinting=None, **kwargs)
        self.fbind("words", self._refit)
        self.fbind("room", self._refit)
        self.fbind("sizes", self._refit)
        self.fbind("least", self._refit)
        self.fbind("font_name", self._refit)

    def refit(self, *_: object) -> None:
        """Break and size the text anew."""
        width, height = self.room
        if not self.words or width <= 0 or not self.sizes:
            self.text, self.height_px = "", 0
            return
        wished = tuple((max(size, self.least), lines) for size, lines in self.sizes)
        setting = fit(self.words, Place(width, height, wished), self._measure)
        self.font_size, self.text = setting.size, "\n".join(setting.lines)
        self.height_px = setting.size * PITCH * len(setting.lines)

    def _measure(self, text: str, size: float) -> float:
        """The width of a text in pixels."""
        return size * sum(advance(self.font_name, character) for character in text)
