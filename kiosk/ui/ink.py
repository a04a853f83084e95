"""Outlines turned into triangles with a soft edge of one pixel, so that shapes are crisp at every size.

Called by kiosk.ui.drawing, which hands the result to the graphics card; no window is needed to test it.
May touch nothing: numbers in, numbers out. Pixels, y upwards.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import acos, atan2, ceil, cos, hypot, pi, sin

Point = tuple[float, float]
Edge = tuple[float, float, float, float]  # a point of an outline and the direction away from the shape

SOFT_PX = 1.0  # the edge fades over one pixel: the coverage of a straight edge, exactly
SAGITTA_PX = 0.03  # how far a chord may stray from its arc
CLEAR, FULL = 0.25, 0.75  # where the two-pixel texture of kiosk.ui.drawing is empty, and where it is full


@dataclass
class Triangles:
    """A growing list of triangles: vertices of (x, y, u, v), and three indices for each triangle."""

    vertices: list[float] = field(default_factory=list)
    indices: list[int] = field(default_factory=list)

    def fill(self, outline: Sequence[Edge]) -> None:
        """Add a convex outline, given counter-clockwise."""
        inner = self._rim(outline)
        for at in range(1, len(outline) - 1):
            self.indices += (inner, inner + 2 * at, inner + 2 * at + 2)

    def line(self, points: Sequence[Point], width: float) -> None:
        """Add a smooth curve with round ends, given as points that lie close together."""
        half = width / 2
        normals = list(_normals(points))
        left = [
            (x + half * nx, y + half * ny, nx, ny) for (x, y), (nx, ny) in zip(points, normals, strict=True)
        ]
        right = [
            (x - half * nx, y - half * ny, -nx, -ny) for (x, y), (nx, ny) in zip(points, normals, strict=True)
        ]
        end = list(_arc(points[-1], half, _angle(normals[-1]), -pi))
        start = list(_arc(points[0], half, _angle(normals[0]) + pi, -pi))
        first = self._rim([*left, *end, *reversed(right), *start])
        count, cap = len(points), len(end)
        for at in range(count - 1):
            here, there = first + 2 * at, first + 2 * (2 * count + cap - 1 - at)
            self.indices += (here, here + 2, there, here + 2, there, there - 2)
        for begin, length in ((count - 1, cap + 2), (2 * count + cap - 1, len(start) + 2)):
            self._fan(first, begin, length, 2 * count + cap + len(start))

    def ring(self, centre: Point, radius: float, width: float) -> None:
        """Add a circle's line, without a fill."""
        steps = _steps(radius + width / 2, 2 * pi)
        base = len(self.vertices) // 4
        reaches = (
            (-width - SOFT_PX, CLEAR),
            (-width + SOFT_PX, FULL),
            (width - SOFT_PX, FULL),
            (width + SOFT_PX, CLEAR),
        )
        for step in range(steps):
            angle = 2 * pi * step / steps
            for reach, u in reaches:
                at = radius + reach / 2
                self.vertices += (centre[0] + at * cos(angle), centre[1] + at * sin(angle), u, 0.5)
        for step in range(steps):
            here, there = base + 4 * step, base + 4 * ((step + 1) % steps)
            for lane in range(3):
                a, b = here + lane, there + lane
                self.indices += (a, a + 1, b, a + 1, b, b + 1)

    def _rim(self, outline: Sequence[Edge]) -> int:
        """Add the vertices and soft edge of a closed outline; returns the index of its first inner vertex."""
        base, count = len(self.vertices) // 4, len(outline)
        for x, y, nx, ny in outline:
            self.vertices += (x - nx * SOFT_PX / 2, y - ny * SOFT_PX / 2, FULL, 0.5)
            self.vertices += (x + nx * SOFT_PX / 2, y + ny * SOFT_PX / 2, CLEAR, 0.5)
        for at in range(count):
            here, there = base + 2 * at, base + 2 * ((at + 1) % count)
            self.indices += (here, here + 1, there, here + 1, there, there + 1)
        return base

    def _fan(self, first: int, begin: int, length: int, count: int) -> None:
        """Fill a stretch of the outline that bulges outward, such as a round end."""
        inner = [first + 2 * ((begin + at) % count) for at in range(length)]
        for at in range(1, length - 1):
            self.indices += (inner[0], inner[at], inner[at + 1])


