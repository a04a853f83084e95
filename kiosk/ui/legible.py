"""Whether every text can be read on these screens: a font for each letter, no furigana gone wrong.

Asked by kiosk.cli for `check`; needs no Kivy. Reads the fonts' lists of letters.
"""

from collections.abc import Iterator
from unicodedata import normalize

from kiosk.settings.model import ThanksSettings
from kiosk.ui.glyphs import Fonts
from kiosk.ui.scripts import script_of
from kiosk.ui.shaping import visual
from survey.model import Programme, Question, Survey, Texts
from survey.problems import Fault, at
from survey.ruby import is_astray, parts, plain
from survey.told import told

MOST_LETTERS = 5  # are named of one text; a text in an unknown script would list all of its own


def illegible(programme: Programme, fonts: Fonts, place: str = "survey") -> tuple[Fault, ...]:
    """Every text that would show an empty box or a stray brace, with its place and the mend."""
    return tuple(
        fault
        for number, survey in enumerate(programme.surveys)
        for where, texts in _texts(survey, f"{place}[{number}]")
        for tag, text in texts.items()
        for fault in faults_of(text, tag, at(where, tag), fonts)
    )


def unreadable(thanks: ThanksSettings, fonts: Fonts) -> tuple[Fault, ...]:
    """The same for what a store says at a visit's end."""
    return tuple(
        fault
        for key, texts in vars(thanks).items()
        for tag, text in texts.items()
        for fault in faults_of(text, tag, at(f"thanks.{key}", tag), fonts)
    )


def faults_of(text: str, tag: str, place: str, fonts: Fonts) -> Iterator[Fault]:
    """What is wrong with one text in one language."""
    if is_astray(text):
        yield Fault(place, told("has a brace that belongs to no furigana; write {{店|みせ}}, or take it out"))
        return
    if lacking := fonts.lacking(_letters(text, tag)):
        named = ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in lacking[:MOST_LETTERS])
        more = (
            told(" and {count} more", count=len(lacking) - MOST_LETTERS)
            if len(lacking) > MOST_LETTERS
            else ""
        )
        yield Fault(
            place,
            told("no font of this kiosk has {named}{more}; write it in another way", named=named, more=more),
        )


def _letters(text: str, tag: str) -> str:
    """All that is written and drawn for a text."""
    script = script_of(tag)
    drawn = normalize("NFC", plain(text))
    readings = "".join(part.reading for part in parts(text)) if script.furigana else ""
    return drawn + visual(drawn, right_to_left=script.right_to_left) + normalize("NFC", readings)


def _texts(survey: Survey, place: str) -> Iterator[tuple[str, Texts]]:
    yield at(place, "title"), survey.title
    for number, question in enumerate(survey.questions):
        yield from _texts_of_question(question, f"{place}.question[{number}]")


def _texts_of_question(question: Question, place: str) -> Iterator[tuple[str, Texts]]:
    yield at(place, "text"), question.text
    if question.help:
        yield at(place, "help"), question.help
    for end, texts in (("low", question.low), ("high", question.high)):
        if texts:
            yield f"{place}.labels.{end}", texts
    for number, option in enumerate(question.options):
        yield f"{place}.options[{number}].text", option.text
