"""Tells the program that started us, systemd above all, that we are ready, alive or ending.

Called by kiosk.bootstrap. Sends datagrams to the socket that NOTIFY_SOCKET names, and touches nothing else.
The protocol is sd_notify(3), the two variables are those of systemd's Type=notify and WatchdogSec=.
"""

import os
from collections.abc import Mapping
from contextlib import suppress

READY, ALIVE, ENDING = "READY=1", "WATCHDOG=1", "STOPPING=1"
FEEDS = 3  # in the time after which the supervisor would end us: one that comes late does no harm


class Supervisor:
    """Whoever supervises this process; without one, nobody is told."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._place = environ.get("NOTIFY_SOCKET", "")
        # Under a compositor that shows this program alone, the service's main process is our parent.
        own = environ.get("WATCHDOG_PID", str(os.getpid())) in (str(os.getpid()), str(os.getppid()))
        limit_us = environ.get("WATCHDOG_USEC", "")
        self._limit_s = int(limit_us) / 1e6 if own and self._place and limit_us.isdecimal() else 0.0

    @property
    def feed_every_s(self) -> float | None:
        """How often to say ALIVE; None when nobody waits for it."""
        return self._limit_s / FEEDS if self._limit_s else None

    def tell(self, word: str) -> None:
        """Say a word; a supervisor that does not listen is no trouble of ours."""
        if not self._place:
            return
        import socket  # noqa: PLC0415 - the first word comes after the first frame, and to many nobody listens

        address = f"\0{self._place[1:]}" if self._place.startswith("@") else self._place
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            sock.sendto(word.encode(), address)
