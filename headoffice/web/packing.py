"""Packing an answer for the way: zstd or gzip, whichever the other side takes, part by part.

Called by negotiate.py. Pure: touches nothing.
"""

import zlib
from collections.abc import Generator, Iterable

import zstandard
from starlette.requests import Request

GZIP = 16 + zlib.MAX_WBITS
LEVEL = 6


def chosen_packing(request: Request) -> str | None:
    """What a request takes, zstd first; None where it takes neither. `q=0` means never."""
    taken = set()
    for part in request.headers.get("accept-encoding", "").lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if not any(each.replace(" ", "") in {"q=0", "q=0.0", "q=0.00", "q=0.000"} for each in parameters):
            taken.add(name)
    return next((packing for packing in ("zstd", "gzip") if packing in taken), None)


def pack(parts: Iterable[bytes], packing: str) -> Generator[bytes]:
    """The parts, packed."""
    if packing == "zstd":
        packer = zstandard.ZstdCompressor().compressobj()
        for part in parts:
            yield packer.compress(part)
        yield packer.flush()
        return
    deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP)
    for part in parts:
        yield deflate.compress(part)
    yield deflate.flush()
