"""The one road into the database while the server runs: changes wait in a bounded queue and commit in groups.

Fed by `web` (batches, enrolments, sign-ins); started and stopped by `app`.
May touch the database through its writing connections, in a thread of its own for each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from headoffice.problems import Busy, HeadOfficeError, StoreFailed
from headoffice.store.endings import bounded, settle
from headoffice.store.engine import written_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headoffice.store.engine import Connection, Database

T = TypeVar("T")
Change = Callable[["Connection"], Any]

LARGEST_GROUP = 256  # changes in one transaction: beyond it the first would wait long for the last
RETRY_AFTER_S = 2


class _Waiting(NamedTuple):
    change: Change
    answer: asyncio.Future[Any]


class _Outcome(NamedTuple):
    value: Any = None
    error: Exception | None = None


class Foresight(Protocol):
    """Who gets ready for a group; where several are written at once, for each of them."""

    def foresee(self, connection: Connection, changes: Sequence[Change]) -> None:
        """Be shown a group before its first change."""

    def committed(self) -> None:
        """Be told that the group was committed together."""


class Committer:
    """Takes all changes that wait, commits them as one group, and only then answers each.

    Where the database has several writing connections, so many groups are under way at once: one is reckoned
    while the server writes another. What they must not do to each other is what several processes must not.

    A change is a function of the writing connection. It may raise a HeadOfficeError before its first write:
    the others are committed without it. Any other error undoes the group, and each is then tried within
    bounds of its own (a savepoint), so that a poisonous one harms nobody else.
    """

    def __init__(
        self,
        database: Database,
        *,
        most_waiting: int,
        committed: Callable[[int], None] | None = None,
        foresight: Foresight | None = None,
    ) -> None:
        self._database = database
        self._foresight = foresight
        self._committed = committed  # told how many changes each group had
        self._waiting: asyncio.Queue[_Waiting | None] = asyncio.Queue(most_waiting)
        self._threads = ThreadPoolExecutor(database.writers, thread_name_prefix="writer")
        self._tasks: list[asyncio.Task[None]] = []
        self._next = asyncio.Event()

    @property
    def waiting(self) -> int:
        """How many changes wait."""
        return self._waiting.qsize()

    def start(self) -> None:
        """Begin to commit; called inside the running loop."""
        loop = asyncio.get_running_loop()
        writers = range(self._database.writers)
        self._tasks = [loop.create_task(self._run(), name=f"committer {number}") for number in writers]

    async def stop(self) -> None:
        """Commit what still waits, then end."""
        for _ in self._tasks:
            await self._waiting.put(None)  # each ends with the first it meets
        await asyncio.gather(*self._tasks)
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

        return await self.put_off(settled)

    async def put_off(self, change: Callable[[Connection], T]) -> T:
        """The same for a change that knows which rows its group has not written yet, as `ingest` does."""
        return await self.submit(change)

    def submit(self, change: Callable[[Connection], T]) -> asyncio.Future[T]:
        """The same, for who is called back. Raises Busy when too many wait."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        try:
            self._waiting.put_nowait(_Waiting(change, answer))
        except asyncio.QueueFull:
            raise Busy(RETRY_AFTER_S) from None
        return answer

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        ending = False
        while not ending:
            group, ending = await self._group()
            changes = [waiting.change for waiting in group]
            outcomes = await loop.run_in_executor(self._threads, self._commit, changes)
            if self._committed is not None and changes:
                self._committed(len(changes))
            for waiting, outcome in zip(group, outcomes, strict=True):
                _answer(waiting.answer, outcome)
            self._next.set()
            self._next = asyncio.Event()

    async def _group(self) -> tuple[list[_Waiting], bool]:
        group: list[_Waiting] = []
        first = await self._waiting.get()
        while first is not None:
            group.append(first)
            if len(group) == LARGEST_GROUP or self._waiting.empty():
                return group, False
            first = self._waiting.get_nowait()
        return group, True

    def _commit(self, changes: Sequence[Change]) -> list[_Outcome]:
        if not changes:
            return []
        try:
            return self._together(changes)
        except Exception:  # noqa: BLE001 - whatever it is, it belongs to one of them and must not harm the others
            return self._one_by_one(changes)

    def _together(self, changes: Sequence[Change]) -> list[_Outcome]:
        outcomes = []
        with self._database.write() as connection:
            if self._foresight is not None:
                self._foresight.foresee(connection, changes)
            for change in changes:
                written = written_rows(connection)
                try:
                    outcomes.append(_Outcome(change(connection)))
                except HeadOfficeError as error:
                    if written_rows(connection) != written:
                        raise
                    outcomes.append(_Outcome(error=error))
        if self._foresight is not None:
            self._foresight.committed()
        return outcomes

    def _one_by_one(self, changes: Sequence[Change]) -> list[_Outcome]:
        """Each to its end and within bounds of its own, but all in one commit."""
        try:
            with self._database.write() as connection:
                return [self._by_itself(connection, change) for change in changes]
        except Exception as error:  # noqa: BLE001 - handed to those who wait for it
            return [_Outcome(error=error)] * len(changes)

    def _by_itself(self, connection: Connection, change: Change) -> _Outcome:
        try:
            with self._database.explained(), bounded(connection):
                return _Outcome(change(connection))
        except StoreFailed:
            raise
        except Exception as error:  # noqa: BLE001 - handed to the one who waits for it
            return _Outcome(error=error)


def _answer(answer: asyncio.Future[Any], outcome: _Outcome) -> None:
    if answer.done():
        return  # the one who asked has gone; what it asked for is done all the same
    if outcome.error is None:
        answer.set_result(outcome.value)
    else:
        answer.set_exception(outcome.error)
