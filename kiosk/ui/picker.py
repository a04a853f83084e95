"""The page on which a shopper chooses a language: each by its own name, in its own script.

Driven by kiosk.ui.app, drawn by kiosk.kv. May touch Kivy's widgets.
"""

from collections.abc import Sequence

from kivy.app import App
from kivy.properties import StringProperty

from kiosk.ui.answers import Card, Pooled, place_all
from kiosk.ui.grids import names
from kiosk.ui.screens import Page

MOST_LANGUAGES = 20


class LanguagePanel(Pooled):
    """The languages, each by its own name."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(Card, MOST_LANGUAGES, **kwargs)

    def offer(self, languages: Sequence[tuple[str, str]], current: str) -> None:
        """Offer languages as (tag, name in its own script)."""
        for card, (tag, name) in zip(self.take(len(languages)), languages, strict=True):
            card.option, card.language, card.words, card.chosen = tag, tag, name, tag == current
        self.arrange()

    def choose(self, tag: str) -> None:
        """Go on in that language."""
        App.get_running_app().speak(tag)

    def arrange(self, *_: object) -> None:
        """In columns and rows that leave room for a finger, however many they are."""
        if self.shown:
            look = App.get_running_app().look
            place_all(
                self,
                self.shown,
                names(len(self.shown), look.wide, self.height / look.unit, look.target / look.unit),
            )


class LanguagePage(Page):
    """The languages to choose from."""

    title = StringProperty()

    def offer(self, languages: Sequence[tuple[str, str]], current: str) -> None:
        """Offer languages as (tag, name in its own script)."""
        self.ids.cards.offer(languages, current)
