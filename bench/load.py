"""Requests made beforehand, sent over raw sockets: the leanest load, as it shares two cores with the server.

bench.ingest calls me, with bodies for any number of connections. I open sockets on loopback and nothing else.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

import uvloop

PATIENCE_S = 60.0


@dataclass(frozen=True)
class Request:
    """The bytes of a whole HTTP request, how many taps it holds, and what its ack must contain."""

    content: bytes
    taps: int
    ack: bytes


@dataclass(frozen=True)
class Outcome:
    """What came of a load: all acked in the end (anything else is an error), in so many seconds."""

    seconds: float
    taps: int
    requests: int
    waited_ms: list[float]  # from when a request was due to its ack
    put_off: int  # answers "busy, come again", which the load obeys as kiosks do
    own_cpu_s: float  # the generator's, taken from what the server could have had


def fire(port: int, lanes: Sequence[Sequence[Request]], *, every_s: float | None = None) -> Outcome:
    """Send each lane's requests over a connection of its own, one after the other's ack.

    With `every_s`, a lane's requests are due at that interval, whether or not the last is answered: what a
    request waits behind another is part of its time. Raises RuntimeError for an answer that is not the ack.
    """
    return uvloop.run(_fire(port, lanes, every_s))


async def _fire(port: int, lanes: Sequence[Sequence[Request]], every_s: float | None) -> Outcome:
    loop = asyncio.get_running_loop()
    opened = [await loop.create_connection(partial(_Lane, requests), "127.0.0.1", port) for requests in lanes]
    open_lanes = [lane for _, lane in opened]
    cpu, begin = time.process_time(), time.perf_counter()
    for at, lane in enumerate(open_lanes):
        lane.go(every_s, every_s * at / len(open_lanes) if every_s else 0.0)
    await asyncio.gather(*(lane.done for lane in open_lanes))
    seconds, own_cpu_s = time.perf_counter() - begin, time.process_time() - cpu
    sent = [request for requests in lanes for request in requests]
    waited_ms = [each * 1000 for lane in open_lanes for each in lane.waited_s]
    put_off = sum(lane.put_off for lane in open_lanes)
    return Outcome(seconds, sum(request.taps for request in sent), len(sent), waited_ms, put_off, own_cpu_s)


class _Lane(asyncio.Protocol):
    """One connection: its requests, and how long each waited for its ack."""

    def __init__(self, requests: Sequence[Request]) -> None:
        self._requests = requests
        self._next = 0
        self._every_s: float | None = None
        self._due_s = 0.0
        self._received = b""
        self._loop = asyncio.get_running_loop()
        self._silence = self._loop.call_later(PATIENCE_S, self._give_up)
        self.waited_s: list[float] = []
        self.put_off = 0
        self.done: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own stand beside asyncio's

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(RuntimeError(f"head office closed the connection: {exc}"))

    def go(self, every_s: float | None, after_s: float) -> None:
        self._every_s = every_s
        self._due_s = time.perf_counter() + after_s
        self._loop.call_later(after_s, self._send)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or len(body) < _header(head, b"content-length"):
            return
        self._received = b""
        request = self._requests[self._next]
        if head.startswith(b"HTTP/1.1 503"):
            self.put_off += 1
            self._loop.call_later(_header(head, b"retry-after"), self._send)
            return
        if not head.startswith(b"HTTP/1.1 200") or request.ack not in body:
            self._fail(RuntimeError(f"not the ack, but: {head[:200]!r} {body[:500]!r}"))
            return
        now = time.perf_counter()
        self.waited_s.append(now - self._due_s)
        self._next += 1
        if self._next == len(self._requests):
            self._finish()
        elif self._every_s is None:
            self._due_s = now
            self._send()
        else:
            self._due_s += self._every_s
            self._loop.call_later(max(0.0, self._due_s - now), self._send)

    def _send(self) -> None:
        self._transport.write(self._requests[self._next].content)

    def _give_up(self) -> None:
        if len(self.waited_s) == 0:
            self._fail(TimeoutError(f"head office was silent for {PATIENCE_S:.0f} s"))

    def _finish(self) -> None:
        self._silence.cancel()
        self.done.set_result(None)
        self._transport.close()

    def _fail(self, error: Exception) -> None:
        self._silence.cancel()
        self.done.set_exception(error)
        self._transport.abort()


def _header(head: bytes, name: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(name + b":"):
            return int(line[len(name) + 1 :])
    return 0
