"""Where things stand on a landscape screen, by the rules of kiosk.kv: units of 1/800 of its height.

Used by the tests and by whoever else taps through the real window.
"""

from dataclasses import dataclass
from math import hypot

from kiosk.ui.grids import Box, grid, names, scale_rows, star_rows

HIGH = 800
FACES = ("sad", "neutral", "happy")
FINGER_MM, MM_PER_INCH = 20.0, 25.4
BELOW, FOLDED_BELOW = 320, 300  # where the values of a scale begin: in one row, in two
Spot = tuple[int, int]


@dataclass(frozen=True)
class Places:
    """The middle of each target in pixels, for a landscape screen of this size; y counts from the top."""

    width: int = 1280
    height: int = 800
    inches: float = 10.1

    @property
    def finger(self) -> float:
        """How many units a finger needs."""
        return FINGER_MM / (self.inches * MM_PER_INCH) * hypot(self.wide, HIGH)

    def at(self, x: float, y: float) -> Spot:
        """Turn units into pixels."""
        unit = self.height / HIGH
        return round(x * unit), round(y * unit)

    @property
    def wide(self) -> float:
        """The screen's width in units."""
        return self.width * HIGH / self.height

    def face(self, name: str) -> Spot:
        """Discs of 252 in boxes of 264, 80 apart, around the middle."""
        return self.at(self.wide / 2 + (FACES.index(name) - 1) * 344, 420)

    def card(self, index: int, of: int) -> Spot:
        """An option's card."""
        box = grid(of, self.wide, 352, self.finger)[index]
        return self.at(box.x + box.width / 2, 272 + box.y + box.height / 2)

    def along_card(self, index: int, of: int) -> list[Spot]:
        """Spots from a card's left to its right, just below its upper edge, where no letter stands."""
        box = grid(of, self.wide, 352, self.finger)[index]
        inside = range(int(box.x) + 32, int(box.x + box.width) - 32, 8)
        return [self.at(x, 272 + box.y + 12) for x in inside]

    def cell(self, index: int, of: int = 11) -> Spot:
        """A value of a scale, counted from its lowest."""
        return self._value(scale_rows(of, self.wide, self.finger), index)

    def star(self, index: int, of: int = 5) -> Spot:
        """A star, counted from 0."""
        return self._value(star_rows(of, self.wide, self.finger), index)

    def _value(self, boxes: list[Box], index: int) -> Spot:
        below = BELOW if boxes[0].y == boxes[-1].y else FOLDED_BELOW
        return self.at(
            boxes[index].x + boxes[index].width / 2, below + boxes[index].y + boxes[index].height / 2
        )

    @property
    def back(self) -> Spot:
        """もどる, on every page that has it."""
        return self.at(148, 716)

    @property
    def skip(self) -> Spot:
        """とばす."""
        return self.at(self.wide - 372, 716)

    @property
    def onward(self) -> Spot:
        """つぎへ or おわる."""
        return self.at(self.wide - 148, 716)

    @property
    def language(self) -> Spot:
        """The language button."""
        return self.at(self.wide - 148, 64)

    def aid(self, nth: int, *, language_wide: float = 268) -> Spot:
        """The round buttons beside the language button: 0 is that for letters and contrast, 1 reads aloud."""
        return self.at(
            self.wide - 48 - language_wide - 64 - 107 * nth, 64
        )  # 96 apart on a large panel, 118 on one of 10 inches: this is on both

    def tongue(self, index: int, of: int) -> Spot:
        """A language's card on the page where one is chosen."""
        box = names(of, self.wide, 372)[index]
        return self.at(box.x + box.width / 2, 272 + box.y + box.height / 2)

    @property
    def more(self) -> Spot:
        """くわしく, on the first screen."""
        return self.at(self.wide - 92, 754)
