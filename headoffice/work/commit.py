"""The one road into the database while the server runs: changes wait in a bounded queue and commit in groups.

Fed by `web` (batches, enrolments, sign-ins); started and stopped by `app`.
May touch the database through its writing connections, in a thread of its own for each, and hand batches to
the processes that write (`writer`).
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from headoffice.problems import Busy
from headoffice.store.endings import settle
from headoffice.work.group import Groups, Outcome
from headoffice.work.parcel import Parcel, WriterGone, pack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from headoffice.store.engine import Connection, Database
    from headoffice.work.group import Change, Foresight
    from headoffice.work.ingest import Decision, Taking

T = TypeVar("T")

log = logging.getLogger(__name__)

LARGEST_GROUP = 128  # changes in one transaction: beyond it the first would wait long for the last
RETRY_AFTER_S = 2
AT_ONCE = 3  # groups handed to a process that writes, so that whenever it is done it finds the next


class _Waiting(NamedTuple):
    change: Change
    tell: Callable[[Outcome], None]


class Beside(Protocol):
    """Who commits batches in a process of its own: `writer.Writer` is one."""

    @property
    def is_up(self) -> bool:
        """Whether it takes any now."""

    def start(self) -> None:
        """Begin to start it; called inside the running loop."""

    async def stop(self) -> None:
        """Let it finish what it has, and end."""

    async def commit(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """Commit a group there. Raises WriterGone where it is not known what became of it."""


class Committer:
    """Takes all changes that wait, commits them as one group, and only then answers each.

    Where the database has several writing connections, so many groups are under way at once: one is reckoned
    while the server writes another. What they must not do to each other is what several processes must not.

    A change is a function of the writing connection, as `group.Groups` says. Parcels go to the processes that
    write, while there are any: several groups to each, so that none waits while the server reads requests.
    Whatever a process that has gone left open is done here: to take a batch in twice is to take it in once.
    """

    def __init__(
        self,
        database: Database,
        *,
        most_waiting: int,
        committed: Callable[[int], None] | None = None,
        foresight: Foresight | None = None,
        beside: Sequence[Beside] = (),
    ) -> None:
        self._database = database
        self._groups = Groups(database, foresight)
        self._beside = beside
        self._committed = committed  # told how many changes each group had
        self._most_waiting = most_waiting
        self._waiting: deque[_Waiting] = deque()
        self._some = asyncio.Event()  # wait, or are no more to come
        self._is_ending = False
        self._threads = ThreadPoolExecutor(database.writers, thread_name_prefix="writer")
        self._tasks: list[asyncio.Task[None]] = []
        self._next = asyncio.Event()

    @property
    def waiting(self) -> int:
        """How many changes wait."""
        return len(self._waiting)

    @property
    def writers(self) -> int:
        """How many processes write now."""
        return sum(each.is_up for each in self._beside)

    def start(self) -> None:
        """Begin to commit; called inside the running loop."""
        loop = asyncio.get_running_loop()
        for beside in self._beside:
            beside.start()
        turns: list[Beside | None] = [*self._beside] * AT_ONCE or [None] * self._database.writers
        self._tasks = [
            loop.create_task(self._run(beside), name=f"committer {number}")
            for number, beside in enumerate(turns)
        ]

    async def stop(self) -> None:
        """Commit what still waits, then end."""
        self._is_ending = True
        self._some.set()
        await asyncio.gather(*self._tasks)
        await asyncio.gather(*(beside.stop() for beside in self._beside))
        self._threads.shutdown()

    async def next_commit(self, *, within_s: float) -> None:
        """Return after the next group of this process, or when the time is over."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._next.wait(), within_s)

    async def do(self, change: Callable[[Connection], T]) -> T:
        """Make a change; returns what it returned, after the commit. Raises Busy when too many wait.

        It sees everything that the changes before it in its group have written.
        """

        def settled(connection: Connection) -> T:
            settle(connection)
            return change(connection)

        return await self.submit(settled)

    async def submit(self, change: Callable[[Connection], T]) -> T:
        """The same for changes that know what their group has not written yet."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._put(change, partial(_settle, answer))
        return await answer

    async def take(self, taking: Taking) -> Decision:
        """Take a batch in: by a process that writes where there is one. Raises Busy when too many wait."""
        answer: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        self.take_for(taking, partial(_settle, answer))
        return await answer

    def take_for(self, taking: Taking, tell: Callable[[Outcome], None]) -> None:
        """The same for who has no task: `tell` is called with what became of it. Raises Busy at once."""
        self._check_room()
        self._put((pack(taking) or taking) if self.writers else taking, tell)

    def _check_room(self) -> None:
        if len(self._waiting) >= self._most_waiting or self._is_ending:
            raise Busy(RETRY_AFTER_S)

    def _put(self, change: Change, tell: Callable[[Outcome], None]) -> None:
        self._check_room()
        self._waiting.append(_Waiting(change, tell))
        self._some.set()

    async def _run(self, beside: Beside | None) -> None:
        while await self._turn(beside):
            pass  # and nothing of that group is held on to while the next comes

    async def _turn(self, beside: Beside | None) -> bool:
        """Commit the next group and tell who waits for it; False when no more will come."""
        group = await self._group()
        if not group:
            return False
        try:
            outcomes = await self._commit([waiting.change for waiting in group], beside)
        except Exception as error:  # noqa: BLE001 - whoever waits is told; the next group must have its turn
            outcomes = [Outcome(error=error)] * len(group)
        if self._committed is not None:
            self._committed(len(group))
        for waiting, outcome in zip(group, outcomes, strict=True):
            try:
                waiting.tell(outcome)
            except Exception:
                log.exception("somebody could not be told what became of a change")
        self._next.set()
        self._next = asyncio.Event()
        return True

    async def _group(self) -> list[_Waiting]:
        """Take what waits, as soon as there is any; nothing when no more will come."""
        while not (self._waiting or self._is_ending):
            self._some.clear()
            await self._some.wait()
        return [self._waiting.popleft() for _ in range(min(len(self._waiting), LARGEST_GROUP))]

    async def _commit(self, changes: Sequence[Change], beside: Beside | None) -> list[Outcome]:
        parcels = [change for change in changes if isinstance(change, Parcel)]
        if beside is None or not beside.is_up or not parcels:
            return await self._commit_here(changes)
        if len(parcels) == len(changes):
            return await self._commit_there(parcels, beside)
        others = [change for change in changes if not isinstance(change, Parcel)]
        far, near = map(
            iter, await asyncio.gather(self._commit_there(parcels, beside), self._commit_here(others))
        )
        return [next(far if isinstance(change, Parcel) else near) for change in changes]

    async def _commit_there(self, parcels: Sequence[Parcel], beside: Beside) -> list[Outcome]:
        try:
            return await beside.commit(parcels)
        except WriterGone:
            return await self._commit_here(parcels)

    async def _commit_here(self, changes: Sequence[Change]) -> list[Outcome]:
        opened = [change.opened() if isinstance(change, Parcel) else change for change in changes]
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._groups.commit, opened)


def _settle(answer: asyncio.Future[Any], outcome: Outcome) -> None:
    if answer.done():
        return  # the one who asked has gone; what it asked for is done all the same
    if outcome.error is None:
        answer.set_result(outcome.value)
    else:
        answer.set_exception(outcome.error)
