"""Say which kiosks were heard of lately, and what the last visits were.

Called by web/pages.py with a reading connection.
May read the store; writes nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from headoffice.store.engine import Connection
from headoffice.store.feed import FeedRow, newest
from headoffice.store.lists import KioskSeen, all_kiosks, all_sites
from headoffice.store.surveys import find_survey
from survey.model import STAFF_METRICS, Question

# A kiosk calls every half minute, and waits at most five minutes after a failure: three of those are silence.
SILENT_AFTER = timedelta(minutes=15)
LATEST_VISITS = 10
_TAPS_READ = 60  # enough for as many visits of a usual survey


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """The kiosks: how many, which are silent (longest first), how many taps they said are waiting."""

    kiosks: tuple[KioskSeen, ...]
    silent: tuple[KioskSeen, ...]
    pending: int
    heard_at: int | None

    @property
    def heard(self) -> int:
        """How many were heard of lately."""
        return len(self.kiosks) - len(self.silent)


@dataclass(frozen=True, kw_only=True)
class Given:
    """An answer of a visit; `question` is None where its survey can no longer be read."""

    question: Question | None
    answer: object


@dataclass(frozen=True, kw_only=True)
class Latest:
    """A visit whose taps came in lately: its last tap, where it was, its answers in the order asked."""

    tap: FeedRow
    site: str
    given: tuple[Given, ...]


def fleet(connection: Connection, *, now_ms: int) -> Fleet:
    """The kiosks as of a moment."""
    kiosks = all_kiosks(connection)
    silent = [kiosk for kiosk in kiosks if is_silent(kiosk, now_ms)]
    heard = [kiosk.heard_at for kiosk in kiosks if kiosk.heard_at is not None]
    return Fleet(
        kiosks=tuple(kiosks),
        silent=tuple(sorted(silent, key=lambda kiosk: kiosk.heard_at or 0)),
        pending=sum(kiosk.pending or 0 for kiosk in kiosks),
        heard_at=max(heard, default=None),
    )


def is_silent(kiosk: KioskSeen, now_ms: int) -> bool:
    """Whether a kiosk should have called by now."""
    return kiosk.heard_at is None or now_ms - kiosk.heard_at > SILENT_AFTER / timedelta(milliseconds=1)


def latest(connection: Connection, *, everything: bool) -> list[Latest]:
    """The last visits that came in, the newest first; the last answer to a question counts.

    Single shoppers' own words are for admins (`everything`) only.
    """
    taps = newest(connection, _TAPS_READ)
    names = {site.id: site.name for site in all_sites(connection)}
    asked = _questions(connection, taps)
    visits: dict[str, list[FeedRow]] = {}
    for tap in taps:
        question = asked.get((tap.survey, tap.question))
        if question is not None and question.metric in STAFF_METRICS:
            continue  # what staff predicted is no shopper's visit
        visits.setdefault(tap.visit, []).append(tap)
    last = sorted(visits.values(), key=lambda run: taps.index(run[-1]), reverse=True)[:LATEST_VISITS]
    return [
        Latest(tap=run[-1], site=names[run[-1].site], given=_given(run, asked, everything=everything))
        for run in last
    ]


def _given(
    taps: Sequence[FeedRow], asked: Mapping[tuple[str, str], Question], *, everything: bool
) -> tuple[Given, ...]:
    last = {(tap.survey, tap.question): json.loads(tap.answer) for tap in taps}
    given = [Given(question=asked.get(key), answer=answer) for key, answer in last.items()]
    return tuple(
        each for each in given if everything or each.question is None or each.question.type != "text"
    )


def _questions(connection: Connection, taps: Sequence[FeedRow]) -> Mapping[tuple[str, str], Question]:
    """The questions of the surveys that these taps answer."""
    return {
        (version, question.id): question
        for version in {tap.survey for tap in taps}
        if (known := find_survey(connection, version)) is not None
        for question in known.survey.questions
    }
