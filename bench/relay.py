"""A cable with a meter: passes bytes between a kiosk and head office, and counts them both ways.

bench.sync enrols a kiosk through me. I listen on loopback, in a thread of my own.
"""

import socket
import threading
from types import TracebackType
from typing import Self

CHUNK_BYTES = 1 << 16


class Relay:
    """Passes every connection on to `port`; a context manager. `up` and `down` are bytes so far."""

    def __init__(self, port: int) -> None:
        self._target = port
        self.up = 0
        self.down = 0

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:  # closed: no more kiosks
                return
            far = socket.create_connection(("127.0.0.1", self._target))
            for side in (near, far):
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._pass, args=(near, far, "up"), daemon=True).start()
            threading.Thread(target=self._pass, args=(far, near, "down"), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, way: str) -> None:
        try:
            while chunk := source.recv(CHUNK_BYTES):
                target.sendall(chunk)
                setattr(self, way, getattr(self, way) + len(chunk))  # each way has one thread at a time
            target.shutdown(socket.SHUT_WR)
        except OSError:  # the other side has gone
            target.close()
