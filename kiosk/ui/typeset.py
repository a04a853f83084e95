"""Breaks a text into lines where a reader would breathe, and finds the largest size that fits its place.

Called by kiosk.ui.labels. Pure: the width of a text is asked of `measure`, which is handed in.
Where it may break is kiosk.ui.phrases' matter.
"""

from collections.abc import Callable, Iterable, Sequence
from unicodedata import east_asian_width

from kiosk.ui.phrases import PAUSES, STOPS, compounds, letters, phrases
from survey.values import frozen

Measure = Callable[[str, float], float]  # (text, font size in px) → width in px

PITCH = 1.3  # from line to line, in font sizes
SMALLEST_PX = 8.0
AT_STOP, AT_PAUSE = 0.5, 0.9  # how much room left over counts where the reader stops or pauses anyway
SHRINK = 0.94  # from size to size, once the wished-for ones are used up


@frozen
class Setting:
    """A text as it will stand: its font size in pixels and its lines."""

    size: float
    lines: tuple[str, ...]


@frozen
class Place:
    """Room for a text in pixels, and the sizes wished for: (font size, most lines at that size)."""

    width: float
    height: float
    sizes: tuple[tuple[float, int], ...]
    pitch: float = PITCH
    words: str = ""  # the model that finds words where no spaces part them


def fit(text: str, place: Place, measure: Measure) -> Setting:
    """The first wished-for size at which the text fits its place; smaller than all of them if it must be."""
    last = place.sizes[-1]
    for size, most_lines in (*place.sizes, *_smaller(last)):
        lines = _lines(text, size, place, measure)
        if (
            lines
            and len(lines) <= most_lines
            and len(lines) * size * place.pitch <= place.height + size * 0.3
        ):
            return Setting(size, lines)
    return Setting(SMALLEST_PX, _lines(text, SMALLEST_PX, place, measure) or (text,))


def breadth(text: str) -> int:
    """How broad a text is, in half-width characters."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _smaller(last: tuple[float, int]) -> Iterable[tuple[float, int]]:
    size = last[0] * SHRINK
    while size > SMALLEST_PX:
        yield size, 99
        size *= SHRINK


def _lines(text: str, size: float, place: Place, measure: Measure) -> tuple[str, ...]:
    """Balanced lines no wider than the place; empty when one phrase alone is too wide and cannot be cut."""
    pieces = _pieces(phrases(text, place.words), size, measure)
    for finer in (compounds, letters):
        if any(piece.ink > place.width for piece in pieces):
            pieces = _pieces(_cut(pieces, place.width, finer), size, measure)
    width = place.width
    while all(piece.ink <= width for piece in pieces):
        lines = _balanced(pieces, width, spaced_clauses=bool(place.words))
        over = max((measure(line, size) for line in lines), default=0.0) - place.width
        if over <= 0:
            return lines
        width -= max(1.0, over)  # at small sizes a line may be broader than its pieces together
    return ()


@frozen
class _Piece:
    text: str
    width: float
    ink: float  # its width when a line ends with it, without the space that follows


def _pieces(texts: Iterable[str], size: float, measure: Measure) -> list[_Piece]:
    return [_Piece(text, measure(text, size), measure(text.rstrip(), size)) for text in texts]


def _cut(pieces: Sequence[_Piece], width: float, finer: Callable[[str], list[str]]) -> list[str]:
    """Cut what is too wide into finer parts."""
    return [part for piece in pieces for part in (finer(piece.text) if piece.ink > width else [piece.text])]


def _balanced(pieces: Sequence[_Piece], width: float, *, spaced_clauses: bool) -> tuple[str, ...]:
    """As few lines as will do, as even as they can be: the least sum of squared room left over."""
    best: list[tuple[int, float, int]] = [
        (0, 0.0, 0)
    ]  # for each end: lines, unevenness, begin of the last line
    for end in range(1, len(pieces) + 1):
        options, last = [], pieces[end - 1]
        stop = last.text.rstrip()[-1:]
        clause = spaced_clauses and last.text[-1:].isspace()  # what Thai has spaces for
        weight = AT_STOP if stop in STOPS or clause else AT_PAUSE if stop in PAUSES else 1.0
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
