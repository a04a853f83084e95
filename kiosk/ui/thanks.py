"""The last page of a visit: the store's own words, and what it did about what shoppers said.

Driven by kiosk.ui.app, drawn by kiosk.kv. May touch Kivy's widgets.
"""

from collections.abc import Callable

from kivy.animation import Animation
from kivy.app import App
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.settings.model import ThanksSettings
from kiosk.ui.screens import Page

BEGINS = 0.6  # of its size
SPRING_S = 0.36
OVERSHOOT = 0.1


class Seal(Widget):  # type: ignore[misc] # Kivy ships no types
    """The mark of a visit that has come to its end: a disc with a check."""

    grown = NumericProperty(1.0)  # of its size

    def celebrate(self) -> None:
        """Come up with a spring: the same whatever was answered, for a frown is watched in a shop."""
        Animation.cancel_all(self, "grown")
        self.grown = 1.0
        if App.get_running_app().look.motion:
            self.grown = BEGINS
            Animation(grown=1.0, duration=SPRING_S, transition="out_back").start(self)

    def on_grown(self, *_: object) -> None:
        """What is painted anew: its box, and a little more, since it springs beyond its size."""
        more = OVERSHOOT * self.width
        box = self.x - more, self.y - more, self.right + more, self.top + more
        App.get_running_app().painter.patch(box)


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
