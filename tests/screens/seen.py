"""The real kiosk in a real window, and what stands on it by its words, so that a finger can be led there.

Run by the tests as a process: `python -m tests.screens.seen SOCKET [--quick] run …` is the kiosk's command
`run`; who asks through the socket is told every target and text, with its place on the screen. With
`--quick` screens take touches and the corner opens sooner; config.toml and head office are looked at often.
"""

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from deploy.screen import Screen, wait_for

QUICK = "--quick"
SETTLE_S, HOLD_S, SYNC_S = 0.1, 0.5, 0.5
SLIP_PX = 3  # that a row under the finger may be off


class Told:
    """Answers on the window's thread, since only it may look."""

    def __init__(self, place: str, hold_s: float) -> None:
        self._hold_s = hold_s
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(place)
        threading.Thread(target=self._hear, daemon=True).start()

    def _hear(self) -> None:
        while True:
            asked, who = self._socket.recvfrom(1 << 12)
            from kivy.clock import Clock  # noqa: PLC0415 - only now: who asks knows that `prepare` was called

            Clock.schedule_once(lambda _, asked=asked, who=who: self._answer(json.loads(asked), who), 0)

    def _answer(self, asked: dict, who: str) -> None:
        from kivy.app import App  # noqa: PLC0415 - the same

        if self._hold_s:
            from kiosk.ui.staff import entrance  # noqa: PLC0415 - the same

            entrance.HOLD_S = self._hold_s
        app = App.get_running_app()
        if app is None or app.root is None or app.root.get_parent_window() is None:
            told: dict = {}
        elif "reveal" in asked:
            told = revealed(app.root, asked["reveal"])
        else:
            told = {"targets": list(targets(app.root)), "texts": texts(app.root), "ready": is_ready(app)}
            told["door"] = bool(app._door and app._door._sign)
        self._socket.sendto(json.dumps(told, ensure_ascii=False).encode(), who)


def is_ready(app) -> bool:
    """Whether a touch would be taken, without asking so that it puts that off."""
    from kiosk.ui import idle  # noqa: PLC0415 - the same

    at_rest = time.monotonic() - app.root._settling._changed > idle.SETTLE_S + 0.02
    return bool(app.ready and app.root.awake and at_rest)


def targets(root) -> Iterator[dict]:
    """What can be touched now: its kinds, what it says, where its middle is, and whether it is in sight."""
    from kiosk.ui.staff.parts import Rows  # noqa: PLC0415 - the same
    from kiosk.ui.touch import Target  # noqa: PLC0415 - the same

    height = root.get_parent_window().height
    for widget in root.walk(restrict=True):
        if not isinstance(widget, Target) or not widget.enabled or not widget.opacity:
            continue
        own = [getattr(widget, name, "") for name in ("title", "words", "name", "value", "sign", "detail")]
        act = getattr(getattr(widget, "key", None), "act", "")
        rows = widget.parent if isinstance(widget.parent, Rows) else None
        x, y = widget.center
        grip, says = getattr(widget, "grip", None), [each for each in (*own, act) if each or each == 0]
        yield {
            "kinds": [each.__name__ for each in type(widget).__mro__],
            "says": [each if isinstance(each, str) else f"{each:g}" for each in says],
            "at": [round(x), round(height - y)],
            "grip": [round(grip.center_x), round(height - grip.center_y), round(widget.height)]
            if grip
            else None,
            "in_sight": rows is None or rows.y <= y <= rows.top,
            "act": act,
        }


def revealed(root, words: str) -> dict:
    """Scroll a row into sight, as a finger that swipes would."""
    from kiosk.ui.staff.parts import Rows  # noqa: PLC0415 - the same

    for widget in root.walk(restrict=True):
        if isinstance(widget.parent, Rows) and getattr(widget, "title", "") == words:
            widget.parent.reveal(widget)
    return {"done": True}


def texts(root) -> list[str]:
    """All that can be read."""
    from tests.screens.stage import walk  # noqa: PLC0415 - the same

    return [each["words"] for each in walk(root) if each["kind"] == "text"]


