"""What surveys ask, in the reader's words: names of surveys, questions and options by their ids.

Called by frame/filters.py and the pages with a reading connection. May read surveys.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from headoffice.store.engine import Connection
from headoffice.store.lists import all_surveys
from headoffice.web.words import Words
from survey.ruby import plain

_LONGEST = 60


@dataclass(frozen=True)
class Catalogue:
    """Names by id; what a newer version says counts. `options` are by question and option."""

    titles: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[tuple[str, str], str] = field(default_factory=dict)
    order: Mapping[str, int] = field(default_factory=dict)

    @property
    def surveys(self) -> list[tuple[str, str]]:
        """Each survey's id and title."""
        return list(self.titles.items())

    @property
    def questions(self) -> list[tuple[str, str]]:
        """Each question's id and text, short."""
        return [(question, _short(said)) for question, said in self.texts.items()]

    def question(self, question: str) -> str:
        """A question as it is asked; its id where nothing is known."""
        return self.texts.get(question, question)

    def option(self, question: str, option: str) -> str:
        """An option as it is shown; its id where nothing is known."""
        return self.options.get((question, option), option)


def read_catalogue(connection: Connection, words: Words) -> Catalogue:
    """The names of everything that is asked, in the reader's language where it has words in it."""
    titles: dict[str, str] = {}
    texts: dict[str, str] = {}
    options: dict[tuple[str, str], str] = {}
    for survey in all_surveys(connection):
        document = survey.document
        titles[survey.survey] = _in(words, document.get("title")) or survey.survey
        for question in _tables(document.get("question")):
            name = str(question.get("id"))
            texts[name] = _in(words, question.get("text")) or name
            for option in _tables(question.get("options")):
                options[name, str(option.get("id"))] = _in(words, option.get("text")) or str(option.get("id"))
    return Catalogue(titles, texts, options, {name: place for place, name in enumerate(texts)})


def _tables(given: object) -> list[Mapping[str, object]]:
    return [each for each in given if isinstance(each, Mapping)] if isinstance(given, list) else []


def _in(words: Words, texts: object) -> str:
    """A text in the reader's language, else in the first that there is, without its readings."""
    if not isinstance(texts, Mapping) or not texts:
        return ""
    return plain(str(texts.get(words.language) or next(iter(texts.values()))))


def _short(said: str) -> str:
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…"
