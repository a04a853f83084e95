"""A page for staff: a title, what stands below it, a way back, and at most one thing to do next.

Opened on kiosk.ui.staff.desk, drawn by kiosk.kv. May touch Kivy's widgets and clock.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from kivy.app import App
from kivy.clock import Clock
from kivy.properties import BooleanProperty, ListProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk.ui.screens import Page

if TYPE_CHECKING:
    from kiosk.ui.staff.desk import Desk

TOAST_S = 8.0


class Toast(FloatLayout):  # type: ignore[misc] # Kivy ships no types
    """A few words about what was done, with a way to take it back."""

    words = StringProperty()
    undo_words = StringProperty()
    undo = ObjectProperty(None, allownone=True)

    def take_back(self) -> None:
        """Undo, once."""
        page, undo = self.parent, self.undo
        page.hush()
        if undo:
            undo()


class StaffPage(Page):
    """Shown by `Desk.open`. What is put into it with `add_widget` has `box` to stand in (pixels)."""

    title = StringProperty()
    note = StringProperty()  # a line below the title
    back_words = StringProperty()
    action = StringProperty()  # what the button at the end says; empty: there is none
    action_enabled = BooleanProperty(True)
    busy = NumericProperty(0)  # errands that are under way
    sinks = BooleanProperty(True)  # whether it stands lower where all that is touched is low
    deep = NumericProperty(0)  # pixels by which it does
    box = ListProperty([0, 0, 0, 0])  # x, y, width, height: what lies between title and buttons

    def __init__(self, desk: "Desk", **kwargs: object) -> None:
        self.desk = desk
        self._toast: Toast | None = None
        super().__init__(**{"back_words": desk.say("buttons.back"), **kwargs})

    def opened(self) -> None:
        """It comes on the screen, for the first time or again: show how things stand now."""

    def closed(self) -> None:
        """It will not come back: let go of what it held."""

    def go_back(self) -> None:
        """The finger is on the way back."""
        self.desk.back()

    def act(self) -> None:
        """The finger is on what there is to do next."""

    def toast(self, words: str, undo: Callable[[], None] | None = None) -> None:
        """Say a few words at the foot, for a while."""
        self._toast = self._toast or Toast()
        self._toast.words, self._toast.undo = words, undo
        self._toast.undo_words = self.desk.say("buttons.undo") if undo else ""
        if self._toast.parent is None:
            self.add_widget(self._toast)
        App.get_running_app().painter.whole()
        Clock.unschedule(self.hush)
        Clock.schedule_once(self.hush, TOAST_S)

    def hush(self, *_: object) -> None:
        """Take the words away again."""
        Clock.unschedule(self.hush)
        if self._toast and self._toast.parent:
            self.remove_widget(self._toast)
            App.get_running_app().painter.whole()
