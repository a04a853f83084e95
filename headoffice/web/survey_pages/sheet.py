"""A survey as a sheet: each text in every language side by side, and where each answer leads.

Called by survey_pages/page.py. Pure functions of values: touches nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from headoffice.metrics import FACES
from headoffice.web.words import LANGUAGES, Words
from survey.ruby import plain


@dataclass(frozen=True, kw_only=True)
class TextRow:
    """A text: what it is of, how deep it stands, and its words by language; None where they are missing."""

    name: str
    depth: int
    texts: tuple[str | None, ...]
    ways: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A survey's texts: its languages, the reader's first, and a row for each question, option and label."""

    languages: tuple[str, ...]
    codes: tuple[str, ...]
    rows: tuple[TextRow, ...]
    missing: int


def read_sheet(words: Words, document: Mapping[str, object]) -> Sheet:
    """The sheet of a survey's document."""
    found = list(_texts(words, document))
    first = (words.language, *LANGUAGES)
    there = dict.fromkeys(code for _, _, texts, _ in found for code in texts)
    codes = tuple(sorted(there, key=lambda code: first.index(code) if code in first else len(first)))
    rows = tuple(
        TextRow(
            name=name,
            depth=depth,
            texts=tuple(None if code not in texts else plain(str(texts[code])) for code in codes),
            ways=tuple(_way(words, answer, to) for answer, to in ways),
        )
        for name, depth, texts, ways in found
    )
    return Sheet(
        languages=tuple(words.language_name(code) for code in codes),
        codes=codes,
        rows=rows,
        missing=sum(text is None for row in rows for text in row.texts),
    )


_Found = tuple[str, int, Mapping[str, object], list[tuple[str, str]]]


def _texts(words: Words, document: Mapping[str, object]) -> Iterator[_Found]:
    title = document.get("title")
    if isinstance(title, Mapping):
        yield words("surveys.row_title"), 0, title, []
    for question in _tables(document.get("question")):
        yield str(question.get("id")), 0, _words(question.get("text")), _ways(question.get("next"))
        if isinstance(question.get("help"), Mapping):
            yield words("surveys.row_help"), 1, _words(question["help"]), []
        for option in _tables(question.get("options")):
            yield str(option.get("id")), 1, _words(option.get("text")), []
        for label in _words(question.get("labels")).values():
            yield words("surveys.row_label"), 1, _words(label), []


def _ways(following: object) -> list[tuple[str, str]]:
    if isinstance(following, Mapping):
        return [(str(answer), str(to)) for answer, to in following.items()]
    return [("", str(following))] if following else []


def _way(words: Words, answer: str, to: str) -> str:
    end = words("surveys.end") if to == "end" else to
    said = words(f"faces.{answer}") if answer in FACES else answer
    return f"{said} → {end}" if said else f"→ {end}"


def _tables(given: object) -> list[Mapping[str, object]]:
    return [each for each in given if isinstance(each, Mapping)] if isinstance(given, list) else []


def _words(given: object) -> Mapping[str, object]:
    return given if isinstance(given, Mapping) else {}
