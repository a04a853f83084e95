"""The PIN pad: which role, six digits or more that nobody can read over a shoulder, and how long to wait.

Opened by kiosk.ui.staff.entrance, drawn by kiosk.kv. May touch Kivy's widgets and clock.
While nobody may try, the pad says for how long; whoever leaves it lets shoppers answer meanwhile.
"""

import time
from collections.abc import Callable, Mapping
from math import ceil
from typing import TYPE_CHECKING

from kivy.app import App
from kivy.clock import Clock
from kivy.properties import BooleanProperty, ListProperty, NumericProperty, ObjectProperty, StringProperty

from kiosk.settings.lockout import ROLES
from kiosk.settings.pin import FEWEST_DIGITS, MOST_DIGITS, Entered
from kiosk.ui.staff.page import StaffPage
from kiosk.ui.staff.parts import Segmented
from kiosk.ui.touch import Target

if TYPE_CHECKING:
    from kiosk.ui.staff.backroom import PinState
    from kiosk.ui.staff.desk import Desk

ERASE = -1
KEYS = (1, 2, 3, 4, 5, 6, 7, 8, 9, None, 0, ERASE)
MASK = "●"


class PinKey(Target):
    """A digit, or -1 to take the last one back. A keypad's digits strike it too: see kiosk.ui.steering."""

    panel = ObjectProperty()
    value = NumericProperty(0)
    column = NumericProperty(0)
    line = NumericProperty(0)


class PinPage(StaffPage):
    """Digits in, `entered` hears them; what it says and whether it may be tried is for its opener."""

    typed = StringProperty()  # as many masks as digits
    hint = StringProperty()
    message = StringProperty()
    locked = BooleanProperty(False)  # nothing can be entered now
    tall = BooleanProperty(False)
    pad = NumericProperty(0)  # pixels, all of these
    key_high = NumericProperty(0)
    pad_x = NumericProperty(0)
    pad_y = NumericProperty(0)
    words_x = NumericProperty(0)
    words_y = NumericProperty(0)
    role_box = ListProperty([0, 0, 0, 0])

    def __init__(self, desk: "Desk", entered: Callable[[str], None], **kwargs: object) -> None:
        self._entered, self._digits = entered, ""
        super().__init__(desk, **{"action": desk.say("buttons.ok"), "hint": desk.say("pin.hint"), **kwargs})
        for at, value in enumerate(KEYS):
            if value is not None:
                self.add_widget(PinKey(panel=self, value=value, column=at % 3, line=at // 3))
        self.fbind("locked", self._show)
        self._show()

    def strike(self, key: PinKey) -> None:
        """One digit more, or one less."""
        if key.value == ERASE:
            self._digits = self._digits[:-1]
        elif not (self.locked and self.message):  # before it is known whether one may try, no digit is lost
            self._digits = (self._digits + str(int(key.value)))[:MOST_DIGITS]
            self.message = ""
        self._show()

    def clear(self) -> None:
        """Forget what was typed."""
        self._digits = ""
        self._show()

    def act(self) -> None:
        """Hand the digits over, and keep none."""
        digits = self._digits
        self.clear()
        self._entered(digits)

    def closed(self) -> None:
        """Keep nothing."""
        self.clear()

    def _show(self, *_: object) -> None:
        self.typed = MASK * len(self._digits)
        self.action_enabled = len(self._digits) >= FEWEST_DIGITS and not self.locked
        App.get_running_app().painter.whole()


class EnterPage(PinPage):
    """The way in: `welcome` hears the role whose PIN was right."""

    def __init__(self, desk: "Desk", welcome: Callable[[str], None]) -> None:
        self._welcome, self._role, self._until_s = welcome, ROLES[0], 0.0
        self._chosen = False  # whether somebody has touched a role
        super().__init__(desk, self._try, title=desk.say("pin.title"))
        self._roles = Segmented([(role, desk.say(f"roles.{role}")) for role in ROLES], self._role, self._turn)
        self.add_widget(self._roles)
        self.fbind("role_box", self._place)
        self._place()

    def opened(self) -> None:
        """Look whether this role may try now."""
        Clock.unschedule(self._count)
        self.message, self.locked = "", True
        pin = self.desk.backroom.pin
        self.desk.work(lambda: {role: pin(role) for role in ROLES}, self._know, self._fail)

    def closed(self) -> None:
        """Count no seconds any more."""
        Clock.unschedule(self._count)
        super().closed()

    def _turn(self, role: str) -> None:
        self._role, self._chosen = role, True
        self.clear()
        self.opened()

    def _know(self, states: "Mapping[str, PinState]") -> None:
        """Whether this role may try; until staff have a PIN the pad begins with the technician's."""
        others = [role for role in ROLES if role != self._role and states[role].is_set]
        if not states[self._role].is_set and others and not self._chosen:
            self._role = others[0]
            self._roles.mark(self._role)
        if states[self._role].is_set:
            self._wait(states[self._role].wait_ms)
        else:
            waits = others and self._role == ROLES[0]
            self.message = self.desk.say("pin.staff_not_set" if waits else "pin.not_set")

    def _try(self, digits: str) -> None:
        role, self.locked = self._role, True
        self.desk.work(lambda: self.desk.backroom.enter(role, digits), self._heard, self._fail)

    def _heard(self, entered: Entered) -> None:
        if entered.is_right:
            self._welcome(self._role)
        else:
            self._wait(entered.wait_ms)

    def _fail(self, _: Exception) -> None:
        """Nobody gets in while the PINs cannot be read."""
        self.message = self.desk.say("pin.damaged")

    def _wait(self, wait_ms: int) -> None:
        Clock.unschedule(self._count)
        self._until_s = time.monotonic() + wait_ms / 1000
        self.locked = wait_ms > 0
        if self.locked:
            self._count(0)
            Clock.schedule_interval(self._count, 0.25)

    def _count(self, _: float) -> bool:
        """Say how long; false ends it."""
        left_s = self._until_s - time.monotonic()
        if left_s <= 0:
            self.locked, self.message = False, self.desk.say("pin.again")
            return False
        minutes, seconds = divmod(ceil(left_s), 60)
        key = "pin.wait_minutes" if minutes else "pin.wait"
        self.message = self.desk.say(key, minutes=minutes, seconds=seconds)
        return True

    def _place(self, *_: object) -> None:
        self._roles.pos, self._roles.size = self.role_box[:2], self.role_box[2:]
