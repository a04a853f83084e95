"""What staff's pages are made of: rows in a list that scrolls, switches, choices, steppers.

Used by the pages beside me, drawn by kiosk.kv. May touch Kivy's widgets. A part tells the function that it
was given what was done with it, and keeps nothing.
"""

from collections.abc import Callable, Sequence
from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.properties import BooleanProperty, ListProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.widget import Widget

from kiosk.ui.touch import Target

DRAG = 14  # units that a finger moves before it scrolls
GAP = 12  # units between rows
Done = Callable[[], None]


class Rows(Widget):  # type: ignore[misc] # Kivy ships no types
    """Widgets below each other, as wide as itself; a finger scrolls them where they are higher than it.

    Each of them has a `height`; a change of it, or of what is shown, lays them out anew.
    """

    offset = NumericProperty(0)  # pixels that it is scrolled by
    overflow = NumericProperty(0)  # pixels that do not fit
    gap = NumericProperty(GAP)  # units

    def __init__(self, **kwargs: object) -> None:
        self._rows: list[Widget] = []
        self._arrange = Clock.create_trigger(self.arrange, -1)
        super().__init__(size_hint=(None, None), **kwargs)
        for name in ("pos", "size", "offset", "gap"):
            self.fbind(name, self._arrange)

    def show(self, rows: Sequence[Widget]) -> None:
        """Put these in the place of those before; stay where it was scrolled to, if that is still there."""
        for row in self._rows:
            row.funbind("height", self._arrange)
            if isinstance(row, Target):
                row.funbind("focused", self._reveal)
        self.clear_widgets()
        self._rows = list(rows)
        for row in self._rows:
            row.fbind("height", self._arrange)
            if isinstance(row, Target):
                row.fbind("focused", self._reveal)
            self.add_widget(row)
        self.arrange()

    def arrange(self, *_: object) -> None:
        """Put each in its place."""
        gap = self.gap * App.get_running_app().look.unit
        whole = sum(row.height + gap for row in self._rows) - gap
        self.overflow = max(0.0, whole - self.height)
        self.offset = max(0.0, min(self.offset, self.overflow))
        y = self.top + self.offset
        for row in self._rows:
            row.width = self.width - (24 * App.get_running_app().look.unit if self.overflow else 0)
            row.pos = self.x, y - row.height
            y -= row.height + gap

    def on_touch_down(self, touch: Any) -> bool:
        """A row may be meant, or the list."""
        if not self.collide_point(*touch.pos):
            return False
        if self.overflow:
            touch.grab(self)
            touch.ud["scroll"] = touch.y, self.offset, False
        super().on_touch_down(touch)
        return True

    def on_touch_move(self, touch: Any) -> bool:
        """From some way on the finger scrolls, and touches nothing any more."""
        if touch.grab_current is not self:
            return bool(super().on_touch_move(touch))
        from_y, offset, dragging = touch.ud["scroll"]
        if not dragging and abs(touch.y - from_y) > DRAG * App.get_running_app().look.unit:
            for reference in list(touch.grab_list):
                if isinstance(target := reference(), Target):
                    target.drop(touch)
            dragging = True
        touch.ud["scroll"] = from_y, offset, dragging
        if dragging:
            self.offset = max(0.0, min(offset + touch.y - from_y, self.overflow))
            App.get_running_app().painter.whole()
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """The finger is gone."""
        if touch.grab_current is self:
            touch.ungrab(self)
        return bool(super().on_touch_up(touch))

    def reveal(self, row: Widget) -> None:
        """Scroll until a row can be seen whole."""
        if row.top > self.top:
            self.offset -= row.top - self.top
        elif row.y < self.y:
            self.offset += self.y - row.y

    def _reveal(self, row: Widget, focused: bool) -> None:  # noqa: FBT001 - Kivy calls it
        if focused:
            self.reveal(row)


