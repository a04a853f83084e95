"""The pages for people: the overview with the fragment that keeps it live, and those of the frame.

Mounted by app.py. May read the store through the context; writes nothing.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from shlex import quote

from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from headoffice.settings import Settings, default_data
from headoffice.store import chain
from headoffice.store.engine import Connection
from headoffice.store.feed import position, write_cursor
from headoffice.web.auth import require_person
from headoffice.web.context import Context
from headoffice.web.errors import invalid
from headoffice.web.frame.filters import TIMELESS, Address, Filters, Reader, read_filters
from headoffice.web.frame.serve import chart_file, frame_of, serve
from headoffice.web.journey.act import PATH as ORDER
from headoffice.web.journey.act import act as order
from headoffice.web.journey.page import JOURNEY
from headoffice.web.overview.page import OverviewPage, read_page
from headoffice.web.overview.steps import Here
from headoffice.web.parameters import Parameters
from headoffice.web.questions.page import QUESTIONS
from headoffice.web.reasons.page import REASONS_PAGE
from headoffice.web.shell import STATIC, KeptFiles, Shell, make_shell, static_folder
from headoffice.web.sites.page import SITES
from headoffice.web.survey_pages.page import SURVEYS
from headoffice.web.voices.act import PATH as ACT
from headoffice.web.voices.act import act
from headoffice.web.voices.page import VOICES
from survey.problems import Fault

_MINUTE_MS = 60_000
SHOWN = (SITES, QUESTIONS, REASONS_PAGE, VOICES, JOURNEY, SURVEYS)


def routes(context: Context) -> list[BaseRoute]:
    """Every page, the overview's live part and the static files."""
    shell = make_shell()
    return [
        *(Route(each.path, partial(serve, context, shell, each), methods=["GET"]) for each in SHOWN),
        Route("/", partial(overview, context, shell), methods=["GET"]),
        Route(ACT, partial(act, context), methods=["POST"]),
        Route(ORDER, partial(order, context), methods=["POST"]),
        Route("/live/overview", partial(live, context, shell), methods=["GET"]),
        Mount(STATIC, GZipMiddleware(KeptFiles(directory=static_folder()))),
    ]


async def overview(context: Context, shell: Shell, request: Request) -> Response:
    """The overview."""
    session = await require_person(context, request)
    reader = Reader(words=shell.words(request), now_ms=context.now_ms(), person=session.person)
    read = await context.read(
        partial(_read, request=request, reader=reader, here=_here(context, request)),
        sites=session.person.sites,
    )
    frame = frame_of(session, "/", read.filters)
    if read.page is None:
        status = HTTPStatus.BAD_REQUEST
        return shell.page(request, "fault.html", status=status, frame=frame, faults=read.faults)
    wanted = request.query_params.get("download")
    if wanted is not None:
        return chart_file(shell, reader.words, read.page, wanted)
    href = read.filters.href
    return shell.page(request, "overview.html", frame=frame, href=href, page=read.page, etag=read.etag)


async def live(context: Context, shell: Shell, request: Request) -> Response:
    """What the overview shows now, or 304 when that is what the page has already."""
    session = await require_person(context, request)
    reader = Reader(words=shell.words(request), now_ms=context.now_ms(), person=session.person)
    etag = await context.read(partial(_etag, reader=reader, request=request), sites=session.person.sites)
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": etag})
    read = await context.read(
        partial(_read, request=request, reader=reader, here=_here(context, request)),
        sites=session.person.sites,
    )
    if read.page is None:
        raise invalid("a parameter has a fault", read.faults)
    frame = frame_of(session, "/", read.filters)
    response = shell.page(
        request, "overview_content.html", frame=frame, href=read.filters.href, page=read.page
    )
    response.headers["ETag"] = read.etag
    return response


@dataclass(frozen=True, kw_only=True)
class _Read:
    filters: Filters
    page: OverviewPage | None
    faults: Sequence[Fault]
    etag: str


def _read(connection: Connection, *, request: Request, reader: Reader, here: Here) -> _Read:
    """The overview of one state of the data, and what it depends on."""
    etag = _etag(connection, reader=reader, request=request)
    parameters = Parameters(request.query_params, ("language", "lang", "download"))
    address = Address(path="/", query=tuple(request.query_params.multi_items()))
    filters, _ = read_filters(connection, parameters, address, reader=reader, wanted=("language", TIMELESS))
    if parameters.faults:
        return _Read(filters=filters, page=None, faults=parameters.faults, etag=etag)
    page = read_page(connection, reader=reader, here=here, languages=filters.scope.languages)
    return _Read(filters=filters, page=page, faults=(), etag=etag)


def _here(context: Context, request: Request) -> Here:
    return Here(address=str(request.base_url).rstrip("/"), options=_options(context.settings))


def _options(settings: Settings) -> str:
    """How a command names this database; nothing where it is the usual one."""
    if settings.database is not None:
        return f" --database {quote(settings.database)}"
    usual = settings.data == default_data(os.environ)
    return "" if usual else f" --data {quote(str(settings.data))}"


def _etag(connection: Connection, *, reader: Reader, request: Request) -> str:
    """What the overview depends on, in short: taps that came, sites and kiosks, the minute, who asks what."""
    seen = f"{write_cursor(position(connection))} {chain.state(connection)}"
    asked = request.query_params.getlist("language")
    person, minute = reader.person, reader.now_ms // _MINUTE_MS
    parts = f"{seen}|{minute}|{reader.words.language}|{person.role}|{person.id}|{asked}"
    return f'"{hashlib.sha256(parts.encode()).hexdigest()[:24]}"'
