"""Draws lines of text in the script of their language: fonts, direction and furigana.

Made by kiosk.ui.theme, asked by kiosk.ui.labels. May touch Kivy's text.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

from kivy.core.text import Label as Typesetter

from kiosk.ui.glyphs import Fonts, Run
from kiosk.ui.ruby import RISE, SIZE, Width, line_up
from kiosk.ui.scripts import Script
from kiosk.ui.shaping import visual
from survey.ruby import Part, parts
from survey.values import frozen

WIDTHS = 16384
DESCENT = 0.288 / 1.448  # of a texture's height: the same in all fonts, make_fonts.py sees to it


@frozen
class Style:
    """How a text is to look."""

    script: Script
    bold: bool
    px: int


@frozen
class Print:
    """A stretch of a line as it is drawn: its left, its bottom above the line's baseline, its texture."""

    x: int
    y: int
    texture: Any


@frozen
class Line:
    """A line as it is drawn, in pixels."""

    width: int
    prints: tuple[Print, ...]


class Printer:
    """Measures and draws; what it has measured it knows."""

    def __init__(self, fonts: Path) -> None:
        self._fonts = Fonts(fonts)
        self.width = lru_cache(maxsize=WIDTHS)(self._width)

    def line(self, text: str, style: Style) -> Line:
        """Draw a line of logical text."""
        split = _parts(text, style)
        drawn = [(self._draw(part.base, style), self._draw(part.reading, _small(style))) for part in split]
        widths = [Width(_breadth(base), _breadth(reading)) for base, reading in drawn]
        slots, width = line_up(widths, style.px)
        prints: list[Print] = []
        for (base, reading), slot in zip(drawn, slots, strict=True):
            prints += _in_a_row(base, slot.base, 0)
            prints += _in_a_row(reading, slot.reading, RISE * style.px)
        return Line(round(width), tuple(prints))

    def _width(self, text: str, style: Style) -> float:
        """How broad a text is in pixels, with room for its furigana."""
        small = _small(style)
        widths = (
            max(self._extent(part.base, style), self._extent(part.reading, small))
            for part in _parts(text, style)
        )
        return float(sum(widths))

    def _extent(self, text: str, style: Style) -> int:
        """The width in pixels that this text has when it is drawn: at small sizes it does not grow evenly."""
        return sum(_typesetter(run, style).get_extents(run.text)[0] for run in self._runs(text, style))

    def _draw(self, text: str, style: Style) -> list[Any]:
        drawn = (_texture(_typesetter(run, style)) for run in self._runs(text, style))
        return [texture for texture in drawn if texture is not None]

    def _runs(self, text: str, style: Style) -> list[Run]:
        drawn = visual(text, right_to_left=style.script.right_to_left)
        return self._fonts.runs(drawn, style.script, bold=style.bold)


def _parts(text: str, style: Style) -> tuple[Part, ...]:
    return parts(text) if style.script.furigana else (Part(text),)


def _small(style: Style) -> Style:
    return Style(style.script, style.bold, round(style.px * SIZE))


def _typesetter(run: Run, style: Style) -> Any:
    typesetter = Typesetter(
        run.text, font_name=run.font, font_size=style.px, font_script_name=run.shaper, font_hinting=None
    )
    typesetter.resolve_font_name()
    return typesetter


def _texture(typesetter: Any) -> Any:
    """What it draws. The texture holds the typesetter; held in turn, both would outlive their text."""
    typesetter.refresh()
    if typesetter.texture is not None:
        typesetter.texture.bind()  # it is drawn when it is first wanted: now, while the two are together
    texture, typesetter.texture = typesetter.texture, None
    return texture


def _breadth(textures: list[Any]) -> int:
    return sum(texture.width for texture in textures)


def _in_a_row(textures: list[Any], x: float, rise: float) -> list[Print]:
    """Textures side by side, their baseline so far above the line's."""
    placed = []
    for texture in textures:
        placed.append(Print(round(x), round(rise - DESCENT * texture.height), texture))
        x += texture.width
    return placed
