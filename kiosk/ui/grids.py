"""Where answers stand: rows and columns in units of 1/800 of the shorter side, y down from the panel's top.

Called by kiosk.ui.answers. Pure: numbers in, boxes out.
"""

from math import ceil

from survey.values import frozen

MARGIN = 48
NARROW = 960  # a screen that is less wide stands upright, or nearly
CARD_MARGIN, CARD_GAP = 96, 24
CARD_HEIGHT = 156  # as high as a card likes to be
WIDE_COLUMNS = (1, 1, 2, 3, 2, 3, 3, 4)  # for so many cards on a landscape screen; 4 for all above
MOST_IN_ONE_COLUMN = 4  # on an upright screen
LONE_HEIGHT, LONE_TOP = 192, 40  # of cards that stand in one row only
ICON_FROM, ICON_WIDE = 132, 200  # height and width from which on a card has room for an icon above its text
SCALE_MARGIN, SCALE_GAP = 72, 12
CELL_HEIGHT, CELL_WIDEST, CELL_NARROWEST = 124, 124, 80
CELL_HIGHEST, FOLDED_WIDEST = 164, 180
STAR_GAP, STAR_WIDEST = 16, 128
MOST_ROOMY_COLUMNS = 4  # of cards with wide margins
LABEL_HEIGHT = 56
EDGES = (SCALE_MARGIN, MARGIN, 24)  # the margins of a row: the first one that leaves room for fingers
ROUNDING = 1e-3
NAME_MARGIN, NAME_GAP = 72, 16
BESIDE = 16  # from the end of the names' own place down to those beside the way back
FEW_NAMES = ((3, 3), (4, 2), (9, 3), (12, 4), (99, 5))  # up to so many names: so many columns
FEW_NAMES_UPRIGHT = ((4, 1), (12, 2), (99, 3))


@frozen
class Box:
    """A place: its left and top, width and height."""

    x: float
    y: float
    width: float
    height: float


def scale_rows(count: int, wide: float, finger: float = 0) -> list[Box]:
    """The cells of a scale, for a finger that needs so many units: one row where that has room, or two.

    On an upright screen the two rows are as long as can be; elsewhere the second leaves a place free at its
    end, for what the highest value means.
    """
    least = max(finger, CELL_NARROWEST + SCALE_GAP if wide < NARROW else 0)
    rows = _rows(count, wide, least, gap=SCALE_GAP, widest=CELL_WIDEST)
    if len(rows) == 1:
        high = max(CELL_HEIGHT, min(finger - SCALE_GAP, CELL_HIGHEST))
    else:
        rows = _rows(
            count, wide, least, gap=SCALE_GAP, widest=CELL_WIDEST if wide < NARROW else FOLDED_WIDEST
        )
        high = max(CELL_HEIGHT, finger - SCALE_GAP)
    return _stand(rows, high, SCALE_GAP)


def star_rows(count: int, wide: float, finger: float = 0) -> list[Box]:
    """Stars, in one row where that has room for fingers, or in two as the cells of a scale."""
    rows = _rows(count, wide, finger, gap=STAR_GAP, widest=STAR_WIDEST)
    side = min(STAR_WIDEST, rows[0][0].width)
    return _stand(rows, side, max(STAR_GAP, finger - side))


def grid(count: int, wide: float, high: float, finger: float = 0) -> list[Box]:
    """Cards in as many columns as the screen's shape asks for and fingers need; the last row may be short."""
    most_rows = max(1, int((high + CARD_GAP) / finger + ROUNDING)) if finger else count
    columns = max(_columns(count, wide), ceil(count / most_rows))
    rows = ceil(count / columns)
    margin = CARD_MARGIN if wide >= NARROW and columns <= MOST_ROOMY_COLUMNS else MARGIN
    width = (wide - 2 * margin - CARD_GAP * (columns - 1)) / columns
    liked = max(CARD_HEIGHT, finger - CARD_GAP) if rows > 1 else LONE_HEIGHT
    height = min(liked, (high - CARD_GAP * (rows - 1)) / rows)
    top = min(LONE_TOP, high - height) if rows == 1 else 0
    places = [divmod(at, columns) for at in range(count)]
    return [
        Box(margin + column * (width + CARD_GAP), top + row * (height + CARD_GAP), width, height)
        for row, column in places
    ]


def names(count: int, wide: float, high: float, finger: float = 0) -> list[Box]:
    """Cards for the names of languages, around the middle: more columns the more there are.

    Those for which fingers leave no room stand below all others, at the line's end, beside the way back.
    """
    few = FEW_NAMES_UPRIGHT if wide < NARROW else FEW_NAMES
    columns = next((columns for most, columns in few if count <= most), few[-1][1])
    most_rows = max(1, int((high + NAME_GAP) / finger + ROUNDING)) if finger else count
    margin = NAME_MARGIN if wide >= NARROW else MARGIN
    most_columns = int((wide - 2 * margin + NAME_GAP) / finger + ROUNDING) if finger else count
    columns = min(max(columns, ceil(count / most_rows)), max(columns, most_columns))
    above = min(count, columns * most_rows)
    rows = ceil(above / columns)
    width = (wide - 2 * margin - NAME_GAP * (columns - 1)) / columns
    height = min(max(CARD_HEIGHT + NAME_GAP, finger - NAME_GAP), (high - NAME_GAP * (rows - 1)) / rows)
    if above < count:
        height = finger - NAME_GAP
        top = high + BESIDE - rows * finger
    else:
        top = (high - rows * height - NAME_GAP * (rows - 1)) / 2
    left = margin + max(0, columns - count) * (width + NAME_GAP) / 2
    places = [divmod(at, columns) for at in range(above)]
    places += [(rows, columns - 1 - at) for at in reversed(range(count - above))]
    return [
        Box(left + column * (width + NAME_GAP), top + row * (height + NAME_GAP), width, height)
        for row, column in places
    ]


def _columns(count: int, wide: float) -> int:
    if wide < NARROW:
        return 1 if count <= MOST_IN_ONE_COLUMN else 2
    return WIDE_COLUMNS[min(count, len(WIDE_COLUMNS) - 1)]


def _rows(count: int, wide: float, least: float, *, gap: float, widest: float) -> list[list[Box]]:
    """Places side by side, in one row or two, `least` from one to the next; all with their top at 0."""

    def across(count: int, margin: float) -> list[Box]:
        width = min(max(widest, least - gap), (wide - 2 * margin - gap * (count - 1)) / count)
        left = (wide - count * width - (count - 1) * gap) / 2
        return [Box(left + at * (width + gap), 0, width, 0) for at in range(count)]

    for margin in (MARGIN,) if wide < NARROW else EDGES:
        row = across(count, margin)
        if row[0].width + gap >= least - ROUNDING:
            return [row]
    row = across(ceil(count / 2) if wide < NARROW else count // 2 + 1, MARGIN)
    return [row, row[: count - len(row)]]


def _stand(rows: list[list[Box]], high: float, gap: float) -> list[Box]:
    """Rows below one another; two leave room above them for what the lowest value means."""
    top = LABEL_HEIGHT if len(rows) > 1 else 0
    return [
        Box(box.x, top + at * (high + gap), box.width, high) for at, row in enumerate(rows) for box in row
    ]
