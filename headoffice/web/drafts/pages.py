"""The pages of drafts: the list, a survey under edit, one question of it, its languages side by side.

Mounted by drafts/routing.py, the forms by drafts/acts.py. For administrators; reads only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from headoffice.problems import Unknown
from headoffice.store import drafts
from headoffice.store.drafts import Draft
from headoffice.store.engine import Connection
from headoffice.store.lists import SurveySeen, all_sites, all_surveys
from headoffice.store.roster import all_people
from headoffice.web.auth import Session
from headoffice.web.drafts import views
from headoffice.web.drafts.fields import Reading, every_text, question_form
from headoffice.web.drafts.icons import ICONS
from headoffice.web.drafts.steps import Taken, seen
from headoffice.web.drafts.told import Faults, said
from headoffice.web.frame.serve import frame_of
from headoffice.web.office.desk import TABS, Clock, Desk, clock
from headoffice.web.shipped import Telling
from headoffice.web.words import Words
from survey.compare import differences
from survey.editable import editable
from survey.library import Library
from survey.model import TYPES
from survey.outline import languages
from survey.parse import MOST_QUESTIONS
from survey.problems import shown as shown_value

PATH = "/surveys/drafts"
HERE = "/surveys"
MOST_DIGITS = 9
MOST_CHANGES = 20


@dataclass(frozen=True)
class Bench:
    """What every page and form of a draft needs."""

    desk: Desk
    library: Library
    telling: Telling


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A draft as it is to be shown: as it is kept, or as somebody typed it without its being saved."""

    draft: Draft
    survey: Mapping[str, Any]
    names: Mapping[str, str]
    when: Clock
    taken: Taken | None = None
    told: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        """Where its pages are."""
        return f"{PATH}/{self.draft.id}"

    @property
    def who(self) -> str:
        """Who changed it last."""
        return self.names.get(self.draft.who, self.draft.who)


async def index(bench: Bench, request: Request) -> Response:
    """Every draft, and what a new one may begin with."""
    session = await bench.desk.enter(request)
    return await show_index(bench, request, session)


async def show_index(
    bench: Bench, request: Request, session: Session, *, faults: Sequence[str] = ()
) -> Response:
    """The list, with what was wrong with a new one."""
    words = bench.desk.shell.words(request)
    found, versions, names, when = await bench.desk.context.read(
        partial(_read_index, now=bench.desk.context.now_ms())
    )
    newest = {each.survey: each for each in versions}
    rows = [
        (each, said(editable(each.document)["title"], words.language), names.get(each.who, each.who))
        for each in found
    ]
    return _page(
        bench,
        request,
        session,
        "drafts.html",
        status=HTTPStatus.BAD_REQUEST if faults else HTTPStatus.OK,
        rows=rows,
        newest=[(each, said(each.document.get("title"), words.language)) for each in newest.values()],
        library=_library(bench, words),
        when=when,
        faults=faults,
    )


async def survey(bench: Bench, request: Request) -> Response:
    """A survey under edit, as a whole."""
    session = await bench.desk.enter(request)
    return show_survey(bench, request, session, await read(bench, request))


async def question(bench: Bench, request: Request) -> Response:
    """One question."""
    session = await bench.desk.enter(request)
    shown = await read(bench, request)
    return show_question(bench, request, session, shown, asked_number(request, shown))


async def texts(bench: Bench, request: Request) -> Response:
    """Every text, two languages side by side."""
    session = await bench.desk.enter(request)
    return show_texts(bench, request, session, await read(bench, request))


async def settings(bench: Bench, request: Request) -> Response:
    """Title, kind, languages, schedule."""
    session = await bench.desk.enter(request)
    return show_settings(bench, request, session, await read(bench, request))


async def read(bench: Bench, request: Request) -> Shown:
    """The draft that a path names. Raises Unknown."""
    number = number_in(request, "draft")
    question = partial(_read, number=number, now=bench.desk.context.now_ms())
    return await bench.desk.context.read(question)


def number_in(request: Request, name: str) -> int:
    """A number in a path. Raises Unknown for what is none."""
    written = str(request.path_params[name])
    if not (written.isascii() and written.isdigit() and len(written) <= MOST_DIGITS):
        raise Unknown(f"there is no {name} {shown_value(written)}")
    return int(written)


def asked_number(request: Request, shown: Shown) -> int:
    """The question that a path names. Raises Unknown."""
    number = number_in(request, "question")
    if number >= len(shown.survey["question"]):
        raise Unknown(f"this draft has no question {number + 1}")
    return number


def show_survey(bench: Bench, request: Request, session: Session, shown: Shown) -> Response:
    """The survey's page."""
    words, reading = bench.desk.shell.words(request), _reading(bench, request, shown)
    library = [
        (f"library:{each['id']}", said(each["text"], words.language)) for each in bench.library.questions
    ]
    return _page(
        bench,
        request,
        session,
        "draft.html",
        **_usual(request, shown, reading),
        questions=views.asked_list(reading),
        tree=views.forest(words, shown.survey),
        spoken=views.spoken(words, shown.survey, None),
        schedule=views.when_words(words, shown.survey.get("when", {})),
        ready=library,
        types=TYPES,
        most=MOST_QUESTIONS,
        whole=shown.survey == dict(shown.draft.document) or shown.taken is not None,
    )