class Row(Target):
    """A line to touch: what it is, more about it, how it stands, and a sign that it leads on."""

    title = StringProperty()
    detail = StringProperty()
    value = StringProperty()
    sign = StringProperty()  # drawn before the title: a name of kiosk.ui.shapes
    leads_on = BooleanProperty(True)
    warns = BooleanProperty(False)  # whether something is missing or wrong here
    aside = NumericProperty(0)  # pixels at the row's end that its words leave free
    column = NumericProperty(0)  # pixels that its words have

    def __init__(self, on_tap: Done | None = None, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._do = on_tap
        if on_tap is None:
            self.leads_on = False
            self.enabled = False

    def on_tap(self) -> None:
        """Do what it stands for."""
        if self._do:
            self._do()


class SwitchRow(Row):
    """On or off; a touch turns it."""

    on = BooleanProperty(False)

    def __init__(self, changed: Callable[[bool], None], **kwargs: object) -> None:
        self._changed = changed
        super().__init__(on_tap=self._turn, leads_on=False, **kwargs)

    def _turn(self) -> None:
        self.on = not self.on
        self._changed(self.on)


class PickRow(Row):
    """One of several of which one is chosen; the list that it stands in is asked to choose it."""

    chosen = BooleanProperty(False)


class Heading(Widget):  # type: ignore[misc] # Kivy ships no types
    """Words between rows."""

    words = StringProperty()


class Words(Widget):  # type: ignore[misc] # Kivy ships no types
    """A paragraph between rows; as high as it needs to be."""

    words = StringProperty()
    loud = BooleanProperty(False)  # whether it is to be noticed


class Knob(Target):
    """A round button of a stepper."""

    words = StringProperty()


class StepperRow(FloatLayout):  # type: ignore[misc] # Kivy ships no types
    """A number with a button for less and one for more."""

    title = StringProperty()
    detail = StringProperty()
    shown = StringProperty()
    value = NumericProperty(0)
    least = NumericProperty(0)
    most = NumericProperty(100)
    step = NumericProperty(1)
    aside = NumericProperty(0)
    column = NumericProperty(0)

    def __init__(
        self,
        changed: Callable[[float], None],
        words_of: Callable[[float], str] | None = None,
        **kwargs: object,
    ) -> None:
        self._changed, self._words_of = changed, words_of or (lambda value: f"{value:g}")
        super().__init__(size_hint=(None, None), **kwargs)
        self.fbind("value", self._say)
        self._say()

    def turn(self, by: int) -> None:
        """So many steps more or less, within its bounds."""
        value = max(self.least, min(self.value + by * self.step, self.most))
        if value != self.value:
            self.value = value
            self._changed(value)

    def _say(self, *_: object) -> None:
        self.shown = self._words_of(self.value)


class Segment(Target):
    """One of the choices that stand side by side."""

    words = StringProperty()
    chosen = BooleanProperty(False)
    choices = ObjectProperty()
    key = ObjectProperty(None, allownone=True)


class Segmented(FloatLayout):  # type: ignore[misc] # Kivy ships no types
    """Two to five choices side by side, of which one is chosen."""

    chosen = ObjectProperty(None, allownone=True)

    def __init__(
        self,
        choices: Sequence[tuple[Any, str]],
        chosen: object,
        changed: Callable[[Any], None],
        **kwargs: object,
    ) -> None:
        self._changed = changed
        super().__init__(size_hint=(None, None), **kwargs)
        for key, words in choices:
            self.add_widget(Segment(choices=self, key=key, words=words, chosen=key == chosen))
        self.chosen = chosen
        for name in ("pos", "size"):
            self.fbind(name, self._arrange)

    def choose(self, key: object) -> None:
        """A finger is on this one."""
        self.mark(key)
        self._changed(key)

    def mark(self, key: object) -> None:
        """Show this one as chosen."""
        self.chosen = key
        for segment in self.children:
            segment.chosen = segment.key == key

    def _arrange(self, *_: object) -> None:
        segments = list(reversed(self.children))
        wide = self.width / max(1, len(segments))
        for at, segment in enumerate(segments):
            segment.pos, segment.size = (self.x + at * wide, self.y), (wide, self.height)


class ChoiceRow(FloatLayout):  # type: ignore[misc] # Kivy ships no types
    """A title, and choices side by side at its end."""

    title = StringProperty()
    detail = StringProperty()
    column = NumericProperty(0)
    choices = ListProperty([0, 0, 0, 0])  # x, y, width, height in pixels
    count = NumericProperty(2)

    def __init__(
        self,
        choices: Sequence[tuple[Any, str]],
        chosen: object,
        changed: Callable[[Any], None],
        **kwargs: object,
    ) -> None:
        super().__init__(size_hint=(None, None), **kwargs)
        self.count = len(choices)
        self.segmented = Segmented(choices, chosen, changed)
        self.add_widget(self.segmented)
        self.fbind("choices", self._place)
        self._place()

    def _place(self, *_: object) -> None:
        self.segmented.pos, self.segmented.size = self.choices[:2], self.choices[2:]
