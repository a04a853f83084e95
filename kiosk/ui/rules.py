"""kiosk.kv in two parts: the rules that the first frame needs, and the others, read after it.

Used by kiosk.ui.app. May touch Kivy's builder. Reading all of the rules takes a small processor 100 ms.
"""

import re
from pathlib import Path

from kivy.lang import Builder

# Drawn in the first frame; what their rules name comes with them.
FIRST = frozenset({"Frame", "Page", "QuestionPage", "Panel", "FacesPanel", "Face", "Target"})
RULE = re.compile(r"^(?=<)", re.MULTILINE)
NAME = re.compile(r"\w+")
CHILD = re.compile(r"^ +([A-Z]\w*):", re.MULTILINE)


class Rules:
    """The rules of a file, read once each; `all` may be called as often as you like."""

    def __init__(self, file: Path) -> None:
        self._file = str(file)
        first, self._others = parted(file.read_text("utf-8"))
        Builder.load_string(first, filename=self._file, rulesonly=True)

    def all(self) -> None:
        """Read those that the first frame did not need."""
        others, self._others = self._others, ""
        if others:
            Builder.load_string(others, filename=f"{self._file} ", rulesonly=True)


def parted(text: str) -> tuple[str, str]:
    """The rules for the first frame, and the others; each stands in the line in which it was."""
    head, *rules = RULE.split(text)
    wanted: set[str] = set()
    more = set(FIRST)
    while more - wanted:
        wanted |= more
        more = {name for rule in rules if wanted & _names(rule) for name in CHILD.findall(rule)}
    first, others = head, "\n" * head.count("\n")
    for rule in rules:
        blank = "\n" * rule.count("\n")
        is_first = bool(wanted & _names(rule))
        first, others = first + (rule if is_first else blank), others + (blank if is_first else rule)
    return first, others


def _names(rule: str) -> set[str]:
    return set(NAME.findall(rule.partition(">")[0]))
