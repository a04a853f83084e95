"""Several fingers at once on the real kiosk: TUIO over loopback UDP, which Kivy understands, in tests only.

Run by the tests as a process: `python -m tests.screens.fingers PORT run …` is the kiosk's command `run`, with
one more source of touches. Kivy's provider wants the package oscpy, of which it uses what stands here.
"""

import socket
import struct
import sys
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Self

HOST = "127.0.0.1"
CURSORS = "/tuio/2Dcur"


class OSCThreadServer:
    """What Kivy's provider asks of oscpy: a thread that hears OSC messages and calls back."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._calls: dict[bytes, Callable[..., object]] = {}

    def listen(self, host: str, port: int, *, default: bool) -> None:
        """Begin to hear, on the one socket there is."""
        assert default
        self._socket.bind((host, port))
        threading.Thread(target=self._hear, daemon=True).start()

    def bind(self, path: bytes, call: Callable[..., object]) -> None:
        """What is called with the arguments of each message to this path."""
        self._calls[path] = call

    def stop_all(self) -> None:
        """Hear no more."""
        self._socket.close()

    def _hear(self) -> None:
        from kivy.clock import Clock  # noqa: PLC0415 - Kivy reads what `prepare` sets when it is imported

        while True:
            try:
                path, arguments = unpacked(self._socket.recv(4096))
            except OSError:
                return
            if call := self._calls.get(path):
                call(*arguments)
                Clock.schedule_once(lambda _: None, 0)  # the app may be asleep


def packed(path: str, *arguments: str | float) -> bytes:
    """An OSC message."""
    kinds = {str: "s", int: "i", float: "f"}
    tags = "," + "".join(kinds[type(each)] for each in arguments)
    message = _text(path) + _text(tags)
    for each in arguments:
        message += _text(each) if isinstance(each, str) else struct.pack(f">{kinds[type(each)]}", each)
    return message


def unpacked(message: bytes) -> tuple[bytes, list[bytes | float]]:
    """The path of an OSC message and its arguments; texts are bytes, as oscpy gives them."""
    path, at = _read(message, 0)
    tags, at = _read(message, at)
    arguments: list[bytes | float] = []
    for tag in tags.decode()[1:]:
        if tag == "s":
            text, at = _read(message, at)
            arguments.append(text)
        else:
            arguments += struct.unpack_from(f">{tag}", message, at)
            at += 4
    return path, arguments


def _text(text: str) -> bytes:
    raw = text.encode() + b"\0"
    return raw + b"\0" * (-len(raw) % 4)


def _read(message: bytes, at: int) -> tuple[bytes, int]:
    end = message.index(b"\0", at)
    return message[at:end], end + 4 - end % 4


class Fingers:
    """As many fingers as are wanted, each by a number, on a screen of this size; y counts from the top."""

    def __init__(self, port: int, width: int, height: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._port, self._width, self._height = port, width, height
        self._down: set[int] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def put(self, **fingers: tuple[int, int]) -> None:
        """Put fingers down, or move them there: f1=(x, y), f2=…."""
        for name, (x, y) in fingers.items():
            self._down.add(int(name[1:]))
            self._send("set", int(name[1:]), x / self._width, y / self._height, 0.0, 0.0, 0.0)

    def lift(self, *numbers: int) -> None:
        """Take these fingers off; all of them, if none is named."""
        self._down -= set(numbers) or set(self._down)
        self._send("alive", *sorted(self._down))

    def tap(self, number: int, spot: tuple[int, int]) -> None:
        """Down and up."""
        self.put(**{f"f{number}": spot})
        self.lift(number)

    def _send(self, *arguments: str | float) -> None:
        self._socket.sendto(packed(CURSORS, *arguments), (HOST, self._port))


def main(port: int) -> None:
    """Run the kiosk with fingers; it ends the process."""
    package, server = ModuleType("oscpy"), ModuleType("oscpy.server")
    server.__dict__["OSCThreadServer"] = OSCThreadServer
    sys.modules |= {"oscpy": package, "oscpy.server": server}
    from kiosk.__main__ import main as kiosk  # noqa: PLC0415 - after that
    from kiosk.ui import window  # noqa: PLC0415

    configure = window._configure

    def with_fingers(*arguments: object, **more: object) -> None:
        configure(*arguments, **more)
        from kivy.config import Config  # noqa: PLC0415 - the same

        Config.set("input", "fingers", f"tuio,{HOST}:{port}")

    window._configure = with_fingers
    kiosk()


if __name__ == "__main__":
    number = int(sys.argv.pop(1))
    main(number)
