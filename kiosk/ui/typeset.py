"""Breaks a text into lines where a reader would breathe, and finds the largest size that fits its place.

Called by kiosk.ui.labels. Pure: the width of a text is asked of `measure`, which is handed in.
Japanese is cut into phrases by a rule of particles and scripts; other texts are cut at spaces.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

Measure = Callable[[str, float], float]  # (text, font size in px) → width in px

PITCH = 1.3  # from line to line, in font sizes
SMALLEST_PX = 8.0
AT_STOP, AT_PAUSE = 0.5, 0.9  # how much room left over counts where the reader stops or pauses anyway
SHRINK = 0.94  # from size to size, once the wished-for ones are used up

OPENING = "「『(([〔【《〈“‘"
NOT_FIRST = "、。,.・:;?!?!)」』)]〕】》〉”’ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶーゝゞ々〜…%%"
STOPS = "。.?!?!"
PAUSES = "、。,・?!?!"
CLOSING = ")」』)】"
PARTICLES = "はがをにでともへやの"
HIRAGANA = re.compile(r"[ぁ-ゖー]")
JAPANESE = re.compile(r"[ぁ-ヿ一-鿿々〆]")
# A particle before hiragana is a boundary only where what follows does not look like its own continuation.
GLUE = "はがをにでともへやのかねよしまならりるれろさせっゃゅょんーい"


@dataclass(frozen=True)
class Setting:
    """A text as it will stand: its font size in pixels and its lines."""

    size: float
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """Room for a text in pixels, and the sizes wished for: (font size, most lines at that size)."""

    width: float
    height: float
    sizes: tuple[tuple[float, int], ...]


def fit(text: str, place: Place, measure: Measure) -> Setting:
    """The first wished-for size at which the text fits its place; smaller than all of them if it must be."""
    last = place.sizes[-1]
    for size, most_lines in (*place.sizes, *_smaller(last)):
        lines = _lines(text, size, place.width, measure)
        if lines and len(lines) <= most_lines and len(lines) * size * PITCH <= place.height + size * 0.3:
            return Setting(size, lines)
    return Setting(SMALLEST_PX, _lines(text, SMALLEST_PX, place.width, measure) or (text,))


def phrases(text: str) -> list[str]:
    """The pieces of a text that should stay on one line; together they are the text."""
    pieces: list[str] = []
    start = 0
    for at in range(1, len(text)):
        if _boundary(text, start, at):
            pieces.append(text[start:at])
            start = at
    return [*pieces, text[start:]]


def breadth(text: str) -> int:
    """How broad a text is, in half-width characters."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _smaller(last: tuple[float, int]) -> Iterable[tuple[float, int]]:
    size = last[0] * SHRINK
    while size > SMALLEST_PX:
        yield size, 99
        size *= SHRINK


def _lines(text: str, size: float, width: float, measure: Measure) -> tuple[str, ...]:
    """Balanced lines no wider than `width`; empty when one phrase alone is too wide and cannot be cut."""
    pieces = _pieces(phrases(text), size, measure)
    if any(piece.ink > width for piece in pieces):
        pieces = _pieces(_cut(pieces, width), size, measure)
    if any(piece.ink > width for piece in pieces):
        return ()
    return _balanced(pieces, width)


@dataclass(frozen=True)
class _Piece:
    text: str
    width: float
    ink: float  # its width when a line ends with it, without the space that follows


def _pieces(texts: Iterable[str], size: float, measure: Measure) -> list[_Piece]:
    return [_Piece(text, measure(text, size), measure(text.rstrip(), size)) for text in texts]


def _cut(pieces: Sequence[_Piece], width: float) -> list[str]:
    """Cut what is too wide between any two characters that may be parted."""
    result: list[str] = []
    for piece in pieces:
        if piece.ink <= width or not JAPANESE.search(piece.text):
            result.append(piece.text)
            continue
        for character in piece.text:
            if result and (character in NOT_FIRST or result[-1][-1] in OPENING):
                result[-1] += character
            else:
                result.append(character)
    return result


def _balanced(pieces: Sequence[_Piece], width: float) -> tuple[str, ...]:
    """As few lines as will do, as even as they can be: the least sum of squared room left over."""
    best: list[tuple[int, float, int]] = [
        (0, 0.0, 0)
    ]  # for each end: lines, unevenness, begin of the last line
    for end in range(1, len(pieces) + 1):
        options, last = [], pieces[end - 1]
        stop = last.text.rstrip()[-1:]
        weight = AT_STOP if stop in STOPS else AT_PAUSE if stop in PAUSES else 1.0
        room = width - last.ink
        for begin in range(end - 1, -1, -1):
            if room < 0:
                break
            lines, uneven, _ = best[begin]
            options.append((lines + 1, uneven + weight * room * room, begin))
            room -= pieces[begin - 1].width
        best.append(min(options))
    spans, end = [], len(pieces)
    while end:
        spans.append((best[end][2], end))
        end = best[end][2]
    return tuple("".join(piece.text for piece in pieces[begin:end]).strip() for begin, end in reversed(spans))


def _boundary(text: str, start: int, at: int) -> bool:
    """Whether a line may end before the character `at`, in a phrase that began at `start`."""
    before, after = text[at - 1], text[at]
    if after in NOT_FIRST or after.isspace() or before in OPENING:
        return False
    if before.isspace() or before in PAUSES:
        return True
    if not JAPANESE.search(before + after):
        return False
    if after in OPENING or (before in CLOSING and not HIRAGANA.match(after)):
        return True
    return _after_particle(text, start, at)


def _after_particle(text: str, start: int, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if before not in PARTICLES or at - start < 2:  # noqa: PLR2004 # a phrase of one character is none
        return False
    honorific = after in "おご" and at + 1 < len(text) and not HIRAGANA.match(text[at + 1])
    if before == "を" or honorific or not HIRAGANA.match(after):
        return True
    return before in "にはも" and after not in GLUE
