"""A tester who writes on the kiosk's own keyboard, key by key, and knows where each key stands.

Used by tests/screens. The keys' places come from the same rules that the screens use; the touches are real.
"""

from deploy.places import HIGH, Places, Spot
from deploy.screen import Screen
from kiosk.ui.grids import Box
from kiosk.ui.keys import GAP, Key, Rows, boxes, opened, planes
from kiosk.ui.mozc import find
from kiosk.ui.sheet import Room, Sheet, foot_of, lay_out

BELOW, FOOT = 98, 144  # units above and below the panel, for a question after the first, without help


class Typist:
    """Writes an answer to a text question on a landscape screen."""

    def __init__(self, screen: Screen, places: Places, language: str, wanted: str | None = None) -> None:
        self.screen, self.places = screen, places
        self.planes = planes(language, wanted)
        self.plane, self.shifted = self.planes[0], False
        self._converts = find() is not None and any(plane.name == "kana" for plane in self.planes)

    @property
    def sheet(self) -> Sheet:
        """Where the parts are now."""
        finger = self.places.finger
        foot = max(FOOT, foot_of(finger) + GAP / 2)
        room = Room(wide=self.places.wide, high=HIGH - BELOW - foot, finger=finger)
        return lay_out(room, self.planes, self.plane, converts=self._converts)

    def type(self, text: str) -> None:
        """Tap the key of each letter; the screen is given no time in between."""
        for letter in text:
            self.strike(letter)

    def strike(self, name: str) -> None:
        """Tap a key by what stands on it, or by what it does; before it the one that opens it."""
        way = self.way(name)
        for _, spot in way:
            self.screen.tap(*spot)
        key = way[-1][0]
        if key.act == "turn":
            self.plane = next(plane for plane in self.planes if plane.name == key.value)
            self.shifted = False
        elif key.act == "shift":
            self.shifted = not self.shifted
        elif self.shifted and key.writes and not self.plane.locks:
            self.shifted = False

    def find(self, name: str) -> tuple[Key, Spot]:
        """A key that is on the screen now, and its middle."""
        ((key, spot),) = self.way(name)
        return key, spot

    def way(self, name: str) -> list[tuple[Key, Spot]]:
        """The keys to tap one after the other, the last of which is the one that is meant."""
        face = self.sheet.face
        return self._among(name, face.shifted if self.shifted else face.rows, face.widest)

    def steps(self, name: str) -> list[int]:
        """How many keys lie before each one on the way to this one, as a focus goes from the first of all."""
        face = self.sheet.face
        return self._before(name, face.shifted if self.shifted else face.rows)

    def _before(self, name: str, rows: Rows) -> list[int]:
        for at, key in enumerate(key for row in rows for key in row):
            if name in (key.label, key.value, key.act):
                return [at]
            if any(name in held(each) for each in key.keys):
                return [at, *self._before(name, opened(key.keys, mirrored=self.plane.mirrored))]
        raise AssertionError(f"no key {name!r} on {self.plane.name}")

    def _among(self, name: str, rows: Rows, widest: float) -> list[tuple[Key, Spot]]:
        for here in self._standing(rows, widest):
            key = here[0]
            if name in (key.label, key.value, key.act):
                return [here]
            if any(name in held(each) for each in key.keys):
                return [here, *self._among(name, opened(key.keys, mirrored=self.plane.mirrored), widest)]
        raise AssertionError(f"no key {name!r} on {self.plane.name}")

    @property
    def every(self) -> list[tuple[Key, Spot]]:
        """Each key of the keyboard with its middle, row by row."""
        face = self.sheet.face
        return self._standing(face.shifted if self.shifted else face.rows, face.widest)

    def _standing(self, rows: Rows, widest: float) -> list[tuple[Key, Spot]]:
        keys = self.sheet.keys
        places = boxes(rows, keys.width, keys.height, widest=widest)
        return [
            (key, self.at(keys.x + box.x + box.width / 2, keys.y + box.y + box.height / 2))
            for key, box in zip((key for row in rows for key in row), places, strict=True)
        ]

    @property
    def clear(self) -> Spot:
        """The cross that takes all away."""
        field = self.sheet.field
        return self.at(field.x + field.width - 96, field.y + (field.height / 2 if self.sheet.inside else 32))

    @property
    def best(self) -> Spot:
        """The first candidate."""
        return self.at(self.sheet.strip.x + 40, self.sheet.strip.y + 30)

    @property
    def hint(self) -> tuple[int, int, int, int]:
        """Where the line of words stands: left, top, right, low."""
        sheet = self.sheet
        box = Box(sheet.field.x + 12, sheet.field.y + sheet.field.height - 36, 640, 30)
        box = box if sheet.inside else sheet.strip
        return *self.at(box.x, box.y), *self.at(box.x + box.width, box.y + box.height)

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


def held(key: Key) -> set[str]:
    """All that can be struck by this key: what it is itself, or what it opens."""
    return {key.label, key.value, key.act} if not key.keys else set().union(*map(held, key.keys))
