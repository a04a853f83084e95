"""I pack what goes up and unpack what comes back, never beyond a cap.

``client`` calls me with the bytes of one body.
I am pure: no network, no files.
"""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

import zstandard

from sync.errors import NotAnAck

if TYPE_CHECKING:
    from collections.abc import Iterable

GZIP, ZSTD = "gzip", "zstd"

_GZIP = 16 + zlib.MAX_WBITS
_ZSTD_LEVEL = 14  # of 500 taps 28 bytes each, in a fortieth of a millisecond; level 9 needs 30, gzip 33


def pack(body: bytes, encoding: str = ZSTD) -> bytes:
    """Compress a request body; the same body always gives the same bytes."""
    if encoding == GZIP:
        return gzip.compress(body, compresslevel=6, mtime=0)
    return zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(body)


def unpack(chunks: Iterable[bytes], *, encoding: str, cap_bytes: int) -> bytes:
    """Give an answer's decoded body from its raw chunks.

    Stops reading and raises NotAnAck at the first byte beyond the cap, raw or decoded, so that neither an
    endless body nor a few kilobytes that unpack to a gigabyte cost more than the cap.
    """
    if encoding in {"gzip", "x-gzip"}:
        return _gunzip(_capped(chunks, cap_bytes), cap_bytes)
    if encoding not in {"", "identity"}:
        raise NotAnAck("the answer is packed in a way that was not asked for")
    return b"".join(_capped(chunks, cap_bytes))


def _capped(chunks: Iterable[bytes], cap_bytes: int) -> Iterable[bytes]:
    size_bytes = 0
    for chunk in chunks:
        size_bytes += len(chunk)
        if size_bytes > cap_bytes:
            raise NotAnAck(f"the answer is longer than {cap_bytes} bytes")
        yield chunk


def _gunzip(chunks: Iterable[bytes], cap_bytes: int) -> bytes:
    unpacker = zlib.decompressobj(_GZIP)
    body = bytearray()
    try:
        for chunk in chunks:
            body += unpacker.decompress(chunk, cap_bytes + 1 - len(body))
            if len(body) > cap_bytes:
                raise NotAnAck(f"the answer unpacks to more than {cap_bytes} bytes")
    except zlib.error as error:
        raise NotAnAck("the answer cannot be unpacked") from error
    if not unpacker.eof:
        raise NotAnAck("the answer was cut short")
    return bytes(body)