def rounded(points: Sequence[Point], radius: float) -> list[Edge]:
    """The outline around a convex polygon, `radius` away: one point gives a disc, two a capsule."""
    corners = list(points) if _area(points) >= 0 else list(reversed(points))
    if len(corners) == 1:
        return _arc(corners[0], radius, 0.0, 2 * pi)[:-1]
    outline: list[Edge] = []
    for at, corner in enumerate(corners):
        before, after = corners[at - 1], corners[(at + 1) % len(corners)]
        begin = atan2(corner[1] - before[1], corner[0] - before[0]) - pi / 2
        turn = (atan2(after[1] - corner[1], after[0] - corner[0]) - pi / 2 - begin) % (2 * pi)
        outline += _arc(corner, radius, begin, turn)
    return outline


def plate(x: float, y: float, size: Point, radius: float) -> list[Edge]:
    """The outline of a rectangle with round corners."""
    width, height = size
    bend = min(radius, width / 2, height / 2)
    left, right, low, high = x + bend, x + width - bend, y + bend, y + height - bend
    corners = [(left, low), (right, low), (right, high), (left, high)]
    distinct = list(dict.fromkeys((round(px, 3), round(py, 3)) for px, py in corners))
    return rounded(distinct, bend)


def quadratic(begin: Point, control: Point, end: Point, steps: int = 28) -> list[Point]:
    """Points along a quadratic Bézier curve, both ends included."""
    points = []
    for step in range(steps + 1):
        t = step / steps
        a, b, c = (1 - t) * (1 - t), 2 * t * (1 - t), t * t
        points.append(
            (a * begin[0] + b * control[0] + c * end[0], a * begin[1] + b * control[1] + c * end[1])
        )
    return points


def arc(centre: Point, radius: float, begin: float, turn: float) -> list[Point]:
    """Points along a circle's arc from the angle `begin`, in radians."""
    return [(x, y) for x, y, _, _ in _arc(centre, radius, begin, turn, least=24)]


def _arc(centre: Point, radius: float, begin: float, turn: float, least: int = 2) -> list[Edge]:
    steps = max(least, _steps(radius, abs(turn))) if turn else 0
    x, y = centre
    return [(x + radius * nx, y + radius * ny, nx, ny) for nx, ny in _directions(begin, turn, steps)]


@lru_cache(maxsize=128)
def _directions(begin: float, turn: float, steps: int) -> tuple[Point, ...]:
    """Unit vectors along an arc: corners of one radius are the same everywhere, and each shape has four."""
    angles = [begin + turn * step / steps for step in range(steps + 1)] if steps else [begin]
    return tuple((cos(angle), sin(angle)) for angle in angles)


def _steps(radius: float, turn: float) -> int:
    if radius <= SAGITTA_PX:
        return 1
    return max(1, ceil(turn / (2 * acos(1 - SAGITTA_PX / radius))))


def _normals(points: Sequence[Point]) -> Iterator[Point]:
    """Unit vectors to the left of the way, at each point."""
    for at in range(len(points)):
        (ax, ay), (bx, by) = points[max(0, at - 1)], points[min(len(points) - 1, at + 1)]
        length = hypot(bx - ax, by - ay) or 1.0
        yield -(by - ay) / length, (bx - ax) / length


def _angle(normal: Point) -> float:
    return atan2(normal[1], normal[0])


def _area(points: Sequence[Point]) -> float:
    """Twice the signed area; positive when the points run counter-clockwise."""
    pairs = zip(points, [*points[1:], points[0]], strict=True)
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairs)
