"""The faces, the icons of options and the few other signs, as lines and dots on a small grid.

Read by kiosk.ui.drawing, and by kiosk.ui.shown to know which icons there are.
May touch nothing. Faces stand on a grid of 264, icons on one of 48; y runs downwards.
"""

from math import cos, pi, sin

from kiosk.ui.ink import Point, Triangles, arc, quadratic, rounded
from survey.values import frozen

FACE_GRID = 264
FACE_RADIUS = 126
ICON_GRID = 48


@frozen
class Dot:
    """A filled circle."""

    centre: Point
    radius: float


@frozen
class Ring:
    """A circle's line."""

    centre: Point
    radius: float
    width: float = 4


@frozen
class Line:
    """Straight strokes from point to point, with round ends and corners."""

    points: tuple[Point, ...]
    width: float = 4


@frozen
class Curve:
    """A smooth stroke with round ends, as points that lie close together."""

    points: tuple[Point, ...]
    width: float = 4


@frozen
class Fill:
    """A filled convex polygon; `radius` is added all around and rounds its corners."""

    points: tuple[Point, ...]
    radius: float = 2


Mark = Dot | Ring | Line | Curve | Fill
Marks = tuple[Mark, ...]


def trace(marks: Marks, *, grid: float, box: tuple[float, float, float]) -> Triangles:
    """The triangles of the marks, drawn into the square `box` (x, y, side; pixels, y upwards)."""
    left, low, side = box
    scale = side / grid

    def at(point: Point) -> Point:
        return left + point[0] * scale, low + (grid - point[1]) * scale

    drawn = Triangles()
    for mark in marks:
        match mark:
            case Dot():
                drawn.fill(rounded([at(mark.centre)], mark.radius * scale))
            case Ring():
                drawn.ring(at(mark.centre), mark.radius * scale, mark.width * scale)
            case Fill():
                drawn.fill(rounded([at(point) for point in mark.points], mark.radius * scale))
            case Curve():
                drawn.line([at(point) for point in mark.points], mark.width * scale)
            case Line():
                ends = zip(mark.points, mark.points[1:], strict=False)
                for begin, end in ends:
                    drawn.fill(rounded([at(begin), at(end)], mark.width * scale / 2))
    return drawn


def _bend(begin: Point, control: Point, end: Point, width: float = 4) -> Curve:
    return Curve(tuple(quadratic(begin, control, end)), width)


def _bow(centre: Point, radius: float) -> Curve:
    """The upper half of a circle, as a stroke."""
    return Curve(tuple(arc(centre, radius, pi, pi)))


def _loop(*points: Point, width: float = 4) -> Line:
    return Line((*points, points[0]), width)


def _heart() -> Curve:
    angles = [pi + 2 * pi * step / 64 for step in range(65)]
    wide = [24 + 17 * sin(t) ** 3 for t in angles]
    high = [22 - 1.06 * (13 * cos(t) - 5 * cos(2 * t) - 2 * cos(3 * t) - cos(4 * t)) for t in angles]
    return Curve(tuple(zip(wide, high, strict=True)))


def _tooth(way: float) -> Line:
    return Line(((24 + 15 * cos(way), 24 + 15 * sin(way)), (24 + 20 * cos(way), 24 + 20 * sin(way))), 5)


def _teeth() -> tuple[Line, ...]:
    return tuple(_tooth(pi * at / 4) for at in range(8))


def _star_corner(at: int) -> Point:
    reach = 8.6 if at % 2 else 18
    return 24 + reach * sin(pi * at / 5), 25.5 - reach * cos(pi * at / 5)


_STAR = tuple(_star_corner(at) for at in range(10))

FACES: dict[str, Marks] = {
    "sad": (
        Line(((70, 92), (108, 80)), 11),
        Line(((156, 80), (194, 92)), 11),
        Dot((94, 116), 13),
        Dot((170, 116), 13),
        _bend((84, 190), (132, 144), (180, 190), 14),
    ),
    "neutral": (
        Dot((94, 108), 14),
        Dot((170, 108), 14),
        Line(((88, 176), (176, 176)), 14),
    ),
    "happy": (
        _bend((74, 112), (92, 84), (110, 112), 13),
        _bend((154, 112), (172, 84), (190, 112), 13),
        Fill(tuple(quadratic((72, 150), (132, 234), (192, 150))), 6),
    ),
}

