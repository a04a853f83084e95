"""What a kiosk does while nobody is there: moves by a hair, has its answers breathe, goes dark after hours.

Made by kiosk.ui.app, which says when the first screen rests. May touch Kivy's clock and the app's frame.
Whatever waits here waits by monotonic time; only the store's hours go by its wall clock.
"""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from kivy.clock import Clock
from kivy.properties import ListProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk.ui.answers import FacesPanel, Pooled
from kiosk.ui.touch import Target
from survey.model import When
from survey.values import frozen

QUIET_S = 60.0  # so long without a touch, and the answers breathe, or the screen goes dark
EVERY_S = 20.0  # from breath to breath
BREATH = (0.994, 0.985, 0.976, 0.97, 0.97, 0.976, 0.985, 0.994, 1.0)  # sizes; few frames cost little
STEP_S = 0.07
SHIFT_S = 180.0  # from shift to shift
SHIFTS = ((2, 1), (4, 0), (3, -2), (0, -4), (-3, -2), (-4, 0), (-2, 1), (0, 0))  # units; a slow ring
WANDER = (0.618, 0.755)  # shares of the room by which the dark screen's clock goes on each minute
MINUTE_S = 60


class Night(FloatLayout):  # type: ignore[misc] # Kivy ships no types
    """Nearly black, with a faint clock that stays nowhere for longer than a minute."""

    clock = StringProperty()
    words = StringProperty()
    spot = ListProperty([0.5, 0.5])  # share of the room across and up


@frozen
class Habits:
    """When a kiosk rests, and how."""

    motion: bool
    hours: Callable[[], When | None]  # outside of them it goes dark; None: never
    local_time: Callable[[], datetime]
    invitation: Callable[[], str]  # to touch the dark screen


class Rest:
    """Rests from `begin` to `end`."""

    def __init__(self, frame: Any, painter: Any, habits: Habits) -> None:
        self._frame, self._painter, self._habits = frame, painter, habits
        self._resting = False
        self._night: Night | None = None  # built when it is first wanted
        self._breathing: Target | None = None
        self._breaths = self._shifts = 0
        self._shifted_s = time.monotonic()

    def begin(self) -> None:
        """The first screen is up, and nobody is there; a dark screen stays dark."""
        self._calm()
        self._resting = True
        self._shift()
        if not self._is_dark:
            Clock.schedule_once(self._tick, QUIET_S)

    def end(self) -> None:
        """A visit begins, or a page that will go by itself."""
        self._calm()
        self._resting = False
        self._wake()

    def touched(self) -> bool:
        """Somebody is there. True: that woke the dark screen, and is to do no more."""
        was_dark = self._is_dark
        self._wake()
        if self._resting:
            self.begin()
        return was_dark

    @property
    def _is_dark(self) -> bool:
        return self._night is not None and self._night.parent is not None

    def _calm(self) -> None:
        """Whatever is going on stops here."""
        Clock.unschedule(self._tick)
        Clock.unschedule(self._breathe)
        if self._breathing:
            self._breathing.sink, self._breathing = 1.0, None

    def _tick(self, _: float) -> None:
        """Once in a while: another breath, or the evening has come."""
        self._shift()
        if self._is_closed():
            self._fall_dark()
            return
        if self._habits.motion:
            self._next_breath()
        Clock.schedule_once(self._tick, EVERY_S)

    def _is_closed(self) -> bool:
        hours = self._habits.hours()
        return hours is not None and not hours.matches(self._habits.local_time())

    def _shift(self) -> None:
        """Move the whole picture by a few pixels, so that nothing burns in: touches move with it."""
        if time.monotonic() - self._shifted_s < SHIFT_S:
            return
        self._shifted_s = time.monotonic()
        across, up = SHIFTS[self._shifts % len(SHIFTS)]
        self._shifts += 1
        unit = min(self._frame.size) / 800
        self._frame.pos = round(across * unit), round(up * unit)
        self._painter.whole()

    def _next_breath(self) -> None:
        """One answer after the other, all in the same way."""
        panel = getattr(self._frame.page, "panel", None)
        if isinstance(panel, FacesPanel | Pooled) and self._breathing is None:
            answers = sorted(
                (one for one in panel.children if isinstance(one, Target)), key=lambda one: (-one.y, one.x)
            )
            self._breathing = answers[self._breaths % len(answers)]
            self._breaths += 1
            self._sizes = iter(BREATH)
            Clock.schedule_interval(self._breathe, STEP_S)

    def _breathe(self, _: float) -> bool:
        """One size further; false ends it."""
        size = next(self._sizes, None)
        if size is None or self._breathing is None:
            self._breathing = None
            return False
        self._breathing.sink = size
        return True

    def _fall_dark(self) -> None:
        self._night = self._night or Night()
        self._night.words = self._habits.invitation()
        self._frame.add_widget(self._night)
        self._dawdle(0)

    def _dawdle(self, _: float) -> None:
        """Every minute the clock goes on, to another place; in the morning the light comes back."""
        if not self._night or not self._is_closed():
            self._wake()
            self.begin()
            return
        now = self._habits.local_time()
        self._night.clock = f"{now:%H:%M}"
        minutes = now.hour * MINUTE_S + now.minute
        self._night.spot = [minutes * share % 1 for share in WANDER]
        self._painter.whole()
        Clock.schedule_once(self._dawdle, MINUTE_S - now.second)

    def _wake(self) -> None:
        if self._is_dark:
            Clock.unschedule(self._dawdle)
            self._frame.remove_widget(self._night)
            self._painter.whole()
