"""The way in for staff: a corner that is held for three seconds, the PIN pad, and then the desk.

Made by kiosk.ui.app after the first frame; what lies behind it is imported when somebody first comes.
May touch Kivy's window and clock. It only watches touches: shoppers' fingers go where they went.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kivy.clock import Clock
from kivy.core.window import Window
from kivy.graphics import Color, Ellipse

from kiosk.ui.screens import RESTING_S

if TYPE_CHECKING:
    from kiosk.ui.staff.backroom import Backroom
    from kiosk.ui.staff.desk import Desk, Floor, Tools
    from kiosk.ui.words import Words

HOLD_S = 3.0  # so long the corner is held until the sign shows
LIFT_S = 4.0  # and lifted within this: an arm that lies there opens nothing
CORNER = 120 / 800  # of the shorter side: how far the corner reaches
SLIP = 32 / 800  # of the shorter side: a finger that moves further does not hold
HELD_KEYS = frozenset({47, 267})  # the slash, that of the keypad
SPOKEN = ("ja", "en")
FIRST_IDLE_S = 1800.0  # so long the first start waits


@dataclass(frozen=True)
class Behind:
    """What lies behind the door."""

    backroom: Callable[[], "Backroom"]  # called once, when somebody first comes
    floor: "Floor"
    words: Path  # the folder with staff's languages
    shoppers: "Words"  # what shoppers are told
    read_rules: Callable[[], None]


class Door:
    """Notices a corner, or a key, that is held as long as it takes; shows a sign when it may be let go."""

    def __init__(
        self, is_free: Callable[[], bool], opened: Callable[[], None], rtl: Callable[[], bool]
    ) -> None:
        self._is_free, self._opened, self._rtl = is_free, opened, rtl
        self._fingers: dict[object, float] = {}  # when each was last heard of, by the clock
        self._held: Any = None
        self._key: int | None = None
        self._sign: list[Any] = []
        Window.bind(
            on_touch_down=self._down,
            on_touch_move=self._move,
            on_touch_up=self._up,
            on_key_down=self._key_down,
            on_key_up=self._key_up,
        )

    def _down(self, _: object, touch: Any) -> None:
        now = Clock.get_time()
        # Drivers lose fingers: one that is never reported to have left must not keep staff out for ever.
        self._fingers = {uid: at for uid, at in self._fingers.items() if now - at < RESTING_S}
        self._fingers[touch.uid] = now
        self._let_go()
        if len(self._fingers) == 1 and self._is_corner(*touch.pos) and self._is_free():
            self._held = touch.uid
            Clock.schedule_once(self._ripe, HOLD_S)

    def _move(self, _: object, touch: Any) -> None:
        if touch.uid in self._fingers:
            self._fingers[touch.uid] = Clock.get_time()
        far = SLIP * min(Window.size)
        if touch.uid == self._held and max(abs(touch.x - touch.ox), abs(touch.y - touch.oy)) > far:
            self._let_go()

    def _up(self, _: object, touch: Any) -> None:
        self._fingers.pop(touch.uid, None)
        if touch.uid == self._held:
            self._lift()

    def _key_down(self, _: object, key: int, *_more: object) -> bool:
        if key not in HELD_KEYS:
            self._let_go()
            return False
        if self._key is None and self._is_free():  # it comes again and again while it is held
            self._let_go()
            self._key = key
            Clock.schedule_once(self._ripe, HOLD_S)
        return True

    def _key_up(self, _: object, key: int, *_more: object) -> None:
        if key == self._key:
            self._lift()

    def _lift(self) -> None:
        is_ripe = bool(self._sign)
        self._let_go()
        if is_ripe and self._is_free():
            Clock.schedule_once(lambda _: self._opened(), 0)  # after what the touch itself did

    def _ripe(self, _: float) -> None:
        """It was held long enough: a disc in the corner says that it may be let go."""
        if not self._is_free():
            self._let_go()
            return
        side = CORNER * min(Window.size) / 3
        x = Window.width - 1.5 * side if self._rtl() else side / 2
        self._sign = [
            Color(0.5, 0.5, 0.5, 0.6),
            Ellipse(pos=(x, Window.height - 1.5 * side), size=(side, side), segments=48),
        ]
        for instruction in self._sign:
            Window.canvas.after.add(instruction)
        Clock.schedule_once(self._let_go, LIFT_S)

    def _let_go(self, *_: object) -> None:
        Clock.unschedule(self._ripe)
        Clock.unschedule(self._let_go)
        self._held = self._key = None
        for instruction in self._sign:
            Window.canvas.after.remove(instruction)
        self._sign = []

    def _is_corner(self, x: float, y: float) -> bool:
        far = CORNER * min(Window.size)
        across = Window.width - x if self._rtl() else x
        return bool(across <= far and Window.height - y <= far)


class Entrance:
    """Closed, or somebody stands at the pad or works at the desk."""

    def __init__(self, behind: Behind) -> None:
        self._behind = behind
        self._desk: Desk | None = None
        self._tools: Tools | None = None

    @property
    def is_open(self) -> bool:
        """Whether the screen belongs to staff."""
        return self._desk is not None

    @property
    def is_in(self) -> bool:
        """Whether somebody has entered the right PIN."""
        return self._desk is not None and self._desk.role != ""

    def come(self, language: str) -> None:
        """Somebody wants in: show the pad, in this language if staff's pages have it."""
        from kiosk.ui.staff.pad import EnterPage  # noqa: PLC0415 - it comes with the first who wants in

        language = language.partition("-")[0]
        desk = self._open("", language if language in SPOKEN else SPOKEN[-1])
        desk.open(EnterPage(desk, self._let_in))

    def set_up(self, language: str, inches: float) -> None:
        """Nobody has set this kiosk up: lead whoever stands there through it."""
        from kiosk.ui.staff.first import FirstStart  # noqa: PLC0415 - once in a kiosk's life

        desk = self._open("technician", language if language in SPOKEN else SPOKEN[-1])
        desk.idle_s = FIRST_IDLE_S
        FirstStart(desk, inches).begin()

    def close(self) -> None:
        """Whoever was here has gone."""
        desk, self._desk = self._desk, None
        if desk:
            desk.close()

    def _let_in(self, role: str) -> None:
        from kiosk.ui.staff.menu import MenuPage  # noqa: PLC0415 - the same

        language = self._desk.language if self._desk else SPOKEN[-1]
        self.close()
        desk = self._open(role, language)
        desk.open(MenuPage(desk))

    def _open(self, role: str, language: str) -> "Desk":
        from kiosk.ui.staff.desk import Desk  # noqa: PLC0415 - the same

        self._tools = self._tools or self._fetch()
        self._desk = Desk(self._tools, role=role, language=language)
        return self._desk

    def _fetch(self) -> "Tools":
        """What only staff need, when the first of them comes."""
        from kiosk.ui.staff.desk import Tools  # noqa: PLC0415 - the same
        from kiosk.ui.staff.errands import Errands  # noqa: PLC0415 - the same
        from kiosk.ui.words import Words  # noqa: PLC0415 - the same

        behind = self._behind
        behind.read_rules()
        told = Words(behind.words / "told")
        return Tools(behind.backroom(), Errands(), behind.floor, Words(behind.words), told, behind.shoppers)
