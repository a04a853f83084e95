"""Monkeys at the real app: fingers, arms, keys and all else that a window can be sent, from a seed.

Run by the tests as a process: `python -m tests.screens.monkeys CONFIG FIRST COUNT EVENTS`, offscreen.
The app runs on a clock that the monkeys turn, so that idle resets come when they let go for long enough.
"""

import json
import logging
import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from random import Random

from kiosk.settings.file import load
from kiosk.store.tap import Answered
from kiosk.ui.window import prepare
from kiosk.visit import Visit
from survey.answers import Answer, check_answer
from survey.branching import path
from survey.model import Survey
from tests.screens.staffroom import MadeUp

ROOT = Path(__file__).parents[2]
HABITS = ("poke", "hammer", "smear", "arm", "type", "lurk", "mixed")
KEYS = (27, 9, 13, 8, 32, 97, 99, 113, 49, 50, 51, 48, 282, 284, 289, 291, 292, 293, 273, 274, 275, 276, 278)
MODIFIERS = ("alt", "ctrl", "shift", "meta")
WISHES = ("on_request_close", "on_restore", "on_cursor_leave", "on_cursor_enter", "on_hide", "on_show")
GONE_S = 300.0  # longer than any idle time


def habit_of(seed: int) -> str:
    """What the monkey with this seed does."""
    return HABITS[seed % len(HABITS)]


def misfits(survey: Survey, taps: list[Answered]) -> list[str]:
    """What in a ledger no shopper can have done: answers that do not fit, ways that no survey leads."""
    found = []
    visits: dict[str, list[Answered]] = {}
    for tap in taps:
        visits.setdefault(tap.visit, []).append(tap)
    for visit, answered in visits.items():
        here: str | None = survey.first.id
        behind: list[str] = []
        given: dict[str, Answer] = {}
        for tap in answered:
            while here != tap.question and behind:  # the shopper went back
                here = behind.pop()
            if here != tap.question:
                found.append(f"visit {visit}: {tap.question} was not asked")
                break
            given[tap.question] = check_answer(survey.question(tap.question), tap.answer)
            behind.append(tap.question)
            here = path(survey, {passed: given[passed] for passed in behind}, visit).next
    return found


class Errors(logging.Handler):
    """Keeps whatever was logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it, with its traceback."""
        self.told.append(logging.Formatter().format(record))


class World:
    """The time, and the monkeys that act while the app waits for input."""

    def __init__(self) -> None:
        self.now_s = time.monotonic()

    def monotonic(self) -> float:
        """The time in this world."""
        return self.now_s

    def let_in(self, app, seeds: range, events: int) -> None:
        """From now on, time goes on when monkeys act."""
        from kivy.clock import Clock  # noqa: PLC0415 - Kivy reads what `prepare` sets when it is imported

        self.now_s = max(self.now_s, Clock.get_time())  # the start took real time, and none runs backwards
        self._app, self._acts = app, self._until_they_end(self._monkeys(seeds, events))
        Clock.idle = self.idle

    def idle(self) -> float:
        """One thing happens; takes the place of the clock's own waiting."""
        from kivy.clock import Clock  # noqa: PLC0415 - the same

        self.now_s += next(self._acts, 0.0)
        Clock._dt, Clock._last_tick = self.now_s - Clock._last_tick, self.now_s
        return self.now_s

    def _until_they_end(self, monkeys: Iterator[float]) -> Iterator[float]:
        """The app stops with the last of them, and with one that fails itself: its failure is an error."""
        try:
            yield from monkeys
        finally:
            self._app.stop()

    def _monkeys(self, seeds: range, events: int) -> Iterator[float]:
        for seed in seeds:
            random = Random(seed)  # noqa: S311 - it is to be the same again
            paws, met = Paws(random, habit_of(seed)), False
            for _ in range(events):
                paws.act()
                yield 3.2 if paws.holds else random.choice((0.005, 0.02, 0.05, 0.4, 0.5, 0.7, 1.0))
                met = met or self._app.staffed
            paws.let_go()
            for _ in range(12):  # fades, warnings, the return to the first screen
                yield GONE_S / 12
            tell(monkey=seed, habit=habit_of(seed), met=met, **self._state())

    def _state(self) -> dict[str, object]:
        from kivy.core.window import Window  # noqa: PLC0415 - the same

        app, page = self._app, self._app.root.page
        return {
            "resident_mb": _resident_mb(),
            "window": list(Window.size),
            "alone": Window.children == [app.root],
            "started": app._visit.started,
            "first": bool(page is app._question and page.first),
            "language": app.language,
            "staffed": app.staffed or app._entrance.is_in,
        }


