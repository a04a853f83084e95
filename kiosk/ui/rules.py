"""kiosk.kv in three parts: the rules that the first frame needs, the others, and those of staff's pages.

Used by kiosk.ui.app. May touch Kivy's builder. Reading those for shoppers takes a small
processor 100 ms; staff's are read when staff first enter.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from kivy.lang import Builder

# Drawn in the first frame; what their rules name comes with them.
FIRST = frozenset({"Frame", "Page", "QuestionPage", "Panel", "FacesPanel", "Face", "Target"})
RULE = re.compile(r"^(?=<)", re.MULTILINE)
STAFF = re.compile(r"^# -+ staff, from here to the end$", re.MULTILINE)
NAME = re.compile(r"\w+")
CHILD = re.compile(r"^ +([A-Z]\w*):", re.MULTILINE)


class Rules:
    """The rules of a file, read once each; `all` may be called as often as you like."""

    def __init__(self, file: Path) -> None:
        self._file = str(file)
        shoppers, self._staff = halves(file.read_text("utf-8"))
        first, self._others = parted(shoppers)
        self._read(first)

    def all(self) -> None:
        """Read those that the first frame did not need."""
        others, self._others = self._others, ""
        self._read(others)

    def staff(self) -> None:
        """Read those of staff's pages."""
        self.all()
        staff, self._staff = self._staff, ""
        self._read(staff)

    def _read(self, part: str) -> None:
        for line, rule in one_by_one(part):
            Builder.load_string(rule, filename=f"{self._file}, from line {line}", rulesonly=True)


def halves(text: str) -> tuple[str, str]:
    """The rules for shoppers, and those for staff; each stands in the line in which it was."""
    begin = found.start() if (found := STAFF.search(text)) else len(text)
    return text[:begin], "\n" * text.count("\n", 0, begin) + text[begin:]


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


def one_by_one(part: str) -> Iterator[tuple[int, str]]:
    """Each rule of a part with the line that it begins in; what stands before the first is one of them.

    Kivy writes an empty line before every value for each line above it, and looks for names in all of them:
    read in one piece the first frame's rules took three times as long.
    """
    line = 1
    for piece in RULE.split(part):
        rule = piece.strip("\n")
        if rule:
            yield line + len(piece) - len(piece.lstrip("\n")), rule
        line += piece.count("\n")


def _names(rule: str) -> set[str]:
    return set(NAME.findall(rule.partition(">")[0]))
