"""Alerts: what somebody should see to, since when, and what is over.

Mounted by routing.py. For everybody, of the sites they see; reads only.
"""

from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headoffice.store import alerts
from headoffice.store.alerts import AlertSeen
from headoffice.store.engine import Connection
from headoffice.store.lists import all_sites
from headoffice.store.people import ROLES
from headoffice.web.office.desk import Clock, Desk, clock

PATH = "/alerts"
MOST = 200


@dataclass(frozen=True, kw_only=True)
class Told:
    """An alert, with its site's name and its own clock."""

    alert: AlertSeen
    site: str
    when: Clock


def routes(desk: Desk) -> list[Route]:
    """The list."""
    return [Route(PATH, partial(show, desk), methods=["GET"])]


async def show(desk: Desk, request: Request) -> Response:
    """What lasts, then what is over."""
    session = await desk.enter(request, ROLES)
    question = partial(_read, now=desk.context.now_ms())
    lasting, over = await desk.context.read(question, sites=session.person.sites)
    return desk.show(request, session, "alerts.html", here=PATH, lasting=lasting, over=over)


def _read(connection: Connection, *, now: int) -> tuple[list[Told], list[Told]]:
    found = all_sites(connection)
    names, zones = ({site.id: getattr(site, name) for site in found} for name in ("name", "timezone"))
    usual = clock(found, now)
    lasting, over = (
        [
            Told(
                alert=alert,
                site=names.get(alert.site or 0, ""),
                when=Clock(zones.get(alert.site or 0, usual.zone), now),
            )
            for alert in alerts.page(connection, after=None, limit=MOST, state=state, sites=None)
        ]
        for state in ("open", "closed")
    )
    return lasting, over
