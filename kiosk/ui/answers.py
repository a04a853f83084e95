"""The part of a question's screen that is touched: a panel for each type of question, built once.

Shown by kiosk.ui.screens, drawn by kiosk.kv, which hands the answer to the app. May touch Kivy's widgets.
"""

from typing import Any

from kivy.app import App
from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)
from kivy.uix.floatlayout import FloatLayout

from kiosk.ui.grids import ICON_FROM, ICON_WIDE, Box, grid
from kiosk.ui.mirror import from_start
from kiosk.ui.order import ordered
from kiosk.ui.touch import Target
from kiosk.visit import Ask
from survey.model import FACES, Question, Texts

MOST_OPTIONS = 12
FEW_OPTIONS = 6
HEAD, HEADLESS = 128, 36  # where the question may begin, below the store's name and without it


def spoken(texts: Texts | None, language: str) -> str:
    """A survey's text in a language, or in its first one; empty if there is none."""
    if not texts:
        return ""
    return texts.get(language) or next(iter(texts.values()))


class Panel(FloatLayout):  # type: ignore[misc] # Kivy ships no types
    """Where answers stand. `chosen` is what つぎへ will answer; None until something is."""

    above = NumericProperty(128)  # units from the screen's top, where the question may begin
    below = NumericProperty(288)  # units from the screen's top, on a landscape screen
    foot = NumericProperty(176)  # units that it leaves free below itself
    crowds = BooleanProperty(False)  # whether on a small panel it needs the room of the header
    fills = BooleanProperty(False)  # whether it takes that room now: the header's buttons stand in the foot
    overhead = NumericProperty(0)  # units at its top in which there is nothing to touch
    pause = NumericProperty(24)  # units of air between question and answers
    spare = NumericProperty(0)  # units by which it may stand lower where the question is very long
    lowered = NumericProperty(0.5)  # share of an upright screen's greater height by which it stands lower
    sinks = BooleanProperty(False)  # whether it puts what is touched into reach itself
    confirms = BooleanProperty(False)  # whether an answer is chosen first and confirmed with つぎへ
    chosen = ObjectProperty(None, allownone=True)
    language = StringProperty()
    visit_seed = NumericProperty(0)  # a shuffled order is the same again when a shopper comes back

    def show(self, ask: Ask) -> None:
        """Put a question's answers on the panel, with the one that was given before."""
        self.language = ask.language
        self.chosen = ask.answer
        self.settle(ask)
        self.fill(ask.question)
        self.mark()

    def settle(self, _ask: Ask) -> None:
        """Find out how much room there is."""
        self.fills = self.crowds and App.get_running_app().look.tight
        self.above = HEADLESS if self.fills else HEAD

    def fill(self, question: Question) -> None:
        """Give each target its answer."""

    def mark(self) -> None:
        """Show what is chosen."""

    def arrange(self, *_: object) -> None:
        """Put the targets in their places."""

    def writes_at(self, _x: float, _y: float) -> bool:
        """Whether a finger at this place types."""
        return False


class Face(Target):
    """One of the three; only the one that was given before has a ring around it."""

    panel = ObjectProperty()
    name = StringProperty("neutral")
    place = NumericProperty(0)  # -1, 0, 1 from left to right
    chosen = BooleanProperty(False)


class FacesPanel(Panel):
    """Sad, neutral, happy: a touch is the answer."""

    gap = NumericProperty(80)  # pixels
    side = NumericProperty(264)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        for place, name in enumerate(FACES, start=-1):
            self.add_widget(Face(panel=self, name=name, place=place))


class Card(Target):
    """One option, with its icon if it has one."""

    panel = ObjectProperty()
    option = StringProperty()
    words = StringProperty()
    language = StringProperty()  # of its words; empty: the one on screen
    icon = StringProperty()
    icons = BooleanProperty(True)  # whether the cards of this question have room for icons
    pictured = BooleanProperty(False)
    chosen = BooleanProperty(False)
    tint = ColorProperty()


class Pooled(Panel):
    """A panel whose targets differ in number from question to question."""

    def __init__(self, make: Any, most: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._pool = [make(panel=self) for _ in range(most)]
        self.shown: list[Any] = []
        self.bind(pos=self.arrange, size=self.arrange)

    def take(self, count: int) -> list[Any]:
        """Show so many targets of the pool."""
        for target in self.shown:
            self.remove_widget(target)
        self.shown = self._pool[:count]
        for target in self.shown:
            self.add_widget(target)
        return self.shown


class ChoicePanel(Pooled):
    """Cards with options: one touch answers, or several are chosen and confirmed."""

    many = BooleanProperty(False)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(Card, MOST_OPTIONS, crowds=True, **kwargs)
        self._order: list[str] = []

    def fill(self, question: Question) -> None:
        """A card for each option, in the survey's order or shuffled."""
        self.many = self.confirms = bool(question.many)
        self.lowered = 0.5 if len(question.options) <= FEW_OPTIONS else 0.25
        self._order = [option.id for option in question.options]
        options = ordered(question, self.visit_seed)
        for card, option in zip(self.take(len(options)), options, strict=True):
            card.option, card.words = option.id, spoken(option.text, self.language)
            card.icon = option.icon or ""
        self.arrange()

    def mark(self) -> None:
        """Every chosen one."""
        for card in self.shown:
            card.chosen = (
                card.option in self.chosen if isinstance(self.chosen, list) else card.option == self.chosen
            )

    def choose(self, option: str) -> None:
        """Answer with the option; where several may be chosen, take it in or out."""
        if not self.many:
            App.get_running_app().answer(option)
            return
        held = set(self.chosen or ()) ^ {option}
        self.chosen = [each for each in self._order if each in held] or None
        self.mark()

    def arrange(self, *_: object) -> None:
        """In columns and rows that fill the panel."""
        if not self.shown:
            return
        look = App.get_running_app().look
        boxes = grid(len(self.shown), look.wide, self.height / look.unit, look.target / look.unit)
        roomy = (
            boxes[0].height >= ICON_FROM
            and boxes[0].width >= ICON_WIDE
            and any(card.icon for card in self.shown)
        )
        for card in self.shown:
            card.icons = roomy
        place_all(self, self.shown, boxes)


class BarePanel(Panel):
    """Nothing to choose: a notice is answered by going on, what cannot be answered here is skipped."""

    def fill(self, question: Question) -> None:
        """Going on with a notice says that it was read."""
        self.confirms = question.type == "notice"
        self.chosen = self.confirms or None


def place_all(panel: Panel, targets: list[Any], boxes: list[Box]) -> None:
    """Give each target its box, in units from the panel's upper corner where a line begins."""
    look, top = App.get_running_app().look, panel.y + panel.height  # panel.top and right may lag behind
    for target, box in zip(targets, boxes, strict=True):
        target.size = box.width * look.unit, box.height * look.unit
        x = from_start(panel.x, panel.x + panel.width, box.x * look.unit, target.width, look.rtl)
        target.pos = x, top - (box.y + box.height) * look.unit
