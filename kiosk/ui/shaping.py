"""Puts the letters of a line into the order and the forms in which they are drawn, from left to right.

Called by kiosk.ui.printing, line by line: a text is broken into lines before it is reordered.
Pure. The two libraries are loaded when the first text from right to left is drawn.
"""

from functools import cache, lru_cache
from typing import TYPE_CHECKING
from unicodedata import bidirectional, combining

if TYPE_CHECKING:
    from arabic_reshaper import ArabicReshaper

LINES = 2048
# Marks that steer the order are not drawn, and what Unicode does not assign has no order: both are left out.
UNORDERED = frozenset(("", "BN", "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))
INVISIBLE = "\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT MARK}\N{ARABIC LETTER MARK}"


@lru_cache(maxsize=LINES)
def visual(line: str, *, right_to_left: bool) -> str:
    """A line of text in a language of this direction as it stands on the screen, Arabic letters joined."""
    if not right_to_left and not any(bidirectional(letter) in ("R", "AL") for letter in line):
        return line
    from bidi.algorithm import get_display  # noqa: PLC0415 - most kiosks never need it

    ordered = "".join(
        letter
        for letter in _joiner().reshape(line)
        if bidirectional(letter) not in UNORDERED and not combining(letter)  # vowel points would go astray
    )
    drawn = get_display(ordered, base_dir="R" if right_to_left else "L")
    return "".join(letter for letter in drawn if letter not in INVISIBLE)


@cache
def _joiner() -> "ArabicReshaper":
    from arabic_reshaper import ArabicReshaper  # noqa: PLC0415 - the same

    return ArabicReshaper({"delete_harakat": True, "support_zwj": False})
