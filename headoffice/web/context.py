"""What every handler is given: the settings, the database's two doors, the clock and the throttles.

Made once by `app`; handed to each module's `routes(context)`.
May touch the database, by way of `read` (threads of its own) and `write` (the one queue).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from headoffice.store.sight import reading

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from headoffice.settings import Settings
    from headoffice.store.engine import Connection, Database
    from headoffice.store.kept import Kept
    from headoffice.store.sight import Sites
    from headoffice.web.instruments import Instruments
    from headoffice.web.throttle import Budget, Gate, Pace, Throttle
    from headoffice.work.commit import Committer
    from headoffice.work.ingest import Ingest
    from headoffice.work.openid import Provider
    from headoffice.work.tell import Hook

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Context:
    """The running head office, as handlers see it.

    `now_ms` is the wall clock, ms since 1970 UTC. `stopping` is set when the server begins to stop: whatever
    holds a connection open (server-sent events) must end then.
    """

    settings: Settings
    database: Database
    committer: Committer
    ingest: Ingest
    readers: Executor
    kept: Kept
    now_ms: Callable[[], int]
    stopping: asyncio.Event
    bodies: Budget
    gate: Gate
    enrol_failures: Throttle
    sign_in_failures: Throttle
    crowd_failures: Throttle
    pace: Pace
    instruments: Instruments
    hook: Hook | None
    provider: Provider | None

    async def read(self, question: Callable[[Connection], T], *, sites: Sites = None) -> T:
        """Ask the database something, beside the event loop; the question sees one state of it.

        On behalf of somebody: of nothing but the `sites` that they may see.
        """
        return await asyncio.get_running_loop().run_in_executor(self.readers, self._ask, question, sites)

    async def write(self, change: Callable[[Connection], T]) -> T:
        """Make a change; it is durable when this returns. Raises Busy when too many wait."""
        return await self.committer.do(change)

    async def aside(self, work: Callable[[], T]) -> T:
        """Do slow work beside the event loop, such as hashing a password."""
        return await asyncio.get_running_loop().run_in_executor(self.readers, work)

    def _ask(self, question: Callable[[Connection], T], sites: Sites) -> T:
        with reading(self.database, sites, self.kept) as connection:
            return question(connection)
