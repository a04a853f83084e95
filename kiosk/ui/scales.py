"""Scales and stars: values in a row, or in two where one row would be too narrow for fingers.

Shown by kiosk.ui.screens, drawn by kiosk.kv. May touch Kivy's widgets.
"""

from collections.abc import Callable
from typing import Any

from kivy.app import App
from kivy.properties import BooleanProperty, ListProperty, NumericProperty, ObjectProperty, StringProperty

from kiosk.ui.answers import Pooled, place_all, spoken
from kiosk.ui.grids import LABEL_HEIGHT, Box, scale_rows, star_rows
from kiosk.ui.mirror import from_start
from kiosk.ui.touch import Target
from survey.model import Question

MOST_VALUES = 11
GAP = 20  # units between the highest value and what it means
Rows = Callable[[int, float, float], list[Box]]


class Cell(Target):
    """One value of a scale."""

    panel = ObjectProperty()
    value = NumericProperty(0)
    chosen = BooleanProperty(False)


class Star(Target):
    """One star."""

    panel = ObjectProperty()
    value = NumericProperty(0)
    lit = BooleanProperty(False)


class ValuesPanel(Pooled):
    """Values in their order, with what the two ends mean beside the lowest and the highest."""

    low = StringProperty()
    high = StringProperty()
    span = ListProperty([0, 0])  # left and right end of the rows, pixels
    rows_top = NumericProperty(0)
    rows_bottom = NumericProperty(0)
    far = ListProperty([0, 0])  # left and right of where the highest value's row ends
    slot = ListProperty(
        [0, 0, 0, 0]
    )  # x, y, width, height of the place that is free behind the highest value
    folded = BooleanProperty(False)

    def __init__(self, make: Any, rows: Rows, **kwargs: object) -> None:
        self._rows = rows
        super().__init__(make, MOST_VALUES, crowds=True, **kwargs)

    def fill(self, question: Question) -> None:
        """A target for each value."""
        values = range(question.lowest, question.highest + 1)
        for target, value in zip(self.take(len(values)), values, strict=True):
            target.value = value
        self.low, self.high = spoken(question.low, self.language), spoken(question.high, self.language)
        self.arrange()

    def choose(self, value: int) -> None:
        """Choose a value; つぎへ answers with it."""
        self.chosen = value
        self.mark()

    def arrange(self, *_: object) -> None:
        """In one row, or in two where a row would be too narrow for fingers."""
        if not self.shown:
            return
        look = App.get_running_app().look
        boxes = self._rows(len(self.shown), look.wide, look.target / look.unit)
        self.folded = boxes[0].y != boxes[-1].y
        self.overhead = LABEL_HEIGHT if self.folded else 0
        place_all(self, self.shown, boxes)
        left, right = boxes[0].x, max(box.x + box.width for box in boxes)
        self.span = [self.x + left * look.unit, self.x + right * look.unit]
        last = self.shown[-1]
        self.rows_top, self.rows_bottom = self.shown[0].y + self.shown[0].height, last.y
        self.far = [last.x, last.x + last.width] if self.folded else self.span
        self.slot = self._slot(boxes[-1], right) if self.folded and not look.tall else [0, 0, 0, 0]

    def _slot(self, last: Box, right: float) -> list[float]:
        look = App.get_running_app().look
        width = (right - last.x - last.width - GAP) * look.unit
        begin = (last.x + last.width + GAP) * look.unit
        x = from_start(self.x, self.x + self.width, begin, width, look.rtl)
        return [x, self.shown[-1].y, width, self.shown[-1].height]


class ScalePanel(ValuesPanel):
    """Numbers."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(Cell, scale_rows, **kwargs)

    def mark(self) -> None:
        """One cell at most."""
        for cell in self.shown:
            cell.chosen = cell.value == self.chosen


class StarsPanel(ValuesPanel):
    """Stars: the chosen one and all before it are lit."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(Star, star_rows, **kwargs)

    def mark(self) -> None:
        """All up to the chosen one."""
        for star in self.shown:
            star.lit = self.chosen is not None and star.value <= self.chosen
