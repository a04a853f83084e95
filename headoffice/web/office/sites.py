"""Sites: the stores, with their time zone and tags.

Mounted by routing.py. For administrators; changes by way of work/access.py.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headoffice.problems import Invalid
from headoffice.store.audit import By
from headoffice.store.engine import Connection
from headoffice.store.lists import SiteSeen, all_kiosks, all_sites
from headoffice.store.sites import find_site, zones
from headoffice.web.auth import Session
from headoffice.web.office.desk import Desk, go
from headoffice.work import access
from survey.problems import Fault, shown

PATH = "/admin/sites"


def routes(desk: Desk) -> list[Route]:
    """The list and its forms."""
    return [
        Route(PATH, partial(show, desk), methods=["GET"]),
        Route(PATH, partial(add, desk), methods=["POST"]),
        Route(f"{PATH}/change", partial(change, desk), methods=["POST"]),
    ]


async def show(desk: Desk, request: Request) -> Response:
    """Every site."""
    return await _page(desk, request, await desk.enter(request))


async def add(desk: Desk, request: Request) -> Response:
    """Add a site."""
    return await _change(desk, request, _add, done="site")


async def change(desk: Desk, request: Request) -> Response:
    """Give a site another name, time zone or tags."""
    return await _change(desk, request, _alter, done="changed")


def _add(connection: Connection, *, form: dict[str, str], by: By) -> None:
    name, timezone = form.get("name", "").strip(), form.get("timezone", "").strip()
    tags = read_tags(form.get("tags", ""))
    access.add_site(connection, name=name, timezone=timezone, tags=tags, by=by)


def _alter(connection: Connection, *, form: dict[str, str], by: By) -> None:
    site = find_site(connection, form.get("site", ""))
    name, timezone = form.get("name", site.name).strip(), form.get("timezone", site.timezone).strip()
    wanted = replace(site, name=name, timezone=timezone)
    access.change_site(connection, site, wanted, tags=read_tags(form.get("tags", "")), by=by)


def read_tags(written: str) -> dict[str, str]:
    """Read tags, one a line or parted by commas. Raises Invalid with every one that is none."""
    tags: dict[str, str] = {}
    faults = []
    for each in filter(None, (part.strip() for part in written.replace(",", "\n").splitlines())):
        key, equals, value = (part.strip() for part in each.partition("="))
        if not (equals and key and value) or key in tags:
            faults.append(Fault("tag", f"{shown(each)} is not key=value, or its key stands there twice"))
        tags[key] = value
    if faults:
        raise Invalid(faults)
    return tags


async def _change(desk: Desk, request: Request, change: Callable[..., None], *, done: str) -> Response:
    session = await desk.enter(request)
    form = await desk.form(request, session)
    try:
        await desk.context.write(partial(change, form=form, by=desk.by(session)))
    except Invalid as error:
        return await _page(desk, request, session, faults=error.faults, typed=form)
    return go(PATH, done=done)


async def _page(
    desk: Desk, request: Request, session: Session, *, faults: tuple[Fault, ...] = (), **values: object
) -> Response:
    rows = await desk.context.read(_read)
    return desk.show(
        request,
        session,
        "sites.html",
        here=PATH,
        rows=rows,
        zones=sorted(zones()),
        faults=desk.told(request, faults),
        **{"typed": {}, **values},
    )


def _read(connection: Connection) -> list[tuple[SiteSeen, int]]:
    kiosks = Counter(kiosk.site for kiosk in all_kiosks(connection))
    return [(site, kiosks[site.id]) for site in sorted(all_sites(connection), key=lambda site: site.name)]
