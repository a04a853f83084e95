"""Surveys in and out as spreadsheets: a version or a sound draft as a file, and a file as drafts.

Mounted by publishing/routing.py. For administrators; what comes in is bounded before anything unpacks it.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response

from headoffice.problems import Invalid
from headoffice.store.engine import Connection
from headoffice.store.lists import all_surveys
from headoffice.web.auth import Session, check_form
from headoffice.web.body import read_body
from headoffice.web.errors import HttpProblem, invalid
from headoffice.web.office.desk import Desk, go
from headoffice.web.publishing.changes import title_of
from headoffice.web.publishing.page import HERE, find
from headoffice.web.shipped import Telling
from headoffice.web.words import Words
from headoffice.work import sheets
from survey.problems import Fault, InvalidSurvey
from sync.contract import ProblemName

PATH = "/surveys/sheets"
MEDIA_TYPE = "multipart/form-data"
MOST_FIELDS = 4
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A survey's newest version."""

    survey: str
    title: str
    version: str


async def show(desk: Desk, request: Request) -> Response:
    """What can be had, and where a file is put in."""
    return await _page(desk, request, await desk.enter(request), faults=())


async def put(desk: Desk, telling: Telling, request: Request) -> Response:
    """Make a draft of each survey in a file; where it has faults, tell them all and make none."""
    session = await desk.enter(request)
    try:
        name, content = await _file(desk, request, session)
    except HttpProblem as problem:
        if problem.status != HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise
        response = await _page(desk, request, session, faults=[desk.shell.words(request)("sheets.too_large")])
        response.status_code = problem.status
        return response
    try:
        found = await desk.context.aside(partial(sheets.read_file, name, content))
    except (InvalidSurvey, Invalid) as error:
        return await _page(desk, request, session, faults=_told(desk, telling, request, error.faults))
    put_in = partial(sheets.put_drafts, programme=found.programme, by=desk.by(session))
    made = await desk.context.write(put_in)
    if len(made) == 1 and not found.left:
        return go(f"/surveys/drafts/{made[0]}/preview")
    drafts = list(zip(made, found.programme.surveys, strict=True))
    return await _page(desk, request, session, faults=(), drafts=drafts, left=found.left)


async def get(desk: Desk, request: Request) -> Response:
    """A version, or a draft without faults, as a file."""
    await desk.enter(request)
    subject = await desk.context.read(find(request))
    if subject.survey is None:
        raise Invalid(subject.faults)
    form = str(request.path_params["form"])
    if form not in TYPES:
        raise HttpProblem(HTTPStatus.NOT_FOUND, ProblemName.NOT_FOUND, "surveys are had as xlsx or json")
    content = await desk.context.aside(partial(sheets.write_file, [subject.survey.document()], form))
    headers = {
        "Content-Disposition": f'attachment; filename="{subject.survey.id}-{subject.survey.version}.{form}"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=TYPES[form], headers=headers)


async def _file(desk: Desk, request: Request, session: Session) -> tuple[str, bytes]:
    """The file of a form that was made for this session. Raises HttpProblem for what is none."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        words = f"send the form as {MEDIA_TYPE}"
        raise HttpProblem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, ProblemName.UNSUPPORTED, words)
    context = desk.context
    with context.bodies.share() as take:
        body = await read_body(request, take=take, timeout_s=context.settings.body_timeout_s)
        parser = MultiPartParser(request.headers, _once(body), max_files=1, max_fields=MOST_FIELDS)
        try:
            form = await parser.parse()
        except (MultiPartException, UnicodeDecodeError, KeyError):
            raise invalid("the form cannot be read: send it as a browser does") from None
        try:
            check_form(session, form.get("csrf"))
            given = form.get("file")
            if not isinstance(given, UploadFile):
                raise invalid("the form has no file")
            return given.filename or "", await given.read()
        finally:
            await form.close()


async def _once(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body
    yield b""


def _told(desk: Desk, telling: Telling, request: Request, faults: tuple[Fault, ...]) -> list[str]:
    language = desk.shell.words(request).language
    named = {"file": desk.shell.words(request)("sheets.place")}
    return [
        f"{named.get(each.place) or telling(each.place, language)}: {telling(each.message, language)}"
        for each in faults
    ]


async def _page(desk: Desk, request: Request, session: Session, **values: object) -> Response:
    rows = await desk.context.read(partial(_read, words=desk.shell.words(request)))
    shown = {"drafts": (), "left": (), **values}
    return desk.show(request, session, "sheets.html", here=HERE, rows=rows, **shown)


def _read(connection: Connection, *, words: Words) -> list[Row]:
    newest = {each.survey: each for each in all_surveys(connection) if each.kiosk is None}
    return [
        Row(survey=name, title=title_of(words, each.document), version=each.version)
        for name, each in newest.items()
    ]
