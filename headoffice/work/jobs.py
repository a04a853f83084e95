"""Jobs: what head office does by the clock while it is served: alerts, misuse, and letting old words go.

Started and stopped by `app` with the loop. The only place that knows APScheduler.
May touch what its verbs touch, reading beside the loop and writing through the one queue.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from headoffice.problems import HeadOfficeError

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """One job: its name for logs, how often it runs, what it does."""

    name: str
    every_s: int
    run: Callable[[], Awaitable[object]]


class Jobs:
    """Runs jobs on the loop it was started in; a job never runs beside itself."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = jobs
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._running: set[asyncio.Task[object]] = set()

    def start(self) -> None:
        """Begin; each job runs for the first time after one interval."""
        self._scheduler.start()
        for job in self._jobs:
            self._scheduler.add_job(
                partial(self._run, job),
                "interval",
                seconds=job.every_s,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )

    async def stop(self) -> None:
        """End; what runs is finished first."""
        # With jobs still in the store, 3.11's last round looks for what shutdown removed: JobLookupError.
        self._scheduler.remove_all_jobs()
        self._scheduler.shutdown(wait=False)
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _run(self, job: Job) -> None:
        task = asyncio.ensure_future(job.run())
        self._running.add(task)
        try:
            await task
        except HeadOfficeError as error:
            LOG.warning("%s: %s", job.name, error)
        except Exception:
            LOG.exception("%s failed", job.name)
        finally:
            self._running.discard(task)
