"""A process of its own that takes batches in: reading requests and writing rows do not share one lock then.

Made by `app`; `commit` starts it, hands it groups and stops it. The other end is `writing`. What goes between
stands in `parcel`, each group and each answer behind its length.
May start that process, end it, and log that it ended.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import sys
from collections import deque
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import headoffice
from headoffice.work.parcel import LENGTH, WriterGone, read_outcomes, write_group, write_place

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Sequence

    from headoffice.store.engine import Place
    from headoffice.work.group import Outcome
    from headoffice.work.parcel import Parcel

log = logging.getLogger(__name__)
CLOSED = (OSError, RuntimeError)  # what uvloop says of a pipe whose other end has gone
ANEW_AFTER_S = 5.0  # what ended once may end again at once
STOP_WITHIN_S = 20.0  # a last group on a slow disk
PIPE_BYTES = 1 << 20  # a whole group fits, so that a server busy reading requests need not pass the rest on


class Writer:
    """The process. Until it is up, and once it has gone, it takes none: the server writes them itself."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._process: Process | None = None
        self._pipe: asyncio.WriteTransport | None = None
        self._sent: deque[asyncio.Future[bytes]] = deque()  # groups under way, in their order
        self._task: asyncio.Task[None] | None = None
        self._is_ending = False
        self.is_up = False

    @property
    def pid(self) -> int | None:
        """The process's number, while it is up."""
        return self._process.pid if self._process is not None and self.is_up else None

    def start(self) -> None:
        """Begin to start it; called inside the running loop."""
        self._task = asyncio.get_running_loop().create_task(self._keep_up(), name="writer process")

    async def commit(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """Commit a group. Raises WriterGone where it is not known what became of it."""
        if self._pipe is None or not self.is_up:
            raise WriterGone
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        try:
            _send(self._pipe, write_group(parcels))
        except CLOSED:  # it has ended, though its output has not told yet
            raise WriterGone from None
        self._sent.append(answer)
        try:
            outcomes = read_outcomes(await answer)
        except ValueError as error:
            log.error("the process that writes taps was not understood: %s", error)  # noqa: TRY400
            raise WriterGone from None
        if len(outcomes) != len(parcels):
            raise WriterGone
        return outcomes

    async def stop(self) -> None:
        """Let it finish what it has, and end."""
        self._is_ending = True
        if self._task is None:
            return
        if self._pipe is None:
            self._task.cancel()
        else:
            self._pipe.close()
        with suppress(asyncio.CancelledError, TimeoutError):
            await asyncio.wait_for(self._task, STOP_WITHIN_S)

    async def _keep_up(self) -> None:
        while not self._is_ending:
            try:
                await self._run()
            except OSError as error:
                log.error("the process that writes taps cannot be started: %s", error)  # noqa: TRY400
            if not self._is_ending:
                log.error("the process that writes taps has ended; the server writes them itself meanwhile")
                await asyncio.sleep(ANEW_AFTER_S)

    async def _run(self) -> None:
        """Run it to its end."""
        root = str(Path(headoffice.__file__).parents[1])
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        theirs, ours = _pipe()
        pipe, _ = await asyncio.get_running_loop().connect_write_pipe(asyncio.BaseProtocol, ours)
        with closing(pipe), theirs:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "headoffice.work.writing"),
                stdin=theirs,
                stdout=asyncio.subprocess.PIPE,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
            )
            theirs.close()
            await self._talk(self._process, pipe)

    async def _talk(self, process: Process, pipe: asyncio.WriteTransport) -> None:
        said_there = cast("asyncio.StreamReader", process.stdout)
        self._pipe = pipe
        try:
            if self._is_ending:
                return
            _send(pipe, write_place(self._place))  # not on its command line: it may hold a password
            while True:
                size = LENGTH.unpack(await said_there.readexactly(LENGTH.size))[0]
                said = await said_there.readexactly(size)
                if self._sent:
                    self._sent.popleft().set_result(said)
                self.is_up = True  # its first word is that it is ready
        except (asyncio.IncompleteReadError, *CLOSED):
            pass  # it has ended
        finally:
            pipe.close()
            self.is_up, self._process, self._pipe = False, None, None
            while self._sent:
                self._sent.popleft().set_exception(WriterGone())
            await process.wait()


def _pipe() -> tuple[BinaryIO, BinaryIO]:
    """Make a pipe: the end that is read, and the one that is written."""
    read, write = os.pipe()
    with suppress(OSError):  # an administrator may allow less
        fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    return os.fdopen(read, "rb"), os.fdopen(write, "wb", buffering=0)


def _send(pipe: asyncio.WriteTransport, content: bytes) -> None:
    pipe.writelines((LENGTH.pack(len(content)), content))
