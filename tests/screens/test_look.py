"""The first screen as it stands in the frame buffer: three faces where they belong, told apart by shape."""

from itertools import pairwise

import pytest
from PIL import Image, ImageChops

from deploy.screen import Screen
from tests.screens.conftest import SURVEY
from tests.screens.desk import Desk

INK = (0x1F, 0x23, 0x28)
THEMES = {
    "light": ((0xFA, 0xF7, 0xF2), (0xC4, 0x47, 0x2D), (0xE3, 0xA7, 0x2F), (0x2E, 0x8B, 0x57)),
    "contrast": ((0x10, 0x14, 0x18), (0xF0, 0x84, 0x6B), (0xF2, 0xC1, 0x4E), (0x6C, 0xCB, 0x93)),
}
SIZES = [(1280, 800, "light"), (800, 480, "contrast"), (1080, 1920, "light")]


def mask(picture: Image.Image, colour: tuple[int, int, int]) -> Image.Image:
    """White where the picture has exactly this colour."""
    different = ImageChops.difference(picture, Image.new("RGB", picture.size, colour)).convert("L")
    return different.point(lambda value: 255 if value == 0 else 0)


@pytest.fixture(scope="module", params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}-{size[2]}")
def first(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """The first screen's picture, and the colours it should have."""
    width, height, theme = request.param
    config = SURVEY.replace('theme = "light"', f'theme = "{theme}"')
    with Screen(width, height) as screen, Desk(screen, tmp_path_factory.mktemp("desk"), config) as desk:
        desk.start()
        yield screen.still(), THEMES[theme]


def test_three_faces_stand_where_they_belong(first):
    """Three round discs of one size in one row, sad to happy, apart, within the margins, in their colours."""
    picture, (paper, *colours) = first
    boxes = [mask(picture, colour).getbbox() for colour in colours]
    assert all(boxes)
    sizes = {(right - left, low - top) for left, top, right, low in boxes}
    assert max(abs(wide - high) for wide, high in sizes) <= 2
    assert max(wide for wide, _ in sizes) - min(wide for wide, _ in sizes) <= 2
    assert max(top for _, top, _, _ in boxes) - min(top for _, top, _, _ in boxes) <= 2
    unit = min(picture.size) / 800
    assert all(after[0] - before[2] >= 40 * unit for before, after in pairwise(boxes))
    assert boxes[0][0] >= 48 * unit
    assert abs(boxes[0][0] - (picture.width - boxes[2][2])) <= 2
    assert picture.getpixel((2, 2)) == paper


def test_faces_are_told_apart_without_colour(first):
    """The features alone, in one ink, differ from face to face by a good part of their area."""
    picture, (_, *colours) = first
    boxes = [mask(picture, colour).getbbox() for colour in colours]
    side = boxes[0][2] - boxes[0][0]
    features = [mask(picture.crop((left, top, left + side, top + side)), INK) for left, top, _, _ in boxes]
    inked = [each.histogram()[255] for each in features]
    assert min(inked) > 0.01 * side * side
    for one, other in ((0, 1), (1, 2), (0, 2)):
        different = ImageChops.difference(features[one], features[other]).histogram()[255]
        assert different > 0.5 * min(inked[one], inked[other])


@pytest.mark.parametrize("first", [SIZES[0]], indirect=True)
def test_the_first_screen_is_the_one_that_was_drawn(first):
    """At the reference size the discs stand on the pixels that LOOK.md names: radius 126, 344 apart."""
    picture, (_, *colours) = first
    for centre, colour in zip((296, 640, 984), colours, strict=True):
        box = mask(picture, colour).getbbox()
        wanted = (centre - 126, 294, centre + 126, 546)
        assert max(abs(is_at - should) for is_at, should in zip(box, wanted, strict=True)) <= 1
