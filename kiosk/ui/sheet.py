"""Where field, strip and keyboard stand when somebody writes: units, y down from the panel's top.

Called by kiosk.ui.writing. Pure: numbers in, boxes out.
"""

from dataclasses import dataclass
from math import inf

from kiosk.ui.grids import MARGIN, NARROW, Box
from kiosk.ui.keys import GAP

NARROW_MARGIN = 16  # a keyboard on an upright screen needs the width
FIELD_HIGH, FIELD_HIGHEST = 96, 176
LINE_HIGH, CANDIDATES_HIGH = 36, 60  # of the strip: room for a line of words, or for candidates
KEY_HIGHEST = 88


BUTTONS = 84  # the middle of the page's buttons, above the bottom


def foot_of(finger: float) -> float:
    """How high above the bottom fingers that need so many units may mean the page's buttons."""
    return max(finger, BUTTONS + finger / 2)


@dataclass(frozen=True)
class Sheet:
    """The three parts, from top to bottom."""

    field: Box
    strip: Box
    keys: Box


def lay_out(wide: float, high: float, *, rows: int, converts: bool, reach: float = inf) -> Sheet:
    """The keyboard at the bottom, as high as it may be; the field right above it.

    `reach` is how high above the bottom keys and candidates may stand.
    """
    margin = MARGIN if wide >= NARROW else NARROW_MARGIN
    strip_high = CANDIDATES_HIGH if converts else LINE_HIGH
    room = high - strip_high - 2 * GAP
    keys_high = min(rows * (KEY_HIGHEST + GAP) - GAP, room - FIELD_HIGH, reach - strip_high - GAP)
    field_high = min(FIELD_HIGHEST, room - keys_high)
    x, width = margin, wide - 2 * margin
    keys = Box(x, high - keys_high, width, keys_high)
    strip = Box(x, keys.y - GAP - strip_high, width, strip_high)
    return Sheet(Box(x, strip.y - GAP - field_high, width, field_high), strip, keys)
