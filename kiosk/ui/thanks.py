"""The last page of a visit: the store's own words, and what it did about what shoppers said.

Driven by kiosk.ui.app, drawn by kiosk.kv. May touch Kivy's widgets.
"""

from collections.abc import Callable

from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.settings.model import ThanksSettings
from kiosk.ui.screens import Page


class Seal(Widget):  # type: ignore[misc] # Kivy ships no types
    """The mark of a visit that has come to its end: a disc with a check."""


class HalfCard(Widget):  # type: ignore[misc] # Kivy ships no types
    """One half of the notice."""

    label = StringProperty()
    words = StringProperty()
    sign = StringProperty()
    strong = BooleanProperty(False)
    room = NumericProperty(0)  # pixels for the words, and what the card needs with them
    needs = NumericProperty(0)


class ThanksPage(Page):
    """Thanks with a notice: on the one card what was said, on the other what was done."""

    title = StringProperty()
    body = StringProperty()
    you_said = StringProperty()
    we_did = StringProperty()
    column = NumericProperty(0)  # pixels, these three
    card_width = NumericProperty(0)
    card_height = NumericProperty(0)
    block = NumericProperty(0)  # the height of all, and where it begins: pixels
    high = NumericProperty(0)
    stacked = BooleanProperty(False)  # whether the cards stand one below the other

    def show(self, thanks: ThanksSettings, language: str, say: Callable[[str], str]) -> None:
        """Put it all on the page; asked only where there is a notice in this language."""
        self.title, self.body = say("thanks.title"), own_words(thanks, language, say)
        self.you_said, self.we_did = thanks.you_said[language], thanks.we_did[language]


def own_words(thanks: ThanksSettings, language: str, say: Callable[[str], str]) -> str:
    """The line below the thanks: the store's, or the kiosk's where the store has none in this language."""
    return thanks.words.get(language) or say("thanks.body")
