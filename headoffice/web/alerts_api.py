"""The results API's alerts: `/api/v1/alerts`, what somebody should see to, open and closed.

Mounted by web/results_api.py. May read the store through the context; writes nothing.
"""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headoffice.store import alerts, feed
from headoffice.store.alerts import AlertSeen
from headoffice.store.engine import Connection
from headoffice.store.lists import all_sites
from headoffice.web.auth import require_token
from headoffice.web.context import Context
from headoffice.web.cursors import read_numbers, write_numbers
from headoffice.web.negotiate import Answer, chosen_format, paged, respond
from headoffice.web.parameters import Parameters
from headoffice.web.records import Record, local_time

PATH = "/api/v1/alerts"
FIELDS = ("alert", "kind", "state", "site", "kiosk", "subject", "detail", "raised_at", "closed_at")
STATES = ("open", "closed")
USUAL_LIMIT, MOST = 100, 1000


def routes(context: Context) -> list[Route]:
    """The list."""
    return [Route(PATH, partial(show, context), methods=["GET"])]


async def show(context: Context, request: Request) -> Response:
    """Alerts, newest first."""
    token = await require_token(context, request)
    wanted = chosen_format(request)
    return respond(request, await context.read(partial(_alerts, request=request), sites=token.sites), wanted)


def _alerts(connection: Connection, *, request: Request) -> Answer:
    parameters = Parameters(request.query_params, ("after", "limit", "state", "site", "format"))
    after = parameters.word("after")
    limit = parameters.integer("limit", low=1, high=MOST, default=USUAL_LIMIT)
    state = parameters.choice("state", (*STATES, "all"), default="all")
    sites = all_sites(connection)
    zones = {site.id: site.timezone for site in sites}
    chosen = parameters.named(
        "site", {**{str(site.id): site.id for site in sites}, **{site.name: site.id for site in sites}}
    )
    parameters.check()
    life = feed.epoch(connection)
    before = None if after is None else read_numbers(after, life)[0]
    wanted = None if state == "all" else state
    found = alerts.page(connection, after=before, limit=limit + 1, state=wanted, sites=chosen)
    rows = [alert_record(alert, zones.get(alert.site or 0, "UTC")) for alert in found[:limit]]
    last = found[:limit][-1].id if rows else (before or 1 << 62)
    answer = Answer(name="alerts", rows=rows, columns=FIELDS)
    return paged(request, answer, after=write_numbers(life, last, 0), more=len(found) > limit)


def alert_record(alert: AlertSeen, timezone: str) -> Record:
    """An alert; times in its site's offset."""
    return {
        "alert": str(alert.id),
        "kind": alert.kind,
        "state": "open" if alert.closed_at is None else "closed",
        "site": None if alert.site is None else str(alert.site),
        "kiosk": None if alert.kiosk is None else str(alert.kiosk),
        "subject": alert.subject,
        "detail": alert.detail,
        "raised_at": local_time(alert.raised_at, timezone),
        "closed_at": None if alert.closed_at is None else local_time(alert.closed_at, timezone),
    }
