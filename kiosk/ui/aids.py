"""What a shopper switches on for one visit: larger letters, strong contrast, the screen read aloud.

Made by kiosk.ui.app; kv rules read it as `app.aids`. May touch the look, and the voice where there is one.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

from kivy.event import EventDispatcher
from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.settings.model import KioskSettings, ScreenSettings
from kiosk.ui.theme import Look
from kiosk.ui.touch import Target

if TYPE_CHECKING:
    from kiosk.ui.narration import Narrator
    from kiosk.ui.speech import Speaker

DRESSES = tuple(product(("light", "contrast"), ("normal", "large")))  # in the order in which the button turns
log = logging.getLogger(__name__)


class AidButton(Target):
    """A round button in the header; `spoken` is its name for those who hear it."""

    words = StringProperty()
    sign = StringProperty()
    spoken = StringProperty()
    step = NumericProperty(0)  # pixels to the middle of the next
    lee = NumericProperty(0)  # pixels by which it may be missed above and below


class Aids(EventDispatcher):  # type: ignore[misc] # Kivy ships no types
    """The two aids, and whether each is offered on the screen that is shown."""

    dresses = BooleanProperty(False)  # whether the button for letters and contrast is shown
    room = NumericProperty(0)  # pixels that the frame's buttons take
    air = NumericProperty(0)  # pixels of them that belong to the last one's finger
    speaks = BooleanProperty(False)  # whether the button to be read to is shown

    def __init__(self, kiosk: KioskSettings, screen: ScreenSettings, look: Look) -> None:
        super().__init__()
        self._kiosk, self._screen, self._look = kiosk, screen, look
        self._worn = screen
        self._page: Any = None
        self._language = kiosk.language
        self._speaker: Speaker | None = None
        self._narrator: Narrator | None = None

    @property
    def changed(self) -> bool:
        """Whether a shopper has changed how the store's screen looks."""
        return self._worn != self._screen

    def begin_to_speak(self, say: Callable[[str, str], str]) -> None:
        """Find the voice, if the store wants one; `say` gives the kiosk's own words."""
        if not self._kiosk.spoken:
            return
        from kiosk.ui.narration import Narrator  # noqa: PLC0415 # few stores need it, and all want a fast start
        from kiosk.ui.speech import Speaker, find  # noqa: PLC0415 # the same

        if command := find():
            self._speaker = Speaker(command)
            numbered = self._kiosk.keypad and not self._kiosk.scan_s
            self._narrator = Narrator(self._speaker, say, numbered=numbered)
            self.show(self._page, self._language, aloud=False)
        else:
            log.warning("nothing is spoken: espeak-ng is not installed")

    def change_look(self) -> None:
        """Turn to larger letters, then to strong contrast, then to both, then back."""
        worn = self._worn.theme, self._worn.text_size
        theme, text_size = DRESSES[(DRESSES.index(worn) + 1) % len(DRESSES)]
        self._wear(replace(self._screen, theme=theme, text_size=text_size))

    def put_back(self) -> None:
        """The visit is over: the store's own look."""
        if self.changed:
            self._wear(self._screen)

    def show(self, page: Any, language: str, *, aloud: bool) -> None:
        """Another screen has come up; one that rests keeps silent until it is asked."""
        self._page, self._language = page, language
        asks = hasattr(page, "question") and not hasattr(page, "desk")  # staff have none of them
        self.dresses = self._kiosk.display_button and asks
        self.speaks = asks and bool(self._narrator and self._narrator.knows(language))
        if self._narrator:
            self._narrator.show(page, language, aloud=aloud)

    def repeat(self) -> None:
        """Read the screen aloud."""
        if self._narrator:
            self._narrator.repeat()

    def name(self, target: Target) -> None:
        """Say what the focus has come to."""
        if self._narrator:
            self._narrator.name(target)

    def hush(self) -> None:
        """Somebody touches: be silent."""
        if self._narrator:
            self._narrator.hush()

    @property
    def talking(self) -> bool:
        """Whether something is being said."""
        return bool(self._narrator and self._narrator.busy)

    def close(self) -> None:
        """End the voice."""
        if self._speaker:
            self._speaker.close()

    def _wear(self, screen: ScreenSettings) -> None:
        self._worn = screen
        self._look.wear(screen)
