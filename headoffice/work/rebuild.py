"""Recount everything from the taps: find what the tallies, marks and heads say wrongly, and mend it.

What taps counted for that were let go by their age is noted, and is taken as it stands.

Called by `cli`, with a reading connection to check and the writing one to mend.
May touch the tallies, the marks of superseded taps and the counts in the ledgers' heads.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, dataclass

from headoffice.problems import DataUnusable
from headoffice.store import recount, rolled, surveys, tallies
from headoffice.store.engine import Connection
from headoffice.work.counting import Countable, LocalTimes, Sums, countables


@dataclass(frozen=True)
class Wrong:
    """How many rows of each kind do not say what the taps say."""

    days: int
    hours: int
    marks: int
    heads: int
    rolled: int

    def __bool__(self) -> bool:
        return any(astuple(self))

    def __str__(self) -> str:
        return (
            f"{self.days} day tallies, {self.hours} hour tallies, {self.marks} marks of superseded taps, "
            f"{self.heads} ledger heads, {self.rolled} rolled-up rows"
        )


def check(connection: Connection) -> Wrong:
    """Recount beside the tallies and compare; changes nothing that others see."""
    with _recounted(connection):
        return _wrong(connection)


def rebuild(connection: Connection) -> Wrong:
    """Put a recount in the tallies' place and mend marks and heads; returns what was wrong before."""
    recount.keep_others_out(connection)
    with _recounted(connection):
        wrong = _wrong(connection)
        tallies.replace_by_recounts(connection)
    recount.mend_marks(connection)
    recount.mend_heads(connection)
    return wrong


def _wrong(connection: Connection) -> Wrong:
    found = tallies.differences(connection)
    return Wrong(
        days=found["tallies_day"],
        hours=found["tallies_hour"],
        marks=recount.wrong_marks(connection),
        heads=recount.wrong_heads(connection),
        rolled=rolled.differences(connection),
    )


@contextmanager
def _recounted(connection: Connection) -> Iterator[None]:
    tallies.open_recounts(connection)
    tallies.begin_with_let_go(connection)
    questions = countable_questions(connection)
    timezones = recount.timezones(connection)
    local = LocalTimes()
    for taps in recount.holding_taps(connection):
        sums = Sums()
        for tap in taps:
            day, hour = local.at(timezones[tap.placement], tap.tapped_at)
            reckoned = questions[tap.question].reckon_stored(tap.answer)
            sums.add(tap, reckoned, day=day, hour=hour, times=1)
        tallies.add_counts(connection, "recount_day", sums.days)
        tallies.add_counts(connection, "recount_hour", sums.hours)
    yield
    tallies.close_recounts(connection)  # after an error the transaction's end does it


def countable_questions(connection: Connection) -> Mapping[int, Countable]:
    """Give every question of every survey version, ready to be counted. Raises DataUnusable."""
    questions: dict[int, Countable] = {}
    for version in recount.versions(connection):
        known = surveys.find_survey(connection, version)
        if known is None:
            raise DataUnusable(f"survey {version} vanished while it was read: run it again")
        questions |= {countable.id: countable for countable in countables(known).values()}
    return questions
