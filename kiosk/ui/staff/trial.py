"""A survey tried out by staff: the shoppers' own screens, a sign that says so, and nothing that is stored.

Made by kiosk.ui.app for kiosk.ui.staff.desk, drawn by kiosk.kv. May touch Kivy's widgets.
"""

from collections.abc import Callable
from itertools import count
from typing import Any

from kivy.properties import StringProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk.health import monotonic_ms
from kiosk.ui.screens import Frame
from kiosk.visit import Answered, Visit
from survey.model import Survey


class TrialSign(FloatLayout):  # type: ignore[misc] # Kivy ships no types
    """Says that this is a trial, above all else; touching it ends the trial."""

    words = StringProperty()

    def __init__(self, end: Callable[[], None], **kwargs: Any) -> None:
        self.end = end
        super().__init__(**kwargs)


class Trial:
    """From its beginning until `end`."""

    def __init__(self, frame: Frame, stop: Callable[[], None], ended: Callable[[], None], words: str) -> None:
        self._frame, self._ended = frame, ended
        self._sign = TrialSign(stop, words=words)
        frame.add_widget(self._sign)

    def visit(self, survey: Survey, language: str) -> Visit:
        """A visit whose answers go nowhere."""
        numbers = count()
        return Visit(
            survey,
            language=language,
            save=_forget,
            monotonic_ms=monotonic_ms,
            new_id=lambda: f"trial-{next(numbers)}",
        )

    def end(self) -> None:
        """Take the sign away, and say that it is over."""
        self._frame.remove_widget(self._sign)
        self._ended()


def _forget(_: Answered) -> None:
    """Nothing is stored."""
