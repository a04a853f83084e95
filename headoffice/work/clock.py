"""What is done by the clock, and how often: one row for each job.

Made by `app`, run by `work.jobs`. May touch what its verbs touch.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Protocol

from headoffice.settings import Settings
from headoffice.store import partitions, people
from headoffice.store.audit import By
from headoffice.store.engine import Connection
from headoffice.work import alert, flag, words
from headoffice.work.jobs import Job

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS


class Door(Protocol):
    """The database's reading or writing door, as `web.context` has them."""

    def __call__(self, question: Callable[[Connection], Any], /) -> Awaitable[Any]:
        """Ask or change something."""
        ...


def clock_jobs(settings: Settings, *, read: Door, write: Door, now_ms: Callable[[], int]) -> Sequence[Job]:
    """Every job of a served head office."""

    async def look_for_alerts() -> None:
        now, silent_after_ms = now_ms(), settings.silent_after_min * MINUTE_MS
        change = await read(partial(alert.look, now_ms=now, silent_after_ms=silent_after_ms))
        if change:
            await write(partial(alert.settle, change=change, now_ms=now))

    async def judge_taps() -> None:
        more = await read(flag.is_behind)
        while more:
            more = await write(flag.step)

    async def let_words_go() -> None:
        if settings.keep_verbatims_days:
            now = now_ms()
            before = now - settings.keep_verbatims_days * DAY_MS
            await write(partial(words.let_go, before_ms=before, by=By("retention", now)))

    async def forget_the_past() -> None:
        await write(partial(people.forget_the_past, now=now_ms()))

    async def make_months() -> None:
        await write(partial(partitions.make_ahead, now=now_ms()))

    return (
        Job("sessions and codes that are over", 900, forget_the_past),
        Job("months of taps", 12 * 3600, make_months),
        Job("alerts", 30, look_for_alerts),
        Job("misuse", 20, judge_taps),
        Job("retention of verbatims", 3600, let_words_go),
    )
