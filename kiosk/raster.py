"""A picture as bare pixels, and as a PNG that is no larger than it may be: halved until it fits.

Called by kiosk.camera, on the sync thread. Pure standard library, touches nothing; rows are worked on as
whole numbers, so that a screen takes tens of milliseconds.
"""

import struct
import zlib
from itertools import chain

from survey.values import frozen

SIGNATURE = b"\x89PNG\r\n\x1a\n"
BITS, RGB = 8, 2  # as IHDR names them
COLOURS, WITH_ALPHA = 3, 4  # bytes of a pixel
UNFILTERED = b"\0"


@frozen
class Raster:
    """Rows of pixels from the top down, three bytes each: red, green, blue."""

    width: int
    height: int
    rows: tuple[bytes, ...]


def from_window(width: int, height: int, pixels: bytes) -> Raster:
    """Take what OpenGL reads: rows from the bottom up, four bytes a pixel."""
    line = width * WITH_ALPHA
    upwards = (pixels[start : start + line] for start in range(0, height * line, line))
    return Raster(width, height, tuple(_without_alpha(row) for row in upwards)[::-1])


def as_png(raster: Raster, *, most_bytes: int, most_px: int) -> bytes:
    """Write it as PNG, halved as often as it takes to have no more bytes, and no longer side."""
    while max(raster.width, raster.height) > most_px or len(png := _written(raster)) > most_bytes:
        raster = halved(raster)
    return png


def halved(raster: Raster) -> Raster:
    """Half as wide and half as high; each pixel is the mean of four."""
    pairs = zip(raster.rows[::2], raster.rows[1::2], strict=False)
    rows = tuple(_narrowed(_mean(above, below)) for above, below in pairs)
    return Raster(raster.width // 2, len(rows), rows)


def _narrowed(row: bytes) -> bytes:
    """The mean of each two pixels beside each other; of an odd number the last is left out."""
    end = len(row) // (2 * COLOURS) * 2 * COLOURS
    left, right = bytearray(end // 2), bytearray(end // 2)
    for colour in range(COLOURS):
        left[colour::COLOURS] = row[colour : end : 2 * COLOURS]
        right[colour::COLOURS] = row[colour + COLOURS : end : 2 * COLOURS]
    return _mean(left, right)


def _mean(one: bytes | bytearray, other: bytes | bytearray) -> bytes:
    """The means of bytes, all at once: two numbers of as many digits, each digit halved by itself."""
    halves = int.from_bytes(b"\xfe" * len(one))
    total = ((int.from_bytes(one) & halves) >> 1) + ((int.from_bytes(other) & halves) >> 1)
    return total.to_bytes(len(one))


def _without_alpha(row: bytes) -> bytes:
    bare = bytearray(len(row) // WITH_ALPHA * COLOURS)
    for colour in range(COLOURS):
        bare[colour::COLOURS] = row[colour::WITH_ALPHA]
    return bytes(bare)


def _written(raster: Raster) -> bytes:
    head = struct.pack(">IIBBBBB", raster.width, raster.height, BITS, RGB, 0, 0, 0)
    lines = b"".join(chain.from_iterable((UNFILTERED, row) for row in raster.rows))
    return SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(lines, 9)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
