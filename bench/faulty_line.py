"""The worst line between kiosks and head office: it refuses, resets, cuts, loses, repeats, delays and lies.

Used by bench.fleet and tests/torture/test_exactly_once.py. Binds to loopback only; dice have a seed.
"""

import asyncio
import contextlib
import re
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from random import Random
from subprocess import Popen
from typing import Self

ASIDE_S = 0.2  # how late what is late comes
HOLE_S = 1.0  # how long a black hole swallows; the kiosks' deadline lies beyond, so both ends give up in turn
PIECES = 12
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
PORTAL = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 21\r\n\r\n<html>Sign in!</html>"
ELSEWHERE = b"HTTP/1.1 302 Found\r\nLocation: /sign-in\r\nContent-Length: 0\r\n\r\n"
OVERRUN = b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"

Lost = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)


class FaultyLine:
    """A relay that misbehaves with a share of all requests. Use as a context manager."""

    def __init__(self, port: int, *, share: float, seed: str) -> None:
        self.share = share
        self.suffered: Counter[str] = Counter()  # which fault was done how often
        self.requests = 0
        self._target = port
        self._chance = Random(seed)  # noqa: S311 - a run can be repeated
        self._stale = PORTAL  # the answer before
        self._errands: set[asyncio.Task[None]] = set()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="faulty-line", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def carry(self, more: int, *, beside: Popen[bytes], within_s: float = 120.0) -> None:
        """Wait until so many more requests came, or the process that sends them has ended."""
        until, end = self.requests + more, time.monotonic() + within_s
        while self.requests < until and beside.poll() is None:
            assert time.monotonic() < end, f"the line carried {self.requests} of {until} requests"
            time.sleep(0.01)

    async def _listen(self) -> None:
        self._door = socket.create_server(("127.0.0.1", self.port), backlog=1024)
        self._door.setblocking(False)
        self._loop.add_reader(self._door, self._accept)

    def _accept(self) -> None:
        # In one step: asyncio's own, shut while somebody comes in, lets that connection leak.
        with contextlib.suppress(OSError):
            near, _ = self._door.accept()
            near.setblocking(False)
            self._later(self._connected(near))

    def _close_door(self) -> None:
        if self._is_open():
            self._loop.remove_reader(self._door)
            self._door.close()

    def _is_open(self) -> bool:
        return self._door.fileno() != -1

    async def _end(self) -> None:
        self._close_door()
        await asyncio.sleep(ASIDE_S)  # who has just come in is served, or never closed
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._close_door()  # one that was refusing may have opened it again
        await asyncio.sleep(ASIDE_S)  # what was aborted is closed in the loop's next round

    async def _connected(self, near: socket.socket) -> None:
        try:
            reader, writer = await asyncio.open_connection(sock=near, limit=1 << 22)
        except BaseException:
            near.close()
            raise
        try:
            while request := await _message(reader):
                self.requests += 1
                behave = self._drawn()
                if not await behave(self, request, writer):
                    break
        except Lost:
            pass
        finally:
            writer.transport.abort()

    def _drawn(self) -> "Behaviour":
        if self._chance.random() >= self.share:
            return FaultyLine.relay
        behave = self._chance.choice(FAULTS)
        self.suffered[behave.__name__] += 1
        return behave

    async def _ask(self, request: bytes) -> bytes:
        """Have head office answer; raises OSError when it is not there, or dies over it."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._target, limit=1 << 22)
        try:
            writer.write(request)
            answer = await _message(reader)
        finally:
            writer.close()
        if not answer:
            raise ConnectionResetError
        return answer

    def _later(self, errand: Awaitable[None]) -> None:
        task = asyncio.ensure_future(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _bring_late(self, request: bytes) -> None:
        await asyncio.sleep(ASIDE_S)
        with contextlib.suppress(*Lost):
            await self._ask(request)

    async def relay(self, request: bytes, writer: asyncio.StreamWriter) -> bool:
        """No fault at all."""
        answer = await self._ask(request)
        writer.write(answer)
        await writer.drain()
        if b'"through"' in answer:
            self._stale = answer
        return True

    # Each fault says whether the connection goes on.

    async def refuse(self, _: bytes, writer: asyncio.StreamWriter) -> bool:
        """Nobody listens for a while."""
        _reset(writer)
        if self._is_open():
            self._close_door()
            await asyncio.sleep(ASIDE_S)
            await self._listen()
        return False

    async def reset(self, _: bytes, writer: asyncio.StreamWriter) -> bool:
        """Not one byte reaches head office."""
        _reset(writer)
        return False

    async def reset_in_request(self, request: bytes, writer: asyncio.StreamWriter) -> bool:
        """Head office gets the half of it."""
        _, onward = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            onward.write(request[: self._chance.randrange(len(request))])
            await onward.drain()
        finally:
            _reset(onward)
            _reset(writer)
        return False

    async def reset_in_answer(self, request: bytes, writer: asyncio.StreamWriter) -> bool:
        """Head office did it; the kiosk hears half a word."""
        await self._half(request, writer)
        _reset(writer)
        return False

    async def cut_answer(self, request: bytes, writer: asyncio.StreamWriter) -> bool:
        """The same, but the end looks like one in order."""
        await self._half(request, writer)
        writer.close()
        return False

    async def lose_answer(self, request: bytes, writer: asyncio.StreamWriter) -> bool:
        """Head office did it; the kiosk hears nothing."""
        await self._ask(request)
        _reset(writer)
        return False

    async def deliver_twice(self, request: bytes, writer: asyncio.StreamWriter) -> bool:
        """At the same time, on two connections; the kiosk hears one of the answers."""
        _, answer = await asyncio.gather(self._ask(request), self._ask(request))
        writer.write(answer)
        return True

    async def deliver_again_late(self, request: bytes, writer: asyncio.StreamWriter) -> bool:
        """Once more, when others came between."""
        self._later(self._bring_late(request))
        return await self.relay(request, writer)

    async def deliver_late(self, request: bytes, writer: asyncio.StreamWriter) -> bool:
        """When the kiosk has long given up."""
        self._later(self._bring_late(request))
        _reset(writer)
        return False

    async def delay(self, request: bytes, writer: asyncio.StreamWriter) -> bool:
        """Slowly, but surely."""
        await asyncio.sleep(ASIDE_S)
        return await self.relay(request, writer)

    async def drip(self, request: bytes, writer: asyncio.StreamWriter) -> bool:
        """The answer comes piece by piece."""
        answer = await self._ask(request)
        step = len(answer) // PIECES + 1
        for start in range(0, len(answer), step):
            writer.write(answer[start : start + step])
            await writer.drain()
            await asyncio.sleep(ASIDE_S / PIECES)
        return True

    async def swallow(self, _: bytes, writer: asyncio.StreamWriter) -> bool:
        """A black hole."""
        await asyncio.sleep(HOLE_S)
        writer.close()
        return False

    async def sign_in_page(self, _: bytes, writer: asyncio.StreamWriter) -> bool:
        """A captive portal's 200."""
        writer.write(PORTAL)
        return True

    async def redirect(self, _: bytes, writer: asyncio.StreamWriter) -> bool:
        """A captive portal's 302."""
        writer.write(ELSEWHERE)
        return True

    async def overrun(self, _: bytes, writer: asyncio.StreamWriter) -> bool:
        """A proxy that is busy."""
        writer.write(OVERRUN)
        return True

    async def stale_answer(self, _: bytes, writer: asyncio.StreamWriter) -> bool:
        """A cache's answer, of another batch or another kiosk."""
        writer.write(self._stale)
        return True

    async def _half(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        answer = await self._ask(request)
        writer.write(answer[: self._chance.randrange(1, len(answer))])
        await writer.drain()


Behaviour = Callable[[FaultyLine, bytes, asyncio.StreamWriter], Awaitable[bool]]

FAULTS: tuple[Behaviour, ...] = (
    FaultyLine.refuse,
    FaultyLine.reset,
    FaultyLine.reset_in_request,
    FaultyLine.reset_in_answer,
    FaultyLine.cut_answer,
    FaultyLine.lose_answer,
    FaultyLine.deliver_twice,
    FaultyLine.deliver_again_late,
    FaultyLine.deliver_late,
    FaultyLine.delay,
    FaultyLine.drip,
    FaultyLine.swallow,
    FaultyLine.sign_in_page,
    FaultyLine.redirect,
    FaultyLine.overrun,
    FaultyLine.stale_answer,
)


async def _message(reader: asyncio.StreamReader) -> bytes:
    """One request or answer, whole; empty when the other end hung up before it."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as broken:
        if broken.partial:
            raise
        return b""
    length = LENGTH.search(head)
    return head + (await reader.readexactly(int(length[1])) if length else b"")


def _reset(writer: asyncio.StreamWriter) -> None:
    sock: socket.socket = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
