"""Rows that can be put elsewhere: dragged by their grip, or by the page that a touch of the grip opens.

Used by the pages beside me, drawn by kiosk.kv. May touch Kivy's widgets.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from kivy.app import App
from kivy.properties import ObjectProperty
from kivy.uix.widget import Widget

from kiosk.ui.staff.lists import ListPage
from kiosk.ui.staff.parts import DRAG, GAP, Row, Rows
from kiosk.ui.touch import Target

if TYPE_CHECKING:
    from kiosk.ui.staff.desk import Desk

EDGE = 60  # units from the list's ends within which a carried row scrolls it
SCROLL = 12  # units at a time


class Grip(Target):
    """Where a row is taken."""

    row = ObjectProperty()


class MovableRow(Row):
    """A row with a grip; `options` is called when that is touched and not dragged."""

    def __init__(self, options: Callable[[], None], **kwargs: Any) -> None:
        super().__init__(leads_on=False, **kwargs)
        self.grip = Grip(row=self, on_tap=lambda *_: options())
        self.add_widget(self.grip)


class MovableRows(Rows):
    """A list of which the movable rows, neighbours all, change places under a finger."""

    def __init__(self, moved: Callable[[int, int], None], **kwargs: Any) -> None:
        self._moved = moved
        self._carried: MovableRow | None = None
        super().__init__(**kwargs)

    def arrange(self, *_: object) -> None:
        """Put all in their places but the one that a finger carries."""
        carried, at = self._carried, self._carried.y if self._carried else 0
        super().arrange()
        if carried:
            carried.y = at

    def on_touch_down(self, touch: Any) -> bool:
        """A grip may be meant: then the list does not scroll."""
        row = self._gripped(touch) if self.collide_point(*touch.pos) else None
        if row is None:
            return bool(super().on_touch_down(touch))
        touch.grab(self)
        touch.ud["carry"] = row, touch.y, touch.y - row.y, self._movable().index(row)
        row.grip.on_touch_down(touch)
        return True

    def on_touch_move(self, touch: Any) -> bool:
        """Carry the row along; the others make room."""
        if touch.grab_current is not self or "carry" not in touch.ud:
            return bool(super().on_touch_move(touch))
        row, from_y, held, _ = touch.ud["carry"]
        unit = App.get_running_app().look.unit
        if self._carried is None and abs(touch.y - from_y) > DRAG * unit:
            row.grip.drop(touch)
            self._carried = row
            self.remove_widget(row)
            self.add_widget(row)  # above the others
        if self._carried is row:
            row.y = touch.y - held
            self._scroll(touch.y, unit)
            self._make_room(row)
            App.get_running_app().painter.whole()
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """Put it down."""
        if touch.grab_current is self and "carry" in touch.ud and self._carried is touch.ud["carry"][0]:
            row, _, _, begin = touch.ud["carry"]
            touch.ungrab(self)
            self._carried = None
            self.arrange()
            App.get_running_app().painter.whole()
            if (end := self._movable().index(row)) != begin:
                self._moved(begin, end)
            return True
        return bool(super().on_touch_up(touch))

    def _movable(self) -> list[MovableRow]:
        return [row for row in self._rows if isinstance(row, MovableRow)]

    def _gripped(self, touch: Any) -> MovableRow | None:
        return next((row for row in self._movable() if row.grip.reaches(*touch.pos)), None)

    def _scroll(self, y: float, unit: float) -> None:
        if y > self.top - EDGE * unit:
            self.offset = max(0.0, self.offset - SCROLL * unit)
        elif y < self.y + EDGE * unit:
            self.offset = min(self.overflow, self.offset + SCROLL * unit)

    def _make_room(self, row: MovableRow) -> None:
        others: list[Widget] = [each for each in self._rows if each is not row]
        first = self._rows.index(self._movable()[0])
        above = sum(1 for each in self._movable() if each is not row and each.center_y > row.center_y)
        wanted = [*others[: first + above], row, *others[first + above :]]
        if wanted != self._rows:
            self._rows = wanted
            self.arrange()


@dataclass(frozen=True, kw_only=True)
class Moves:
    """What can be done with one of several; each is called with where it stands."""

    move: Callable[[int, int], None]
    duplicate: Callable[[int], None]
    delete: Callable[[int], None]
    fewest: int = 1  # so many are left


class MovePage(ListPage):
    """The same without dragging: up, down, a copy, away."""

    def __init__(self, desk: "Desk", at: int, count: int, moves: Moves, **kwargs: object) -> None:
        self._at, self._count, self._moves = at, count, moves
        super().__init__(desk, **kwargs)

    def rows(self) -> list[Widget]:
        """What can be done, and where it stands."""
        say, at = self.desk.say, self._at
        self.note = say("editor.of", number=at + 1, count=self._count)
        up = partial(self._move, at - 1) if at else None
        down = partial(self._move, at + 1) if at + 1 < self._count else None
        delete = partial(self._leave, self._moves.delete) if self._count > self._moves.fewest else None
        return [
            Row(title=say("editor.up"), sign="up", on_tap=up),
            Row(title=say("editor.down"), sign="down", on_tap=down),
            Row(
                title=say("editor.duplicate"), sign="copy", on_tap=partial(self._leave, self._moves.duplicate)
            ),
            Row(title=say("editor.delete"), sign="bin", on_tap=delete),
        ]

    def _move(self, to: int) -> None:
        self._moves.move(self._at, to)
        self._at = to
        self.fill()

    def _leave(self, do: Callable[[int], None]) -> None:
        self.desk.back()
        do(self._at)


__all__ = ["GAP", "MovableRow", "MovableRows", "MovePage", "Moves"]
