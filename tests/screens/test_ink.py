"""Shapes as triangles: where they are full, where they are empty, and how soft their edge is."""

from math import hypot, pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.ui.ink import CLEAR, FULL, Triangles, arc, plate, quadratic, rounded
from kiosk.ui.shapes import FACE_GRID, FACES, ICON_GRID, ICONS, SIGNS, trace


def cover(drawn: Triangles, x: float, y: float) -> float:
    """How much ink lies on a point: 0 to 1, of the triangle that has the most."""
    best = 0.0
    for at in range(0, len(drawn.indices), 3):
        corners = [drawn.vertices[4 * index : 4 * index + 3] for index in drawn.indices[at : at + 3]]
        (ax, ay, au), (bx, by, bu), (cx, cy, cu) = corners
        area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
        if abs(area) < 1e-12:
            continue
        b = ((x - ax) * (cy - ay) - (cx - ax) * (y - ay)) / area
        c = ((bx - ax) * (y - ay) - (x - ax) * (by - ay)) / area
        if min(b, c, 1 - b - c) >= -1e-9:
            u = (1 - b - c) * au + b * bu + c * cu
            best = max(best, (u - CLEAR) / (FULL - CLEAR))
    return best


def near(drawn: Triangles, x: float, y: float, ink: float) -> bool:
    return abs(cover(drawn, x, y) - ink) < 0.06


@given(st.floats(2, 300), st.floats(0, 2 * pi))
def test_a_disc_is_full_to_its_edge_and_soft_over_one_pixel(radius: float, angle: float):
    """Half a pixel inside the edge is full, half a pixel outside empty, the edge itself half."""
    drawn = Triangles()
    drawn.fill(rounded([(0, 0)], radius))
    ((x, y),) = arc((0, 0), 1, angle, 0)[:1]
    assert near(drawn, 0, 0, 1)
    assert near(drawn, (radius - 0.6) * x, (radius - 0.6) * y, 1)
    assert near(drawn, radius * x, radius * y, 0.5)
    assert near(drawn, (radius + 0.6) * x, (radius + 0.6) * y, 0)


def test_a_plate_has_straight_sides_on_whole_pixels_and_round_corners():
    """The pixel inside a side is full and the one outside empty; a corner is cut by its radius."""
    drawn = Triangles()
    drawn.fill(plate(10, 20, (100, 60), 24))
    assert near(drawn, 10.5, 50, 1)
    assert near(drawn, 9.5, 50, 0)
    assert near(drawn, 12, 22, 0)
    assert near(drawn, 34 - 23 * 0.7071, 44 - 23 * 0.7071, 1)


def test_a_curve_is_as_wide_as_its_pen_and_ends_round():
    """Along a bow all within half the width is full; beyond its end the cap reaches half the width."""
    bow = quadratic((84, 190), (132, 144), (180, 190))
    drawn = Triangles()
    drawn.line(bow, 14)
    assert all(near(drawn, x, y, 1) for x, y in bow)
    assert near(drawn, 132, 167 + 6.3, 1)
    assert near(drawn, 132, 167 + 7.7, 0)
    away = hypot(48, 46)
    assert near(drawn, 84 - 48 / away * 6.3, 190 + 46 / away * 6.3, 1)
    assert near(drawn, 84 - 48 / away * 7.7, 190 + 46 / away * 7.7, 0)


def test_a_ring_is_empty_inside():
    """Only the line of a ring has ink."""
    drawn = Triangles()
    drawn.ring((0, 0), 18, 4)
    assert near(drawn, 0, 0, 0)
    assert near(drawn, 18, 0, 1)
    assert near(drawn, 15.4, 0, 0)
    assert near(drawn, 20.6, 0, 0)


@pytest.mark.parametrize(
    ("name", "marks", "grid"),
    [
        *((name, marks, FACE_GRID) for name, marks in FACES.items()),
        *((name, marks, ICON_GRID) for name, marks in {**ICONS, **SIGNS}.items()),
    ],
)
def test_every_face_and_icon_stays_in_its_box(name: str, marks: tuple, grid: float):
    """Whatever the size, no ink leaves the square, and there is some."""
    for side in (20, 48, 713):
        drawn = trace(marks, grid=grid, box=(100, 200, side))
        xs, ys = drawn.vertices[0::4], drawn.vertices[1::4]
        assert drawn.indices
        assert max(drawn.indices) < len(xs) < 65536, "more than a mesh can index"
        assert min(xs) >= 100 - 0.5
        assert min(ys) >= 200 - 0.5
        assert max(xs) <= 100 + side + 0.5
        assert max(ys) <= 200 + side + 0.5
