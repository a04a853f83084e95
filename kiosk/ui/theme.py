"""Colours, sizes and type: what kv rules draw with, and how large a unit is on this screen.

Made by kiosk.ui.app; kv rules read it as `app.look`. May touch Kivy's properties only.
All lengths in kv are units of 1/800 of the shorter side, so the picture is the same from 800×480 to 4K.
"""

from dataclasses import asdict
from math import hypot
from pathlib import Path

from kivy.event import EventDispatcher
from kivy.properties import BooleanProperty, ColorProperty, ListProperty, NumericProperty, ObjectProperty

from kiosk.settings.accent import accented
from kiosk.settings.model import ScreenSettings
from kiosk.settings.palette import NIGHT, NIGHT_INK, PALETTES
from kiosk.ui.printing import Printer

SHORTER_SIDE = 800  # units
LEAST_TEXT_MM = 3.5  # height of a full-width character, where there is room
TARGET_MM = 20.0  # what a finger is sure to hit
MM_PER_INCH = 25.4
LOW_SHARE = 0.6  # of the screen's height: where hands reach from a wheelchair, if its middle hangs at 1.1 m
LOW_ROWS = 3.05  # targets above one another, for which there is room in any case: 61 mm
HEADER = 128  # units: where a target is higher, a page with much to touch does without the store's name
GROW = {"normal": 1.0, "large": 1.3}


class Look(EventDispatcher):  # type: ignore[misc] # Kivy ships no types
    """What kv rules draw with; changes with the window's size."""

    unit = NumericProperty(1.0)  # pixels
    wide = NumericProperty(1280.0)  # units
    high = NumericProperty(800.0)
    tall = NumericProperty(0.0)  # units by which it is higher than a landscape screen; 0 on one of those
    least_text = NumericProperty(0.0)  # pixels
    target = NumericProperty(0.0)  # pixels
    motion = BooleanProperty(True)
    grow = NumericProperty(1.0)  # how many times larger texts are where there is room
    printer = ObjectProperty()  # draws every text: kiosk.ui.printing
    size = ListProperty([0, 0])  # of the window, pixels
    tight = BooleanProperty(False)  # whether the panel is so small that its header has no room for a finger
    low = BooleanProperty(False)  # whether all that is touched stands in the lower part
    easy = NumericProperty(800.0)  # units from the bottom: up to where it stands if there is little of it
    reach = NumericProperty(800.0)  # and if there is much
    rtl = BooleanProperty(False)  # whether the language on screen is read from right to left
    edge = ObjectProperty()  # the texture of kiosk.ui.drawing.soft_edge
    face_ink = ColorProperty(PALETTES["light"].ink)  # the same in every theme
    night = ColorProperty(NIGHT)
    night_ink = ColorProperty(NIGHT_INK)
    paper = ColorProperty()
    card = ColorProperty()
    line = ColorProperty()
    ink = ColorProperty()
    muted = ColorProperty()
    accent = ColorProperty()
    accent_ink = ColorProperty()
    sad = ColorProperty()
    neutral = ColorProperty()
    happy = ColorProperty()

    def __init__(self, screen: ScreenSettings, fonts: Path, edge: object) -> None:
        super().__init__(motion=screen.motion, printer=Printer(fonts), edge=edge)
        self.measure(screen)
        self.wear(screen)

    def measure(self, screen: ScreenSettings) -> None:
        """Take on what these settings say of the panel; `resize` fits to it."""
        self.low, self._diagonal_inches = screen.reach == "low", screen.diagonal_inches

    def wear(self, screen: ScreenSettings) -> None:
        """Take on the colours and the text size of these settings."""
        self.grow = GROW.get(screen.text_size, 1.0)
        palette = accented(PALETTES.get(screen.theme, PALETTES["light"]), screen.accent)
        for role, colour in asdict(palette).items():
            setattr(self, role, colour)

    def resize(self, width: float, height: float) -> None:
        """Fit to a window of so many pixels."""
        self.size = width, height
        self.unit = max(1.0, min(width, height)) / SHORTER_SIDE
        self.wide, self.high = width / self.unit, height / self.unit
        self.tall = max(0.0, self.high - SHORTER_SIDE)
        px_per_mm = hypot(width, height) / (self._diagonal_inches * MM_PER_INCH)
        self.least_text, self.target = LEAST_TEXT_MM * px_per_mm, TARGET_MM * px_per_mm
        finger = self.target / self.unit
        self.tight = not self.tall and finger > HEADER
        self.easy = self.high * (LOW_SHARE if self.low else 1)
        self.reach = max(self.easy, LOW_ROWS * finger) if self.low else self.high
