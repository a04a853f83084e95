"""The results API's misuse rules: what is in force, a dry run of others, and how admins change them.

Mounted by web/results_api.py. Reads and changes the store through the context.
"""

from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from headoffice.store.audit import By
from headoffice.web.auth import require_token
from headoffice.web.body import read_body
from headoffice.web.context import Context
from headoffice.web.errors import invalid
from headoffice.work import flag
from headoffice.work.batch import read_object
from headoffice.work.misuse import read_rules
from survey.problems import Fault

PATH = "/api/v1/misuse"
NOT_KEPT = {"Cache-Control": "no-store"}


def routes(context: Context) -> list[Route]:
    """What is in force, and the change."""
    return [
        Route(PATH, partial(show, context), methods=["GET"]),
        Route(PATH, partial(change, context), methods=["POST"]),
    ]


async def show(context: Context, request: Request) -> Response:
    """The rules in force."""
    await require_token(context, request)
    return JSONResponse(await context.read(flag.standing), headers=NOT_KEPT)


async def change(context: Context, request: Request) -> Response:
    """Put other rules in force, or say what that would change."""
    token = await require_token(context, request, "admin")
    with context.bodies.share() as take:
        document = read_object(await read_body(request, take=take, timeout_s=context.settings.body_timeout_s))
    dry = document.get("dry_run", False)
    if not isinstance(dry, bool):
        raise invalid("the input has faults", [Fault("dry_run", "is true or false")])
    rules = read_rules(document.get("rules"))
    if dry:
        return JSONResponse(await context.read(partial(flag.tried, rules=rules)), headers=NOT_KEPT)
    by = By(f"token {token.id}", context.now_ms())
    made = await context.write(partial(flag.change_rules, rules=rules, by=by))
    told = {"dry_run": False, "filter": made.name, "rules": dict(rules)}
    return JSONResponse(told, headers=NOT_KEPT)
