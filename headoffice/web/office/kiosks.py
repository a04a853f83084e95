"""Kiosks: the state of each, codes to enrol one by, and what can be done for it.

Mounted by routing.py. Everybody sees those of their sites; administrators change them, by way of work/.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headoffice.problems import Invalid, Unknown
from headoffice.store import pictures, sites
from headoffice.store.audit import By
from headoffice.store.engine import Connection
from headoffice.store.people import ROLES
from headoffice.web.auth import Session
from headoffice.web.office.complaints import Complaints
from headoffice.web.office.desk import Desk, go
from headoffice.web.office.qr import drawn
from headoffice.web.office.standing import FILTERS, Asked, read_kiosk, read_kiosks
from headoffice.web.shipped import Telling
from headoffice.work import access, enrol, picture, tend
from survey.problems import Fault

PATH = "/kiosks"
HOUR_MS = 3600 * 1000
LONGEST_OVERLAP_H = 24 * 14
MOST_DIGITS = 6
PICTURE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}
Act = Callable[[Connection, int, Mapping[str, str], By], str | None]


@dataclass(frozen=True)
class Counter(Desk):
    """The desk, with somebody who understands kiosks."""

    complaints: Complaints


def routes(desk: Desk) -> list[Route]:
    """The list, a kiosk's own page, and their forms."""
    counter = Counter(desk.context, desk.shell, Complaints(Telling()))
    return [
        Route(PATH, partial(show, counter), methods=["GET"]),
        Route(f"{PATH}/code", partial(code, counter), methods=["POST"]),
        Route(f"{PATH}/{{kiosk:int}}", partial(one, counter), methods=["GET"]),
        Route(f"{PATH}/{{kiosk:int}}/picture.png", partial(screen, counter), methods=["GET"]),
        *(
            Route(f"{PATH}/{{kiosk:int}}/{name}", partial(act, counter, name), methods=["POST"])
            for name in ACTS
        ),
    ]


async def show(desk: Counter, request: Request) -> Response:
    """The kiosks, those that need somebody first."""
    return await _list(desk, request, await desk.enter(request, ROLES))


async def code(desk: Counter, request: Request) -> Response:
    """Make a one-time code for a new kiosk; it is shown once, with its QR code."""
    session = await desk.enter(request)
    form = await desk.form(request, session)
    try:
        made = await desk.context.write(partial(_code, form=form, by=desk.by(session)))
    except Invalid as error:
        return await _list(desk, request, session, faults=error.faults, typed=form)
    return await _list(desk, request, session, **_shown(desk, request, made))


async def one(desk: Counter, request: Request) -> Response:
    """A kiosk."""
    return await _one(desk, request, await desk.enter(request, ROLES))


async def screen(desk: Counter, request: Request) -> Response:
    """The last picture of a kiosk's screen; it was checked when it came, and nothing else is made of it."""
    await desk.enter(request)
    question = partial(pictures.data, kiosk=int(request.path_params["kiosk"]), now=desk.context.now_ms())
    png = await desk.context.read(question)
    if png is None:
        raise Unknown("there is no picture of this kiosk's screen")
    return Response(png, media_type="image/png", headers=PICTURE_HEADERS)


async def act(desk: Counter, name: str, request: Request) -> Response:
    """Do something for a kiosk; a key or a code that was made is shown once."""
    session = await desk.enter(request)
    form = await desk.form(request, session)
    kiosk = int(request.path_params["kiosk"])
    try:
        made = await desk.context.write(partial(_act, name=name, kiosk=kiosk, form=form, by=desk.by(session)))
    except Invalid as error:
        return await _one(desk, request, session, faults=error.faults)
    if made is None:
        return go(f"{PATH}/{kiosk}", done=name)
    if name == "replace":
        return await _one(desk, request, session, **_shown(desk, request, made))
    return await _one(desk, request, session, key=made)


