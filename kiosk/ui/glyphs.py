"""Which letters the fonts have, and with which font each stretch of a text is drawn.

Asked by kiosk.ui.printing and, for `check`, by kiosk.ui.shown. Reads font files, needs no Kivy.
A text that mixes scripts is drawn with several fonts: SDL's own text has no fallback.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from struct import iter_unpack, unpack, unpack_from
from unicodedata import combining

from kiosk.ui.scripts import ALL, THAI, Script

TABLES_AT, TABLE_BYTES = 12, 16  # of a font file: where its list of tables begins, and the size of an entry
SHAPERS = {THAI.font: "Thai"}  # the script that HarfBuzz is told; what is not here needs no shaping


@dataclass(frozen=True)
class Run:
    """A stretch of text in one font: the font's file, and the script that HarfBuzz shapes it by."""

    text: str
    font: str
    shaper: str


class Coverage:
    """The code points that a font has glyphs for."""

    def __init__(self, font: Path) -> None:
        ranges = sorted(_ranges(_table(font, b"cmap")))
        self._firsts = array("L", (first for first, _ in ranges))
        self._lasts = array("L", (last for _, last in ranges))

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


def _ranges(cmap: bytes) -> Iterator[tuple[int, int]]:
    """First and last code point of each stretch that a `cmap` table maps: its formats 4 and 12."""
    (count,) = unpack_from(">H", cmap, 2)
    for _, _, at in iter_unpack(">HHL", cmap[4 : 4 + count * 8]):
        (kind,) = unpack_from(">H", cmap, at)
        if kind == 4:  # noqa: PLR2004 - the format's own number
            (length,) = unpack_from(">H", cmap, at + 6)  # twice the number of stretches
            lasts = unpack_from(f">{length // 2}H", cmap, at + 14)
            firsts = unpack_from(f">{length // 2}H", cmap, at + 16 + length)
            yield from ((first, last) for first, last in zip(firsts, lasts, strict=True) if first != 0xFFFF)  # noqa: PLR2004 - the end
        elif kind == 12:  # noqa: PLR2004 - the same
            (groups,) = unpack_from(">L", cmap, at + 12)
            for first, last, _ in iter_unpack(">LLL", cmap[at + 16 : at + 16 + groups * 12]):
                yield first, last
