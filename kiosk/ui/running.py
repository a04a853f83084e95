"""Breaks a text that is being written into lines: what stands stays where it is while the text grows.

Called by kiosk.ui.writing. Pure: the width of a character is asked of `advance`, which is handed in.
"""

from collections.abc import Callable
from unicodedata import combining, east_asian_width

NOT_FIRST = "、。,.・:;!?！？」』)）】ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮー…%"


def running(text: str, width: float, advance: Callable[[str], float]) -> list[tuple[int, int]]:
    """Begin and end of each line, each as long as it can be; a text of nothing has one empty line."""
    lines: list[tuple[int, int]] = []
    start, used = 0, 0.0
    for at, character in enumerate(text):
        used += advance(character)
        if used <= width or at == start or character.isspace() or combining(character):
            continue
        end = _break_before(text, start, at)
        lines.append((start, end))
        start, used = end, sum(advance(each) for each in text[end : at + 1])
    return [*lines, (start, len(text))]


def _break_before(text: str, start: int, at: int) -> int:
    """The last place up to `at` where a line may end; in the middle of a word that is longer than a line."""
    for end in range(at, start, -1):
        before, after = text[end - 1], text[end]
        if before.isspace() or (_is_wide(before) and after not in NOT_FIRST and not combining(after)):
            return end
    return at


def _is_wide(character: str) -> bool:
    return east_asian_width(character) in "WF"
