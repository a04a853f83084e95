"""A tester who writes on the kiosk's own keyboard, key by key, and knows where each key stands.

Used by tests/screens. The keys' places come from the same rules that the screens use; the touches are real.
"""

from deploy.places import HIGH, Places, Spot
from deploy.screen import Screen
from kiosk.ui.keys import WIDEST, WIDEST_NUMERIC, Key, boxes, planes
from kiosk.ui.mozc import find
from kiosk.ui.sheet import lay_out

BELOW, FOOT = 120, 144  # units above and below the panel, for a question after the first, without help


class Typist:
    """Writes an answer to a text question on a landscape screen."""

    def __init__(self, screen: Screen, places: Places, language: str, wanted: str | None = None) -> None:
        self.screen, self.places = screen, places
        self.planes = planes(language, wanted)
        self.plane, self.shifted = self.planes[0], False
        converts = find() is not None and any(plane.name == "kana" for plane in self.planes)
        rows = max(len(plane.rows) for plane in self.planes)
        self.sheet = lay_out(places.wide, HIGH - BELOW - FOOT, rows=rows, converts=converts)

    def type(self, text: str) -> None:
        """Tap the key of each letter; the screen is given no time in between."""
        for letter in text:
            self.strike(letter)

    def strike(self, name: str) -> None:
        """Tap a key by what stands on it, or by what it does."""
        key, spot = self.find(name)
        self.screen.tap(*spot)
        if key.act == "turn":
            self.plane = next(plane for plane in self.planes if plane.name == key.value)
            self.shifted = False
        elif key.act == "shift":
            self.shifted = not self.shifted
        elif self.shifted and key.writes and not self.plane.locks:
            self.shifted = False

    def find(self, name: str) -> tuple[Key, Spot]:
        """A key that is on the screen now, and its middle."""
        rows, keys = self.plane.shifted if self.shifted else self.plane.rows, self.sheet.keys
        widest = WIDEST_NUMERIC if self.plane.name == "numeric" else WIDEST
        places = boxes(rows, keys.width, keys.height, widest=widest)
        for key, box in zip((key for row in rows for key in row), places, strict=True):
            if name in (key.label, key.value, key.act):
                return key, self.at(keys.x + box.x + box.width / 2, keys.y + box.y + box.height / 2)
        raise AssertionError(f"no key {name!r} on {self.plane.name}")

    @property
    def clear(self) -> Spot:
        """The cross that takes all away."""
        field = self.sheet.field
        return self.at(field.x + field.width - 72, field.y + 32)

    @property
    def best(self) -> Spot:
        """The first candidate."""
        return self.at(self.sheet.strip.x + 40, self.sheet.strip.y + 30)

    def field(self) -> bytes:
        """What the field looks like, at rest."""
        self.screen.still()
        return self.glance()

    def glance(self) -> bytes:
        """What the field looks like this moment."""
        (left, top), box = self.at(self.sheet.field.x, self.sheet.field.y), self.sheet.field
        right, low = self.at(box.x + box.width, box.y + box.height)
        return self.screen.look().crop((left, top, right, low)).tobytes()

    def at(self, x: float, y: float) -> Spot:
        """Turn the panel's units into pixels of the screen."""
        return self.places.at(x, BELOW + y)
