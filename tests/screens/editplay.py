"""Staff change the questions of a real kiosk by touch: `python -m tests.screens.editplay DATA`.

Real store, real config.toml, the real window's touches on a screen that nobody sees; writes a line of JSON
after each part. Run by tests/screens/test_editor.py as a process.
"""

import os
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path

from kiosk import bootstrap
from kiosk.health import uptime_ms
from kiosk.in_force import InForce
from kiosk.settings.edit import Editing
from kiosk.settings.watch import Watch
from kiosk.ui.idle import SETTLE_S
from tests.screens.speaking import open_app, settle
from tests.screens.stage import tell, walk

PATIENCE_S = 20.0
numbers = count()


class Hand:
    """A finger on the app's window, led by what is written there."""

    def __init__(self, app) -> None:
        self.app = app

    def wait(self, look: Callable[[], object], what: str) -> None:
        """Let the app run until there is something to see."""
        from kivy.clock import Clock  # noqa: PLC0415 - Kivy reads what `prepare` sets when it is imported

        until = time.monotonic() + PATIENCE_S
        while not look():
            if time.monotonic() > until:
                raise AssertionError(f"waited in vain for {what}; there is {self.texts()}")
            Clock.tick()
            time.sleep(0.002)
        settle(self.app)

    def texts(self) -> list[str]:
        """All that can be read."""
        return [each["words"] for each in walk(self.app.root) if each["kind"] == "text"]

    def see(self, words: str) -> None:
        """Wait until these words stand on the screen."""
        self.wait(lambda: words in self.texts(), words)

    def find(self, words: str, kind: str = "Target"):
        """The target with these words of its own, scrolled into sight."""
        from kiosk.ui.staff.parts import Rows  # noqa: PLC0415 - the same

        if kind != "Face":  # these have their words below them
            self.see(words)
        for widget in self.app.root.walk(restrict=True):
            names = {each.__name__ for each in type(widget).__mro__}
            own = {getattr(widget, name, "") for name in ("title", "words", "name")}
            if kind in names and words in own and widget.enabled:
                if isinstance(widget.parent, Rows):
                    widget.parent.reveal(widget)
                    settle(self.app)
                return widget
        raise AssertionError(f"nothing to touch says {words}")

    def tap(self, words: str, kind: str = "Target") -> None:
        """Touch it, once the screen takes touches again."""
        self.drag(self.find(words, kind).center)

    def drag(self, *way: tuple[float, float]) -> None:
        """Put the finger down, lead it along, lift it."""
        from kivy.input.motionevent import MotionEvent  # noqa: PLC0415 - the same

        class Touch(MotionEvent):
            def depack(self, args) -> None:
                self.is_touch = True
                self.sx, self.sy = args
                self.profile = ["pos"]
                super().depack(args)

        frame, window = self.app.root, self.app.root.get_parent_window()
        since = frame._settling._changed  # to ask whether it takes touches would prolong the wait
        self.wait(lambda: time.monotonic() > since + SETTLE_S, "a screen that takes touches")
        spots = [(x / (window.width - 1), y / (window.height - 1)) for x, y in way]
        touch = Touch("hand", next(numbers), spots[0])
        touch.scale_for_screen(window.width, window.height)
        self._send(touch, "down", frame.on_touch_down)
        for spot in spots[1:]:
            touch.move(spot)
            touch.scale_for_screen(window.width, window.height)
            self._send(touch, "move", frame.on_touch_move)
        self._send(touch, "up", frame.on_touch_up)
        settle(self.app)

    def _send(self, touch, kind: str, first: Callable) -> None:
        """As Kivy's window does: to the frame, then to whoever grabbed the touch."""
        touch.grab_current = None
        first(touch)
        for reference in list(touch.grab_list) if kind != "down" else ():
            if (widget := reference()) is not None:
                touch.grab_current = widget
                getattr(widget, f"on_touch_{kind}")(touch)
        touch.grab_current = None
        settle(self.app)


def main(data: str) -> int:
    """Play it all."""
    folder = Path(data)
    os.environ["SDL_VIDEODRIVER"] = "offscreen"
    path = folder / "config.toml"
    folder.mkdir(mode=0o700, parents=True)
    text = bootstrap.shipped("config.toml").read_text("utf-8")
    path.write_text(text.replace("motion = true", "motion = false"), encoding="utf-8")
    watch = Watch(path, folder)
    in_force = InForce(watch.config)
    kiosk = bootstrap.Kiosk(folder, watch.config, in_force, watch=watch)
    kiosk.open()
    try:
        backroom = bootstrap._backroom(kiosk, folder, path, began_ms=uptime_ms())
        app, _ = open_app(watch.config, staff=lambda: backroom)
        app._wiring = type(app._wiring)(**vars(app._wiring) | wired(kiosk, in_force, watch))
        app._make_a_way_in()
        app.ready = app.root.awake = True
        hand = Hand(app)
        app.rest()
        tell(shipped=in_force.survey_now().version, before=shopper(hand, folder))
        edit(hand, backroom)
        refuse(hand)
        try_out(hand, folder)
        tell(draft_left=leave_and_return(hand, backroom))
        publish(hand, in_force)
        tell(after=shopper(hand, folder))
        tell(during=edited_during_a_visit(hand, backroom, folder))
        roll_back(hand)
        tell(rolled_back=shopper(hand, folder), config_is_back=path.read_text("utf-8").count("today?x"))
    finally:
        kiosk.close()
    return 0


