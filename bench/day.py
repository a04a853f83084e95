"""The real kiosk with shoppers of its own: visit after visit through the app, every screen drawn.

Run by bench.visits as a process: `python -m bench.day VISITS STEP`, then the kiosk's own words. I write how
many visits there were after every STEP of them, and wait for a line on stdin. I touch the running app only.
"""

import random
import sys
import threading
import time
from typing import Any

from kiosk.__main__ import main
from kiosk.simulate import Shopper
from kiosk.visit import Ask

SPEAKS_ANOTHER = 0.3  # of the shoppers choose a language


class Hand:
    """Makes one move a frame, until so many visits are over."""

    def __init__(self, app: Any, visits: int, step: int) -> None:
        self._app, self._visits, self._step = app, visits, step
        self._dice = random.Random(7)  # noqa: S311  # made-up shoppers need no secret
        self._done = self._turn = 0

    def move(self, _: float) -> bool:
        """Answer what is asked, or begin the next visit; false ends the day."""
        asked = self._app._visit.step  # noqa: SLF001  # what a test of a running app has to look at
        if isinstance(asked, Ask):
            self._answer(asked)
            return True
        self._done, self._turn = self._done + 1, 0
        if self._done % self._step == 0:
            sys.stdout.write(f"{self._done}\n")
            sys.stdout.flush()
            sys.stdin.readline()
        self._app.rest()
        if self._done < self._visits:
            return True
        self._app.stop()
        return False

    def _answer(self, asked: Ask) -> None:
        survey = self._app._survey  # noqa: SLF001  # the same
        self._turn += 1
        if self._turn == 1 and self._dice.random() < SPEAKS_ANOTHER:
            self._app.speak(self._dice.choice(survey.languages))
        else:
            self._app.answer(Shopper(f"bench/{self._done}", survey).answer(asked.question, self._turn))


def begin(visits: int, step: int) -> None:
    """Wait until the kiosk is ready, and let the shoppers in."""
    while "kivy.app" not in sys.modules:
        time.sleep(0.05)
    from kivy.app import App  # noqa: PLC0415  # Kivy reads what the kiosk sets when it is imported
    from kivy.clock import Clock  # noqa: PLC0415

    while not getattr(App.get_running_app(), "ready", False):
        time.sleep(0.05)
    hand = Hand(App.get_running_app(), visits, step)
    Clock.schedule_interval(lambda dt: hand.move(dt), 0)  # noqa: PLW0108  # Kivy would let a bare method's hand go


if __name__ == "__main__":
    sys.modules.update(numpy=None, PIL=None)  # type: ignore[arg-type]  # no kiosk has them
    threading.Thread(target=begin, args=tuple(map(int, sys.argv[1:3])), daemon=True).start()
    del sys.argv[1:3]
    main()