def _code(connection: Connection, *, form: Mapping[str, str], by: By) -> str:
    site = _site(connection, form)
    return enrol.make_code(connection, site=site, touchpoint=form.get("touchpoint", ""), by=by)


def _site(connection: Connection, form: Mapping[str, str]) -> sites.Site:
    try:
        return sites.find_site(connection, form.get("site", ""))
    except Unknown as error:
        raise Invalid([Fault("site", str(error))]) from error


def _act(connection: Connection, *, name: str, kiosk: int, form: Mapping[str, str], by: By) -> str | None:
    return ACTS[name](connection, kiosk, form, by)


def _rename(connection: Connection, kiosk: int, form: Mapping[str, str], by: By) -> None:
    tend.rename(connection, kiosk, name=form.get("name", ""), by=by)


def _move(connection: Connection, kiosk: int, form: Mapping[str, str], by: By) -> None:
    site = _site(connection, form)
    tend.move(connection, kiosk, site=site, touchpoint=form.get("touchpoint", ""), by=by)


def _rotate(connection: Connection, kiosk: int, form: Mapping[str, str], by: By) -> str:
    written = form.get("hours", "")
    fits = written.isascii() and written.isdigit() and len(written) <= MOST_DIGITS
    if not fits or int(written) > LONGEST_OVERLAP_H:
        raise Invalid([Fault("hours", f"must be from 0 to {LONGEST_OVERLAP_H}")])
    return access.rotate_key(connection, kiosk, overlap_ms=int(written) * HOUR_MS, by=by)


def _revoke(connection: Connection, kiosk: int, _form: Mapping[str, str], by: By) -> None:
    access.revoke_keys(connection, kiosk, by=by)


def _picture(connection: Connection, kiosk: int, _form: Mapping[str, str], by: By) -> None:
    picture.ask(connection, kiosk, by=by)


def _replace(connection: Connection, kiosk: int, _form: Mapping[str, str], by: By) -> str:
    return tend.replacement_code(connection, kiosk, by=by)


ACTS: Mapping[str, Act] = {
    "rename": _rename,
    "move": _move,
    "rotate": _rotate,
    "revoke": _revoke,
    "replace": _replace,
    "picture": _picture,
}


def _shown(desk: Counter, request: Request, made: str) -> dict[str, Any]:
    """A code, with the address it is good at and both as a QR code."""
    address = (desk.context.settings.public_url or str(request.base_url)).rstrip("/")
    return {"secret": made, "address": address, "qr": drawn(f"{address} {made}")}


async def _list(
    desk: Counter, request: Request, session: Session, *, faults: tuple[Fault, ...] = (), **values: object
) -> Response:
    asked = Asked(
        words=desk.shell.words(request),
        complaints=desk.complaints,
        now_ms=desk.context.now_ms(),
        silent_after_min=desk.context.settings.silent_after_min,
        wanted=request.query_params.get("q", ""),
        state=request.query_params.get("state", ""),
    )
    page = await desk.context.read(partial(read_kiosks, asked=asked), sites=session.person.sites)
    shown = {"typed": {}, "address": "", "qr": "", **values}
    return desk.show(
        request,
        session,
        "kiosks.html",
        here=PATH,
        page=page,
        states=FILTERS,
        asked=asked,
        faults=desk.told(request, faults),
        **shown,
    )


async def _one(
    desk: Counter, request: Request, session: Session, *, faults: tuple[Fault, ...] = (), **values: object
) -> Response:
    asked = Asked(
        words=desk.shell.words(request),
        complaints=desk.complaints,
        now_ms=desk.context.now_ms(),
        silent_after_min=desk.context.settings.silent_after_min,
    )
    question = partial(read_kiosk, kiosk=int(request.path_params["kiosk"]), asked=asked)
    page = await desk.context.read(question, sites=session.person.sites)
    shown = {"address": "", "qr": "", "key": None, **values}
    faulty = desk.told(request, faults)
    return desk.show(request, session, "kiosk.html", here=PATH, page=page, faults=faulty, **shown)
