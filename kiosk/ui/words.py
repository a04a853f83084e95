"""The kiosk's own words in every language it has: assets/languages/<tag>.toml.

Made by kiosk.ui.app, asked by the screens. May read those files, nothing else.
A language lacks nothing that another has: that is tested, so a look-up needs no fallback inside one.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path

Entry = str | list[str]


class Words:
    """Interface strings by language tag and key, such as `buttons.back`."""

    def __init__(self, by_language: Mapping[str, Mapping[str, Entry]]) -> None:
        self._by_language = by_language

    @classmethod
    def load(cls, folder: Path) -> "Words":
        """Read every language file of the folder."""
        files = sorted(folder.glob("*.toml"))
        return cls(
            {file.stem: dict(_flat(tomllib.loads(file.read_text(encoding="utf-8")))) for file in files}
        )

    @property
    def languages(self) -> tuple[str, ...]:
        """The tags that have words here."""
        return tuple(self._by_language)

    def say(self, language: str, key: str) -> str:
        """The text of a key; a language without words of its own is answered in English."""
        return str(self._entry(language, key))

    def lines(self, language: str, key: str) -> tuple[str, ...]:
        """The paragraphs of a key."""
        entry = self._entry(language, key)
        return tuple(entry) if isinstance(entry, list) else (entry,)

    def _entry(self, language: str, key: str) -> Entry:
        return self._by_language.get(language, self._by_language["en"])[key]


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
