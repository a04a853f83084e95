"""The pages for people: the overview with the fragment that keeps it live, and those of the frame.

Mounted by app.py. May read the store through the context; writes nothing.
"""

import hashlib
import os
from functools import partial
from http import HTTPStatus
from shlex import quote
from urllib.parse import urlencode

from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from headoffice.settings import Settings, default_data
from headoffice.store.engine import Connection
from headoffice.store.feed import position, write_cursor
from headoffice.store.lists import counts
from headoffice.web.auth import Session, require_person
from headoffice.web.context import Context
from headoffice.web.frame.serve import chart_file, frame_of, serve
from headoffice.web.journey.page import JOURNEY
from headoffice.web.overview.page import OverviewPage, read_page
from headoffice.web.overview.steps import Here
from headoffice.web.questions.page import QUESTIONS
from headoffice.web.reasons.page import REASONS_PAGE
from headoffice.web.shell import STATIC, KeptFiles, Shell, make_shell, static_folder
from headoffice.web.sites.page import SITES
from headoffice.web.survey_pages.page import SURVEYS
from headoffice.web.voices.act import PATH as ACT
from headoffice.web.voices.act import act
from headoffice.web.voices.page import VOICES
from headoffice.web.words import Words

_MINUTE_MS = 60_000
SHOWN = (SITES, QUESTIONS, REASONS_PAGE, VOICES, JOURNEY, SURVEYS)


def routes(context: Context) -> list[BaseRoute]:
    """Every page, the overview's live part and the static files."""
    shell = make_shell()
    return [
        *(Route(each.path, partial(serve, context, shell, each), methods=["GET"]) for each in SHOWN),
        Route("/", partial(overview, context, shell), methods=["GET"]),
        Route(ACT, partial(act, context), methods=["POST"]),
        Route("/live/overview", partial(live, context, shell), methods=["GET"]),
        Mount(STATIC, GZipMiddleware(KeptFiles(directory=static_folder()))),
    ]


async def overview(context: Context, shell: Shell, request: Request) -> Response:
    """The overview."""
    session = await require_person(context, request)
    words = shell.words(request)
    etag = await _etag(context, session, words)
    page = await _page(context, request, session, words)
    wanted = request.query_params.get("download")
    if wanted is not None:
        return chart_file(shell, words, page, wanted)
    return shell.page(
        request, "overview.html", frame=frame_of(session, "/"), href=_href, page=page, etag=etag
    )


async def live(context: Context, shell: Shell, request: Request) -> Response:
    """What the overview shows now, or 304 when that is what the page has already."""
    session = await require_person(context, request)
    words = shell.words(request)
    etag = await _etag(context, session, words)
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": etag})
    page = await _page(context, request, session, words)
    response = shell.page(request, "overview_content.html", href=_href, page=page)
    response.headers["ETag"] = etag
    return response


async def _page(context: Context, request: Request, session: Session, words: Words) -> OverviewPage:
    return await context.read(
        partial(
            read_page,
            words=words,
            now_ms=context.now_ms(),
            everything=session.person.is_admin,
            here=Here(address=str(request.base_url).rstrip("/"), options=_options(context.settings)),
        ),
        sites=session.person.sites,
    )


def _href(*, download: str) -> str:
    """Where a chart of the overview can be had as a file."""
    return f"/?{urlencode({'download': download})}"


def _options(settings: Settings) -> str:
    """How a command names this database; nothing where it is the usual one."""
    if settings.database is not None:
        return f" --database {quote(settings.database)}"
    usual = settings.data == default_data(os.environ)
    return "" if usual else f" --data {quote(str(settings.data))}"


async def _etag(context: Context, session: Session, words: Words) -> str:
    """What the overview depends on, in short: the taps that came, the kiosks, the minute, the reader."""
    seen = await context.read(_seen, sites=session.person.sites)
    minute = context.now_ms() // _MINUTE_MS
    parts = f"{seen}|{minute}|{words.language}|{session.person.role}|{session.person.id}"
    return f'"{hashlib.sha256(parts.encode()).hexdigest()[:24]}"'


def _seen(connection: Connection) -> str:
    return f"{write_cursor(position(connection))} {counts(connection)}"
