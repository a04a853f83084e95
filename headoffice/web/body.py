"""Bodies on the wire: a request's, read within limits of size and time and unpacked; an answer's, packed.

Called by `kiosk_api` and `express`. Raises HttpProblem (413, 415, 400, 408) and Busy.
May touch nothing.
"""

import asyncio
import gzip
import zlib
from collections.abc import Callable, Mapping
from http import HTTPStatus

import zstandard
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from headoffice.web.errors import HttpProblem, invalid
from survey.problems import Fault
from sync.contract import MAX_BODY_BYTES, ProblemName

GZIP = 16 + zlib.MAX_WBITS
MOST_WINDOW_BYTES = 1 << 23  # what zstd may want for a body that is 1 MiB at most
PACKED_FROM_BYTES = 1024
UNZSTD = zstandard.ZstdDecompressor(max_window_size=MOST_WINDOW_BYTES)  # for the event loop's thread alone
LAST_ON_THIS_CONNECTION = {"Connection": "close"}  # the rest of the body is not read


async def read_body(request: Request, *, take: Callable[[int], None], timeout_s: float) -> bytes:
    """Read and unpack a request's body; `take` is told of every byte that is kept in memory."""
    unpack = unpacker(request.headers.get("content-encoding", ""))
    packed = bytearray()
    try:
        async with asyncio.timeout(timeout_s):
            async for chunk in request.stream():
                take(len(chunk))
                packed += chunk
                _check_size(len(packed))
    except TimeoutError:
        words = f"the request's body did not arrive within {timeout_s:g} s"
        raise HttpProblem(
            HTTPStatus.REQUEST_TIMEOUT, "timeout", words, headers=LAST_ON_THIS_CONNECTION
        ) from None
    except ClientDisconnect:
        raise invalid("the connection was closed before the request's end") from None
    body = unpack(bytes(packed))
    take(len(body))
    return body


def packed(request: Request, body: bytes, *, headers: Mapping[str, str] | None = None) -> Response:
    """Make an answer of JSON, with gzip where it pays and the other side takes it."""
    body, added = pack_answer(body, request.headers.get("accept-encoding", ""))
    headers = {"Cache-Control": "no-store", **(headers or {}), **added}
    return Response(body, headers=headers, media_type="application/json")


def pack_answer(body: bytes, accepted: str) -> tuple[bytes, Mapping[str, str]]:
    """Pack an answer where that pays and the other side accepts it; give it with the headers that say so."""
    if len(body) < PACKED_FROM_BYTES:
        return body, {}
    if "gzip" not in accepted:
        return body, {"Vary": "Accept-Encoding"}
    packed = gzip.compress(body, compresslevel=6, mtime=0)
    return packed, {"Vary": "Accept-Encoding", "Content-Encoding": "gzip"}


def unpacker(encoding: str) -> Callable[[bytes], bytes]:
    """Give what unpacks a body of a Content-Encoding; raises 415 for one that is not known."""
    unpackers = {"": _as_it_is, "identity": _as_it_is, "gzip": _gunzip, "x-gzip": _gunzip, "zstd": _unzstd}
    unpack = unpackers.get(encoding.strip().lower())
    if unpack is None:
        words = "this Content-Encoding is not supported: send gzip, zstd or none"
        raise HttpProblem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            ProblemName.UNSUPPORTED,
            words,
            headers={"Accept-Encoding": "gzip, zstd", **LAST_ON_THIS_CONNECTION},
        )
    return unpack


def _as_it_is(packed: bytes) -> bytes:
    return packed


def _gunzip(packed: bytes) -> bytes:
    inflate = zlib.decompressobj(GZIP)
    try:
        body = inflate.decompress(packed, MAX_BODY_BYTES + 1)
    except zlib.error:
        raise _not("gzip") from None
    _check_size(len(body))
    if not inflate.eof or inflate.unused_data:
        raise _not("gzip")
    return body


def _unzstd(packed: bytes) -> bytes:
    body = bytearray()
    try:
        if 0 < zstandard.frame_content_size(packed) <= MAX_BODY_BYTES:
            return UNZSTD.decompress(packed)
        # A frame that claims nothing, or more than it may, is read piece by piece: it may hold any size.
        reader = UNZSTD.stream_reader(packed)
        while piece := reader.read(MAX_BODY_BYTES + 1 - len(body)):
            body += piece
            _check_size(len(body))
    except zstandard.ZstdError:
        raise _not("zstd") from None
    return bytes(body)


def _check_size(size_bytes: int) -> None:
    if size_bytes > MAX_BODY_BYTES:
        words = f"the body has more than {MAX_BODY_BYTES} bytes when unpacked: send less at once"
        raise HttpProblem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            ProblemName.TOO_LARGE,
            words,
            headers=LAST_ON_THIS_CONNECTION,
        )


def _not(encoding: str) -> HttpProblem:
    return invalid(f"the body is not {encoding}", [Fault("body", f"cannot be unpacked as {encoding}")])
