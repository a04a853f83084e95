"""Today's figures as pictures: faces with their shares, bars by the hour, reasons, remarks.

Used by kiosk.ui.staff.today, drawn here and by kiosk.kv. May touch Kivy's graphics. A face's colour
never stands alone: its features or its name stand with it.
"""

from collections.abc import Sequence

from kivy.app import App
from kivy.clock import Clock
from kivy.graphics import Color, Rectangle
from kivy.properties import BooleanProperty, ListProperty, NumericProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.store.today import Tally
from kiosk.ui.drawing import Sign
from kiosk.ui.printing import Style
from kiosk.ui.scripts import script_of
from survey.model import FACES

FEWEST = 5  # answers below which a share would say more than is known
OPENS, CLOSES = 9, 20  # the hours that are always shown
FOOT, HEAD = 44, 40  # units below and above the bars
BAR_GAP = 0.28  # of a bar's place
ROOMY = 40  # units that an hour needs to be named
Box = tuple[float, float, float, float]
LEAST_FACE = 26  # units that a part of a bar needs to show its face


class FaceShare(Widget):  # type: ignore[misc] # Kivy ships no types
    """A face, how many gave it, and their share as a bar."""

    name = StringProperty("happy")
    words = StringProperty()
    count = StringProperty()
    share = NumericProperty(0)  # 0 … 1
    disc = NumericProperty(0)  # pixels
    shown = StringProperty()  # the share in words; a dash where too few have answered


class Bar(Widget):  # type: ignore[misc] # Kivy ships no types
    """What was named, how often, and a bar against the one that was named most."""

    words = StringProperty()
    sign = StringProperty()
    count = StringProperty()
    share = NumericProperty(0)


class RemarkRow(Widget):  # type: ignore[misc] # Kivy ships no types
    """What a shopper wrote, when, and the face given in the same visit."""

    words = StringProperty()
    face = StringProperty()
    when = StringProperty()
    language = StringProperty("en")


class Figure(Widget):  # type: ignore[misc] # Kivy ships no types
    """A large number, and what it counts."""

    number = StringProperty()
    words = StringProperty()
    strong = BooleanProperty(True)


class HoursChart(Widget):  # type: ignore[misc] # Kivy ships no types
    """A bar for each hour, in parts for the three faces; visits that gave none are grey."""

    hours = ListProperty()  # 24 of kiosk.store.today.Tally

    def __init__(self, **kwargs: object) -> None:
        self._redraw = Clock.create_trigger(self.redraw, -1)
        super().__init__(size_hint=(None, None), **kwargs)
        for name in ("hours", "pos", "size"):
            self.fbind(name, self._redraw)
        self._redraw()

    def redraw(self, *_: object) -> None:
        """Draw it anew."""
        self.canvas.clear()
        look = App.get_running_app().look
        hours: list[Tally] = self.hours
        if not hours or self.width < 1:
            return
        busy = [at for at, tally in enumerate(hours) if tally.visits]
        first, last = min([OPENS, *busy]), max([CLOSES, *busy])
        most = max(5, *(tally.visits for tally in hours))
        place = self.width / (last - first + 1)
        foot, high = FOOT * look.unit, self.height - (FOOT + HEAD) * look.unit
        thick = 2 * look.unit
        self._fill(look.line, (self.x, self.y + foot - thick, self.width, thick))
        every = 1 if place > ROOMY * look.unit else 3
        for at in range(first, last + 1):
            x = self.x + (at - first) * place
            if (at - first) % every == 0:
                self._write(str(at), x + place / 2, self.y + foot / 2 - 2 * look.unit, muted=True)
            box = x + place * BAR_GAP / 2, self.y + foot, place * (1 - BAR_GAP)
            self._bar(hours[at], box, high / most)

    def _bar(self, tally: Tally, box: tuple[float, float, float], pitch: float) -> None:
        """One hour, the happy faces below; `pitch` is the height of one visit."""
        look = App.get_running_app().look
        x, y, wide = box
        parts = [(name, getattr(tally, name)) for name in reversed(FACES)]
        for name, count in (*parts, ("", tally.visits - tally.faces)):
            tall = count * pitch
            if tall:
                self._fill(getattr(look, name or "line"), (x, y, wide, tall - 1))
            if name and min(tall, wide) >= LEAST_FACE * look.unit:
                side = min(tall, wide, 48 * look.unit)
                self._draw_face(name, (x + (wide - side) / 2, y + (tall - side) / 2, side, side))
            y += tall
        if tally.visits:
            self._write(str(tally.visits), x + wide / 2, y + 20 * look.unit)

    def _draw_face(self, name: str, box: Box) -> None:
        look = App.get_running_app().look
        self.canvas.add(Color(*look.face_ink))
        features = Sign(texture=look.edge)
        features.name, features.box = name, box
        self.canvas.add(features)

    def _fill(self, colour: Sequence[float], box: Box) -> None:
        x, y, wide, tall = map(round, box)
        self.canvas.add(Color(*colour))
        self.canvas.add(Rectangle(pos=(x, y), size=(wide, max(1, tall))))

    def _write(self, text: str, x: float, y: float, *, muted: bool = False) -> None:
        """A number, its middle at (x, y)."""
        look = App.get_running_app().look
        style = Style(script_of("en"), bold=not muted, px=int(22 * look.unit))
        line = look.printer.line(text, style)
        self.canvas.add(Color(*(look.muted if muted else look.ink)))
        for each in line.prints:
            pos = round(x - line.width / 2) + each.x, round(y - 0.376 * style.px) + each.y
            self.canvas.add(Rectangle(texture=each.texture, size=each.texture.size, pos=pos))


def percent(part: int, whole: int) -> str:
    """A share in words, a dash where too few have answered."""
    return f"{100 * part / whole:.0f} %" if whole >= FEWEST else "–"
