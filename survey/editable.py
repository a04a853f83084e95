"""A document from anywhere made fit to be edited: what no editor could show is left out.

Called by head office's drafts, which may come from a spreadsheet. Pure: documents in, documents out.
The checks of parse.py are another matter: what I leave may be as faulty as a survey can be.
"""

from collections.abc import Callable, Mapping
from typing import Any

from survey.model import KINDS, METRICS, TYPES
from survey.parse import MOST_QUESTIONS
from survey.questions import HIGHEST_VALUE, KEYS, KEYS_OF_TYPE

Document = dict[str, Any]
MOST = 2 * MOST_QUESTIONS  # more than may be published, so that it can be mended by taking some out
WORDS = ("weekdays", "hours", "from", "to")


def editable(document: object) -> Document:
    """The survey as an editor can show it; one that is fit already comes out as it went in."""
    given = _table(document)
    kept = {key: value for key, value in given.items() if key in ("id", "kind", "title", "when", "question")}
    kept["id"] = kept["id"] if isinstance(kept.get("id"), str) else ""
    kept["kind"] = kept["kind"] if kept.get("kind") in KINDS else KINDS[0]
    kept["title"] = _texts(kept.get("title"))
    if "when" in kept:
        when = {key: str(value) for key, value in _table(kept["when"]).items() if key in WORDS}
        kept.pop("when") if not when else kept.update(when=when)
    asked = kept.get("question")
    kept["question"] = [_question(each) for each in asked[:MOST]] if isinstance(asked, list) else []
    return kept


def _question(value: object) -> Document:
    kept = _table(value)
    kept["id"] = kept["id"] if isinstance(kept.get("id"), str) else ""
    kept["type"] = kept["type"] if kept.get("type") in TYPES else TYPES[0]
    kept["text"] = _texts(kept.get("text"))
    fit: Mapping[str, Callable[[Any], bool]] = {
        "help": _is_texts,
        "labels": _is_labels,
        "metric": lambda metric: metric in METRICS,
        "ask": lambda ask: _is_number(ask) and 0 < ask <= 1,
        "min": lambda low: type(low) is int and 0 <= low <= HIGHEST_VALUE,
        "max": lambda high: type(high) is int and 0 <= high <= HIGHEST_VALUE,
        "many": lambda many: isinstance(many, bool),
        "shuffle": lambda shuffle: isinstance(shuffle, bool),
        "options": lambda options: isinstance(options, list),
        "max_length": lambda length: type(length) is int,
        "keyboard": lambda keyboard: isinstance(keyboard, str),
        "next": lambda way: isinstance(way, str) or _is_texts(way),
    }
    known = (*KEYS, *KEYS_OF_TYPE[kept["type"]])
    kept = {key: each for key, each in kept.items() if key in known and (key not in fit or fit[key](each))}
    if "options" in kept:
        kept["options"] = [_option(each) for each in kept["options"]]
    return kept


def _option(value: object) -> Document:
    kept = {key: each for key, each in _table(value).items() if key in ("id", "text", "icon")}
    kept["id"] = kept["id"] if isinstance(kept.get("id"), str) else ""
    kept["text"] = _texts(kept.get("text"))
    if not isinstance(kept.get("icon", ""), str):
        del kept["icon"]
    return kept


def _table(value: object) -> Document:
    return {str(key): each for key, each in value.items()} if isinstance(value, Mapping) else {}


def _texts(value: object) -> dict[str, str]:
    return {tag: words for tag, words in _table(value).items() if isinstance(words, str)}


def _is_texts(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(words, str) for words in value.values())


def _is_labels(value: object) -> bool:
    return (
        isinstance(value, Mapping) and value.keys() <= {"low", "high"} and all(map(_is_texts, value.values()))
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
