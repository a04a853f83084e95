"""The icons that an option may have, all at once: a touch chooses and returns.

Opened from kiosk.ui.staff.editor.question, drawn by kiosk.kv. May touch Kivy's widgets.
"""

from collections.abc import Callable
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any

from kivy.app import App
from kivy.properties import BooleanProperty, StringProperty

from kiosk.ui.shapes import ICONS
from kiosk.ui.staff.page import StaffPage
from kiosk.ui.touch import Target

if TYPE_CHECKING:
    from kiosk.ui.staff.desk import Desk

CELL, GAP = 140, 16  # units


class IconCell(Target):
    """One icon, or none."""

    sign = StringProperty()
    words = StringProperty()
    chosen = BooleanProperty(False)


class IconPage(StaffPage):
    """All of them, and none."""

    def __init__(self, desk: "Desk", chosen: str, changed: Callable[[str], None], **kwargs: Any) -> None:
        self._changed = changed
        super().__init__(desk, **kwargs)
        self._cells = [
            IconCell(
                sign=name,
                words="" if name else desk.say("editor.none"),
                chosen=name == chosen,
                on_tap=partial(self._choose, name),
            )
            for name in ("", *ICONS)
        ]
        for cell in self._cells:
            self.add_widget(cell)
        self.fbind("box", self._arrange)
        self._arrange()

    def _choose(self, name: str, _: IconCell) -> None:
        self.desk.back()
        self._changed(name)

    def _arrange(self, *_: object) -> None:
        """In rows that fill the page."""
        unit = App.get_running_app().look.unit
        x, y, width, height = self.box
        columns = max(1, int((width + GAP * unit) / ((CELL + GAP) * unit)))
        lines = ceil(len(self._cells) / columns)
        gap = GAP * unit
        wide = (width - (columns - 1) * gap) / columns
        high = max(1.0, min((CELL + 20) * unit, (height - (lines - 1) * gap) / lines))
        for at, cell in enumerate(self._cells):
            line, column = divmod(at, columns)
            cell.size = wide, high
            cell.pos = x + column * (wide + gap), y + height - (line + 1) * high - line * gap
