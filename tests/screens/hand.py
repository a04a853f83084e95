"""How long a first start would take somebody: all is read once, every touch takes aim, nothing is hurried.

Used by tests/screens/test_staff_at_work.py; docs/first-start.md has the figures.
Touches through the finger that it is given; what the kiosk itself takes is not added up.
"""

from tests.screens.seen import Finger

READ_PER_S, TOUCH_S, KEY_S = 4.0, 1.2, 0.5  # words; a target, a digit of a PIN too; a key of the keyboard


class Hand:
    """Stands between a test and its finger, and adds up seconds by step."""

    def __init__(self, finger: Finger) -> None:
        self.finger = finger
        self.steps: dict[str, float] = {}
        self.touches = self.keys = self.words = 0
        self._read: set[str] = set()
        self._step = ""

    @property
    def takes_s(self) -> float:
        """All steps together."""
        return sum(self.steps.values())

    def told(self) -> str:
        """The figures, as docs/first-start.md has them."""
        steps = ", ".join(f"{name} {took_s:.0f} s" for name, took_s in self.steps.items())
        counts = f"{self.touches} touches, {self.keys} keys, {self.words} words"
        return f"{self.takes_s:.0f} s: {steps}; {counts}"

    def begin(self, step: str) -> None:
        """What comes now belongs to this step."""
        self._step = step

    def see(self, words: str) -> None:
        """Wait for these words, and read what is new."""
        self.finger.see(words)
        self._look()

    def tap(self, words: str, kind: str = "Target") -> None:
        """Read what is new, then touch what says this."""
        self.finger.find(words, kind)
        self._look()
        self.finger.tap(words, kind)
        if kind == "KeyCap":
            self.keys += 1
            self._add(KEY_S)
        else:
            self.touches += 1
            self._add(TOUCH_S)

    def taps(self, *words: str, kind: str) -> None:
        """Touch one after the other."""
        for each in words:
            self.tap(each, kind)

    def tap_each(self, kind: str) -> None:
        """Touch every target of a kind."""
        self._look()
        touched = self.finger.tap_each(kind)
        self.touches += touched
        self._add(touched * TOUCH_S)

    def type(self, words: str) -> None:
        """Strike the keys for these words, all of which stand on the keyboard that is shown."""
        for letter in words:
            self.tap(letter, "KeyCap")

    def _look(self) -> None:
        """Read all that is new; a single letter is a key."""
        for words in self.finger.texts():
            if len(words) > 1 and words not in self._read:
                self._read.add(words)
                count = len(words.split())
                self.words += count
                self._add(count / READ_PER_S)

    def _add(self, seconds: float) -> None:
        self.steps[self._step] = self.steps.get(self._step, 0.0) + seconds
