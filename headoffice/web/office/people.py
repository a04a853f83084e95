"""People: who may sign in, as what, and what they see.

Mounted by routing.py. For administrators; changes by way of work/access.py.
"""

from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headoffice.problems import Invalid
from headoffice.store import people
from headoffice.store.audit import By
from headoffice.store.engine import Connection
from headoffice.store.lists import all_sites
from headoffice.store.people import BOUND, ROLES
from headoffice.store.roster import PersonListed, all_people
from headoffice.web.auth import Session
from headoffice.web.office.desk import Clock, Desk, clock, go, named, read_bounds
from headoffice.work import access
from survey.problems import Fault

PATH = "/admin/people"


@dataclass(frozen=True, kw_only=True)
class Row:
    """Somebody, and what they are bound to in words; `self_` is the reader."""

    person: PersonListed
    bounds: list[str]
    nothing: bool


def routes(desk: Desk) -> list[Route]:
    """The list and its forms."""
    return [
        Route(PATH, partial(show, desk), methods=["GET"]),
        Route(PATH, partial(put, desk), methods=["POST"]),
        Route(f"{PATH}/remove", partial(remove, desk), methods=["POST"]),
    ]


async def show(desk: Desk, request: Request) -> Response:
    """Everybody."""
    return await _page(desk, request, await desk.enter(request))


async def put(desk: Desk, request: Request) -> Response:
    """Add somebody, or give somebody another role or other sites; shows the one-time code once."""
    session = await desk.enter(request)
    form = await desk.form(request, session)
    change = partial(_put, form=form, by=desk.by(session))
    try:
        code = await desk.context.write(change)
    except Invalid as error:
        return await _page(desk, request, session, faults=error.faults, typed=form)
    return await _page(desk, request, session, secret=code, whose=form.get("email", ""))


async def remove(desk: Desk, request: Request) -> Response:
    """Take somebody's access away."""
    session = await desk.enter(request)
    form = await desk.form(request, session)
    try:
        await desk.context.write(partial(_remove, email=form.get("email", ""), by=desk.by(session)))
    except Invalid as error:
        return await _page(desk, request, session, faults=error.faults)
    return go(PATH, done="removed")


def _put(connection: Connection, *, form: dict[str, str], by: By) -> str:
    email, role = form.get("email", "").strip(), form.get("role", "")
    if role not in ROLES:
        raise Invalid([Fault("role", "is none of the roles")])
    bounds = read_bounds(connection, form.get("bounds", "") if role in BOUND else "")
    if role != "admin":
        _keep_an_admin(connection, email)
    return access.add_person(connection, email=email, role=role, by=by, bounds=bounds)


def _remove(connection: Connection, *, email: str, by: By) -> None:
    _keep_an_admin(connection, email)
    access.remove_person(connection, email=email, by=by)


def _keep_an_admin(connection: Connection, email: str) -> None:
    """Raise Invalid where the last administrator would be none any more."""
    found = people.person_by_email(connection, email)
    if found is not None and found.is_admin and people.count_admins(connection) == 1:
        raise Invalid([Fault("last_admin", "nobody else is an administrator")])


async def _page(
    desk: Desk, request: Request, session: Session, *, faults: tuple[Fault, ...] = (), **values: object
) -> Response:
    now = desk.context.now_ms()
    rows, when = await desk.context.read(partial(_read, now=now))
    shown = {"typed": {}, "whose": "", **values}
    return desk.show(
        request,
        session,
        "people.html",
        here=PATH,
        rows=rows,
        when=when,
        roles=ROLES,
        faults=desk.told(request, faults),
        **shown,
    )


def _read(connection: Connection, *, now: int) -> tuple[list[Row], Clock]:
    found = all_sites(connection)
    names = {site.id: site.name for site in found}
    rows = []
    for person in all_people(connection, now=now):
        bounds = named(person.granted, names)
        rows.append(Row(person=person, bounds=bounds, nothing=person.role in BOUND and not bounds))
    return rows, clock(found, now)
