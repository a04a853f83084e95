"""The short way for batches: from the connection to the queue and back, past routes, middleware and tasks.

Asked by `connections` when a head is whole; `kiosk_api` does the same for whatever is not as usual, and says
what an answer holds. May touch the connection, and the database by way of the context's queue.
"""

from __future__ import annotations

import logging
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from headoffice.problems import Forked, KeyRevoked, KeyUnknown
from headoffice.web.body import LAST_ON_THIS_CONNECTION, pack_answer, unpacker
from headoffice.web.errors import HttpProblem, response_of
from headoffice.web.headers import ALWAYS, OVER_HTTPS
from headoffice.web.kiosk_api import ack_of, fork_of
from headoffice.work.batch import read_batch
from headoffice.work.ingest import Taking
from headoffice.work.secrets import hash_key
from sync.contract import MAX_BODY_BYTES, TAPS, digest

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping, Sequence

    from headoffice.web.context import Context
    from headoffice.work.group import Outcome

log = logging.getLogger(__name__)
URL = TAPS.encode()
BEARER = b"Bearer "
UNPACKERS = {name: unpacker(name.decode()) for name in (b"", b"gzip", b"zstd")}
UNUSUAL = frozenset({b"expect", b"transfer-encoding", b"upgrade"})


class Line(Protocol):
    """A connection as a batch under way needs it; `connections.Patience` is one."""

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    tasks: set[asyncio.Task[None]]

    def read_on(self) -> None:
        """Let more of the body come."""

    def on_response_complete(self) -> None:
        """Be told that an answer was sent."""

    def common(self) -> Sequence[tuple[bytes, bytes]]:
        """Give the headers that the server puts into every answer."""


