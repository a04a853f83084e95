"""Lets a keypad or a single switch do what a finger does: a visible focus moves, Enter touches what has it.

Made by kiosk.ui.app if the store wants it. May touch Kivy's window and the widgets of kiosk.ui.touch.
Digits answer at once (the faces are 1, 2, 3), arrows and Tab move, Backspace goes back. Where texts are
spoken, the star repeats them, and so does 0 unless it is an answer. With one switch only, the focus moves by
itself and any key chooses.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from kivy.clock import Clock
from kivy.core.window import Window

from kiosk.ui.touch import Target

ENTER = frozenset({13, 271, 32})  # Enter, Enter of the keypad, the space bar
BACK = frozenset({8, 266})  # Backspace, the keypad's comma
AHEAD = frozenset({9, 274, 275, 270})  # Tab, down, right, plus
ASTERN = frozenset({273, 276, 269})  # up, left, minus
DIGITS = {**{48 + digit: digit for digit in range(10)}, **{256 + digit: digit for digit in range(10)}}
RIGHT, LEFT = 275, 276
REPEAT = frozenset({42, 268})  # the star, that of the keypad
LAID_OUT_S = 0.05  # a new page's targets that have not moved for so long stand where they belong
ROW = 0.5  # of a target's height: less apart, two stand in one row


class Hearing(Protocol):
    """What the keys ask of kiosk.ui.aids."""

    @property
    def talking(self) -> bool:
        """Whether something is being said."""

    def name(self, target: Target) -> None:
        """Say what the focus has come to."""

    def repeat(self) -> None:
        """Read the screen aloud."""


class Steering:
    """The focus, and the keys that move it."""

    def __init__(self, frame: Any, aids: Hearing, *, scan_s: float, rtl: Callable[[], bool]) -> None:
        self._frame, self._aids, self._scan_s, self._rtl = frame, aids, scan_s, rtl
        self._focus: Target | None = None
        self._touching = False  # a key's doing, what happens now
        self._places: list[tuple[Any, ...]] = []  # where a new page's targets stood a moment ago
        frame.bind(turn=self._on_turn)
        Window.bind(on_key_down=self._on_key, on_touch_down=self._rest)

    def _on_key(self, _window: object, key: int, *_: object) -> bool:
        """A key went down; true: nobody else is asked."""
        if not self._frame.awake:
            return True
        self._frame.hear_of_someone()
        if self._scan_s:
            self._switch()
        elif key in REPEAT:
            self._aids.repeat()
        elif key in DIGITS:
            self._answer(DIGITS[key])
        elif key in BACK:
            self._touch(self._leading("back"))
        elif key in ENTER:
            self._touch(self._focus or self._leading("on"))
        elif key in AHEAD | ASTERN:
            flipped = self._rtl() and key in (LEFT, RIGHT)
            self._move(1 if (key in AHEAD) != flipped else -1)
        return True

    def _switch(self) -> None:
        """The one switch: it starts the focus on its way, then touches what has it."""
        if self._focus:
            self._touch(self._focus)
        else:
            self._move(1)
            Clock.unschedule(self._scan)
            Clock.schedule_interval(self._scan, self._scan_s)

    def _scan(self, _: float) -> None:
        if not self._aids.talking:  # what is being said is heard first
            self._move(1)

    def _answer(self, digit: int) -> None:
        """Touch the answer of this number: a scale's value, or the nth face, star or card."""
        answers = [one for one in self._targets() if hasattr(one, "panel")]
        valued = {one.value: one for one in answers if hasattr(one, "value")}
        nth = dict(enumerate(answers, start=1))
        if (meant := (valued or nth).get(digit)) is None and digit == 0:
            self._aids.repeat()
            return
        self._touch(meant)
        if onward := self._leading("on"):
            self._give_focus(onward)

    def _leading(self, where: str) -> Target | None:
        return next((one for one in self._targets() if one.leads == where), None)

    def _touch(self, target: Target | None) -> None:
        if target and self._frame.accepts():
            self._touching = True
            keys = self._keys() if hasattr(target, "key") else []
            try:
                target.touch_by_key()
            finally:
                self._touching = False
            if keys and keys != self._keys():
                self._begin_keys()
            if target.parent and getattr(target, "chosen", False):
                self._aids.name(target)

    def _keys(self) -> list[object]:
        """What the keyboard on the screen offers now."""
        return [
            one.key
            for one in self._frame.page.walk(restrict=True)
            if isinstance(one, Target) and hasattr(one, "key")
        ]

    def _begin_keys(self) -> None:
        """Other keys stand where the focus was: it begins with the first of them."""
        self._give_focus(next((one for one in self._targets() if hasattr(one, "key")), None))

    def _move(self, by: int, *, aloud: bool = True) -> None:
        targets = self._targets()
        if targets:
            at = targets.index(self._focus) + by if self._focus in targets else min(0, by)
            self._give_focus(targets[at % len(targets)])
            if aloud and self._focus:
                self._aids.name(self._focus)

    def _targets(self) -> list[Target]:
        """What can be touched now: first the answers, then the page's buttons, then those of the frame."""
        page = [
            one for one in self._frame.page.walk(restrict=True) if isinstance(one, Target) and one.can_focus
        ]
        every = [one for one in self._frame.walk() if isinstance(one, Target) and one.can_focus]
        answers = [one for one in page if hasattr(one, "panel")]
        groups = (
            answers,
            [one for one in page if one not in answers],
            [one for one in every if one not in page],
        )
        return [target for group in groups for target in in_reading_order(group, rtl=self._rtl())]

    def _give_focus(self, target: Target | None) -> None:
        if self._focus:
            self._focus.focused = False
        self._focus = target
        if target:
            target.focused = True

    def _on_turn(self, *_: object) -> None:
        """Another page: who steers by keys sees where the focus is there."""
        self._give_focus(None)
        if self._touching:
            Clock.unschedule(self._begin)
            self._places = []
            Clock.schedule_interval(self._begin, LAID_OUT_S)
        else:
            self._rest()

    def _begin(self, _: float) -> bool:
        """Once all stand where they stood a moment ago the first has the focus; false ends the waiting."""
        before, self._places = self._places, [(one, *one.pos, *one.size) for one in self._targets()]
        if self._focus is None and self._places != before:
            return True
        if self._focus is None:
            self._move(1, aloud=False)
        return False

    def _rest(self, *_: object) -> None:
        """Nobody steers by keys any more."""
        self._give_focus(None)
        Clock.unschedule(self._begin)
        Clock.unschedule(self._scan)


def in_reading_order(targets: Sequence[Target], *, rtl: bool) -> list[Target]:
    """Row by row from the top, each row from where a line begins."""
    rows: list[list[Target]] = []
    for target in sorted(targets, key=lambda one: -float(one.center_y)):
        if rows and rows[-1][0].center_y - target.center_y < ROW * target.height:
            rows[-1].append(target)
        else:
            rows.append([target])
    side = -1 if rtl else 1
    return [target for row in rows for target in sorted(row, key=lambda one: side * float(one.center_x))]