class Paws:
    """What one monkey does to the window, as SDL would tell it."""

    def __init__(self, random: Random, habit: str) -> None:
        from kivy.core.window import Window  # noqa: PLC0415 - the same

        self._random, self._habit, self._window = random, habit, Window
        self._spot = self._anywhere()
        self._down = False
        self._arms: list = []
        self._held = None  # the finger in the corner
        self._lurks = 0

    @property
    def holds(self) -> bool:
        """Whether it holds the corner: then it waits for as long as that takes."""
        return self._habit == "lurk" and self._lurks == 2

    def act(self) -> None:
        """Do one thing."""
        habit = self._habit if self._habit != "mixed" else self._random.choice(HABITS[:-1])
        getattr(self, habit)()
        if self._random.random() < 0.02:
            self._window.dispatch(self._random.choice(WISHES))

    def poke(self) -> None:
        """Touch somewhere, now and then with another button."""
        x, y = self._anywhere()
        button = self._random.choice(("left",) * 12 + ("right", "middle", "scrollup", "scrolldown"))
        self._window.dispatch("on_mouse_down", x, y, button, [])
        self._window.dispatch("on_mouse_up", x, y, button, [])

    def hammer(self) -> None:
        """Touch the same place again and again."""
        if self._random.random() < 0.1:
            self._spot = self._anywhere()
        self._window.dispatch("on_mouse_down", *self._spot, "left", [])
        self._window.dispatch("on_mouse_up", *self._spot, "left", [])

    def smear(self) -> None:
        """Drag a finger across, and lift it now and then."""
        x, y = self._anywhere()
        if not self._down:
            self._window.dispatch("on_mouse_down", x, y, "left", [])
            self._down = True
        elif self._random.random() < 0.7:
            self._window.dispatch("on_mouse_move", x, y, [])
        else:
            self._window.dispatch("on_mouse_up", x, y, "left", [])
            self._down = False

    def arm(self) -> None:
        """Lay several fingers down, move them, and lift them in any order."""
        from kivy.base import EventLoop  # noqa: PLC0415 - the same

        if not self._arms or (len(self._arms) < 5 and self._random.random() < 0.5):
            self._arms.append(finger(self._random.random(), self._random.random()))
            EventLoop.post_dispatch_input("begin", self._arms[-1])
            return
        touch = self._random.choice(self._arms)
        if self._random.random() < 0.5:
            touch.move([self._random.random(), self._random.random()])
            EventLoop.post_dispatch_input("update", touch)
        else:
            self._arms.remove(touch)
            EventLoop.post_dispatch_input("end", touch)

    def lurk(self) -> None:
        """Hold the corner through which staff come in, then touch whatever comes."""
        from kivy.base import EventLoop  # noqa: PLC0415 - the same

        self._lurks = (self._lurks + 1) % 24
        if self._lurks == 1:
            self._held = finger(0.01, 0.99)
            EventLoop.post_dispatch_input("begin", self._held)
        elif self._lurks == 3:  # between them it holds still
            EventLoop.post_dispatch_input("end", self._held)
        elif self._lurks > 4:
            self.poke()

    def type(self) -> None:
        """Strike a key, alone or with others."""
        key = self._random.choice(KEYS)
        held = self._random.sample(MODIFIERS, self._random.choice((0, 0, 0, 1, 2)))
        letter = chr(key) if 32 <= key < 127 else None
        if not self._window.dispatch("on_key_down", key, 0, letter, held):
            self._window.dispatch("on_keyboard", key, 0, letter, held)
        if letter:
            self._window.dispatch("on_textinput", letter)
        self._window.dispatch("on_key_up", key, 0)

    def let_go(self) -> None:
        """Go away."""
        from kivy.base import EventLoop  # noqa: PLC0415 - the same

        for touch in self._arms:
            EventLoop.post_dispatch_input("end", touch)
        if self._down:
            self._window.dispatch("on_mouse_up", 0, 0, "left", [])

    def _anywhere(self) -> tuple[float, float]:
        """A place on or beside the window; as often as not the middle of something to touch."""
        from kiosk.ui.touch import Target  # noqa: PLC0415 - the same

        (root,) = self._window.children
        if self._random.random() < 0.5:
            targets = [widget for widget in root.walk() if isinstance(widget, Target) and widget.enabled]
            return tuple(self._random.choice(targets).center)
        width, height = self._window.size
        return self._random.uniform(-5, width + 5), self._random.uniform(-5, height + 5)


def finger(x: float, y: float):
    """A finger of a real touch screen, which knows no buttons."""
    from kivy.input import MotionEvent  # noqa: PLC0415 - the same

    class Finger(MotionEvent):
        def __init__(self, *args, **kwargs) -> None:
            super().__init__(*args, is_touch=True, type_id="touch", **kwargs)
            self.profile = ["pos"]

        def depack(self, args) -> None:
            self.sx, self.sy = args
            super().depack(args)

    return Finger("paw", next(FINGERS), [x, y])


FINGERS = count(1)


def _resident_mb() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() >> 20


def tell(**said: object) -> None:
    """One line for the test that watches."""
    sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def main(config_file: str, first: str, monkeys: str, events: str) -> int:
    """Let the monkeys in, one after the other."""
    config = load(Path(config_file))
    (survey,) = config.programme.surveys
    prepare(config.settings.screen, windowed=True)  # offscreen, all else is as large as SDL's screen
    from kiosk.ui import app as app_module  # noqa: PLC0415 - the same

    errors, taps, numbers, world, pads = Errors(), [], count(), World(), []
    app_module.time = world
    logging.getLogger().addHandler(errors)

    def begin(survey: Survey, language: str) -> Visit:
        return Visit(
            survey,
            language=language,
            save=taps.append,
            monotonic_ms=lambda: round(world.now_s * 1000),
            new_id=lambda: str(next(numbers)),
        )

    def on_ready() -> None:
        app = app_module.KioskApp.get_running_app()
        world.let_in(app, range(int(first), int(first) + int(monkeys)), int(events))

    code = app_module.run_app(
        app_module.Wiring(
            settings=config.settings,
            assets=ROOT / "assets",
            kv=ROOT / "kiosk.kv",
            windowed=False,
            settings_now=lambda: config.settings,
            survey_now=lambda: survey,
            local_time=lambda: datetime.now(UTC),
            begin=begin,
            touched=lambda: None,
            after_first_frame=lambda: None,
            on_ready=on_ready,
            on_stop=lambda: None,
            staff=lambda: pads.append(MadeUp()) or pads[-1],
        )
    )
    tell(pads=len(pads), taps=len(taps), errors=errors.told, misfits=misfits(survey, taps))
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
