"""How a text that a store writes in several languages is read, outside of a survey.

Used by the rows in kiosk.settings.fields. Pure: touches nothing.
"""

from collections.abc import Mapping

from survey.languages import TAG
from survey.problems import shown
from survey.reading import ReadingError, line
from survey.told import told
from survey.values import frozen


@frozen
class TextsOf:
    """The reader of one text a language, each up to so many characters."""

    longest: int

    def __call__(self, value: object) -> Mapping[str, str]:
        """Read them. Raises ReadingError."""
        if not isinstance(value, dict) or not value:
            raise ReadingError(
                told('is {value}; it needs one text a language: {{ ja = "…", en = "…" }}', value=shown(value))
            )
        return {_tag(tag): _text(tag, text, self.longest) for tag, text in value.items()}


def _tag(tag: str) -> str:
    if not TAG.fullmatch(tag):
        raise ReadingError(
            told('has {tag}, which is no language tag such as "ja", "en" or "pt-BR"', tag=shown(tag))
        )
    return tag


def _text(tag: str, text: object, longest: int) -> str:
    try:
        return line(text, longest)
    except ReadingError as wrong:
        raise ReadingError(told("in {tag} {wrong}", tag=tag, wrong=wrong.args[0])) from None