class Express:
    """Takes the usual batch: of a kiosk whose key was seen valid lately, of a known size."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._always = {secure: _lines(ALWAYS | (OVER_HTTPS if secure else {})) for secure in (False, True)}
        self._common: tuple[object, bytes] = (None, b"")

    def take(self, headers: Sequence[tuple[bytes, bytes]], line: Line, *, secure: bool) -> Errand | None:
        """Take a request by its head; None where anything is not as usual."""
        found = dict(headers)
        if len(found) < len(headers) or not UNUSUAL.isdisjoint(found):
            return None
        key, length = found.get(b"authorization", b""), found.get(b"content-length", b"")
        unpack = UNPACKERS.get(found.get(b"content-encoding", b""))
        if not (key.startswith(BEARER) and length.isdigit() and unpack is not None):
            return None
        size, hashed = int(length), hash_key(key.removeprefix(BEARER).decode("latin-1"))
        free = 0 < size <= MAX_BODY_BYTES and self.context.bodies.has(size)
        if not free or not self.context.gate.is_open(hashed):
            return None
        self.context.bodies.take(size)
        errand = Errand(self, line, key=hashed, unpack=unpack, size_bytes=size)
        errand.accepted = found.get(b"accept-encoding", b"").decode("latin-1")
        errand.secure = secure or found.get(b"x-forwarded-proto") == b"https"
        return errand

    def head(self, status: int, line: Line, *, secure: bool) -> bytes:
        """Give the beginning of an answer: all but its own headers."""
        common = line.common()
        if self._common[0] is not common:  # the server makes it anew once a second, for the date in it
            self._common = common, b"".join(b"%b: %b\r\n" % pair for pair in common)
        return b"%b%b%b" % (STATUS_LINES[status], self._common[1], self._always[secure])


class Errand:
    """A batch under way. The upper half of its attributes uvicorn's protocol knows of any request."""

    def __init__(
        self, express: Express, line: Line, *, key: bytes, unpack: Callable[[bytes], bytes], size_bytes: int
    ) -> None:
        self.body = bytearray()
        self.more_body = True
        self.response_complete = False
        self.disconnected = False
        self.keep_alive = True
        self.accepted = ""
        self.secure = False
        self._express, self._line, self._key, self._unpack = express, line, key, unpack
        self._taken_bytes = size_bytes
        self._ledger = self._digest = ""
        self._is_whole = False
        self._clock: asyncio.TimerHandle | None = None
        self._began, self._received_at = time.perf_counter(), express.context.now_ms()

    @property
    def message_event(self) -> Errand:
        """Give what uvicorn calls `set` of; kept as an attribute it would be a ring for the collector."""
        return self

    def set(self) -> None:
        """See what has come: more of the body, its end, or the connection's."""
        if self.response_complete or self._is_whole:
            return
        if not self.more_body:
            self._go()
        elif self.disconnected:
            self._end()
        else:
            self._line.read_on()

    def wait(self) -> None:
        """Wait for the rest of the body, no longer than a body may take."""
        if self.more_body and self._clock is None:
            timeout_s = self._express.context.settings.body_timeout_s
            self._clock = self._line.loop.call_later(timeout_s, self._too_slow, timeout_s)

    def _go(self) -> None:
        context = self._express.context
        self._is_whole = True
        self._stop_clock()  # from here on it is ours to be quick
        try:
            content = self._unpack(bytes(self.body))
            self.body.clear()
            context.bodies.take(len(content))
            self._taken_bytes += len(content)
            batch = read_batch(content)
            self._ledger, self._digest = batch.ledger, digest(content)
            taking = Taking(context.ingest, batch, self._key, self._received_at)
            context.committer.take_for(taking, self._decided)
        except Exception as error:  # noqa: BLE001 - each is an answer
            self._refuse(error)

    def _decided(self, outcome: Outcome) -> None:
        error = outcome.error
        if error is None:
            now_ms = self._express.context.now_ms()
            self._express.context.gate.let_through(self._key)
            ack = ack_of(self._ledger, self._digest, outcome.value, now_ms=now_ms)
            body, added = pack_answer(ack, self.accepted)
            self._send(200, OK + _lines(added) if added else OK, body)
        elif isinstance(error, Forked):
            task = self._line.loop.create_task(self._tell(error))
            self._line.tasks.add(task)  # a stop waits for these
            task.add_done_callback(self._line.tasks.discard)
        else:
            if isinstance(error, (KeyRevoked, KeyUnknown)):
                self._express.context.gate.close(self._key)
            self._refuse(error)

    async def _tell(self, fork: Forked) -> None:
        told = fork_of(self._ledger, self._key, fork, now_ms=self._received_at)
        try:
            await self._express.context.write(told)
        except Exception as error:  # noqa: BLE001 - it is the answer then
            self._refuse(error)
        else:
            self._refuse(fork)

    def _too_slow(self, timeout_s: float) -> None:
        words = f"the request's body did not arrive within {timeout_s:g} s"
        late = HttpProblem(HTTPStatus.REQUEST_TIMEOUT, "timeout", words, headers=LAST_ON_THIS_CONNECTION)
        self._refuse(late)

    def _refuse(self, error: BaseException) -> None:
        answer = response_of(error)
        if answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("a batch could not be taken in", exc_info=error)
        own = b"".join(b"%b: %b\r\n" % pair for pair in answer.raw_headers if pair[0] != b"content-length")
        self.keep_alive = self.keep_alive and answer.headers.get("connection") != "close"
        self._send(answer.status_code, own, bytes(answer.body))

    def _send(self, status: int, own: bytes, body: bytes) -> None:
        """Send an answer in one piece, and be done."""
        express, line = self._express, self._line
        closing = b"" if self.keep_alive or b"connection: close" in own else b"connection: close\r\n"
        head = express.head(status, line, secure=self.secure)
        if not self.disconnected:
            line.transport.write(
                b"%b%b%bcontent-length: %d\r\n\r\n%b" % (head, own, closing, len(body), body)
            )
        took_s = time.perf_counter() - self._began
        express.context.instruments.requests.count("POST", TAPS, status, took_s)
        self._end()
        if not self.keep_alive:
            line.transport.close()
        line.on_response_complete()

    def _end(self) -> None:
        self.response_complete = True
        self._express.context.bodies.give_back(self._taken_bytes)
        self._stop_clock()

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None


def _lines(headers: Mapping[str, str]) -> bytes:
    return b"".join(f"{name.lower()}: {value}\r\n".encode("latin-1") for name, value in headers.items())


STATUS_LINES = {each.value: f"HTTP/1.1 {each.value} {each.phrase}\r\n".encode() for each in HTTPStatus}
OK = _lines({"Cache-Control": "no-store", "Content-Type": "application/json"})
