"""A label that never cuts its text: it is broken into lines and made smaller until it fits.

Used in kiosk.kv. May touch Kivy's graphics; where lines break is kiosk.ui.typeset's matter, kiosk.ui.printing
draws a line. Kivy's own Label darkens the edges of letters when its line height is not 1, and knows one font.
"""

from unicodedata import normalize

from kivy.clock import Clock
from kivy.graphics import Color, Rectangle
from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    ListProperty,
    NumericProperty,
    ObjectProperty,
    OptionProperty,
    StringProperty,
)
from kivy.uix.widget import Widget

from kiosk.ui.printing import Line, Style
from kiosk.ui.ruby import HEADROOM
from kiosk.ui.scripts import script_of
from kiosk.ui.typeset import PITCH, Place, Setting, fit
from survey.ruby import plain

BASELINE = 1.026  # font sizes from a line's top: letters look centred a little above the middle of their line
SIDES = {"left": 0.0, "center": 0.5, "right": 1.0}
NOTHING = Setting(0, ())


class Fitted(Widget):  # type: ignore[misc] # Kivy ships no types
    """`words` in a `language`, set into `room` (pixels) at the first of `sizes` that fits: (px, most lines).

    Its own size is what the lines take; its rule says where it stands. `text` is what is shown, line by line.
    """

    words = StringProperty()
    language = StringProperty("en")
    bold = BooleanProperty(False)
    room = ListProperty([0, 0])
    sizes = ListProperty()
    least = NumericProperty(0)  # pixels: sizes below are raised to it while there is room
    steady = BooleanProperty(False)  # whether it keeps its size when other texts grow
    grow = NumericProperty(1)  # how many times larger than wished, while there is room
    color = ColorProperty()
    halign = OptionProperty("center", options=list(SIDES))  # mirrored where lines run from right to left
    printer = ObjectProperty()
    text = StringProperty()
    font_size = NumericProperty(0)

    def __init__(self, **kwargs: object) -> None:
        self._lines: list[tuple[Line, list[Rectangle]]] = []
        self._headroom = 0.0
        self._tint = Color()
        refit = Clock.create_trigger(self.refit, -1)
        super().__init__(**kwargs)
        for name in ("words", "language", "bold", "room", "sizes", "grow", "least", "printer"):
            self.fbind(name, refit)
        for name in ("pos", "halign"):
            self.fbind(name, self._replace)
        self.fbind("color", self._retint)
        self._retint()
        refit()

    def refit(self, *_: object) -> None:
        """Break, size and draw the text anew."""
        # Room for less than a character is that of a page which has no size yet: it is asked again at once.
        roomy = bool(self.sizes) and self.room[0] > self.sizes[-1][0]
        setting = self._set() if self.words and roomy else NOTHING
        self.font_size, self.text = setting.size, "\n".join(map(plain, setting.lines))
        self.canvas.clear()
        self.canvas.add(self._tint)
        self._lines = []
        for text in setting.lines:
            line = self.printer.line(text, self._style(setting.size))
            prints = [Rectangle(texture=each.texture, size=each.texture.size) for each in line.prints]
            for rectangle in prints:
                self.canvas.add(rectangle)
            self._lines.append((line, prints))
        self.size = max((line.width for line, _ in self._lines), default=0), self._pitch * len(self._lines)
        self._replace()

    @property
    def _pitch(self) -> float:
        return float(self.font_size) * (PITCH + self._headroom)

    def _set(self) -> Setting:
        """Find the lines and their size."""
        script = script_of(self.language)
        words = normalize("NFC", self.words if script.furigana else plain(self.words))
        self._headroom = HEADROOM if words != plain(words) else 0.0
        wished = tuple((max(size * self.grow, self.least), most) for size, most in self._wishes())
        width, height = self.room
        place = Place(width, height, wished, pitch=PITCH + self._headroom, words=script.words)
        return fit(words, place, lambda text, size: self.printer.width(text, self._style(size)))

    def _wishes(self) -> list[tuple[float, int]]:
        """The sizes wished for; a larger text may take more lines before it is made smaller."""
        sizes = list(self.sizes)
        return sizes if self.grow == 1 else [(sizes[0][0], sizes[-1][1] + 1), *sizes]

    def _style(self, size: float) -> Style:
        return Style(script_of(self.language), self.bold, int(size))

    def _replace(self, *_: object) -> None:
        """Put the lines in their places, on whole pixels."""
        side = SIDES[self.halign]
        if script_of(self.language).right_to_left:
            side = 1 - side
        for at, (line, prints) in enumerate(self._lines):
            x = round(self.x + (self.width - line.width) * side)
            top = self.y + self.height - at * self._pitch - self._headroom * self.font_size
            baseline = round(top - BASELINE * self.font_size)
            for each, rectangle in zip(line.prints, prints, strict=True):
                rectangle.pos = x + each.x, baseline + each.y

    def _retint(self, *_: object) -> None:
        self._tint.rgba = self.color
