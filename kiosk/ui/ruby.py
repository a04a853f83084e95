"""Where furigana stand: small kana centred above their letters, which move apart where the kana need it.

Called by kiosk.ui.printing. Pure: widths in, places out; all lengths in pixels.
"""

from collections.abc import Sequence

from survey.values import frozen

SIZE = 0.55  # of the letters below
RISE = 0.98  # of the letters' size: from their baseline to that of the kana
HEADROOM = 0.45  # of the letters' size: how much higher a line is
OVERHANG = 0.2  # of the letters' size: how far kana may reach over a neighbour that has none


@frozen
class Width:
    """How broad a part of a line is, and how broad the reading above it (0: there is none)."""

    base: float
    reading: float = 0.0


@frozen
class Slot:
    """Where a part and its reading begin, from the line's left."""

    base: float
    reading: float


def line_up(widths: Sequence[Width], size: float) -> tuple[list[Slot], float]:
    """The places of all parts of a line, and the line's width."""
    slots: list[Slot] = []
    x = 0.0
    for at, width in enumerate(widths):
        excess = max(0.0, width.reading - width.base) / 2
        before, after = (max(0.0, excess - _lends(widths, beside, size)) for beside in (at - 1, at + 1))
        x += before
        slots.append(Slot(x, x + (width.base - width.reading) / 2))
        x += width.base + after
    return slots, x


def _lends(widths: Sequence[Width], beside: int, size: float) -> float:
    """How far a neighbour lets kana reach over it: a line's end does not, nor one that has its own."""
    if not 0 <= beside < len(widths) or widths[beside].reading:
        return 0.0
    return min(OVERHANG * size, widths[beside].base / 2)
