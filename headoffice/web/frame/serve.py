"""Serve a page: who asks, what its URL asks for, what is read for it, and its charts as files.

Called by web/pages.py with each page's `Show`. May read the store through the context; writes nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from headoffice.problems import Invalid
from headoffice.store.engine import Connection
from headoffice.web.auth import Session, require_person
from headoffice.web.charts.chart import Chart
from headoffice.web.context import Context
from headoffice.web.errors import HttpProblem
from headoffice.web.frame.catalogue import Catalogue
from headoffice.web.frame.filters import FILTERS, OF_PERIOD, Address, Filters, Reader, read_filters
from headoffice.web.frame.places import Place, places
from headoffice.web.parameters import Parameters
from headoffice.web.shell import Shell
from headoffice.web.tabular import BOM
from headoffice.web.words import Words
from survey.problems import Fault

DOWNLOADS = {"csv": "text/csv; charset=utf-8", "svg": "image/svg+xml; charset=utf-8"}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a page is to show: its filters, and parameters of its own, to whom."""

    reader: Reader
    filters: Filters
    catalogue: Catalogue
    parameters: Parameters

    @property
    def words(self) -> Words:
        """The reader's language."""
        return self.reader.words

    @property
    def everything(self) -> bool:
        """Whether the reader sees small cells too."""
        return self.reader.person.is_admin


class Page(Protocol):
    """What a page's reader gives its template; `charts` can be had as files."""

    @property
    def charts(self) -> Sequence[Chart]:
        """The charts in the order shown."""


@dataclass(frozen=True, kw_only=True)
class Show:
    """A page: its place, its template, how it is read, its filters, and what else its URL may say."""

    path: str
    template: str
    read: Callable[[Connection, Asked], Page]
    filters: tuple[str, ...] = FILTERS
    takes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What the templates of every page need besides the page itself."""

    session: Session
    here: str
    places: tuple[Place, ...]
    filters: Filters | None = None
    takes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Read:
    filters: Filters
    page: Page | None
    faults: Sequence[Fault]


def frame_of(session: Session, here: str, filters: Filters | None = None) -> Frame:
    """The frame of a page at a path."""
    return Frame(session=session, here=here, places=places(session.person), filters=filters)


async def serve(context: Context, shell: Shell, show: Show, request: Request) -> Response:
    """The page, or one of its charts as a file where `download` names it."""
    session = await require_person(context, request)
    words = shell.words(request)
    reader = Reader(words=words, now_ms=context.now_ms(), person=session.person)
    read = await context.read(
        partial(_read, show=show, request=request, reader=reader),
        sites=session.person.sites,
    )
    frame = frame_of(session, show.path, read.filters)
    if read.page is None:
        status = HTTPStatus.BAD_REQUEST
        return shell.page(request, "fault.html", status=status, frame=frame, faults=read.faults)
    wanted = request.query_params.get("download")
    if wanted is not None:
        return chart_file(shell, words, read.page, wanted)
    return shell.page(request, show.template, frame=frame, page=read.page)


def _read(connection: Connection, *, show: Show, request: Request, reader: Reader) -> _Read:
    known = (*show.filters, *show.takes, *OF_PERIOD, "lang", "download")
    parameters = Parameters(request.query_params, known)
    filters, catalogue = read_filters(
        connection,
        parameters,
        Address(path=show.path, query=tuple(request.query_params.multi_items())),
        reader=reader,
        wanted=show.filters,
    )
    if parameters.faults:
        return _Read(filters=filters, page=None, faults=parameters.faults)
    asked = Asked(reader=reader, filters=filters, catalogue=catalogue, parameters=parameters)
    try:
        page = show.read(connection, asked)
    except Invalid as error:
        return _Read(filters=filters, page=None, faults=error.faults)
    return _Read(filters=filters, page=None if parameters.faults else page, faults=parameters.faults)


def chart_file(shell: Shell, words: Words, page: Page, wanted: str) -> Response:
    """A chart as CSV or SVG, named like itself."""
    name, _, form = wanted.rpartition(".")
    chart = next((each for each in page.charts if each.name == name), None)
    if chart is None or form not in DOWNLOADS or (form == "svg" and chart.drawing is None):
        raise HttpProblem(HTTPStatus.NOT_FOUND, "unknown", "this page has no such chart")
    if form == "csv":
        body = BOM + chart.table.csv()
    else:
        body = shell.templates.get_template(f"charts/{chart.kind}.svg").render(w=words, chart=chart)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{form}"',
        "Cache-Control": "no-store",
    }
    return Response(body, media_type=DOWNLOADS[form], headers=headers)
