"""Alerts: what somebody should see to, since when, and what is over; for administrators, where they are told.

Mounted by routing.py. For everybody, of the sites they see. Changes nothing but that a trial was sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headoffice.store import alerts
from headoffice.store.alerts import AlertSeen
from headoffice.store.engine import Connection
from headoffice.store.lists import all_sites
from headoffice.store.people import ROLES
from headoffice.web.auth import Session
from headoffice.web.office.alert_words import in_words
from headoffice.web.office.desk import Clock, Desk, clock, go
from headoffice.work import tell
from headoffice.work.outgoing import Unanswered

PATH = "/alerts"
TRIAL = "/alerts/trial"
MOST = 200


@dataclass(frozen=True, kw_only=True)
class Told:
    """An alert, with its site's name and its own clock."""

    alert: AlertSeen
    site: str
    when: Clock


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """Where alerts are told: the host of the address, nothing more of it, for that may hold a token.

    Without a host none is set up. `waiting` alerts, or ends of them, were not taken yet; the last was at
    `told_at`.
    """

    host: str
    waiting: int
    told_at: int | None
    when: Clock


def routes(desk: Desk) -> list[Route]:
    """The list, and the button beside the webhook."""
    return [
        Route(PATH, partial(show, desk), methods=["GET"]),
        Route(TRIAL, partial(send_trial, desk), methods=["POST"]),
    ]


async def show(desk: Desk, request: Request) -> Response:
    """What lasts, then what is over."""
    return await _page(desk, request, await desk.enter(request, ROLES))


async def send_trial(desk: Desk, request: Request) -> Response:
    """Send the webhook a trial, and say what came of it."""
    session = await desk.enter(request)
    await desk.form(request, session)
    hook, words = desk.context.hook, desk.shell.words(request)
    if hook is None:
        return await _page(desk, request, session, faults=(words("office.webhook.none"),))
    fault = ""
    try:
        status = await tell.trial(hook, now_ms=desk.context.now_ms())
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            fault = words("office.webhook.refused", host=hook.name, status=str(status))
    except Unanswered as error:
        fault = words("office.webhook.silent", host=hook.name, why=str(error))
    await desk.context.write(partial(tell.note_trial, by=desk.by(session), taken=not fault))
    return await _page(desk, request, session, faults=(fault,)) if fault else go(PATH, done="tried")


async def _page(desk: Desk, request: Request, session: Session, *, faults: Sequence[str] = ()) -> Response:
    question = partial(_read, now=desk.context.now_ms())
    lasting, over = await desk.context.read(question, sites=session.person.sites)
    webhook = None
    if session.person.is_admin:
        host = desk.context.hook.name if desk.context.hook else ""
        webhook = await desk.context.read(partial(_webhook, host=host, now=desk.context.now_ms()))
    said = partial(in_words, desk.shell.words(request))
    shown = {"lasting": lasting, "over": over, "webhook": webhook, "faults": faults, "said": said}
    return desk.show(request, session, "alerts.html", here=PATH, **shown)


def _webhook(connection: Connection, *, host: str, now: int) -> Webhook:
    waiting, told_at = alerts.telling(connection)
    return Webhook(host=host, waiting=waiting, told_at=told_at, when=clock(all_sites(connection), now))


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
