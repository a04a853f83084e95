"""Tells systemd, or whoever else started the server with NOTIFY_SOCKET, that it is ready, alive or ending.

Called by `app`. Sends datagrams to that socket; without one, nobody is told. The protocol is sd_notify(3).
Takes over the socket to listen on that systemd holds, as of sd_listen_fds(3).
"""

import asyncio
import os
import socket
from collections.abc import Mapping
from contextlib import suppress

READY, ALIVE, ENDING = "READY=1", "WATCHDOG=1", "STOPPING=1"
HANDED_OVER = 3  # the first descriptor beyond the standard ones
FEEDS = 3  # in the time after which the supervisor would end us


class Supervisor:
    """Whoever supervises this process."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._place = environ.get("NOTIFY_SOCKET", "")
        limit_us = environ.get("WATCHDOG_USEC", "")
        self._is_handed_over = (environ.get("LISTEN_PID"), environ.get("LISTEN_FDS")) == (
            str(os.getpid()),
            "1",
        )
        self._feed_every_s = int(limit_us) / 1e6 / FEEDS if self._place and limit_us.isdecimal() else 0.0

    def tell(self, word: str) -> None:
        """Say a word; a supervisor that does not listen is no trouble of ours."""
        if not self._place:
            return
        address = f"\0{self._place[1:]}" if self._place.startswith("@") else self._place
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            sock.sendto(word.encode(), address)

    def handed_over(self) -> socket.socket | None:
        """Give the listening socket that outlives this process: between two versions callers wait in it."""
        return socket.socket(fileno=HANDED_OVER) if self._is_handed_over else None

    async def feed(self) -> None:
        """Say again and again that the loop which answers requests goes round; ends by being cancelled."""
        while self._feed_every_s:
            self.tell(ALIVE)
            await asyncio.sleep(self._feed_every_s)