def wired(kiosk, in_force, watch) -> dict:
    """What the real app is given."""
    return {
        "begin": kiosk.begin,
        "survey_now": in_force.survey_now,
        "settings_now": watch.settings_now,
        "local_time": in_force.local_time,
    }


def come_in(hand: Hand) -> None:
    """To the surveys, with the right PIN."""
    hand.app._entrance.come("en")
    hand.app._entrance._let_in("staff")
    hand.tap("Surveys", "Row")
    hand.see("Checkout")


def edit(hand: Hand, backroom) -> None:
    """Drag the second question below the third, and write a letter more into the first."""
    come_in(hand)
    hand.tap("Checkout", "Row")
    row = hand.find("Q2 What went wrong?", "Row")
    x, y = row.grip.center
    step = row.height * 0.3
    hand.drag((x, y), *((x, y - step * at) for at in range(1, 5)))
    hand.see("Q3 What went wrong?")
    tell(order=[each["id"] for each in kept(hand, backroom)[0]["question"]])
    hand.tap("Q1 How was your visit today?", "Row")
    hand.tap("Question", "Row")
    hand.tap("English", "Row")
    hand.tap("x", "KeyCap")
    hand.tap("OK", "Pill")
    hand.see("How was your visit today?x")
    for _ in range(3):
        hand.tap("Back", "Pill")
    hand.see("Draft, not published yet")


def kept(hand: Hand, backroom) -> tuple:
    """The draft, once nothing is under way any more."""
    hand.wait(lambda: not hand.app._entrance._desk.top.busy, "the draft to be kept")
    return backroom.drafts.begin().documents


def refuse(hand: Hand) -> None:
    """Two more languages with nothing written: publishing says how many places, and leads to the first."""
    for name in ("Français", "Deutsch"):
        hand.tap("Checkout", "Row")
        hand.tap("Languages", "Row")
        hand.tap("Add a language", "Row")
        hand.tap(name, "Row")
        hand.tap("Back", "Pill")
        hand.tap("Back", "Pill")
    hand.tap("Publish", "Pill")
    hand.see("To mend before publishing")
    tell(refused=hand.texts())
    hand.tap("To the first", "Pill")
    tell(first=hand.texts())
    hand.tap("Back", "Pill")
    hand.tap("Back", "Pill")
    for _ in range(2):
        hand.tap("Take the last step back", "Row")


def try_out(hand: Hand, folder: Path) -> None:
    """The shoppers' own screens with what is being written; nothing is stored."""
    stored = len(taps(folder))
    hand.tap("Checkout", "Row")
    hand.tap("Try it out", "Pill")
    hand.tap("English", "Row")
    hand.see("How was your visit today?x")
    seen = hand.texts()
    hand.tap("happy", "Face")
    hand.see("Would you recommend this store to family or friends?")
    hand.tap("Trial: end it", "Pill")
    hand.see("Try it out")
    tell(trial=seen, stored=len(taps(folder)) - stored)
    hand.tap("Back", "Pill")


def leave_and_return(hand: Hand, backroom) -> bool:
    """Nobody touches anything until the first screen is back; who comes again finds the draft."""
    kept(hand, backroom)
    hand.app.rest()
    settle(hand.app)
    come_in(hand)
    return "Draft, not published yet" in hand.texts()


def publish(hand: Hand, in_force) -> None:
    """Put it in force."""
    before = in_force.survey_now().version
    hand.tap("Publish", "Pill")
    hand.see("Published. The next shopper will see it")
    tell(published=in_force.survey_now().version, unlike=before)
    hand.app.rest()
    settle(hand.app)


def shopper(hand: Hand, folder: Path) -> str:
    """Somebody answers; gives the version of the survey that the ledger says."""
    stored = len(taps(folder))
    hand.app.rest()
    settle(hand.app)
    hand.tap("sad", "Face")
    hand.wait(lambda: len(taps(folder)) > stored, "a tap in the ledger")
    return taps(folder)[-1]


def edited_during_a_visit(hand: Hand, backroom, folder: Path) -> list[str]:
    """A shopper has begun, somebody publishes; that visit ends as it began, the next one is new."""
    first = shopper(hand, folder)
    now = backroom.drafts.begin()
    other = Editing(now.documents).set_survey(0, "title", {"ja": "会計", "en": "Till"})
    backroom.drafts.publish(other.documents, now.base, "technician")
    stored = len(taps(folder))
    hand.tap("もどる", "Pill")
    hand.tap("happy", "Face")
    hand.wait(lambda: len(taps(folder)) > stored, "a tap in the ledger")
    return [first, taps(folder)[-1], shopper(hand, folder)]


def roll_back(hand: Hand) -> None:
    """To the oldest version, by the history."""
    hand.app.rest()
    hand.app._entrance.come("en")
    hand.app._entrance._let_in("staff")
    hand.tap("Surveys", "Row")
    hand.tap("History and restoring", "Row")
    hand.see("Written by hand into the file")
    rows = [row for row in hand.app._entrance._desk.top.list._rows if row.title]
    tell(history=[[row.detail, row.value] for row in rows])
    rows[-1].parent.reveal(rows[-1])
    settle(hand.app)
    hand.drag(rows[-1].center)
    hand.tap("Return to it", "Pill")
    hand.see("Restored. The next shopper will see it")
    hand.app.rest()


def taps(folder: Path) -> list[str]:
    """The survey's version of each tap in the ledger, in their order."""
    with closing(sqlite3.connect(f"file:{folder / 'ledger.sqlite3'}?mode=ro", uri=True)) as reader:
        return [row[0] for row in reader.execute("SELECT survey FROM taps ORDER BY ledger, seq")]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
