"""The audit: who did what and when, and the settings in force.

Mounted by routing.py. For administrators; reads only.
"""

from functools import partial
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headoffice.settings import FIELDS
from headoffice.store.engine import Connection
from headoffice.store.lists import all_sites
from headoffice.store.roster import AuditLine, all_people, audit_kinds, audit_page
from headoffice.web.office.desk import Clock, Desk, clock

PATH = "/admin/audit"
SETTINGS = "/admin/settings"
AT_ONCE = 100
MOST_DIGITS = 15


def routes(desk: Desk) -> list[Route]:
    """Both lists."""
    return [
        Route(PATH, partial(show, desk), methods=["GET"]),
        Route(SETTINGS, partial(settings, desk), methods=["GET"]),
    ]


async def show(desk: Desk, request: Request) -> Response:
    """What was done, the newest first."""
    session = await desk.enter(request)
    asked = request.query_params
    who, did, written = asked.get("who") or None, asked.get("did") or None, asked.get("before", "")
    before = int(written) if written.isascii() and written.isdigit() and len(written) < MOST_DIGITS else None
    question = partial(_read, before=before, who=who, did=did, now=desk.context.now_ms())
    lines, kinds, names, when = await desk.context.read(question)
    older = ""
    if len(lines) > AT_ONCE:
        lines = lines[:AT_ONCE]
        kept = {"who": who or "", "did": did or "", "before": lines[-1].id}
        older = f"{PATH}?{urlencode({name: value for name, value in kept.items() if value})}"
    return desk.show(
        request,
        session,
        "audit.html",
        here=PATH,
        lines=lines,
        all_who=kinds[0],
        all_did=kinds[1],
        chosen=(who, did),
        names=names,
        older=older,
        when=when,
    )


async def settings(desk: Desk, request: Request) -> Response:
    """The settings in force; a database is named without its password."""
    session = await desk.enter(request)
    told = {**vars(desk.context.settings), "database": desk.context.database.name, "config": None}
    rows = [(field, told[field.name]) for field in FIELDS if field.name != "config"]
    return desk.show(request, session, "settings.html", here=SETTINGS, rows=rows)


def _read(
    connection: Connection, *, before: int | None, who: str | None, did: str | None, now: int
) -> tuple[list[AuditLine], tuple[list[str], list[str]], dict[str, str], Clock]:
    lines = audit_page(connection, before=before, limit=AT_ONCE + 1, who=who, did=did)
    names = {f"person {each.id}": each.email for each in all_people(connection, now=now)}
    return lines, audit_kinds(connection), names, clock(all_sites(connection), now)
