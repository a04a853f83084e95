"""Shapes as graphics instructions for kv rules: `Plate` for cards and pills, `Sign` for faces and icons.

Used in kiosk.kv. May touch Kivy's graphics only; the geometry comes from kiosk.ui.ink and kiosk.ui.shapes.
Plain Kivy shapes are jagged without multisampling, and multisampling costs 30 ms a tap on a small board.
"""

from array import array
from collections.abc import Sequence

from kivy.factory import Factory
from kivy.graphics import Mesh
from kivy.graphics.texture import Texture

from kiosk.ui.ink import Triangles, plate, rounded
from kiosk.ui.shapes import FACE_GRID, FACES, ICON_GRID, ICONS, SIGNS, trace


def soft_edge() -> Texture:
    """Two pixels, an empty and a full one: the shapes' edges fade from one to the other."""
    texture = Texture.create(size=(2, 1), colorfmt="rgba")
    texture.blit_buffer(bytes((255, 255, 255, 0, 255, 255, 255, 255)), colorfmt="rgba")
    return texture


class Shape(Mesh):  # type: ignore[misc] # Kivy ships no types
    """A mesh that is drawn anew when its box changes; the texture is that of `soft_edge`."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(mode="triangles", **kwargs)
        self._box: tuple[float, ...] = (0, 0, 0, 0)

    @property
    def box(self) -> tuple[float, ...]:
        """Left, bottom, width and height in whole pixels, so that straight edges are crisp."""
        return self._box

    @box.setter
    def box(self, box: Sequence[float]) -> None:
        self._put("_box", tuple(round(side) for side in box))

    def _put(self, name: str, value: object) -> None:
        """Keep what shapes it, and draw it anew if that is another: rules say the same again and again."""
        if getattr(self, name) != value:
            setattr(self, name, value)
            self.redraw()

    def redraw(self) -> None:
        """Put the shape's triangles in place."""
        drawn = self.drawn() if min(self._box[2:]) > 0 else Triangles()
        # Of a list a mesh would keep a copy beside its own numbers: 5 MB for all pages. It cannot take an
        # empty array.
        self.vertices = array("f", drawn.vertices) if drawn.vertices else []
        self.indices = array("H", drawn.indices) if drawn.indices else []

    def drawn(self) -> Triangles:
        """The triangles of this shape in its box."""
        raise NotImplementedError


class Plate(Shape):
    """A rectangle with round corners."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._radius = 0.0
        self._inset = 0.0

    @property
    def radius(self) -> float:
        """Of its corners, in pixels; more than half a side makes a pill."""
        return self._radius

    @radius.setter
    def radius(self, radius: float) -> None:
        self._put("_radius", radius)

    @property
    def inset(self) -> float:
        """How far it stays within its box, in pixels: the width of the border that is drawn below it."""
        return self._inset

    @inset.setter
    def inset(self, inset: float) -> None:
        self._put("_inset", max(1, round(inset)) if inset else 0)

    def drawn(self) -> Triangles:
        """A convex outline, filled."""
        x, y, width, height = self._box
        size = width - 2 * self._inset, height - 2 * self._inset
        drawn = Triangles()
        if min(size) > 0:
            drawn.fill(plate(x + self._inset, y + self._inset, size, max(0.0, self._radius - self._inset)))
        return drawn


class Hoop(Plate):
    """The line around a rectangle with round corners, as broad as `inset`."""

    def drawn(self) -> Triangles:
        """Its outline, closed."""
        x, y, width, height = self._box
        points = [(px, py) for px, py, _, _ in plate(x, y, (width, height), self._radius)]
        drawn = Triangles()
        drawn.line([*points, points[0]], self._inset)
        return drawn


class Disc(Shape):
    """A filled circle in its box."""

    def drawn(self) -> Triangles:
        """A circle as wide as the box."""
        x, y, width, height = self._box
        drawn = Triangles()
        drawn.fill(rounded([(x + width / 2, y + height / 2)], min(width, height) / 2))
        return drawn


class Sign(Shape):
    """A face's features or an icon, by its name; a name that is not known draws nothing."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._name = ""

    @property
    def name(self) -> str:
        """A key of FACES, ICONS or SIGNS in kiosk.ui.shapes."""
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        self._put("_name", name)

    def drawn(self) -> Triangles:
        """The marks of that name, filling the box."""
        grid = FACE_GRID if self._name in FACES else ICON_GRID
        marks = FACES.get(self._name) or ICONS.get(self._name) or SIGNS.get(self._name) or ()
        return trace(marks, grid=grid, box=(self._box[0], self._box[1], self._box[2]))


def register() -> None:
    """Make the shapes known to kv rules."""
    for shape in (Plate, Hoop, Disc, Sign):
        Factory.register(shape.__name__, cls=shape)
