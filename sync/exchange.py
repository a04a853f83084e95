"""I make network work end in time: a connection that can be cut from outside, and a wait that has an end.

``client`` runs every exchange through me.
I may open sockets and one thread per exchange; I know nothing of HTTP.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from concurrent.futures import Future, InvalidStateError
from typing import TYPE_CHECKING, Generic, TypeVar

from sync.errors import TooSlow

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_ATTEMPT_S = (
    4.0  # for one address of several: one that is a black hole (IPv6, often) leaves time for the next
)


class Line:
    """The connection of one client, with a second handle on it.

    A timeout of a socket counts from byte to byte, so a server that drips holds its reader for ever, be it in
    the TLS handshake, the headers or the body. Shutting the second handle ends the connection in all three.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._handle: socket.socket | None = None
        self._is_cut = False

    def connect(self, host: str, port: int, timeout_s: float) -> socket.socket:
        """Connect to the first address of ``host`` that answers; raises OSError."""
        addresses = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        failure = OSError(f"{host} has no address")
        for others, (family, kind, protocol, _, address) in zip(
            reversed(range(len(addresses))), addresses, strict=True
        ):
            sock = socket.socket(family, kind, protocol)
            try:
                self._hold(sock)
                sock.settimeout(min(_ATTEMPT_S, timeout_s / 2) if others else timeout_s)
                sock.connect(address)
                sock.settimeout(timeout_s)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError as error:
                sock.close()
                failure = error
            else:
                return sock
        raise failure

    def cut(self) -> None:
        """End the connection now and for good; any thread may call it."""
        with self._lock:
            self._is_cut = True
            if self._handle is not None:
                with contextlib.suppress(OSError):
                    self._handle.shutdown(socket.SHUT_RDWR)
                self._handle.close()
                self._handle = None

    def _hold(self, sock: socket.socket) -> None:
        with self._lock:
            if self._is_cut:
                raise OSError("the connection was cut")
            if self._handle is not None:
                self._handle.close()
            self._handle = sock.dup()


class Exchange(Generic[T]):
    """One piece of work in a thread of its own, whose caller waits for it no longer than it wants to."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._outcome: Future[T] = Future()
        self._is_given_up = False
        self._thread = threading.Thread(target=self._run, args=(work,), name="egao-exchange", daemon=True)

    def result(self, deadline_s: float) -> T:
        """Do the work and give its result, or raise what it raised; raises TooSlow at the deadline."""
        self._thread.start()
        try:
            return self._outcome.result(deadline_s)
        except TimeoutError:
            if self._outcome.done():  # in this very moment, or by a TimeoutError of its own
                return self._outcome.result()
            self._is_given_up = True
            raise TooSlow(f"head office did not answer within {deadline_s:g} s") from None

    def end(self, error: Exception) -> None:
        """Let the caller stop waiting, with ``error``; any thread may call it."""
        with contextlib.suppress(InvalidStateError):
            self._outcome.set_exception(error)

    def let_go(self, timeout_s: float) -> None:
        """Wait a moment for the thread to end, once its line was cut."""
        self._thread.join(timeout_s)

    def is_stuck(self) -> bool:
        """Tell whether the thread is still at work though nobody waits for it any more."""
        return self._is_given_up and self._thread.is_alive()

    def _run(self, work: Callable[[], T]) -> None:
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - it is raised again where the result is asked for
            self.end(error)
        else:
            with contextlib.suppress(InvalidStateError):
                self._outcome.set_result(result)
