"""Whether a file is a picture that the screens can show: PNG or JPEG, whole, and not too large.

Asked by kiosk.commands for `check`, and by kiosk.ui.brand before it has one decoded. Reads that one file.
"""

from pathlib import Path
from struct import unpack_from
from zlib import crc32

from survey.problems import shown
from survey.reading import ReadingError
from survey.told import told

MOST_BYTES = 2 * 1024 * 1024
MOST_PIXELS = 2_000_000  # four bytes each, in memory for as long as the kiosk runs
LEAST_SIDE_PX = 16
PNG, PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND"
JPEG, JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
JPEG_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # the markers that hold width and height


def fault_of(file: Path) -> str | None:
    """What is wrong with the picture, and how to mend it; None if nothing is."""
    try:
        _judge(*_size(_content(file)))
    except ReadingError as wrong:
        return told("is {name}, which {wrong}", name=shown(file.name), wrong=wrong.args[0])
    return None


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise ReadingError(told("has more than {most} MB; save it smaller", most=MOST_BYTES // 1024**2))
        return file.read_bytes()
    except OSError as error:
        raise ReadingError(
            told("cannot be read: {strerror}; put the picture beside config.toml", strerror=error.strerror)
        ) from error


def _size(content: bytes) -> tuple[int, int]:
    if content.startswith(PNG):
        size = _png_size(content)
    elif content.startswith(JPEG):
        size = _jpeg_size(content)
    else:
        raise ReadingError(told("is neither PNG nor JPEG; save it as PNG"))
    if size is None:
        raise ReadingError(told("is damaged or not whole; copy it again"))
    return size


def _judge(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise ReadingError(
            told("has {width} × {height} pixels; 1200 pixels across are plenty", width=width, height=height)
        )
    if min(width, height) < LEAST_SIDE_PX:
        raise ReadingError(
            told(
                "has {width} × {height} pixels; it needs {least_side_px} or more each way",
                width=width,
                height=height,
                least_side_px=LEAST_SIDE_PX,
            )
        )


def _png_size(content: bytes) -> tuple[int, int] | None:
    """Width and height, if every chunk is there and unharmed."""
    at, size = len(PNG), None
    while at + 12 <= len(content):
        length, kind = unpack_from(">L4s", content, at)
        end = at + 8 + length
        if end + 4 > len(content) or crc32(content[at + 4 : end]) != unpack_from(">L", content, end)[0]:
            return None
        if size is None:
            size = unpack_from(">LL", content, at + 8)
        if kind == PNG_END:
            return size
        at = end + 4
    return None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Width and height, if the picture has an end."""
    at = 2
    while JPEG_END in content[-64:] and at + 9 <= len(content) and content[at] == JPEG[2]:
        marker, length = unpack_from(">BH", content, at + 1)
        if marker in JPEG_FRAMES:
            height, width = unpack_from(">HH", content, at + 5)
            return width, height
        at += 2 + length
    return None
