"""Visits: the taps of one shopper's run through a survey, put together as one row; staff's own are none.

Called by web/feed_api.py with a reading connection.
May read taps and the tables that name their parts; writes nothing.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from headoffice.store.engine import Connection
from headoffice.store.sight import only

_TAPS_A_VISIT = 10  # read so many for each visit wanted; a visit of more is put together all the same
_LONGEST_VISIT = 1000

# By the primary key (ledger, seq): one kiosk has one visit at a time, so a visit's taps lie together.
_TAPS = text("""
    SELECT taps.ledger, taps.seq, taps.visit, placements.kiosk, placements.site, placements.touchpoint,
           sites.timezone, surveys.version, surveys.survey, questions.question, taps.answer, taps.language,
           taps.tapped_at, taps.estimated, taps.superseded, taps.flag, verbatims.text AS words
      FROM taps
      JOIN placements ON placements.id = taps.placement
      JOIN sites      ON sites.id      = placements.site
      JOIN questions  ON questions.id  = taps.question
      JOIN surveys    ON surveys.id    = questions.survey
      LEFT JOIN verbatims ON questions.type = 'text' AND verbatims.state <> 1
                         AND verbatims.ledger = taps.ledger AND verbatims.seq = taps.seq
     WHERE (taps.ledger, taps.seq) > (:ledger, :seq)
       AND surveys.kind <> 'staff'
     ORDER BY taps.ledger, taps.seq
     LIMIT :most
""")


@dataclass(frozen=True)
class Position:
    """How far the visits have been read: a ledger's number and a tap's."""

    ledger: int = 0
    seq: int = 0


@dataclass(frozen=True, kw_only=True)
class VisitSeen:
    """A visit, its answers by question (the last one where a shopper went back); ms since 1970 UTC."""

    visit: str
    kiosk: int
    site: int
    touchpoint: str
    timezone: str
    version: str
    survey: str
    language: str
    started_at: int
    ended_at: int
    estimated: bool
    flag: str | None
    answers: dict[str, object]


def visits(connection: Connection, after: Position, *, limit: int) -> tuple[list[VisitSeen], Position, bool]:
    """The next visits after a position, the position after them, and whether there is more to read."""
    most = limit * _TAPS_A_VISIT + _LONGEST_VISIT
    taps = connection.execute(_TAPS, {"ledger": after.ledger, "seq": after.seq, "most": most}).all()
    runs = [list(run) for _, run in groupby(taps, key=lambda tap: (tap.ledger, tap.visit))]
    cut = len(taps) == most and len(runs) > 1
    whole = runs[:-1] if cut else runs
    read = whole[:limit]
    if not read:
        return [], after, False
    last = read[-1][-1]
    more = len(whole) > limit or len(taps) == most
    return only(connection, map(_visit, read)), Position(ledger=last.ledger, seq=last.seq), more


def _visit(taps: Sequence[Row[Any]]) -> VisitSeen:
    first, last = taps[0], taps[-1]
    return VisitSeen(
        visit=str(UUID(bytes=first.visit)),
        kiosk=first.kiosk,
        site=first.site,
        touchpoint=first.touchpoint,
        timezone=first.timezone,
        version=first.version,
        survey=first.survey,
        language=last.language,
        started_at=first.tapped_at,
        ended_at=last.tapped_at,
        estimated=any(tap.estimated for tap in taps),
        flag=_first(tap.flag for tap in taps),
        answers={tap.question: _answer(tap) for tap in taps if not tap.superseded},
    )


def _answer(tap: Row[Any]) -> object:
    return json.loads(tap.answer) if tap.words is None else tap.words


def _first(flags: Iterable[str | None]) -> str | None:
    return next((flag for flag in flags if flag is not None), None)
