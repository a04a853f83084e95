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
from headoffice.store.lists import KioskHeard, SiteSeen, all_sites, heard_kiosks
from headoffice.store.surveys import find_survey
from survey.model import STAFF_METRICS, Question

# A kiosk calls every half minute, and waits at most five minutes after a failure: three of those are silence.
SILENT_AFTER = timedelta(minutes=15)
LATEST_VISITS = 10
_TAPS_READ = 60  # enough for as many visits of a usual survey


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """The kiosks: how many, which are silent (longest first), how many taps they said are waiting.

    `heard_at` is when any was heard of last, ms, to be shown in `timezone`; `sites` are by their numbers.
    """

    kiosks: tuple[KioskHeard, ...]
    silent: tuple[KioskHeard, ...]
    pending: int
    heard_at: int | None
    timezone: str
    sites: Mapping[int, SiteSeen]

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
    kiosks, sites = heard_kiosks(connection), {site.id: site for site in all_sites(connection)}
    silent_before = now_ms - SILENT_AFTER // timedelta(milliseconds=1)
    silent = [kiosk for kiosk in kiosks if kiosk.heard_at is None or kiosk.heard_at < silent_before]
    last = max(kiosks, key=lambda kiosk: kiosk.heard_at or 0, default=None)
    return Fleet(
        kiosks=tuple(kiosks),
        silent=tuple(sorted(silent, key=lambda kiosk: kiosk.heard_at or 0)),
        pending=sum([kiosk.pending or 0 for kiosk in kiosks]),
        heard_at=None if last is None else last.heard_at,
        timezone="UTC" if last is None else sites[last.site].timezone,
        sites=sites,
    )


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
