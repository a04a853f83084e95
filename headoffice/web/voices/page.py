"""The page of the voices: open text, newest first, searched in any script; small cells stay hidden.

Shown by web/pages.py. May read through work/ and the store with a reading connection.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from headoffice.metrics import FACES
from headoffice.store import feed, verbatims
from headoffice.store.engine import Connection
from headoffice.store.lists import all_sites
from headoffice.store.verbatims import STATES, VerbatimSeen, Wanted
from headoffice.web.charts.chart import Chart
from headoffice.web.cursors import read_numbers, write_numbers
from headoffice.web.frame.filters import FOR_ADMINS
from headoffice.web.frame.serve import Asked, Show
from headoffice.web.voices.search import Part, Search
from headoffice.work import words as verbs

A_PAGE = 40
LONGEST_SEARCH = 100


@dataclass(frozen=True, kw_only=True)
class Voice:
    """A text with where it was written; the rest is for those who see everything."""

    mark: str
    parts: tuple[Part, ...]
    gone: bool
    state: str
    where: str
    question: str
    when: str
    language: str
    face: str
    face_title: str
    flagged: bool


@dataclass(frozen=True, kw_only=True)
class VoicesPage:
    """Everything that the template shows; `more` leads to older ones, `back` here again."""

    voices: tuple[Voice, ...]
    found: str
    hidden: str
    months: str
    more: str | None
    back: str
    can_act: bool
    charts: tuple[Chart, ...] = ()


def read_page(connection: Connection, asked: Asked) -> VoicesPage:
    """The page for what its URL asks."""
    parameters, words = asked.parameters, asked.words
    search = Search.of(parameters.word("search") or "")
    after, wanted = parameters.word("after"), _wanted(asked)
    if len(search.typed) > LONGEST_SEARCH:
        parameters.fault("search", f"has more than {LONGEST_SEARCH} characters")
    if parameters.faults:
        return VoicesPage(voices=(), found="", hidden="", months="", more=None, back="", can_act=False)
    life = feed.epoch(connection)
    page = verbs.read_page(
        connection,
        wanted,
        verbs.Part(
            after=None if after is None else read_numbers(after, life), limit=A_PAGE, keep=search.fits
        ),
        everything=asked.everything,
    )
    told = _Told(
        names={site.id: site.name for site in all_sites(connection)},
        faces=verbatims.faces_of(connection, page.rows) if asked.everything else {},
        period=verbs.period_of(wanted),
        search=search,
    )
    more = None
    if page.more and page.after is not None:
        more = asked.filters.href(after=write_numbers(life, *page.after))
    return VoicesPage(
        voices=tuple(_voice(asked, row, told) for row in page.rows),
        found=words("voices.none") if not page.rows else "",
        hidden=words("voices.few", n=page.hidden) if page.hidden else "",
        months="" if asked.everything or asked.filters.is_own_period else words("voices.months"),
        more=more,
        back=asked.filters.href(),
        can_act=asked.everything,
    )


def _wanted(asked: Asked) -> Wanted:
    filters, parameters = asked.filters, asked.parameters
    scope, first, end = filters.scope, filters.first, filters.scope.end
    if not asked.everything and not filters.is_own_period:
        first, end = whole_months(first, filters.last)
    given = {name: parameters.words(name) for name in FOR_ADMINS}
    for name, values in given.items():
        if values is not None and not asked.everything:
            parameters.fault(name, "is for administrators: it ties answers of one visit to what was written")
    faces = given["face"]
    if faces is not None and (unknown := set(faces) - set(FACES)):
        parameters.fault("face", f"{', '.join(sorted(unknown))} is no face; write one of {', '.join(FACES)}")
    return Wanted(
        first=first.isoformat(),
        end=None if end is None else end.isoformat(),
        sites=scope.sites,
        touchpoints=scope.touchpoints,
        versions=scope.versions,
        questions=scope.questions,
        faces=faces,
        reasons=given["reason"],
        languages=given["language"],
    )


def whole_months(first: date, last: date) -> tuple[date, date]:
    """The months of a period, from the first day to the day after: the finer the time, the more is hidden."""
    following = last.replace(day=1) + timedelta(days=32)
    return first.replace(day=1), following.replace(day=1)


@dataclass(frozen=True, kw_only=True)
class _Told:
    """What is told of every text: sites by name, faces by ledger and seq, how fine the time, what for."""

    names: Mapping[int, str]
    faces: Mapping[tuple[int, int], str]
    period: str
    search: Search


def _voice(asked: Asked, row: VerbatimSeen, told: _Told) -> Voice:
    words, face = asked.words, told.faces.get((row.ledger, row.seq), "")
    if asked.everything:
        when = words.moment(row.tapped_at, row.timezone)
    else:
        when = (
            words.iso_day(row.day) if told.period == "day" else words.month(row.month // 100, row.month % 100)
        )
    return Voice(
        mark=f"{row.mark:016x}",
        parts=told.search.parts(row.text or ""),
        gone=row.text is None,
        state="" if row.state == verbatims.SHOWN else words(f"voices.{STATES[row.state]}"),
        where=f"{told.names[row.site]} {row.touchpoint}",
        question=asked.catalogue.question(row.question, row.survey),
        when=when,
        language=words.language_name(row.language) if asked.everything else "",
        face=face,
        face_title=words(f"faces.{face}") if face else "",
        flagged=asked.everything and row.flag is not None,
    )


VOICES = Show(
    path="/voices",
    template="voices.html",
    read=read_page,
    filters=("site", "tag", "touchpoint", "survey", "question", "face", "reason", "language", "search"),
    takes=("after",),
)
