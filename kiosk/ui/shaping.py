"""Puts the letters of a line into the order and the forms in which they are drawn, from left to right.

Called by kiosk.ui.printing, line by line: a text is broken into lines before it is reordered.
Pure. The two libraries are loaded when the first text from right to left is drawn.
"""

from functools import lru_cache
from unicodedata import bidirectional, combining

LINES = 2048


@lru_cache(maxsize=LINES)
def visual(line: str, *, right_to_left: bool) -> str:
    """A line of text in a language of this direction as it stands on the screen, Arabic letters joined."""
    if not right_to_left and not any(bidirectional(letter) in ("R", "AL") for letter in line):
        return line
    from arabic_reshaper import ArabicReshaper  # noqa: PLC0415 - most kiosks never need it
    from bidi.algorithm import get_display  # noqa: PLC0415 - the same

    joined = ArabicReshaper({"delete_harakat": True, "support_zwj": False}).reshape(line)
    bare = "".join(
        letter for letter in joined if not combining(letter)
    )  # vowel points would lose their letter
    return str(get_display(bare, base_dir="R" if right_to_left else "L"))
