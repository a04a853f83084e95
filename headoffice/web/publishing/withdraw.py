"""The page that withdraws a survey: what each store shows without it, and one button with a question back.

Mounted by publishing/routing.py. For administrators; changes by way of work/publish.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from headoffice.problems import Invalid, Overtaken, Unknown
from headoffice.store import programmes
from headoffice.store.audit import By
from headoffice.store.engine import Connection
from headoffice.store.lists import all_sites, all_surveys
from headoffice.web.auth import Session
from headoffice.web.office.desk import Desk, go
from headoffice.web.publishing.changes import MOST_NAMES, title_of
from headoffice.web.publishing.choice import Choice, read_choice
from headoffice.web.publishing.page import HERE
from headoffice.web.words import Words
from headoffice.work.publish import last_published, withdraw_survey


@dataclass(frozen=True, kw_only=True)
class Left:
    """Stores that show the same without the survey: their names, and the titles of what stays, in order."""

    sites: tuple[str, ...]
    count: int
    more: str
    stays: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class View:
    """Everything that the template shows; `seen` is the number of what was published last."""

    survey: str
    title: str
    choice: Choice
    seen: int
    groups: tuple[Left, ...]
    count: int
    tags: tuple[str, ...]


async def show(desk: Desk, request: Request) -> Response:
    """What would be left where; the address says where, once it was chosen."""
    session = await desk.enter(request)
    return await _page(desk, request, session, fields=dict(request.query_params))


async def put(desk: Desk, request: Request) -> Response:
    """Withdraw."""
    session = await desk.enter(request)
    form = await desk.form(request, session)
    survey = str(request.path_params["survey"])
    try:
        await desk.context.write(partial(_withdraw, survey=survey, form=form, by=desk.by(session)))
    except Overtaken:
        told = desk.shell.words(request)("publish.overtaken")
        response = await _page(desk, request, session, fields=form, told=(told,))
        response.status_code = HTTPStatus.CONFLICT
        return response
    except Invalid:
        return await _page(desk, request, session, fields=form, sent=True)
    return go(f"/surveys/{survey}/history", done="withdrawn")


def _withdraw(connection: Connection, *, survey: str, form: Mapping[str, str], by: By) -> None:
    choice, seen = read_choice(connection, form), form.get("seen", "")
    if choice.faults:
        raise Invalid(choice.faults)
    number = int(seen) if seen.isascii() and seen.isdigit() and len(seen) <= 15 else -1  # noqa: PLR2004
    withdraw_survey(connection, survey, choice.target, seen=number, by=by)


async def _page(  # noqa: PLR0913 - who asks, what was asked, and what is told
    desk: Desk,
    request: Request,
    session: Session,
    *,
    fields: Mapping[str, str],
    told: tuple[str, ...] = (),
    sent: bool = False,
) -> Response:
    words, survey = desk.shell.words(request), str(request.path_params["survey"])
    view = await desk.context.read(partial(_read, words=words, survey=survey, fields=fields))
    faults = [
        *told,
        *(f"{words('publish.fault.' + each.place)} {each.message}" for each in view.choice.faults),
    ]
    if sent and not faults:
        faults.append(words("withdraw.nowhere"))
    return desk.show(request, session, "withdraw.html", here=HERE, view=view, faults=faults)


def _read(connection: Connection, *, words: Words, survey: str, fields: Mapping[str, str]) -> View:
    documents = {each.version: each.document for each in all_surveys(connection)}
    own = [each.document for each in all_surveys(connection) if each.survey == survey]
    if not own:
        raise Unknown("there is no survey of this name")
    choice, published = read_choice(connection, fields), last_published(connection, survey)
    sites, in_force = all_sites(connection), programmes.entries_in_force(connection)
    alike: dict[tuple[str, ...], list[str]] = {}
    met = set() if choice.faults else set(programmes.met_by(connection, choice.target))
    for site in sites:
        there = in_force.get(site.id, ())
        if site.id in met and any(each.survey == survey for each in there):
            stays = tuple(title_of(words, documents[each.version]) for each in there if each.survey != survey)
            alike.setdefault(stays, []).append(site.name)
    groups = tuple(_left(words, stays, sorted(names)) for stays, names in alike.items())
    tags = {f"{tag}={value}" for site in sites for tag, value in site.tags.items()}
    return View(
        survey=survey,
        title=title_of(words, own[-1]),
        choice=choice,
        seen=published[0].id if published else 0,
        groups=tuple(sorted(groups, key=lambda group: -group.count)),
        count=sum(group.count for group in groups),
        tags=tuple(sorted(tags)),
    )


def _left(words: Words, stays: tuple[str, ...], names: list[str]) -> Left:
    over = len(names) - MOST_NAMES
    more = words("publish.more_sites", n=over) if over > 0 else ""
    return Left(sites=tuple(names[:MOST_NAMES]), count=len(names), more=more, stays=stays)
