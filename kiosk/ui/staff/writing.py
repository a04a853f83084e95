"""Where staff write: the shoppers' keyboards, kana and kanji too, on a page of its own.

Opened on kiosk.ui.staff.desk, drawn by kiosk.kv. May touch Kivy's widgets, and kiosk.ui.writing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kivy.app import App
from kivy.properties import BooleanProperty

from kiosk.ui.staff.page import StaffPage
from kiosk.visit import Ask
from survey.model import Question

if TYPE_CHECKING:
    from kiosk.ui.staff.desk import Desk
    from kiosk.ui.writing import TextPanel


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be written: in which language's keys, how long at most, with which keyboard first."""

    language: str
    longest: int = 200
    keyboard: str | None = None  # as kiosk.ui.keys.planes has them; None: the language's own
    needed: bool = False  # whether it may not be empty
    counts: bool = True  # whether it is said how much still fits


class WritePage(StaffPage):
    """A text, written with the keys below it; the button at the end gives it back and returns."""

    sinks = BooleanProperty(False)  # the keys stand within reach by themselves

    def __init__(
        self, desk: "Desk", words: str, written: Callable[[str], None], wanted: Wanted, **kwargs: object
    ) -> None:
        self._written, self._wanted = written, wanted
        super().__init__(desk, **{"action": desk.say("buttons.ok"), **kwargs})
        self.panel: TextPanel = desk.text_panel
        self.panel.counts = wanted.counts
        question = Question(
            id="staff", type="text", text={}, keyboard=wanted.keyboard, max_length=wanted.longest
        )
        self.panel.show(
            Ask(question, words or None, position=1, of=1, can_go_back=True, language=wanted.language)
        )
        self.add_widget(self.panel)
        self.panel.fbind("words", self._check)
        self.fbind("box", self._place)
        self._place()
        self._check()

    def opened(self) -> None:
        """Kana may become kanji here too."""
        App.get_running_app().lend_conversion(self.panel)

    def closed(self) -> None:
        """The keys go back to the shoppers."""
        self.panel.funbind("words", self._check)
        self.panel.forget()
        self.remove_widget(self.panel)
        App.get_running_app().lend_conversion(None)

    def act(self) -> None:
        """It is written."""
        words = self.panel.words.strip()
        self.desk.back()
        self._written(words)

    def writes_at(self, x: float, y: float) -> bool:
        """Two fingers may type."""
        return self.panel.writes_at(x, y)

    def _check(self, *_: object) -> None:
        self.action_enabled = bool(self.panel.words.strip()) or not self._wanted.needed

    def _place(self, *_: object) -> None:
        self.panel.pos, self.panel.size = (self.x, self.box[1]), (self.width, self.box[3])
