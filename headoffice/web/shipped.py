"""What comes with the program and both rooms read: ready-made surveys, the checks' words, the screens' words.

Read once, when the pages are made; shown by survey_pages and publishing. May read `assets`, nothing else.
"""

import tomllib
from pathlib import Path

from survey.library import Library, read_library
from survey.ruby import plain
from survey.told import retold

LANGUAGE_OF_CHECKS = "en"


def shipped(name: str) -> Path:
    """Where a file or folder of `assets` lies: in the installed package, or at the top of the checkout."""
    package = Path(__file__).parents[1]
    inside = package / "assets" / name
    return inside if inside.exists() else package.parent / "assets" / name


def library() -> Library:
    """The ready-made surveys and questions."""
    return read_library(shipped("surveys").parent)


class Telling:
    """Says what the checks tell (`survey.told`) in the reader's language."""

    def __init__(self) -> None:
        self._templates: dict[str, dict[str, str]] = {LANGUAGE_OF_CHECKS: {}}
        for file in shipped("languages/staff/told").glob("*.toml"):
            self._templates[file.stem] = tomllib.loads(file.read_text("utf-8"))

    def known(self) -> frozenset[str]:
        """The English templates that there are words for in another language."""
        return frozenset().union(*self._templates.values())

    def __call__(self, line: object, language: str) -> str:
        """A line in a language; in English where there are no words in that."""
        return retold(line, self._templates.get(language, {}))


class Screens:
    """What the kiosk's screens say besides the survey: buttons, faces, thanks, in every language it has."""

    def __init__(self) -> None:
        self._tables = {
            file.stem: tomllib.loads(file.read_text("utf-8")) for file in shipped("languages").glob("*.toml")
        }

    def say(self, language: str, key: str) -> str:
        """The text of a key, such as `buttons.back`; in English for a language the kiosk has no words in."""
        value: object = self._tables.get(language, self._tables[LANGUAGE_OF_CHECKS])
        for name in key.split("."):
            value = value[name] if isinstance(value, dict) else ""
        return str(value)

    def name(self, language: str) -> str:
        """A language by its own name, without furigana; its tag where the kiosk does not know it."""
        return plain(self.say(language, "name")) if language in self._tables else language
