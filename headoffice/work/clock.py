"""What is done by the clock, and how often: one row for each job.

Made by `app`, run by `work.jobs`. May touch what its verbs touch.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from headoffice.settings import Settings
from headoffice.store import letting_go, partitions, people, pictures, rolled
from headoffice.store.audit import By
from headoffice.store.engine import Connection
from headoffice.work import alert, flag, retention, roll, tell, words
from headoffice.work.jobs import Job

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS


class Door(Protocol):
    """The database's reading or writing door, as `web.context` has them."""

    def __call__(self, question: Callable[[Connection], Any], /) -> Awaitable[Any]:
        """Ask or change something."""
        ...


def clock_jobs(
    settings: Settings, *, read: Door, write: Door, now_ms: Callable[[], int], hook: tell.Hook | None = None
) -> Sequence[Job]:
    """Every job of a served head office; with a webhook, alerts are told to it."""
    teller = () if hook is None else (tell.Teller(hook, read=read, write=write, now_ms=now_ms),)
    chores = _Chores(settings, read, write, now_ms)
    return (
        Job("alerts", 30, chores.look_for_alerts),
        *(Job("webhook", 10, each.tell) for each in teller),
        Job("misuse", 20, chores.judge_taps),
        Job("rolling up", 1800, chores.roll_up),
        Job("sessions and codes that are over", 900, chores.forget_the_past),
        Job("pictures of screens that are over", 900, chores.let_pictures_go),
        Job("retention of verbatims", 3600, chores.let_words_go),
        Job("retention of taps", 3600, chores.let_taps_go),
        Job("retention of the audit", 12 * 3600, chores.forget_audit),
        Job("months of taps", 12 * 3600, chores.make_months),
    )


@dataclass(frozen=True)
class _Chores:
    settings: Settings
    read: Door
    write: Door
    now_ms: Callable[[], int]

    async def look_for_alerts(self) -> None:
        now, silent_after_ms = self.now_ms(), self.settings.silent_after_min * MINUTE_MS
        change = await self.read(partial(alert.look, now_ms=now, silent_after_ms=silent_after_ms))
        if change:
            await self.write(partial(alert.settle, change=change, now_ms=now))

    async def judge_taps(self) -> None:
        more = await self.read(flag.is_behind)
        while more:
            more = await self.write(flag.step)

    async def roll_up(self) -> None:
        for span in await self.read(partial(roll.due, now_ms=self.now_ms())):
            rolling = await self.write(partial(rolled.begin, span=span))
            while rolling is not None:
                rolling = await self.write(partial(roll.step, rolling=rolling, now_ms=self.now_ms()))

    async def let_words_go(self) -> None:
        if self.settings.keep_verbatims_days:
            before, by = self._kept_for(self.settings.keep_verbatims_days)
            await self.write(partial(words.let_go, before_ms=before, by=by))

    async def let_taps_go(self) -> None:
        if not self.settings.keep_taps_days:
            return
        before, by = self._kept_for(self.settings.keep_taps_days)
        gone = 0
        for ledger in await self.read(partial(letting_go.due, before_ms=before)):
            step = partial(retention.step, ledger=ledger, before_ms=before, by=by)
            while went := await self.write(step):
                gone += went
        if gone:
            await self.write(partial(retention.tell, taps=gone, before_ms=before, by=by))
        for month in await self.read(partial(partitions.emptied, before_ms=before)):
            await self.write(partial(partitions.drop, month=month))

    async def forget_audit(self) -> None:
        if self.settings.keep_audit_days:
            before, by = self._kept_for(self.settings.keep_audit_days)
            await self.write(partial(retention.forget_audit, before_ms=before, by=by))

    async def forget_the_past(self) -> None:
        await self.write(partial(people.forget_the_past, now=self.now_ms()))

    async def let_pictures_go(self) -> None:
        await self.write(partial(pictures.let_go, before_ms=self.now_ms() - pictures.KEPT_MS))

    async def make_months(self) -> None:
        await self.write(partial(partitions.make_ahead, now=self.now_ms()))

    def _kept_for(self, days: int) -> tuple[int, By]:
        """From when on all is kept, and who lets go what is from before."""
        now = self.now_ms()
        return now - days * DAY_MS, By("retention", now)
