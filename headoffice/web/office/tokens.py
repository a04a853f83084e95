"""Tokens: what programs read the results by.

Mounted by routing.py. For administrators; changes by way of work/access.py.
"""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headoffice.problems import Invalid
from headoffice.store.audit import By
from headoffice.store.engine import Connection
from headoffice.store.lists import all_sites
from headoffice.store.roster import TokenListed, all_tokens
from headoffice.store.tokens import SCOPES
from headoffice.web.auth import Session
from headoffice.web.office.desk import Clock, Desk, clock, go, named, read_bounds
from headoffice.work import access
from survey.problems import Fault

PATH = "/admin/tokens"
MOST_DAYS = 3650
MOST_DIGITS = 12


def routes(desk: Desk) -> list[Route]:
    """The list and its forms."""
    return [
        Route(PATH, partial(show, desk), methods=["GET"]),
        Route(PATH, partial(make, desk), methods=["POST"]),
        Route(f"{PATH}/revoke", partial(revoke, desk), methods=["POST"]),
    ]


async def show(desk: Desk, request: Request) -> Response:
    """Every token."""
    return await _page(desk, request, await desk.enter(request))


async def make(desk: Desk, request: Request) -> Response:
    """Make a token; it is shown once."""
    session = await desk.enter(request)
    form = await desk.form(request, session)
    try:
        token = await desk.context.write(partial(_make, form=form, by=desk.by(session)))
    except Invalid as error:
        return await _page(desk, request, session, faults=error.faults, typed=form)
    return await _page(desk, request, session, secret=token)


async def revoke(desk: Desk, request: Request) -> Response:
    """Take a token back."""
    session = await desk.enter(request)
    form = await desk.form(request, session)
    token = _number(form.get("token", ""))
    await desk.context.write(partial(access.revoke_token, token=token or 0, by=desk.by(session)))
    return go(PATH, done="revoked")


def _make(connection: Connection, *, form: dict[str, str], by: By) -> str:
    scope, written = form.get("scope", ""), form.get("days", "").strip()
    days = _number(written)
    faults = [] if scope in SCOPES else [Fault("scope", "is none of the scopes")]
    if written and (days is None or not 1 <= days <= MOST_DAYS):
        faults.append(Fault("days", f"is not from 1 to {MOST_DAYS}"))
    if faults:
        raise Invalid(faults)
    bounds = read_bounds(connection, form.get("bounds", ""))
    return access.make_token(
        connection, name=form.get("name", ""), scope=scope, by=by, days=days, bounds=bounds
    )


def _number(written: str) -> int | None:
    fits = written.isascii() and written.isdigit() and len(written) <= MOST_DIGITS
    return int(written) if fits else None


async def _page(
    desk: Desk, request: Request, session: Session, *, faults: tuple[Fault, ...] = (), **values: object
) -> Response:
    rows, when = await desk.context.read(partial(_read, now=desk.context.now_ms()))
    return desk.show(
        request,
        session,
        "tokens.html",
        here=PATH,
        rows=rows,
        when=when,
        scopes=SCOPES,
        faults=desk.told(request, faults),
        **{"typed": {}, **values},
    )


def _read(connection: Connection, *, now: int) -> tuple[list[tuple[TokenListed, list[str]]], Clock]:
    found = all_sites(connection)
    names = {site.id: site.name for site in found}
    return [(token, named(token.granted, names)) for token in all_tokens(connection)], clock(found, now)
