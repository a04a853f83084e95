"""Find words in any script: in what was written, without regard to case, width, or which kana.

Called by voices/page.py. Pure functions of values: touches nothing.
"""

import re
import unicodedata
from dataclasses import dataclass

from headoffice.store.verbatims import VerbatimSeen

_KATAKANA = range(ord("ァ"), ord("ヶ") + 1)
_TO_HIRAGANA = {each: each - 0x60 for each in _KATAKANA}


@dataclass(frozen=True)
class Part:
    """A piece of a text; marked where it is what was looked for."""

    text: str
    marked: bool


@dataclass(frozen=True)
class Search:
    """Words parted by spaces, every one of which must stand in the text; without any, all texts fit.

    No index of words: Japanese has no spaces to make one by, and a second copy of what shoppers wrote
    would have to be erased with the first.
    """

    typed: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, typed: str) -> "Search":
        """The words of what was typed."""
        return cls(typed, tuple(dict.fromkeys(folded(typed).split())))

    def fits(self, row: VerbatimSeen) -> bool:
        """Whether a text has every word."""
        if not self.words:
            return True
        text = folded(row.text or "")
        return all(word in text for word in self.words)

    def parts(self, text: str) -> tuple[Part, ...]:
        """The text with what was found marked, where it stands there as it was typed or in other case."""
        typed = sorted({word for word in self.typed.split() if word}, key=len, reverse=True)
        if not typed:
            return (Part(text, marked=False),)
        pieces = re.split(f"({'|'.join(re.escape(word) for word in typed)})", text, flags=re.IGNORECASE)
        return tuple(Part(piece, marked=place % 2 == 1) for place, piece in enumerate(pieces) if piece)


def folded(text: str) -> str:
    """A text as it is compared: one width, small letters, hiragana."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_TO_HIRAGANA)
