"""A text that grows key by key, with the kana at its end that may still become kanji.

Called by kiosk.ui.writing. Pure: a draft and what was done to it in, the next draft out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from unicodedata import category

from kiosk.ui import accents, hangul, kana
from kiosk.ui.keys import WIDE_SPACE, Key

MARKS = frozenset({"Mn", "Mc"})  # categories of what needs a letter below it
SPACES = (" ", WIDE_SPACE)


@dataclass(frozen=True)
class Draft:
    """What has been written: the settled text, and behind it the reading that can still be converted."""

    text: str = ""
    reading: str = ""

    @property
    def whole(self) -> str:
        """All of it, as it stands in the field and as it would be sent."""
        return self.text + self.reading

    def chosen(self, words: str, length: int, *, most: int) -> "Draft":
        """Put words in the place of the first `length` kana of the reading, if they fit."""
        made = Draft(self.text + words, self.reading[length:])
        return made if len(made.whole) <= most else self


def struck(draft: Draft, key: Key, *, most: int, composes: bool) -> Draft:
    """What a key makes of a draft; with `composes` kana go to the reading.

    A key for which no room is left, or that means nothing here, leaves the draft as it is.
    """
    if key.act == "erase":
        return _at_end(draft, _erased)
    if key.act == "type":
        made = _typed(draft, key.value, composes=composes and key.value not in SPACES)
    elif key.act in CHANGES:
        change = CHANGES[key.act]
        made = _at_end(draft, lambda text: change(text, key.value))
    else:
        return draft
    return made if len(made.whole) <= most else draft


def _typed(draft: Draft, letter: str, *, composes: bool) -> Draft:
    if category(letter[0]) in MARKS and (not draft.whole or draft.whole[-1].isspace()):
        return draft
    if composes:
        return replace(draft, reading=draft.reading + letter)
    return Draft(draft.whole + letter)


def _erased(text: str) -> str:
    if text and (hangul.FIRST <= ord(text[-1]) <= hangul.LAST or text[-1] in hangul.HALVES):
        return hangul.erased(text)
    return text[:-1]


def _at_end(draft: Draft, change: Callable[[str], str]) -> Draft:
    """Change the end of the reading, or of the text where there is no reading."""
    if draft.reading:
        return replace(draft, reading=change(draft.reading))
    return Draft(change(draft.text))


CHANGES: Mapping[str, Callable[[str, str], str]] = MappingProxyType(
    {"kana_mark": kana.altered, "accent": accents.altered, "jamo": hangul.typed}
)
