"""One survey document of every type of question, and the faults that can be put into it.

Used by the tests of this folder.
Touches nothing.
"""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

MISSING = object()  # put in place of a value: the key is taken out


def both(words: str) -> dict[str, str]:
    """One text in the sample's two languages."""
    return {"ja": f"{words}。", "en": f"{words}."}


def checkout() -> dict[str, Any]:
    """A survey with every type of question: rating → reasons or recommend → … → thanks."""
    return {
        "id": "checkout",
        "kind": "in_the_moment",
        "title": {"ja": "レジ", "en": "Checkout"},
        "when": {
            "weekdays": "mon-sat",
            "hours": "09:00-22:00",
            "from": date(2026, 12, 1),
            "to": date(2026, 12, 31),
        },
        "question": [
            {
                "id": "rating",
                "type": "faces",
                "metric": "csat",
                "text": both("How was it"),
                "next": {"sad": "reasons", "neutral": "reasons", "happy": "recommend"},
            },
            {
                "id": "reasons",
                "type": "choice",
                "metric": "reasons",
                "text": both("Why"),
                "help": both("Choose one"),
                "options": [
                    {"id": "queue", "text": both("Queue"), "icon": "clock"},
                    {"id": "staff", "text": both("Staff")},
                ],
                "shuffle": True,
                "next": {"queue": "words", "staff": "stars", "skip": "end"},
            },
            {
                "id": "recommend",
                "type": "scale",
                "metric": "nps",
                "text": both("Would you recommend us"),
                "labels": {"low": both("No"), "high": both("Yes")},
                "ask": 0.25,
                "next": {"0-6": "words", "7-8": "end", "9-10": "stars"},
            },
            {
                "id": "words",
                "type": "text",
                "text": both("In your words"),
                "max_length": 80,
                "keyboard": "kana",
            },
            {"id": "stars", "type": "stars", "max": 7, "text": both("Stars"), "next": "ease"},
            {"id": "ease", "type": "scale", "min": 1, "max": 4, "text": both("Ease")},
            {
                "id": "several",
                "type": "choice",
                "many": True,
                "text": both("All that apply"),
                "options": [{"id": each, "text": both(each)} for each in ("a", "b", "c")],
            },
            {"id": "goodbye", "type": "notice", "text": both("Thank you")},
        ],
    }


def changed(document: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Copy a document with a value put in at a path such as `question/0/text/en`; MISSING takes it out."""
    document = copy.deepcopy(document)
    *way, last = path.split("/")
    inner: Any = document
    for step in way:
        inner = inner[_key(inner, step)]
    key = _key(inner, last)
    if value is MISSING:
        del inner[key]
    else:
        inner[key] = value
    return document


def _key(inner: object, step: str) -> str | int:
    return int(step) if isinstance(inner, list) else step
