"""Setting the PINs: which role, then the new one twice.

Opened from kiosk.ui.staff.menu and the first start. May touch Kivy's widgets; nothing here keeps a PIN.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from kivy.uix.widget import Widget

from kiosk.settings.lockout import ROLES
from kiosk.settings.pin import WeakPin
from kiosk.ui.staff.lists import ListPage
from kiosk.ui.staff.pad import PinPage
from kiosk.ui.staff.parts import Row

if TYPE_CHECKING:
    from kiosk.ui.staff.backroom import PinState
    from kiosk.ui.staff.desk import Desk


class PinsPage(ListPage):
    """Both roles, and whether each has a PIN."""

    def __init__(self, desk: "Desk") -> None:
        self._states: dict[str, PinState] = {}
        super().__init__(desk, title=desk.say("menu.pins"))

    def opened(self) -> None:
        """Look which are set."""
        super().opened()
        self.desk.work(lambda: {role: self.desk.backroom.pin(role) for role in ROLES}, self._know)

    def rows(self) -> Sequence[Widget]:
        """A row for each role."""
        return [
            Row(
                partial(self._set, role),
                title=self.desk.say(f"roles.{role}"),
                detail=self.desk.say(f"pins.{role}"),
                value=self.desk.say("pins.set" if state.is_set else "pins.not_set"),
                sign="lock",
                warns=not state.is_set,
            )
            for role, state in self._states.items()
        ]

    def _know(self, states: "dict[str, PinState]") -> None:
        self._states = states
        self.fill()

    def _set(self, role: str) -> None:
        self.desk.open(NewPinPage(self.desk, role, partial(self._is_set, role)))

    def _is_set(self, role: str) -> None:
        self.desk.back()
        self.desk.toast(self.desk.say("pins.stored", role=self.desk.say(f"roles.{role}")))


class NewPinPage(PinPage):
    """A new PIN, typed twice; `is_set` hears when it is kept."""

    def __init__(self, desk: "Desk", role: str, is_set: Callable[[], None], **kwargs: object) -> None:
        self._role, self._is_set, self._first = role, is_set, ""
        title = desk.say("pins.new", role=desk.say(f"roles.{role}"))
        super().__init__(desk, self._take, **{"title": title, "message": desk.say("pins.how"), **kwargs})

    def closed(self) -> None:
        """Keep nothing."""
        self._first = ""
        super().closed()

    def _take(self, digits: str) -> None:
        if not self._first:
            self._first, self.hint, self.message = digits, self.desk.say("pins.again"), ""
            return
        first, self._first, self.hint = self._first, "", self.desk.say("pin.hint")
        if digits != first:
            self.message = self.desk.say("pins.differ")
            return
        role, self.locked = self._role, True
        self.desk.work(lambda: self.desk.backroom.put_pin(role, digits), self._kept, self._refused)

    def _kept(self, _: None) -> None:
        self.locked = False
        self._is_set()

    def _refused(self, problem: Exception) -> None:
        self.locked = False
        why = self.desk.telling.problem(problem)
        self.message = why if isinstance(problem, WeakPin) else self.desk.say("failed", why=why)
