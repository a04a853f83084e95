"""Furigana in a text: `{店|みせ}` is 店 with みせ in small kana above it.

Called by reading.py, which counts what is read, and by the screens, which draw it.
Pure functions of a text: touches nothing.
"""

import re

from survey.values import frozen

GROUP = re.compile(r"\{([^{}|]{1,12})\|([^{}|]{1,24})\}")


@frozen
class Part:
    """A stretch of text, with the reading that stands above it, if there is one."""

    base: str
    reading: str = ""


def parts(text: str) -> tuple[Part, ...]:
    """Take a text apart; the bases together are the plain text."""
    found: list[Part] = []
    at = 0
    for group in GROUP.finditer(text):
        if group.start() > at:
            found.append(Part(text[at : group.start()]))
        found.append(Part(group[1], group[2]))
        at = group.end()
    return (*found, Part(text[at:])) if at < len(text) else tuple(found)


def plain(text: str) -> str:
    """Give a text without its furigana."""
    return GROUP.sub(r"\1", text) if "{" in text else text


def is_astray(text: str) -> bool:
    """Tell whether a text has a brace that belongs to no furigana: a slip that a shopper would see."""
    return not {"{", "}"}.isdisjoint(plain(text))
