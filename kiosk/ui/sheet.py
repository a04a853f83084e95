"""Where field, strip and keyboard stand when somebody writes: units, y down from the panel's top.

Called by kiosk.ui.writing. Pure: numbers and keyboards in, boxes out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from kiosk.ui.grids import MARGIN, NARROW, Box
from kiosk.ui.keys import GAP, Face, Plane

NARROW_MARGIN = 16  # a keyboard on an upright screen needs the width
FIELD_HIGH, FIELD_HIGHEST = 96, 176
FIELD_LOW = 80  # where the line of words stands inside it
LINE_HIGH, CANDIDATES_HIGH = 36, 60  # of the strip: room for a line of words, or for candidates
KEY_HIGHEST = 88
BUTTONS = 84  # the middle of the page's buttons, above the bottom


@dataclass(frozen=True, kw_only=True)
class Room:
    """How much there is, in units: what a finger needs, and how high above the bottom it may be used."""

    wide: float
    high: float
    finger: float = 0.0
    reach: float = inf

    @property
    def margin(self) -> float:
        """On either side of the keys."""
        return MARGIN if self.wide >= NARROW else NARROW_MARGIN


@dataclass(frozen=True)
class Sheet:
    """The three parts, from top to bottom, and how the keyboard stands there.

    Where there is no strip for it, the line of words stands inside the field, and candidates open from a key.
    """

    field: Box
    strip: Box
    keys: Box
    face: Face
    inside: bool

    @property
    def rows_of_candidates(self) -> bool:
        """Whether the strip has room for candidates."""
        return self.strip.height >= CANDIDATES_HIGH


def foot_of(finger: float) -> float:
    """How high above the bottom fingers that need so many units may mean the page's buttons."""
    return max(finger, BUTTONS + finger / 2)


def lay_out(room: Room, planes: Sequence[Plane], at: Plane, *, converts: bool) -> Sheet:
    """The keyboard `at` at the bottom, the field above it: as high as it is above each of these keyboards.

    Of each keyboard that face is taken which has the most keys, and room for a finger on each.
    """
    chosen = {
        plane.name: _choose(room, plane, converts=converts and plane.name == "kana") for plane in planes
    }
    area = max(choice.area for choice in chosen.values())
    field_high = min(FIELD_HIGHEST, room.high - area - GAP)
    here, x, width = chosen[at.name], room.margin, room.wide - 2 * room.margin
    strip = Box(x, room.high - area, width, here.strip_high)
    keys_high = min(area - here.above, room.reach - (here.above if here.strip_high > LINE_HIGH else 0))
    keys = Box(x, room.high - keys_high, width, keys_high)
    field = Box(x, room.high - area - GAP - field_high, width, field_high)
    return Sheet(field, strip, keys, here.face, inside=any(each.inside for each in chosen.values()))


@dataclass(frozen=True, kw_only=True)
class _Choice:
    face: Face
    strip_high: float
    keys_high: float
    inside: bool

    @property
    def above(self) -> float:
        """What the strip takes above the keys."""
        return self.strip_high + GAP if self.strip_high else 0.0

    @property
    def area(self) -> float:
        """Of both."""
        return self.above + self.keys_high


def _choose(room: Room, plane: Plane, *, converts: bool) -> _Choice:
    """The face with the most keys that has room, with a strip above it if that has room too."""
    strip_high = max(CANDIDATES_HIGH, room.finger - GAP) if converts else LINE_HIGH
    for face in plane.faces:
        for inside in (False, True):
            choice = _with(room, face, strip_high=0 if inside else strip_high, inside=inside)
            if face.fits(room.wide - 2 * room.margin, choice.keys_high, room.finger):
                return choice
    return choice


def _with(room: Room, face: Face, *, strip_high: float, inside: bool) -> _Choice:
    above = strip_high + GAP if strip_high else 0.0
    field_high = FIELD_LOW if inside else FIELD_HIGH
    most = min(room.high - field_high - GAP - above, room.reach - (above if strip_high > LINE_HIGH else 0.0))
    liked = len(face.rows) * max(KEY_HIGHEST + GAP, room.finger) - GAP
    return _Choice(face=face, strip_high=strip_high, keys_high=min(liked, most), inside=inside)
