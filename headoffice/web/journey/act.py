"""Keep the order of the touchpoints that an administrator's page of the journey shows, or forget it.

Mounted by web/pages.py. Changes the store through the context.
"""

import json
from functools import partial
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headoffice.store.audit import By
from headoffice.web.auth import check_form, require_person
from headoffice.web.context import Context
from headoffice.web.errors import HttpProblem, invalid
from headoffice.web.forms import read_form
from headoffice.web.journey.page import JOURNEY
from headoffice.work.journey import order_touchpoints
from survey.problems import Fault

PATH = "/journey/order"


async def act(context: Context, request: Request) -> Response:
    """Do what an admin's form says, and go back to the page without an order in its address."""
    session = await require_person(context, request)
    form = await read_form(context, request)
    check_form(session, form.get("csrf"))
    if not session.person.is_admin:
        raise HttpProblem(HTTPStatus.FORBIDDEN, "forbidden", "only administrators keep an order for all")
    by = By(f"person {session.person.id}", context.now_ms())
    await context.write(partial(order_touchpoints, named=_named(form.get("way", "")), by=by))
    query = urlsplit(form.get("back", "")).query
    safe = query.isascii() and query.isprintable()
    return RedirectResponse(
        f"{JOURNEY.path}?{query}" if query and safe else JOURNEY.path, HTTPStatus.SEE_OTHER
    )


def _named(written: str) -> list[str]:
    """The names of a form: a JSON list, since a name may hold any sign; nothing forgets the order."""
    if not written:
        return []
    try:
        found = json.loads(written)
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise invalid("the form has a fault", [Fault("way", "must be a JSON list of touchpoints")])
    return found
