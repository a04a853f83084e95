"""The keyboard on the screen: strikes count when the finger comes down, one after the other, none is lost.

Used by kiosk.ui.writing, drawn by kiosk.kv. May touch Kivy's widgets and clock.
A key acts at once, not when the finger lifts: fast typists press the next key before they leave the last.
"""

from dataclasses import replace
from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk.ui.keys import Face, Key, Plane, Rows, boxes, opened
from kiosk.ui.touch import Target

REPEAT_AFTER_S, REPEAT_EVERY_S = 0.5, 0.09
SIGNS = {
    "erase": "erase",
    "shift": "shift",
    "゛": "dakuten",
    "゜": "handakuten",
    "close": "back",
    "group": "more",
}


class KeyCap(Target):
    """One key. It takes its face from the Key that it stands for."""

    board = ObjectProperty()
    key = ObjectProperty(Key(act="none"))
    words = StringProperty()
    sign = StringProperty()  # drawn instead of words
    plain = BooleanProperty(True)  # whether it writes; the others are darker
    lit = BooleanProperty(False)  # shift, while it is on

    def on_touch_down(self, touch: Any) -> bool:
        """Strike."""
        if not super().on_touch_down(touch):
            return False
        self.board.strike(self)
        return True

    def touch_by_key(self) -> None:
        """Strike and let go."""
        super().touch_by_key()
        self.board.strike(self)
        self.board.let_go(self)

    def on_touch_up(self, touch: Any) -> bool:
        """Let go."""
        if touch.grab_current is self:
            self.board.let_go(self)
        return bool(super().on_touch_up(touch))


class Keyboard(FloatLayout):  # type: ignore[misc] # Kivy ships no types
    """Rows of keys; which ones is a Plane's matter. `hear` is told every key that changes the text.

    `turned` is asked, at once, for the face of another plane. A key of a group opens it: the next strike
    writes and closes it again.
    """

    hear = ObjectProperty()
    turned = ObjectProperty(None, allownone=True)
    plane = ObjectProperty(None, allownone=True)
    face = ObjectProperty(None, allownone=True)
    shifted = BooleanProperty(False)

    def __init__(self, **kwargs: object) -> None:
        self._pool: list[KeyCap] = []
        self._shown: list[KeyCap] = []
        self._group: Key | None = None
        self._instead: Key | None = None
        self._arrange = Clock.create_trigger(self.arrange, -1)
        self._held: KeyCap | None = None
        self.planes: tuple[Plane, ...] = ()
        super().__init__(size_hint=(None, None), **kwargs)
        self.bind(pos=self._arrange, size=self._arrange)

    def has(self, name: str) -> bool:
        """Whether a plane of this name can be turned to."""
        return any(plane.name == name for plane in self.planes)

    def open(self, planes: tuple[Plane, ...]) -> None:
        """Show the first of these planes."""
        self.planes = planes
        self._turn(planes[0].name)

    def wear(self, face: Face) -> None:
        """Show the plane in this way from now on."""
        if face is not self.face:
            self.face, self._group = face, None
            self._label()

    def offer(self, key: Key | None) -> None:
        """This key stands in the space bar's place, or none does."""
        if key != self._instead:
            self._instead = key
            if self._group and any(each.act == "candidate" for each in self._group.keys):
                self._group = None
            self._label()
            self.arrange()

    def strike(self, cap: KeyCap) -> None:
        """A finger has come down on a key."""
        App.get_running_app().painter.whole()  # the field changes in the frame of the press
        key = cap.key
        if key.act in {"group", "close"}:
            self._open(key if key.keys else None)
        elif key.act == "shift":
            self.shifted = not self.shifted
            self._open(None)
        elif key.act == "turn":
            self._turn(key.value)
        else:
            self.hear(key)
            self._heard(cap)

    def _heard(self, cap: KeyCap) -> None:
        """What follows a key that changed the text."""
        key = cap.key
        if key.act == "erase":
            self._held = cap
            Clock.schedule_once(self._begin_repeat, REPEAT_AFTER_S)
            return
        unshift = self.shifted and not self.plane.locks and key.writes
        self.shifted = self.shifted and not unshift
        if self._group or unshift:
            self._open(None)

    def _open(self, group: Key | None) -> None:
        """Show the keys of a group, or all."""
        self._group = group
        self._label()
        self.arrange()  # at once: the next strike may be waiting already

    def let_go(self, cap: KeyCap) -> None:
        """The finger has left the key."""
        if cap is self._held:
            self.rest()

    def rest(self) -> None:
        """Repeat nothing any more."""
        self._held = None
        Clock.unschedule(self._begin_repeat)
        Clock.unschedule(self._repeat)

    def arrange(self, *_: object) -> None:
        """Put the keys in their places."""
        if not self.plane:
            return
        unit = App.get_running_app().look.unit
        places = boxes(self._rows, self.width / unit, self.height / unit, widest=self.face.widest)
        for cap, box in zip(self._shown, places, strict=True):
            cap.size = box.width * unit, box.height * unit
            cap.pos = self.x + box.x * unit, self.y + self.height - (box.y + box.height) * unit

    @property
    def _rows(self) -> Rows:
        """The keys that are shown now."""
        if self._group:
            return opened(self._group.keys, mirrored=self.plane.mirrored)
        rows: Rows = self.face.shifted if self.shifted else self.face.rows
        if not self._instead:
            return rows
        return tuple(tuple(self._replaced(key) for key in row) for row in rows)

    def _replaced(self, key: Key) -> Key:
        return replace(self._instead, wide=key.wide) if self._instead and key.label.isspace() else key

    def _turn(self, name: str) -> None:
        self.rest()
        self.shifted, self._group, self._instead = False, None, None
        self.plane = next(plane for plane in self.planes if plane.name == name)
        self.face = self.plane.faces[0]
        if self.turned:
            self.turned()
        self._label()
        self.arrange()  # at once: the next strike may be waiting already

    def _label(self) -> None:
        """Give each cap its key."""
        keys = [key for row in self._rows for key in row]
        self._take(len(keys))
        for cap, key in zip(self._shown, keys, strict=True):
            cap.key, cap.plain = key, key.looks_plain
            cap.sign = "space" if key.label.isspace() else SIGNS.get(key.label or key.act, "")
            cap.words = "" if cap.sign else key.label
            cap.lit = key.act == "shift" and self.shifted
            if key.act == "shift" and self.plane.locks:
                cap.sign, cap.words = "", "かな" if self.shifted else "カナ"

    def _take(self, count: int) -> None:
        while len(self._pool) < count:
            self._pool.append(KeyCap(board=self))
        for cap in self._shown[count:]:
            self.remove_widget(cap)
        for cap in self._pool[len(self._shown) : count]:
            self.add_widget(cap)
        self._shown = self._pool[:count]

    def _begin_repeat(self, _: float) -> None:
        if self._held:
            Clock.schedule_interval(self._repeat, REPEAT_EVERY_S)

    def _repeat(self, _: float) -> None:
        if self._held:
            self.hear(self._held.key)
