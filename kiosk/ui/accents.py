"""Marks that are struck after their letter: e and then an acute gives é, as Vietnamese tones are written.

Called by kiosk.ui.draft. Pure: text in, text out.
"""

from unicodedata import normalize

SHAPES = "\u0302\u0306\u031b\u0308"  # circumflex, breve, horn, diaeresis: they make another letter
TONES = "\u0300\u0301\u0309\u0303\u0323"  # grave, acute, hook, tilde, dot below: one at a time


def altered(text: str, mark: str) -> str:
    """Give the last letter a mark, or take it off if it has it; a letter that cannot carry it stays."""
    bare, *held = list(normalize("NFD", text[-1:]) or " ")
    rivals = TONES if mark in TONES else SHAPES
    kept = [each for each in held if each not in rivals]
    marks = kept if mark in held else sorted([*kept, mark], key=TONES.find)
    made = normalize("NFC", bare + "".join(marks))
    return text[:-1] + made if len(made) == 1 and made != " " else text
