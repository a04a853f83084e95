"""The kiosk's own words in every language it has: assets/languages/<tag>.toml.

Made by kiosk.ui.app, asked by the screens. May read those files, each when it is first spoken, nothing else.
A language lacks nothing that another has: that is tested, so a look-up needs no fallback inside one.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

Entry = str | list[str]
FALLBACK = "en"


class Words:
    """Interface strings by language tag and key, such as `buttons.back`."""

    def __init__(self, folder: Path) -> None:
        files = {file.stem: file for file in sorted(folder.glob("*.toml"))}
        self.languages = tuple(files)  # the tags that have words here
        self._table = cache(lambda tag: _read(files[tag]))

    def say(self, language: str, key: str) -> str:
        """The text of a key; a language without words of its own is answered in English."""
        return str(self._entry(language, key))

    def lines(self, language: str, key: str) -> tuple[str, ...]:
        """The paragraphs of a key."""
        entry = self._entry(language, key)
        return tuple(entry) if isinstance(entry, list) else (entry,)

    def keys(self, language: str) -> tuple[str, ...]:
        """Every key that a language has."""
        return tuple(self._table(language))

    def _entry(self, language: str, key: str) -> Entry:
        return self._table(language if language in self.languages else FALLBACK)[key]


def _read(file: Path) -> dict[str, Entry]:
    return _flat(tomllib.loads(file.read_text(encoding="utf-8")))


def _flat(table: Mapping[str, object], prefix: str = "") -> dict[str, Entry]:
    """Turn tables into dotted keys."""
    flat: dict[str, Entry] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name}.")
        elif isinstance(value, list):
            flat[prefix + name] = [str(line) for line in value]
        else:
            flat[prefix + name] = str(value)
    return flat
