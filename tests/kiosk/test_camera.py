import io
import random

from PIL import Image

from kiosk.camera import Camera
from kiosk.raster import as_png, from_window, halved
from sync.contract import MAX_PICTURE_BYTES


def window(width, height, pixel):
    """What OpenGL would read of a window with these pixels: from the bottom up, with alpha."""
    rows = [b"".join(bytes((*pixel(x, y), 9)) for x in range(width)) for y in reversed(range(height))]
    return width, height, b"".join(rows)


def test_a_picture_is_the_window_pixel_for_pixel():
    """The PNG shows what stood in the window, the right way up, whatever stood in alpha."""
    read = window(5, 3, lambda x, y: (x * 50, y * 80, 7))
    picture = Image.open(io.BytesIO(as_png(from_window(*read), most_bytes=10_000, most_px=10)))
    assert (picture.format, picture.mode, picture.size) == ("PNG", "RGB", (5, 3))
    assert all(picture.getpixel((x, y)) == (x * 50, y * 80, 7) for x in range(5) for y in range(3))


def test_half_a_picture_is_the_mean_of_its_pixels():
    """Each pixel of a halved picture is within two steps of the mean of four; an odd edge is left out."""
    colours = {(x, y): ((x * 90 + y * 31) % 256, (x * y) % 256, 255) for x in range(5) for y in range(5)}
    small = halved(from_window(*window(5, 5, lambda x, y: colours[x, y])))
    assert (small.width, small.height) == (2, 2)
    for x, y in ((0, 0), (1, 0), (0, 1), (1, 1)):
        four = [colours[2 * x + right, 2 * y + down] for right in (0, 1) for down in (0, 1)]
        for colour in range(3):
            assert 0 <= sum(each[colour] for each in four) / 4 - small.rows[y][3 * x + colour] <= 2


def test_a_picture_is_halved_until_it_may_be_sent():
    """Even noise, which nothing packs, gets as small as the wire wants it, and no side is too long."""
    noise = random.Random(1).randbytes(512 * 300 * 4)  # noqa: S311 - a picture, no secret
    png = as_png(from_window(512, 300, noise), most_bytes=MAX_PICTURE_BYTES, most_px=4096)
    assert (len(png) <= MAX_PICTURE_BYTES, Image.open(io.BytesIO(png)).size) == (True, (256, 150))
    png = as_png(from_window(512, 300, bytes(512 * 300 * 4)), most_bytes=MAX_PICTURE_BYTES, most_px=100)
    assert Image.open(io.BytesIO(png)).size == (64, 37)


def test_a_picture_is_taken_once_and_only_when_it_is_wanted():
    """What nobody asked for is not kept; what was asked for is given once, and dropped when nobody waits."""
    told = []
    camera = Camera(lambda: told.append("taken"))
    camera.snap(1, 1, bytes(4))
    assert (camera.wanted, camera.developed(), told) == (False, None, [])
    camera.ask()
    assert camera.wanted
    camera.snap(1, 1, bytes(4))
    camera.snap(2, 2, bytes(16))
    assert (camera.wanted, told) == (False, ["taken"])
    assert Image.open(io.BytesIO(camera.developed() or b"")).size == (1, 1)
    assert camera.developed() is None
    camera.ask()
    camera.snap(1, 1, bytes(4))
    camera.forget()
    assert (camera.wanted, camera.developed()) == (False, None)
