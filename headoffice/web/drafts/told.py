"""What is wrong with a draft, in the reader's words, and at which of its parts.

Called by drafts/views.py and drafts/fields.py. Pure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from headoffice.web.shipped import Telling
from headoffice.web.words import Words
from survey import outline
from survey.edit import Editing
from survey.faults import Place, place_of, words_of
from survey.problems import Fault
from survey.ruby import plain


def said(text: object, language: str) -> str:
    """A text for a heading: in the reader's language or in the first that has one, without its furigana."""
    return plain(outline.said(text, language))


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """One fault: where it stands, in a few words, what it is, and the page and field it is mended at."""

    place: Place
    where: str
    what: str
    href: str


class Faults:
    """All of a draft's."""

    def __init__(self, words: Words, telling: Telling, document: Mapping[str, Any], *, path: str) -> None:
        self._words, self._telling, self._path = words, telling, path
        asked = document.get("question")
        self._questions = asked if isinstance(asked, list) else []
        self._each = tuple(self._wrong(fault) for fault in Editing((dict(document),)).faults())
        self.all = tuple(self._joined())

    def at(self, place: Place) -> list[str]:
        """What is wrong at a place: at that question or option, at that key and in that language or any."""
        return [
            each.what for each in self._each if each.place.option == place.option and place.holds(each.place)
        ]

    def of_question(self, number: int) -> list[Wrong]:
        """All of a question's."""
        return [each for each in self.all if each.place.question == number]

    def _joined(self) -> Iterator[Wrong]:
        """A text that is not written in several languages is one thing to mend."""
        groups: dict[object, list[Wrong]] = {}
        for each in self._each:
            place = replace(each.place, language="")
            lacks = each.place.language and each.what == self._lacks([each.place.language])
            groups.setdefault((place, "" if lacks else each.what), []).append(each)
        for group in groups.values():
            what = group[0].what if len(group) == 1 else self._lacks([each.place.language for each in group])
            yield replace(group[0], what=what)

    def _lacks(self, tags: list[str]) -> str:
        names = [self._words.language_name(tag) for tag in tags]
        return self._words("drafts.faults.empty_in", language=self._words.listed(names))

    def _wrong(self, fault: Fault) -> Wrong:
        place = place_of(fault)
        return Wrong(place=place, where=self._where(place), what=self._what(fault), href=self._href(place))

    def _what(self, fault: Fault) -> str:
        words = self._words

        def say(key: str, **values: object) -> str:
            return words(f"drafts.faults.{key.removeprefix('faults.')}", **values)

        def told(line: object) -> str:
            return self._telling(line, words.language)

        return words_of(fault, say, words.language_name, told)

    def _where(self, place: Place) -> str:
        words = self._words
        if place.question < 0 or place.question >= len(self._questions):
            return words("drafts.the_survey")
        question = self._questions[place.question]
        parts = [words("drafts.numbered", n=place.question + 1)]
        if isinstance(question, Mapping):
            parts.append(said(question.get("text"), words.language))
        if place.option >= 0:
            parts.append(words("drafts.option", n=place.option + 1))
        return " ".join(part for part in parts if part)

    def _href(self, place: Place) -> str:
        if place.question < 0 or place.question >= len(self._questions):
            return f"{self._path}#questions" if place.key == "question" else f"{self._path}/settings"
        page = f"{self._path}/questions/{place.question}"
        if place.key.partition(".")[0] not in ("text", "help", "labels"):
            return f"{page}#ways" if place.key == "next" else page
        beside = f"?beside={place.language}" if place.language else ""
        return f"{page}{beside}#{field_of(place)}"


def field_of(place: Place) -> str:
    """The name of the field in which a text stands."""
    key = place.key.removeprefix("labels.")
    option = f"option.{place.option}." if place.option >= 0 else ""
    return f"q{place.question}.{option}{key}.{place.language}"