class Finger:
    """XTEST's finger, led by what is written on the kiosk's window."""

    def __init__(self, screen: Screen, place: Path) -> None:
        self.screen, self._place = screen, str(place)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(f"{place}.finger")
        self._socket.settimeout(10)

    def close(self) -> None:
        self._socket.close()

    def _ask(self, **what: str) -> dict:
        self._socket.sendto(json.dumps(what).encode(), self._place)
        return json.loads(self._socket.recv(1 << 20))

    def texts(self) -> list[str]:
        return self._ask(look="").get("texts", [])

    def see(self, words: str) -> None:
        """Wait until these words stand on the screen."""
        try:
            wait_for(lambda: words in self.texts(), words)
        except AssertionError:
            raise AssertionError(f"no {words!r} among {self.texts()}") from None

    def find(self, words: str, kind: str = "Target") -> dict:
        """The topmost target that says so, in sight and at rest."""
        last: list[dict] = []

        def there() -> dict | None:
            nonlocal last
            seen = self._ask(look="")
            found = [
                each for each in seen.get("targets", []) if kind in each["kinds"] and words in each["says"]
            ]
            if not seen.get("ready"):
                return None
            found.sort(key=lambda each: each["at"][1])
            same, last = found == last, found
            if found and not found[0]["in_sight"]:
                self._ask(reveal=words)
                return None
            return found[0] if found and same else None

        try:
            return wait_for(there, words)
        except AssertionError:
            raise AssertionError(f"nothing to touch says {words!r}; there is {self.texts()}") from None

    def tap(self, words: str, kind: str = "Target") -> None:
        """Touch it."""
        self.screen.tap(*self.find(words, kind)["at"])

    def tap_each(self, kind: str) -> int:
        """Touch every target of a kind, one after the other; gives how many there were."""
        self.wait_ready()
        found = [each for each in self._ask(look="")["targets"] if kind in each["kinds"]]
        for each in found:
            self.screen.tap(*each["at"])
        return len(found)

    def has(self, words: str) -> bool:
        """Whether something that says so can be touched."""
        return any(words in each["says"] for each in self._ask(look="")["targets"])

    def taps(self, *words: str, kind: str = "Target") -> None:
        """Touch one after the other."""
        for each in words:
            self.tap(each, kind)

    def erase(self) -> None:
        """Strike the key that takes a letter away."""
        self.tap("erase", "KeyCap")

    def type(self, words: str) -> None:
        """Strike the keys for these words, turning the keyboard where a letter is on another one."""
        for letter in words:
            self.find("erase", "KeyCap")  # the keys are there, and at rest
            if not self.has(letter):
                self.tap("turn", "KeyCap")
            self.tap(letter, "KeyCap")

    def drag(self, words: str, rows: float) -> None:
        """Take a row by its grip, and lead it so many rows down."""
        x, y, height = self.find(words, "Row")["grip"]
        self.screen.press(x, y)
        self._height(words), self._height(words)  # the window has heard it when it has told twice
        for part in (0.6, 1.0):
            wanted = y + round(height * rows * part)
            self.screen.move(x, wanted)
            wait_for(lambda wanted=wanted: abs(self._height(words) - wanted) <= SLIP_PX, "a row that follows")
        self.screen.lift()

    def _height(self, words: str) -> int:
        return next(each["at"][1] for each in self._ask(look="")["targets"] if words in each["says"])

    def come_in(self, pin: str) -> None:
        """Hold the corner until the disc comes, let go, and enter the PIN."""
        self.wait_ready()
        self.screen.press(20, 20)
        wait_for(lambda: self._ask(look="").get("door"), "the disc in the corner")
        self.screen.lift()
        for digit in pin:
            self.tap(digit, "PinKey")
        self.tap("OK", "Pill")

    def wait_ready(self) -> None:
        """Until the screen takes touches."""
        wait_for(lambda: self._ask(look="").get("ready"), "a screen that takes touches")


def main(place: str) -> None:
    """Run the kiosk with somebody who tells what stands on it; it ends the process."""
    from kiosk import bootstrap  # noqa: PLC0415 - after the arguments are taken away
    from kiosk.__main__ import main as kiosk  # noqa: PLC0415 - the same

    if QUICK in sys.argv:
        sys.argv.remove(QUICK)
        from kiosk.ui import idle  # noqa: PLC0415 - the same
        from sync import standing  # noqa: PLC0415 - the same

        idle.SETTLE_S, idle.QUIET_S = SETTLE_S, 0.0
        bootstrap.UPKEEP_S = 0.5
        standing.jittered_s = lambda _every_s, _drawn: SYNC_S
    Told(place, 0.0 if bootstrap.UPKEEP_S > 1 else HOLD_S)
    kiosk()


if __name__ == "__main__":
    main(sys.argv.pop(1))
