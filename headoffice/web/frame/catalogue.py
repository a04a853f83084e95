"""What surveys ask, in the reader's words: names of surveys, questions and options by their ids.

Called by frame/filters.py and the pages with a reading connection. May read surveys.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from headoffice.store.engine import Connection
from headoffice.store.kept import lasting
from headoffice.store.lists import all_surveys, surveys_key
from headoffice.web.words import Words
from survey.ruby import plain

_LONGEST = 60

Question = tuple[str, str]  # a survey and the id of a question in it


@dataclass(frozen=True)
class Catalogue:
    """Names by id; what a newer version says counts. `options` are by question and option.

    `after` says of a question after which answers to which others it is asked. `languages` are the tags of
    those that anything is asked in.
    """

    titles: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[Question, str] = field(default_factory=dict)
    options: Mapping[tuple[Question, str], str] = field(default_factory=dict)
    after: Mapping[Question, tuple[tuple[Question, str], ...]] = field(default_factory=dict)
    languages: tuple[str, ...] = ()

    @property
    def surveys(self) -> list[tuple[str, str]]:
        """Each survey's id and title."""
        return list(self.titles.items())

    @property
    def questions(self) -> list[tuple[str, str]]:
        """Each question's id with its text, short; several surveys may ask by the same id."""
        said: dict[str, dict[str, None]] = {}
        for (_, question), text in self.texts.items():
            said.setdefault(question, {})[text] = None
        return [(question, _short(" / ".join(texts))) for question, texts in said.items()]

    def survey(self, survey: str) -> str:
        """A survey's title; its id where nothing is known."""
        return self.titles.get(survey, survey)

    def question(self, question: str, survey: str | None = None) -> str:
        """A question as it is asked, in one survey or in any; its id where nothing is known."""
        if survey is not None:
            return self.texts.get((survey, question), question)
        return dict(self.questions).get(question, question)

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """Each option's id and text; several questions may offer the same."""
        found: dict[str, str] = {}
        for (_, option), said in self.options.items():
            found.setdefault(option, said)
        return list(found.items())

    def option(self, survey: str, question: str, option: str) -> str:
        """An option as it is shown; its id where nothing is known."""
        return self.options.get(((survey, question), option), option)

    def any_option(self, question: str, option: str) -> str:
        """An option where it is not known of which survey; its id where nothing is known."""
        known = (
            said for ((_, asked), name), said in self.options.items() if (asked, name) == (question, option)
        )
        return next(known, option)


def read_catalogue(connection: Connection, words: Words) -> Catalogue:
    """The names of everything that is asked, in the reader's language where it has words in it."""
    key = ("catalogue", words.language, *surveys_key(connection))
    return lasting(connection, key, lambda: _read(connection, words), lambda found: len(found.options))


def _read(connection: Connection, words: Words) -> Catalogue:
    titles: dict[str, str] = {}
    texts: dict[Question, str] = {}
    options: dict[tuple[Question, str], str] = {}
    after: dict[Question, dict[tuple[Question, str], None]] = {}
    languages: dict[str, None] = {}
    for survey in all_surveys(connection):
        document = survey.document
        title = document.get("title")
        languages |= dict.fromkeys(map(str, title) if isinstance(title, Mapping) else ())
        titles[survey.survey] = _in(words, title) or survey.survey
        for question in _tables(document.get("question")):
            name = (survey.survey, str(question.get("id")))
            texts[name] = _in(words, question.get("text")) or name[1]
            _add_ways(after, name, question.get("next"))
            for option in _tables(question.get("options")):
                options[name, str(option.get("id"))] = _in(words, option.get("text")) or str(option.get("id"))
    follows = {name: tuple(ways) for name, ways in after.items()}
    return Catalogue(titles, texts, options, follows, tuple(languages))


def _add_ways(
    after: dict[Question, dict[tuple[Question, str], None]], question: Question, ways: object
) -> None:
    """Note where each answer to a question leads, where that depends on the answer."""
    if isinstance(ways, Mapping):
        for answer, following in ways.items():
            after.setdefault((question[0], str(following)), {})[question, str(answer)] = None


def _tables(given: object) -> list[Mapping[str, object]]:
    return [each for each in given if isinstance(each, Mapping)] if isinstance(given, list) else []


def _in(words: Words, texts: object) -> str:
    """A text in the reader's language, else in the first that there is, without its readings."""
    if not isinstance(texts, Mapping) or not texts:
        return ""
    return plain(str(texts.get(words.language) or next(iter(texts.values()))))


def _short(said: str) -> str:
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…"