ICONS: dict[str, Marks] = {
    "basket": (_loop((8, 18), (40, 18), (37, 40), (11, 40)), _bow((24, 18), 8)),
    "box": (
        _loop((8, 16), (24, 8), (40, 16), (40, 33), (24, 41), (8, 33)),
        Line(((8, 16), (24, 24), (40, 16))),
        Line(((24, 24), (24, 41))),
    ),
    "broom": (
        Line(((28, 6), (23, 23))),
        _loop((15, 24), (32, 24), (37, 42), (10, 42)),
        Line(((18.5, 32), (18.5, 42))),
        Line(((26.5, 32), (26.5, 42))),
    ),
    "car": (
        _loop((6, 34), (6, 26), (12, 24), (16, 14), (32, 14), (36, 24), (42, 26), (42, 34)),
        Line(((13, 24), (35, 24))),
        Dot((14, 35), 5),
        Dot((34, 35), 5),
    ),
    "card": (
        _loop((6, 12), (42, 12), (42, 36), (6, 36)),
        Line(((6, 21), (42, 21))),
        Line(((12, 29), (20, 29))),
    ),
    "chair": (Line(((15, 7), (15, 41))), Line(((15, 26), (33, 26), (33, 41))), Line(((15, 33), (33, 33)))),
    "clock": (Ring((24, 24), 18), Line(((24, 13.5), (24, 24), (30, 28)))),
    "dots": (Dot((10, 24), 4), Dot((24, 24), 4), Dot((38, 24), 4)),
    "heart": (_heart(),),
    "leaf": (
        _bend((10, 40), (6, 10), (40, 8)),
        _bend((40, 8), (42, 40), (10, 40)),
        Line(((10, 40), (25, 24))),
    ),
    "meal": (
        Line(((16, 7), (16, 41))),
        Line(((9, 7), (9, 17))),
        Line(((23, 7), (23, 17))),
        _bend((9, 17), (16, 29), (23, 17)),
        Line(((36, 41), (36, 7))),
        _bend((36, 7), (27, 14), (29, 27)),
        Line(((29, 27), (36, 27))),
    ),
    "person": (Ring((24, 16), 8), _bow((24, 42), 16)),
    "phone": (_loop((15, 6), (33, 6), (33, 42), (15, 42)), Dot((24, 35), 2.5)),
    "pin": (
        Curve(((24, 43), *arc((24, 20), 13, pi * 0.85, pi * 1.3), (24, 43))),
        Dot((24, 20), 4.5),
    ),
    "search": (Ring((21, 21), 13), Line(((30.5, 30.5), (41, 41)))),
    "shelf": (
        Line(((8, 7), (8, 41))),
        Line(((40, 7), (40, 41))),
        Line(((8, 22), (40, 22))),
        Line(((8, 37), (40, 37))),
        Line(((16, 15), (16, 22))),
        Line(((24, 11), (24, 22))),
        Line(((31, 29), (31, 37))),
    ),
    "shirt": (
        _loop(
            (16, 8), (6, 16), (11, 25), (15, 22), (15, 40), (33, 40), (33, 22), (37, 25), (42, 16), (32, 8)
        ),
        _bend((16, 8), (24, 18), (32, 8)),
    ),
    "speech": (_loop((8, 9), (40, 9), (40, 32), (25, 32), (16, 41), (16, 32), (8, 32)),),
    "tag": (_loop((8, 25), (25, 8), (40, 8), (40, 23), (23, 40)), Dot((32.5, 15.5), 3)),
    "yen": (
        Line(((13, 8), (24, 22), (35, 8))),
        Line(((24, 22), (24, 40))),
        Line(((16, 28), (32, 28))),
        Line(((16, 34), (32, 34))),
    ),
}

