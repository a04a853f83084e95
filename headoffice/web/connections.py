"""Connections that nobody can hold open or fill without asking anything: heads in time, and of a usual size.

Given to uvicorn by `app`: its own waits for a request's head for ever, and keeps any number of headers.
May touch the connection only.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from headoffice.web.express import URL, Express

if TYPE_CHECKING:
    from asyncio import TimerHandle, Transport
    from collections.abc import Sequence

    from headoffice.web.context import Context
    from headoffice.web.express import Errand

MOST_HEAD_BYTES = 64 * 1024


class Patience(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, with bounds to what it takes before there is a request.

    Usual batches go by express.
    """

    head_timeout_s: ClassVar[float]
    express: ClassVar[Express]

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._in_head = False
        self._bytes = 0
        self._clock: TimerHandle | None = None
        self._idle: TimerHandle | None = None
        self._idle_since_s = 0.0
        self._errand: Errand | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop()
        if self._idle is not None:
            self._idle.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, and count it while it is a head that has no end yet."""
        was_in_head = self._in_head
        super().data_received(data)
        if was_in_head and self._in_head:
            self._count(len(data))
        if self._clock is None and (self._in_head or self.cycle is None or self.cycle.response_complete):
            self._wait()  # for a head, though what came may be no more than an empty line
        if self._errand is not None:
            self._errand.wait()

    def on_message_begin(self) -> None:
        """Note that a head began; what uvicorn makes of a request can wait until it is one of its own."""
        self.url, self.headers, self.expect_100_continue = b"", [], False
        self._in_head, self._bytes = True, 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep it as uvicorn does, and count those that come after a body: it keeps them too."""
        name = name.lower()
        self.headers.append((name, value))
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        if not self._in_head:
            self._count(len(name) + len(value))

    def on_headers_complete(self) -> None:
        """A head is whole: from here on the request's own bounds hold."""
        self._in_head, self._bytes = False, 0
        self._stop()
        self._errand = self._by_express() if self.url == URL else None
        if self._errand is None:
            url, headers, expects = self.url, self.headers, self.expect_100_continue
            super().on_message_begin()
            self.url, self.expect_100_continue = url, expects
            self.headers += headers  # in place: the scope holds them too
            super().on_headers_complete()
        else:
            self.cycle = cast("Any", self._errand)  # as far as uvicorn asks it is a request's cycle

    def on_response_complete(self) -> None:
        """Let an idle connection go in time. uvicorn sets a new clock with every answer; ours runs on."""
        if self.pipeline or self.transport.is_closing():
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        self.flow.resume_reading()
        self._idle_since_s = self.loop.time()
        if self._idle is None:
            self._idle = self.loop.call_later(self.timeout_keep_alive, self._look_idle)

    def read_on(self) -> None:
        """Let more of a body come."""
        self.flow.resume_reading()

    def common(self) -> Sequence[tuple[bytes, bytes]]:
        """Give the headers that uvicorn puts into every answer."""
        return self.server_state.default_headers

    def _by_express(self) -> Errand | None:
        waiting = self.cycle is not None and not self.cycle.response_complete
        parser = self.parser
        usual = parser.get_method() == b"POST" and parser.get_http_version() == "1.1"
        if waiting or not usual or not parser.should_keep_alive() or self.flow.write_paused:
            return None
        return self.express.take(self.headers, self, secure=self.scheme == "https")

    def _wait(self) -> None:
        self._clock = self.loop.call_later(self.head_timeout_s, self._too_slow)

    def _look_idle(self) -> None:
        self._idle = None
        if self._in_head or not self.cycle.response_complete:
            return  # the end of the next answer sets it anew; until then other clocks run
        left_s = self._idle_since_s + self.timeout_keep_alive - self.loop.time()
        if left_s > 0:
            self._idle = self.loop.call_later(left_s, self._look_idle)
        else:
            self.timeout_keep_alive_handler()

    def _stop(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _count(self, count: int) -> None:
        self._bytes += count
        if self._bytes > MOST_HEAD_BYTES:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def _too_slow(self) -> None:
        self._clock = None
        if self.cycle is not None and not self.cycle.response_complete:
            self._wait()  # an answer to the request before is still on its way
        elif self._in_head:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self.transport.close()

    def _refuse(self, status: HTTPStatus) -> None:
        if self.transport.is_closing():
            return
        line = f"HTTP/1.1 {status.value} {status.phrase}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
        self.transport.write(line.encode("ascii"))
        self.transport.close()


def patient(context: Context) -> type[Patience]:
    """Make the protocol: heads and bodies have so long to arrive as the settings say."""
    given = {"head_timeout_s": context.settings.body_timeout_s, "express": Express(context)}
    return type("Patience", (Patience,), given)