def show_question(bench: Bench, request: Request, session: Session, shown: Shown, number: int) -> Response:
    """A question's page."""
    reading = _reading(bench, request, shown)
    return _page(
        bench,
        request,
        session,
        "draft_question.html",
        **_usual(request, shown, reading),
        form=question_form(reading, number),
        spoken=views.spoken(reading.words, shown.survey, _beside(request, reading)),
        icons=ICONS,
    )


def show_texts(bench: Bench, request: Request, session: Session, shown: Shown) -> Response:
    """The page of the languages."""
    reading = _reading(bench, request, shown)
    words, asked = reading.words, shown.survey["question"]
    return _page(
        bench,
        request,
        session,
        "draft_texts.html",
        **_usual(request, shown, reading),
        head=views.head(reading),
        parts=[
            (number, each["id"], seen(each), said(each["text"], words.language), every_text(reading, number))
            for number, each in enumerate(asked)
        ],
        spoken=views.spoken(words, shown.survey, _beside(request, reading)),
    )


def show_settings(bench: Bench, request: Request, session: Session, shown: Shown) -> Response:
    """The page of all but the questions."""
    reading = _reading(bench, request, shown)
    tags = languages(shown.survey)
    return _page(
        bench,
        request,
        session,
        "draft_settings.html",
        **_usual(request, shown, reading),
        head=views.head(reading),
        spoken=views.spoken(reading.words, shown.survey, _beside(request, reading)),
        others=[each for each in reading.words.languages_of_shoppers if each[0] not in tags],
    )


def _usual(request: Request, shown: Shown, reading: Reading) -> dict[str, object]:
    """What all pages of a draft show: its name, its faults, what has the focus."""
    at = request.query_params.get("at", "")
    return {
        "shown": shown,
        "title": said(shown.survey["title"], reading.words.language) or reading.words("drafts.untitled"),
        "wrong": reading.faults.all,
        "at": at if shown.taken is None else "",
        "beside": _beside(request, reading) or "",
        "overtaken": shown.taken is not None and shown.taken.overtaken,
        "lost": () if shown.taken is None else shown.taken.lost,
        "would": _would(shown),
        "faults": shown.told,
        "status": _status(shown),
    }


def _would(shown: Shown) -> list[str]:
    """What saving would change of what somebody else wrote meanwhile."""
    if shown.taken is None or not shown.taken.overtaken:
        return []
    changes = differences(editable(shown.draft.document), shown.survey)
    return [str(each) for each in changes[:MOST_CHANGES]]


def _status(shown: Shown) -> HTTPStatus:
    if shown.taken is None:
        return HTTPStatus.OK
    return HTTPStatus.CONFLICT if shown.taken.overtaken else HTTPStatus.BAD_REQUEST


def _beside(request: Request, reading: Reading) -> str | None:
    wanted = request.query_params.get("beside", "")
    return views.beside_of(reading.words, languages(reading.survey), wanted)


def _reading(bench: Bench, request: Request, shown: Shown) -> Reading:
    words, tags = bench.desk.shell.words(request), languages(shown.survey)
    beside = views.beside_of(words, tags, request.query_params.get("beside", ""))
    document = shown.draft.document if shown.taken is None else shown.survey
    return Reading(
        words=words,
        survey=shown.survey,
        faults=Faults(words, bench.telling, document, path=shown.path),
        tags=views.shown_tags(tags, beside),
    )


def _page(bench: Bench, request: Request, session: Session, template: str, **values: Any) -> Response:
    usual: dict[str, Any] = {
        "faults": (),
        "done": request.query_params.get("done", ""),
        "tabs": TABS,
        "tab": HERE,
        "frame": frame_of(session, HERE),
    }
    return bench.desk.shell.page(request, f"office/{template}", **{**usual, **values})


def _library(bench: Bench, words: Words) -> list[tuple[str, str, int]]:
    return [
        (name, said(document["title"], words.language), len(document["question"]))
        for name, document in bench.library.surveys.items()
    ]


def _read_index(
    connection: Connection, *, now: int
) -> tuple[list[Draft], list[SurveySeen], dict[str, str], Clock]:
    return drafts.all(connection), all_surveys(connection), _names(connection, now), _clock(connection, now)


def _read(connection: Connection, *, number: int, now: int) -> Shown:
    found = drafts.read(connection, number)
    if found is None:
        raise Unknown(f"there is no draft {number}")
    return Shown(
        draft=found,
        survey=editable(found.document),
        names=_names(connection, now),
        when=_clock(connection, now),
    )


def _names(connection: Connection, now: int) -> dict[str, str]:
    return {f"person {each.id}": each.email for each in all_people(connection, now=now)}


def _clock(connection: Connection, now: int) -> Clock:
    return clock(all_sites(connection), now)