SIGNS: dict[str, Marks] = {
    "erase": (
        _loop((17, 11), (43, 11), (43, 37), (17, 37), (5, 24), width=3.4),
        Line(((23, 18), (35, 30)), 3.4),
        Line(((35, 18), (23, 30)), 3.4),
    ),
    "dakuten": (Line(((15, 16), (21, 27)), 4), Line(((27, 12), (33, 23)), 4)),
    "handakuten": (Ring((24, 19), 7, 3.6),),
    "shift": (_loop((24, 7), (41, 25), (32, 25), (32, 40), (16, 40), (16, 25), (7, 25), width=3.4),),
    "space": (Line(((9, 21), (9, 31), (39, 31), (39, 21)), 3.4),),
    "clear": (Line(((13, 13), (35, 35)), 3.6), Line(((35, 13), (13, 35)), 3.6)),
    "more": (Line(((19, 12), (31, 24), (19, 36)), 3.6),),
    "back": (Line(((29, 12), (17, 24), (29, 36)), 3.6),),
    "speaker": (
        Fill(((8, 20), (15, 20), (15, 28), (8, 28)), 2),
        Fill(((14, 21), (25, 12), (25, 36), (14, 27)), 2),
        Curve(tuple(arc((24, 24), 9.5, -pi * 0.27, pi * 0.54)), 3.4),
        Curve(tuple(arc((24, 24), 17, -pi * 0.27, pi * 0.54)), 3.4),
    ),
    "grip": tuple(Dot((x, y), 2.6) for x in (18, 30) for y in (12, 24, 36)),
    "plus": (Line(((24, 11), (24, 37)), 4), Line(((11, 24), (37, 24)), 4)),
    "up": (Line(((24, 39), (24, 10)), 4), Line(((13, 21), (24, 10), (35, 21)), 4)),
    "down": (Line(((24, 9), (24, 38)), 4), Line(((13, 27), (24, 38), (35, 27)), 4)),
    "copy": (
        _loop((17, 17), (40, 17), (40, 40), (17, 40), width=3.6),
        Line(((10, 31), (8, 31), (8, 8), (31, 8), (31, 10)), 3.6),
    ),
    "bin": (
        Line(((8, 13), (40, 13)), 3.6),
        Line(((18, 12), (18, 7), (30, 7), (30, 12)), 3.6),
        Line(((12, 14), (14, 41), (34, 41), (36, 14)), 3.6),
        Line(((20, 21), (20, 34)), 3.2),
        Line(((28, 21), (28, 34)), 3.2),
    ),
    "undo": (
        Line(((19, 8), (9, 18), (19, 28)), 4),
        Curve(((9, 18), *arc((27, 29), 11, -pi / 2, pi), (18, 40)), 4),
    ),
    "tree": (
        Line(((9, 24), (18, 24)), 3.6),
        Line(((30, 11), (18, 11), (18, 37), (30, 37)), 3.6),
        Dot((8, 24), 5),
        Dot((36, 11), 5),
        Dot((36, 37), 5),
    ),
    "list": (
        *(Dot((11, y), 3.4) for y in (13, 24, 35)),
        *(Line(((20, y), (40, y)), 4) for y in (13, 24, 35)),
    ),
    "alert": (Ring((24, 24), 18, 3.6), Line(((24, 14), (24, 26)), 4), Dot((24, 33.5), 2.8)),
    "face": (
        Ring((24, 24), 18, 3.6),
        Dot((18, 20), 2.6),
        Dot((30, 20), 2.6),
        _bend((15, 28), (24, 38), (33, 28), 3.6),
    ),
    "bars": (
        Line(((9, 40), (39, 40))),
        Line(((14, 33), (14, 26)), 6),
        Line(((24, 33), (24, 16)), 6),
        Line(((34, 33), (34, 9)), 6),
    ),
    "gear": (Ring((24, 24), 7), Ring((24, 24), 14), *_teeth()),
    "lock": (
        _loop((12, 22), (36, 22), (36, 41), (12, 41)),
        Curve(((16, 22), *arc((24, 15), 8, pi, pi), (32, 22))),
        Dot((24, 31), 3),
    ),
    "screen": (
        _loop((6, 9), (42, 9), (42, 33), (6, 33)),
        Line(((24, 33), (24, 41))),
        Line(((15, 41), (33, 41))),
    ),
    "link": (Ring((11, 34), 6), Ring((37, 34), 6), Ring((24, 12), 6), Line(((14, 28.5), (21, 17.5)))),
    "info": (Ring((24, 24), 18), Line(((24, 22), (24, 34))), Dot((24, 14.5), 3)),
    "wand": (
        Line(((9, 39), (29, 19))),
        Line(((35, 5), (35, 15))),
        Line(((30, 10), (40, 10))),
        Line(((40, 23), (40, 29))),
        Line(((37, 26), (43, 26))),
    ),
    "check": (Line(((13, 25), (21, 33), (36, 16)), 5),),
    "star": (
        *(Fill((_STAR[at], _STAR[at - 1], _STAR[(at + 1) % 10]), 2) for at in range(0, 10, 2)),
        Fill(_STAR[1::2], 2),
    ),
    "star_line": (_loop(*_STAR, width=3),),
}
