"""A picture of a kiosk's screen: somebody asks, the kiosk sends it, it is checked and kept.

Called by the kiosks' page and by `web.kiosk_api`. May touch the pictures and the audit.
"""

import struct
import zlib
from collections.abc import Iterator

from headoffice.problems import Invalid, Unknown
from headoffice.store import kiosks, pictures
from headoffice.store.audit import By, note
from headoffice.store.engine import Connection
from headoffice.store.pictures import Png
from survey.problems import Fault
from sync.contract import MAX_PICTURE_PX

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEAD = struct.Struct(">IIBBBBB")  # width, height, bits, colours, packing, filters, interlacing
AS_OURS = (8, 2, 0, 0, 0)  # red, green and blue of a byte each, from the top down
COLOURS = 3
FRAME_BYTES = 12  # what a chunk takes besides its data: length, kind, check
PIECE_BYTES = 1 << 16
PARTS = (b"IHDR", b"IDAT", b"IEND")


def ask(connection: Connection, kiosk: int, *, by: By) -> None:
    """Ask for a picture; the kiosk hears of it with its next batch. Raises Unknown."""
    if kiosks.stands_at(connection, kiosk) is None:
        raise Unknown(f"there is no kiosk {kiosk}")
    pictures.ask(connection, kiosk, now=by.at)
    note(connection, by=by, did="ask for picture", what={"kiosk": kiosk})


def take(connection: Connection, kiosk: int, png: Png, *, asked_at: int, now: int) -> None:
    """Keep a picture. Raises Unknown where nobody waits for it."""
    if not pictures.put(connection, kiosk, png, asked_at=asked_at, now=now):
        raise Unknown("nobody waits for this picture")
    note(connection, by=By(f"kiosk {kiosk}", now), did="send picture", what={"bytes": len(png.data)})


def read_png(body: bytes) -> Png:
    """Check a picture to its last pixel: what is kept is a PNG of its size, and holds nothing else.

    Raises Invalid.
    """
    if not body.startswith(SIGNATURE):
        raise _not("must be a PNG")
    found = list(_chunks(body))
    kinds = [kind for kind, _ in found]
    if kinds[:1] != [b"IHDR"] or kinds[-1:] != [b"IEND"] or set(kinds[1:-1]) != {b"IDAT"}:
        raise _not(f"must hold the chunks {', '.join(part.decode() for part in PARTS)} and no other")
    if len(found[0][1]) != HEAD.size or found[-1][1]:
        raise _not("has a chunk of a wrong size")
    width, height, *form = HEAD.unpack(found[0][1])
    if not (0 < width <= MAX_PICTURE_PX and 0 < height <= MAX_PICTURE_PX) or tuple(form) != AS_OURS:
        raise _not(f"must have red, green and blue of 8 bits, and at most {MAX_PICTURE_PX} pixels a side")
    whole_bytes = (width * COLOURS + 1) * height
    if _unpacked_bytes(b"".join(data for _, data in found[1:-1]), most=whole_bytes) != whole_bytes:
        raise _not("does not hold as many pixels as it says")
    return Png(width=width, height=height, data=body)


def _chunks(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(body):
        size = int.from_bytes(body[at : at + 4])
        kind, data = body[at + 4 : at + 8], body[at + 8 : at + 8 + size]
        if body[at + 8 + size : at + FRAME_BYTES + size] != zlib.crc32(kind + data).to_bytes(4):
            raise _not("is damaged or not whole")
        yield kind, data
        at += FRAME_BYTES + size


def _unpacked_bytes(packed: bytes, *, most: int) -> int:
    """How many bytes it unpacks to, a piece at a time and no further than needed; -1 for what has no end."""
    unpacker, size = zlib.decompressobj(), 0
    try:
        while not unpacker.eof and size <= most:
            piece = unpacker.decompress(packed, PIECE_BYTES)
            packed = unpacker.unconsumed_tail
            if not piece and not packed:
                break
            size += len(piece)
    except zlib.error:
        raise _not("is damaged") from None
    return size if unpacker.eof and not unpacker.unused_data else -1


def _not(words: str) -> Invalid:
    return Invalid([Fault("body", words)])
