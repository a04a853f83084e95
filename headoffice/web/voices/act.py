"""Hide a text, show it again, redact or erase it, from the page of the voices; for admins, and audited.

Mounted by web/pages.py. Changes the store through the context.
"""

import re
from functools import partial
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headoffice.problems import Unknown
from headoffice.store.audit import By
from headoffice.web.auth import check_form, require_person
from headoffice.web.context import Context
from headoffice.web.errors import HttpProblem, invalid
from headoffice.web.forms import read_form
from headoffice.web.voices.page import VOICES
from headoffice.work import words
from survey.problems import Fault

PATH = "/voices/act"
_MARK = re.compile(r"[0-9a-f]{16}")


async def act(context: Context, request: Request) -> Response:
    """Do what an admin's form says, and go back to the page it came from."""
    session = await require_person(context, request)
    form = await read_form(context, request)
    check_form(session, form.get("csrf"))
    if not session.person.is_admin:
        raise HttpProblem(HTTPStatus.FORBIDDEN, "forbidden", "only administrators change what is shown")
    named, action = form.get("verbatim", ""), form.get("action", "")
    if not _MARK.fullmatch(named):
        raise Unknown("there is no such verbatim")
    if action not in words.ACTIONS:
        raise invalid("the form has a fault", [Fault("action", f"write one of {', '.join(words.ACTIONS)}")])
    replacement = form.get("text") if action == "redact" else None
    by = By(f"person {session.person.id}", context.now_ms())
    await context.write(partial(words.act, mark=int(named, 16), action=action, words=replacement, by=by))
    return RedirectResponse(_back(form.get("back", "")), HTTPStatus.SEE_OTHER)


def _back(asked: str) -> str:
    """Where the form came from: this page with its filters, and nowhere else."""
    query = urlsplit(asked).query
    return f"{VOICES.path}?{query}" if query and query.isascii() and query.isprintable() else VOICES.path
