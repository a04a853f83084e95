"""Where answers stand: rows and columns in units of 1/800 of the shorter side, y down from the panel's top.

Called by kiosk.ui.answers. Pure: numbers in, boxes out.
"""

from dataclasses import dataclass
from math import ceil

MARGIN = 48
NARROW = 960  # a screen that is less wide stands upright, or nearly
CARD_MARGIN, CARD_GAP = 96, 24
CARD_HEIGHT = 156  # as high as a card likes to be
WIDE_COLUMNS = (1, 1, 2, 3, 2, 3, 3, 4)  # for so many cards on a landscape screen; 4 for all above
MOST_IN_ONE_COLUMN = 4  # on an upright screen
LONE_HEIGHT, LONE_TOP = 192, 40  # of cards that stand in one row only
ICON_FROM = 132  # the height from which on a card has room for an icon above its text
SCALE_MARGIN, SCALE_GAP = 72, 12
CELL_HEIGHT, CELL_WIDEST, CELL_NARROWEST = 124, 124, 80
LABEL_HEIGHT = 56
NAME_MARGIN, NAME_GAP = 72, 16
FEW_NAMES = ((3, 3), (4, 2), (9, 3), (12, 4), (99, 5))  # up to so many names: so many columns
FEW_NAMES_UPRIGHT = ((4, 1), (12, 2), (99, 3))


@dataclass(frozen=True)
class Box:
    """A place: its left and top, width and height."""

    x: float
    y: float
    width: float
    height: float


def across(count: int, wide: float, *, widest: float, gap: float, margin: float = SCALE_MARGIN) -> list[Box]:
    """Boxes side by side, centred, no wider than `widest`."""
    width = min(widest, (wide - 2 * margin - gap * (count - 1)) / count)
    left = (wide - count * width - (count - 1) * gap) / 2
    return [Box(left + at * (width + gap), 0, width, CELL_HEIGHT) for at in range(count)]


def scale_rows(count: int, wide: float) -> list[Box]:
    """The cells of a scale: one row, or two on an upright screen that is too narrow for so many fingers."""
    margin = SCALE_MARGIN if wide >= NARROW else MARGIN
    row = across(count, wide, widest=CELL_WIDEST, gap=SCALE_GAP, margin=margin)
    if wide >= NARROW or row[0].width >= CELL_NARROWEST:
        return row
    first = ceil(count / 2)
    upper = across(first, wide, widest=CELL_WIDEST, gap=SCALE_GAP, margin=margin)
    lower = [Box(box.x, LABEL_HEIGHT + box.y, box.width, box.height) for box in upper]
    second = [Box(box.x, box.y + CELL_HEIGHT + SCALE_GAP, box.width, box.height) for box in lower]
    return [*lower, *second[: count - first]]


def grid(count: int, wide: float, high: float) -> list[Box]:
    """Cards in as many columns as the screen's shape asks for, the last row filled from the left."""
    columns = _columns(count, wide)
    rows = ceil(count / columns)
    margin = CARD_MARGIN if wide >= NARROW else MARGIN
    width = (wide - 2 * margin - CARD_GAP * (columns - 1)) / columns
    height = min(CARD_HEIGHT if rows > 1 else LONE_HEIGHT, (high - CARD_GAP * (rows - 1)) / rows)
    top = LONE_TOP if rows == 1 else 0
    places = [divmod(at, columns) for at in range(count)]
    return [
        Box(margin + column * (width + CARD_GAP), top + row * (height + CARD_GAP), width, height)
        for row, column in places
    ]


def names(count: int, wide: float, high: float) -> list[Box]:
    """Cards for the names of languages, around the middle: more columns the more there are."""
    few = FEW_NAMES_UPRIGHT if wide < NARROW else FEW_NAMES
    columns = next((columns for most, columns in few if count <= most), few[-1][1])
    rows = ceil(count / columns)
    margin = NAME_MARGIN if wide >= NARROW else MARGIN
    width = (wide - 2 * margin - NAME_GAP * (columns - 1)) / columns
    height = min(CARD_HEIGHT + NAME_GAP, (high - NAME_GAP * (rows - 1)) / rows)
    top = (high - rows * height - NAME_GAP * (rows - 1)) / 2
    left = margin + max(0, columns - count) * (width + NAME_GAP) / 2
    places = [divmod(at, columns) for at in range(count)]
    return [
        Box(left + column * (width + NAME_GAP), top + row * (height + NAME_GAP), width, height)
        for row, column in places
    ]


def _columns(count: int, wide: float) -> int:
    if wide < NARROW:
        return 1 if count <= MOST_IN_ONE_COLUMN else 2
    return WIDE_COLUMNS[min(count, len(WIDE_COLUMNS) - 1)]
