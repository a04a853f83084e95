"""What can be touched: shows the press in the same frame, and counts a touch once, when the finger lifts.

Used in kiosk.kv as the base of faces, cards and buttons. May touch Kivy's input and clock only.
"""

from functools import partial
from math import inf
from typing import Any

from kivy.animation import Animation
from kivy.app import App
from kivy.clock import Clock
from kivy.properties import BooleanProperty, ListProperty, NumericProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

SINK = 0.94  # of its size, under the finger
SPRING_S = 0.18


class Target(FloatLayout):  # type: ignore[misc] # Kivy ships no types
    """Something to touch; `on_tap` fires once, when the finger lifts inside of it.

    `slack` is how far around itself it may be hit, in pixels across and up, where a finger needs more room:
    up to 20 mm in all. Where that would reach beyond `fence` (pixels), it lies further on the other side.
    """

    __events__ = ("on_tap",)
    pressed = BooleanProperty(False)
    enabled = BooleanProperty(True)
    sink = NumericProperty(1.0)
    slack = ListProperty([0, 0])
    fence = ListProperty([0, 0, inf, inf])  # left, low, right, top; the window's edges are one in any case
    bend = NumericProperty(0)  # radius of its corners, pixels
    focused = BooleanProperty(False)
    halo = NumericProperty(0)  # how far the ring around what has the focus reaches beyond it, pixels
    leads = StringProperty()  # "on" or "back", for keys that do so

    def on_tap(self) -> None:
        """The touch counts; what it does is written in kiosk.kv."""

    def reaches(self, x: float, y: float) -> bool:
        """Whether a finger at this place means this target."""
        left, low, right, top = self.hit
        return left <= x <= right and low <= y <= top

    @property
    def hit(self) -> tuple[float, float, float, float]:
        """Where a finger means it: left, low, right, top in pixels."""
        look = App.get_running_app().look
        ends = [min(fence, look.size[at]) for at, fence in enumerate(self.fence[2:])]
        (left, right), (low, top) = (
            reach(begin, begin + size, slack=slack, least=look.target, fence=(begins, ends_at))
            for begin, size, slack, begins, ends_at in zip(
                self.pos, self.size, self.slack, self.fence, ends, strict=False
            )
        )
        return left, low, right, top

    def on_touch_down(self, touch: Any) -> bool:
        """Sink at once."""
        if not self.enabled or not self.reaches(*touch.pos):
            return False
        touch.grab(self)
        touch.ud["frame"], touch.ud["turn"] = Clock.frames, App.get_running_app().root.turn
        self.pressed = True
        Animation.cancel_all(self, "sink")
        self.sink = SINK
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """Spring back, and count the touch if the finger is still here."""
        if touch.grab_current is not self:
            return False
        touch.ungrab(self)
        lifted = partial(self._lifted, touch.ud["turn"], counts=self.reaches(*touch.pos))
        # Down and up may come in one gulp: then the press is drawn before the ledger is written.
        if Clock.frames == touch.ud["frame"]:
            Clock.schedule_once(lifted, 0)
        else:
            lifted()
        return True

    def drop(self, touch: Any) -> None:
        """The finger turned out to mean something else: spring back, and count nothing."""
        touch.ungrab(self)
        self.pressed, self.sink = False, 1.0
        App.get_running_app().painter.whole()

    @property
    def can_focus(self) -> bool:
        """Whether it can be seen and touched now."""
        return bool(self.enabled and self.opacity and self.width)

    def touch_by_key(self) -> None:
        """A key does what a finger would."""
        self.sink = SINK
        self._lifted(App.get_running_app().root.turn, counts=True)

    def on_focused(self, *_: object) -> None:
        """The ring around it reaches beyond what a press paints."""
        App.get_running_app().painter.whole()

    def on_sink(self, *_: object) -> None:
        """What is painted anew: this target with its words, which may stand beside it."""
        parts = [self, *self.children]
        lows = min(part.x for part in parts), min(part.y for part in parts)
        App.get_running_app().painter.patch(
            (*lows, max(part.right for part in parts), max(part.top for part in parts))
        )

    def _lifted(self, turn: int, *_: object, counts: bool) -> None:
        """Spring back, and count the touch unless the screen that it was meant for has gone."""
        app = App.get_running_app()
        app.painter.whole()
        self.pressed = False
        if app.look.motion:
            Animation(sink=1.0, duration=SPRING_S, transition="out_back").start(self)
        else:
            self.sink = 1.0
        if counts and app.root.turn == turn:
            self.dispatch("on_tap")


def reach(
    low: float, high: float, *, slack: float, least: float, fence: tuple[float, float]
) -> tuple[float, float]:
    """How far what stands from `low` to `high` may be hit: `least` if its slack allows, within the fence."""
    more = min(slack, max(0.0, (least - (high - low)) / 2))
    low, high = low - more, high + more
    up, down = max(0.0, fence[0] - low), max(0.0, high - fence[1])
    return low + up - min(down, more), high - down + min(up, more)
