"""The screen tried out: how large it is, held against a ruler, and whether it feels a finger in each corner.

Opened by kiosk.ui.staff.first, drawn by kiosk.kv. May touch Kivy's widgets.
"""

from collections.abc import Callable
from math import hypot
from typing import TYPE_CHECKING

from kivy.core.window import Window
from kivy.properties import BooleanProperty, ListProperty, NumericProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.ui.staff.page import StaffPage
from kiosk.ui.staff.parts import StepperRow
from kiosk.ui.theme import MM_PER_INCH, SHORTER_SIDE
from kiosk.ui.touch import Target

if TYPE_CHECKING:
    from kiosk.ui.staff.desk import Desk

SMALLEST, LARGEST = 5.0, 40.0  # inches that a stepper reaches
STEP = 0.1
RULED_MM = 50
FACE_UNITS = 252  # of a face's disc on the rating screen, where there is room


class RulerPage(StaffPage):
    """A line that is 50 mm long when the inches are right, and a face as large as it will be."""

    asked = StringProperty()
    face_words = StringProperty()
    ruled = NumericProperty(0)  # pixels that 50 mm take
    disc = NumericProperty(0)  # pixels of a face
    row = ListProperty([0, 0, 0, 0])

    def __init__(
        self, desk: "Desk", inches: float, chosen: Callable[[float], None], **kwargs: object
    ) -> None:
        self._inches, self._chosen = inches, chosen
        words = {"title": desk.say("first.size"), "asked": desk.say("first.ruler", mm=RULED_MM)}
        super().__init__(desk, **{**words, "action": desk.say("first.next"), **kwargs})
        self._stepper = StepperRow(
            self._turn,
            lambda value: desk.say("first.inches", inches=f"{value:.1f}"),
            title=desk.say("first.diagonal"),
            value=inches,
            least=SMALLEST,
            most=LARGEST,
            step=STEP,
        )
        self.add_widget(self._stepper)
        for name in ("row", "size"):
            self.fbind(name, self._measure)
        self._measure()

    def act(self) -> None:
        """It is as large as that."""
        self._chosen(round(self._inches, 1))

    def _turn(self, inches: float) -> None:
        self._inches = inches
        self._measure()

    def _measure(self, *_: object) -> None:
        self._stepper.pos, self._stepper.width = self.row[:2], self.row[2]
        px_per_mm = hypot(*Window.size) / (self._inches * MM_PER_INCH)
        self.ruled = RULED_MM * px_per_mm
        self.disc = FACE_UNITS * min(Window.size) / SHORTER_SIDE
        self.face_words = self.desk.say("first.face", mm=f"{self.disc / px_per_mm:.0f}")


class Corner(Target):
    """A disc in a corner, waiting for a finger."""

    done = BooleanProperty(False)
    across = NumericProperty(0)
    up = NumericProperty(0)


class CornersPage(StaffPage):
    """Each corner is touched once; then it goes on by itself."""

    asked = StringProperty()

    def __init__(self, desk: "Desk", onward: Callable[[], None], **kwargs: object) -> None:
        self._onward = onward
        words = {"title": "", "back_words": "", "asked": desk.say("first.corners")}
        super().__init__(desk, **{**words, **kwargs, "note": ""})
        self._corners = [
            Corner(across=across, up=up, on_tap=self._touched) for up in (1, 0) for across in (0, 1)
        ]
        for widget in (*self._corners, Skip(words=desk.say("first.skip"), on_tap=self._skipped)):
            self.add_widget(widget)

    def opened(self) -> None:
        """Again, from the first one."""
        for corner in self._corners:
            corner.done = False

    def _touched(self, corner: Corner) -> None:
        corner.done = True
        if all(each.done for each in self._corners):
            self._onward()

    def _skipped(self, _: Widget) -> None:
        self._onward()


class Skip(Target):
    """For a screen that is not to be tried."""

    words = StringProperty()
