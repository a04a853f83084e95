"""A store's own accent colour: whether all that is drawn with it can be seen, and the nearest one that can.

Asked by kiosk.settings.file to refuse a colour, by kiosk.ui.theme to draw with it. Pure.
Contrast as WCAG 2.2 defines it: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
"""

from collections.abc import Iterator
from colorsys import hls_to_rgb, rgb_to_hls
from dataclasses import replace

from kiosk.settings.palette import PALETTES, Palette
from survey.told import told
from survey.values import frozen

TEXT, EDGE = 4.5, 3.0  # AA for text, and for what must be told from its surroundings
STEPS = 255


@frozen
class Pair:
    """Two colours that meet on the screen, and the contrast that they need."""

    what: str  # told, for people
    least: float
    ratio: float

    @property
    def is_seen(self) -> bool:
        """Whether the contrast is enough."""
        return self.ratio >= self.least


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1, of #RRGGBB."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(colour)]  # noqa: PLR2004 - sRGB's own numbers
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def ink_on(accent: str, palette: Palette) -> str:
    """The colour of words on the accent: paper or ink, whichever is easier to read there."""
    return max((palette.paper, palette.ink), key=lambda ink: contrast(accent, ink))


def pairs(accent: str, palette: Palette) -> Iterator[Pair]:
    """All that an accent meets: text in it, text on it, edges of it."""
    yield Pair(told("as text on {colour}", colour=palette.paper), TEXT, contrast(accent, palette.paper))
    yield Pair(told("as text on {colour}", colour=palette.card), TEXT, contrast(accent, palette.card))
    ink = ink_on(accent, palette)
    yield Pair(told("under text in {colour}", colour=ink), TEXT, contrast(accent, ink))
    yield Pair(told("beside {colour}", colour=palette.line), EDGE, contrast(accent, palette.line))


def nearest(accent: str, palette: Palette) -> str:
    """The accent itself if it can be seen, else the same hue a little darker or lighter, so that it can."""
    hue, lightness, saturation = rgb_to_hls(*_parts(accent))
    found = accent
    for step in range(STEPS + 1):
        for tried in (lightness - step / STEPS, lightness + step / STEPS):
            found = accent if step == 0 else _written(hls_to_rgb(hue, min(1.0, max(0.0, tried)), saturation))
            if all(pair.is_seen for pair in pairs(found, palette)):
                return found
    return palette.accent


def unseen(accent: str, theme: str) -> str | None:
    """What is wrong with an accent in a theme, with the measured contrast and a colour that passes."""
    palette = PALETTES[theme]
    worst = min(pairs(accent, palette), key=lambda pair: pair.ratio / pair.least)
    if worst.is_seen:
        return None
    return told(
        "is {colour}: its contrast {what} is {ratio}:1, and AA needs {least}:1; {nearest} passes",
        colour=accent,
        what=worst.what,
        ratio=_rounded(worst.ratio),
        least=f"{worst.least:g}",
        nearest=nearest(accent, palette),
    )


def accented(palette: Palette, accent: str) -> Palette:
    """The palette with a store's accent, adjusted to its paper; without one as it is."""
    if not accent:
        return palette
    fitting = nearest(accent, palette)
    return replace(palette, accent=fitting, accent_ink=ink_on(fitting, palette))


def _rounded(ratio: float) -> str:
    """Cut, not rounded up: 4.499 is not 4.5."""
    return f"{int(ratio * 100) / 100:.2f}"


def _parts(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _written(parts: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(part * 255):02X}" for part in parts)
