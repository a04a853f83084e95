"""What a kiosk sends as a picture is checked to its last pixel."""

import struct
import zlib

import pytest

from headoffice.problems import Invalid
from headoffice.work.picture import read_png
from kiosk.raster import as_png, from_window

PNG = as_png(from_window(4, 3, bytes(range(48))), most_bytes=10_000, most_px=9)
HEAD, END = PNG[:33], PNG[-12:]
PIXELS = bytes(13 * 3)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def head(*form):
    return PNG[:8] + chunk(b"IHDR", struct.pack(">IIBBBBB", *form))


WRONG = {
    "a script": b"<svg onload=alert(1)>",
    "nothing": b"",
    "the beginning": PNG[:8],
    "cut": PNG[:-3],
    "flipped": PNG[:45] + bytes([PNG[45] ^ 1]) + PNG[46:],
    "a comment": HEAD + chunk(b"tEXt", b"Author\0x") + PNG[33:],
    "more behind": PNG + b"PK",
    "two heads": HEAD + HEAD[8:] + PNG[33:],
    "no pixels": HEAD + END,
    "a short head": PNG[:8] + chunk(b"IHDR", b"1234") + PNG[33:],
    "another form": head(4, 3, 8, 6, 0, 0, 0) + PNG[33:],
    "too wide": head(4097, 3, 8, 2, 0, 0, 0) + PNG[33:],
    "too few pixels": HEAD + chunk(b"IDAT", zlib.compress(PIXELS[:-1])) + END,
    "a bomb": HEAD + chunk(b"IDAT", zlib.compress(bytes(5_000_000))) + END,
    "no end of packing": HEAD + chunk(b"IDAT", zlib.compress(PIXELS)[:-1]) + END,
    "no packing": HEAD + chunk(b"IDAT", PIXELS) + END,
}


def test_a_picture_is_taken_as_it_is():
    """One in two pieces too; its size is read from it."""
    packed = zlib.compress(PIXELS)
    pieces = HEAD + chunk(b"IDAT", packed[:5]) + chunk(b"IDAT", packed[5:]) + END
    for body in (PNG, pieces):
        read = read_png(body)
        assert (read.width, read.height, read.data) == (4, 3, body)


@pytest.mark.parametrize("name", WRONG)
def test_nothing_but_a_picture_is_taken(name):
    """What is no PNG, damaged, too large, or hides something beside its pixels is refused with the reason."""
    with pytest.raises(Invalid) as refusal:
        read_png(WRONG[name])
    assert [fault.place for fault in refusal.value.faults] == ["body"]
