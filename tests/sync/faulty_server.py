"""A real HTTP server on a free loopback port that answers, or misbehaves, as a test plans it.

A behaviour is a function of the request and the connection it came on. Those planned are used up one
request after another; then the usual one answers. Everything ends when the server is closed.
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

import zstandard


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]  # by lower-case name
    body: bytes  # as it came
    port: int  # of the client: tells one connection from another

    @property
    def decoded(self) -> bytes:
        unpack = {"gzip": gzip.decompress, "zstd": zstandard.decompress, None: bytes}
        return unpack[self.headers.get("content-encoding")](self.body)


@dataclass(frozen=True)
class Response:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] | None = None

    def encode(self) -> bytes:
        headers = {"Content-Length": str(len(self.body)), **(self.headers or {})}
        lines = [
            f"HTTP/1.1 {self.status} Some Words",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body


class Wire:
    """The connection a request came on."""

    def __init__(self, sock: socket.socket, stopping: threading.Event) -> None:
        self._sock = sock
        self.stopping = stopping
        self.is_open = True

    def send(self, data: bytes) -> None:
        """Send; raises OSError when the client has gone."""
        self._sock.sendall(data)

    def close(self) -> None:
        """End it in order."""
        self.is_open = False

    def reset(self) -> None:
        """End it with a reset."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.is_open = False


Behaviour = Callable[[Request, Wire], None]
Handler = Callable[[Request], Response]


class FaultyServer:
    """Listens from the start; use as a context manager."""

    def __init__(
        self, usual: Behaviour, wrap: Callable[[socket.socket], socket.socket] | None = None
    ) -> None:
        self.requests: list[Request] = []
        self._usual = usual
        self._wrap = wrap or (lambda sock: sock)
        self._planned: deque[Behaviour] = deque()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._connections: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, name="faulty-server")
        self._accepting.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def plan(self, *behaviours: Behaviour) -> None:
        """Use each of these for one request, before the usual one again."""
        self._planned.extend(behaviours)

    def forget(self) -> None:
        """Drop what is planned."""
        self._planned.clear()

    @property
    def is_plan_done(self) -> bool:
        return not self._planned

    def close(self) -> None:
        """Hang up on everybody."""
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join()
        with self._lock:
            for sock in self._connections:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._connections.append(sock)
            thread = threading.Thread(target=self._serve, args=(sock,), name="faulty-connection")
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError), self._wrap(sock) as spoken, spoken.makefile("rb") as reader:
            wire = Wire(spoken, self._stopping)
            while wire.is_open and (request := read_request(reader, spoken.getpeername()[1])) is not None:
                self.requests.append(request)
                behave = self._planned.popleft() if self._planned else self._usual
                behave(request, wire)


def read_request(reader, port) -> Request | None:
    """Read one request; None when the client has hung up, also in its middle, or speaks something else."""
    start = reader.readline().decode("latin-1").split()
    if len(start) != 3 or not start[2].startswith("HTTP/"):  # a TLS greeting may have three words, too
        return None
    headers = {}
    while line := reader.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    length = int(headers.get("content-length", "0"))
    body = reader.read(length)
    if len(body) < length:
        return None
    return Request(start[0], start[1], headers, body, port)


def served(handler: Handler) -> Behaviour:
    """Answer as the handler says."""
    return lambda request, wire: wire.send(handler(request).encode())


def answer(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    """Answer this, whatever was asked; ``Retry_After`` is written Retry-After."""
    return served(
        lambda _: Response(status, body, {name.replace("_", "-"): value for name, value in headers.items()})
    )


def raw(data: bytes) -> Behaviour:
    """Answer these bytes and hang up."""

    def behave(_: Request, wire: Wire) -> None:
        wire.send(data)
        wire.close()

    return behave


def hang_up(_: Request, wire: Wire) -> None:
    """Close without a word."""
    wire.close()


def reset(_: Request, wire: Wire) -> None:
    """Reset the connection without a word."""
    wire.reset()


def silence(_: Request, wire: Wire) -> None:
    """Take the request and never answer."""
    wire.stopping.wait()
    wire.close()


def lost(handler: Handler) -> Behaviour:
    """Do what is asked, and lose the answer."""

    def behave(request: Request, wire: Wire) -> None:
        handler(request)
        wire.reset()

    return behave


def cut(handler: Handler, share: float = 0.7) -> Behaviour:
    """Do what is asked, and hang up in the middle of the answer."""

    def behave(request: Request, wire: Wire) -> None:
        data = handler(request).encode()
        wire.send(data[: int(len(data) * share)])
        wire.close()

    return behave


def twice(handler: Handler) -> Behaviour:
    """Do what is asked twice, as a network that repeats itself, and give the second answer."""

    def behave(request: Request, wire: Wire) -> None:
        handler(request)
        wire.send(handler(request).encode())

    return behave


def drip(data: bytes, every_s: float = 0.02) -> Behaviour:
    """Send byte by byte, far below any socket's timeout, for as long as the client listens."""

    def behave(_: Request, wire: Wire) -> None:
        for byte in data:
            if wire.stopping.wait(every_s):
                break
            wire.send(bytes([byte]))
        wire.close()

    return behave


def endless(start: bytes, again: bytes) -> Behaviour:
    """Send a start and then the same thing for ever, as fast as the client takes it."""

    def behave(_: Request, wire: Wire) -> None:
        wire.send(start)
        while not wire.stopping.is_set():
            wire.send(again)

    return behave
