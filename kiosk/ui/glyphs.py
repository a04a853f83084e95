"""Which letters the fonts have, and with which font each stretch of a text is drawn.

Asked by kiosk.ui.printing and, for `check`, by kiosk.ui.shown. Reads font files, needs no Kivy.
A text that mixes scripts is drawn with several fonts: SDL's own text has no fallback.
"""

import sys
from array import array
from bisect import bisect_right
from functools import cache
from pathlib import Path
from struct import iter_unpack, unpack, unpack_from
from unicodedata import combining

from kiosk.ui.scripts import ALL, THAI, Script
from survey.values import frozen

TABLES_AT, TABLE_BYTES = 12, 16  # of a font file: where its list of tables begins, and the size of an entry
SHAPERS = {THAI.font: "Thai"}  # the script that HarfBuzz is told; what is not here needs no shaping


@frozen
class Run:
    """A stretch of text in one font: the font's file, and the script that HarfBuzz shapes it by."""

    text: str
    font: str
    shaper: str


class Coverage:
    """The code points that a font has glyphs for."""

    def __init__(self, font: Path) -> None:
        self._firsts, self._lasts = _stretches(_table(font, b"cmap"))

    def __contains__(self, letter: str) -> bool:
        at = bisect_right(self._firsts, ord(letter)) - 1
        return at >= 0 and ord(letter) <= self._lasts[at]


class Fonts:
    """The fonts of a folder. Each is looked into only when a text wants it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._coverage = cache(lambda family: Coverage(self._file(family, bold=False)))

    def runs(self, text: str, script: Script, *, bold: bool) -> list[Run]:
        """The text in as few stretches as may be, each in the script's own font if that has its letters."""
        runs: list[Run] = []
        family, begun = script.font, 0
        for at, letter in enumerate(text):
            wanted = self._family(letter, family, script.font)
            if wanted != family:
                if at > begun:
                    runs.append(self._run(text[begun:at], family, bold=bold))
                family, begun = wanted, at
        return [*runs, self._run(text[begun:], family, bold=bold)] if begun < len(text) else runs

    def lacking(self, text: str) -> str:
        """The letters of a text that no font has, each once."""
        return "".join(
            letter
            for letter in dict.fromkeys(text)
            if not any(letter in self._coverage(each.font) for each in ALL)
        )

    def _family(self, letter: str, current: str, own: str) -> str:
        """The font for a letter: the script's own, for spaces and marks the current one, else the first."""
        order = (current, own) if letter.isspace() or combining(letter) else (own, current)
        families = (*order, *(each.font for each in ALL))
        return next((family for family in families if letter in self._coverage(family)), own)

    def _run(self, text: str, family: str, *, bold: bool) -> Run:
        return Run(text, str(self._file(family, bold=bold)), SHAPERS.get(family, "Latn"))

    def _file(self, family: str, *, bold: bool) -> Path:
        return self._folder / f"{family}-{'Bold' if bold else 'Regular'}.ttf"


def _table(font: Path, name: bytes) -> bytes:
    """A table of a font file, by its name."""
    with font.open("rb") as file:
        (count,) = unpack(">4xH6x", file.read(TABLES_AT))
        for tag, _, at, length in iter_unpack(">4sLLL", file.read(count * TABLE_BYTES)):
            if tag == name:
                file.seek(at)
                return file.read(length)
    raise ValueError(f"{font.name} has no table {name!r}")


def _stretches(cmap: bytes) -> "tuple[array[int], array[int]]":
    """First and last code points of the stretches that a `cmap` table maps, in their order.

    A table of format 12 holds all of them; where there is none, format 4 does, and ends with one for U+FFFF.
    """
    (count,) = unpack_from(">H", cmap, 2)
    places = [at for _, _, at in iter_unpack(">HHL", cmap[4 : 4 + count * 8])]
    at_of = {unpack_from(">H", cmap, at)[0]: at for at in places}
    if at := at_of.get(12):
        (groups,) = unpack_from(">L", cmap, at + 12)
        numbers = _numbers("I", cmap[at + 16 : at + 16 + groups * 12])  # first, last, glyph
        return numbers[::3], numbers[1::3]
    if at := at_of.get(4):
        (length,) = unpack_from(">H", cmap, at + 6)  # of each list, in bytes
        lasts, firsts = (_numbers("H", cmap[begin : begin + length]) for begin in (at + 14, at + 16 + length))
        return firsts[:-1], lasts[:-1]
    raise ValueError(f"a font's cmap has the formats {sorted(at_of)}, and neither 4 nor 12")


def _numbers(kind: str, big_endian: bytes) -> "array[int]":
    numbers = array(kind, big_endian)
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers
