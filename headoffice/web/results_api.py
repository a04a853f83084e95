"""The results API: everything a program can read, behind a token.

Mounted by app.py. May read the store through the context; writes nothing.
"""

from collections.abc import Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headoffice.store.completeness import Holding, holdings, recount
from headoffice.store.engine import Connection
from headoffice.store.lists import all_kiosks, all_sites, all_surveys
from headoffice.store.survey_edits import all_edits
from headoffice.web import (
    alerts_api,
    causes_api,
    feed_api,
    funnel_api,
    metrics_api,
    misuse_api,
    verbatims_api,
)
from headoffice.web.auth import require_token
from headoffice.web.context import Context
from headoffice.web.negotiate import Answer, chosen_format, respond
from headoffice.web.parameters import Parameters
from headoffice.web.records import Record, holding_record, kiosk_record, site_record, survey_record

SITE_FIELDS = ("site", "name", "timezone")
KIOSK_FIELDS = (
    *("kiosk", "name", "site", "touchpoint", "enrolled_at", "heard_at", "version", "pending"),
    *("free_bytes", "programme", "problems", "clock_offset_ms"),
)
SURVEY_FIELDS = ("version", "survey", "kind", "added_at", "kiosk", "document", "edits")
HOLDING_FIELDS = (
    *("kiosk", "name", "site", "touchpoint", "ledger", "through", "held", "rejected", "withheld"),
    *("let_go", "missing", "pending", "complete_until", "last_tap_at", "heard_at"),
)


def routes(context: Context) -> list[Route]:
    """Every path of the results API but its description."""
    return [
        *feed_api.routes(context),
        *metrics_api.routes(context),
        *causes_api.routes(context),
        *funnel_api.routes(context),
        *verbatims_api.routes(context),
        *alerts_api.routes(context),
        *misuse_api.routes(context),
        Route("/api/v1/sites", partial(_list, context, _sites), methods=["GET"]),
        Route("/api/v1/kiosks", partial(_list, context, _kiosks), methods=["GET"]),
        Route("/api/v1/surveys", partial(_list, context, _surveys), methods=["GET"]),
        Route("/api/v1/completeness", partial(_completeness, context), methods=["GET"]),
    ]


async def _list(context: Context, read: Callable[[Connection], Answer], request: Request) -> Response:
    """A list of what there is, which takes no parameter but the format."""
    token = await require_token(context, request)
    wanted = chosen_format(request)
    Parameters(request.query_params, ("format",)).check()
    return respond(request, await context.read(read, sites=token.sites), wanted)


async def _completeness(context: Context, request: Request) -> Response:
    """What is held of each kiosk's ledgers, and what is missing."""
    token = await require_token(context, request)
    wanted = chosen_format(request)
    parameters = Parameters(request.query_params, ("recount", "format"))
    counting = parameters.yes("recount")
    parameters.check()
    return respond(request, await context.read(partial(_held, counting=counting), sites=token.sites), wanted)


def _sites(connection: Connection) -> Answer:
    return Answer(
        name="sites", rows=[site_record(each) for each in all_sites(connection)], columns=SITE_FIELDS
    )


def _kiosks(connection: Connection) -> Answer:
    return Answer(
        name="kiosks", rows=[kiosk_record(each) for each in all_kiosks(connection)], columns=KIOSK_FIELDS
    )


def _surveys(connection: Connection) -> Answer:
    found, edits = all_surveys(connection), all_edits(connection)
    documents = {each.version: each.document for each in found}
    rows = [survey_record(each, edits.get(each.version, ()), documents) for each in found]
    return Answer(name="surveys", rows=rows, columns=SURVEY_FIELDS)


def _held(connection: Connection, *, counting: bool) -> Answer:
    rows = [_holding(connection, holding, counting=counting) for holding in holdings(connection)]
    return Answer(name="completeness", rows=rows, columns=HOLDING_FIELDS)


def _holding(connection: Connection, holding: Holding, *, counting: bool) -> Record:
    if not counting:
        return holding_record(holding, None)
    return holding_record(*recount(connection, holding))
