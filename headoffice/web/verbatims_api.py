"""The results API's open text: `/api/v1/verbatims`, and how admins hide, redact and erase a text.

Mounted by web/results_api.py. Reads and changes the store through the context.
"""

import re
from functools import partial
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from headoffice.problems import Unknown
from headoffice.store import feed
from headoffice.store.audit import By
from headoffice.store.engine import Connection
from headoffice.store.verbatims import STATES, VerbatimSeen, Wanted
from headoffice.web.auth import require_token
from headoffice.web.body import read_body
from headoffice.web.context import Context
from headoffice.web.cursors import read_numbers, write_numbers
from headoffice.web.errors import invalid
from headoffice.web.metrics_api import read_scope
from headoffice.web.negotiate import Answer, chosen_format, paged, respond
from headoffice.web.parameters import Parameters
from headoffice.web.records import Record, local_time
from headoffice.work import words
from headoffice.work.batch import read_object
from survey.problems import Fault

PATH = "/api/v1/verbatims"
PARAMETERS = ("after", "limit", "from", "to", "site", "touchpoint", "survey", "question", "format")
FIELDS = (
    *("verbatim", "site", "touchpoint", "survey", "question", "period", "text", "state"),
    *("version", "language", "kiosk", "tapped_at", "flag"),
)
USUAL_LIMIT, MOST = 100, 1000
MARK = re.compile(r"[0-9a-f]{16}")


def routes(context: Context) -> list[Route]:
    """The list, and one text."""
    return [
        Route(PATH, partial(verbatims, context), methods=["GET"]),
        Route(PATH + "/{verbatim}", partial(change, context), methods=["POST"]),
    ]


async def verbatims(context: Context, request: Request) -> Response:
    """Open text, newest first; who is not an admin sees none of a cell that holds fewer than ten."""
    token = await require_token(context, request)
    wanted = chosen_format(request)
    answer = await context.read(
        partial(_verbatims, request=request, everything=token.is_admin), sites=token.sites
    )
    return respond(request, answer, wanted)


async def change(context: Context, request: Request) -> Response:
    """Hide, show, redact or erase a text; for admins."""
    token = await require_token(context, request, "admin")
    named = request.path_params["verbatim"]
    if not MARK.fullmatch(named):
        raise Unknown("there is no such verbatim")
    with context.bodies.share() as take:
        body = await read_body(request, take=take, timeout_s=context.settings.body_timeout_s)
    action, replacement = _asked(read_object(body))
    by = By(f"token {token.id}", context.now_ms())
    state = await context.write(
        partial(words.act, mark=int(named, 16), action=action, words=replacement, by=by)
    )
    return JSONResponse(
        {"verbatim": named, "state": state}, HTTPStatus.OK, headers={"Cache-Control": "no-store"}
    )


def _asked(document: dict[str, object]) -> tuple[str, str | None]:
    action, replacement = document.get("action"), document.get("text")
    faults = []
    if action not in words.ACTIONS:
        faults.append(Fault("action", f"write one of {', '.join(words.ACTIONS)}"))
    if replacement is not None and not (isinstance(replacement, str) and action == "redact"):
        faults.append(Fault("text", "is a text, and goes with redact only"))
    if faults:
        raise invalid("the input has faults", faults)
    return str(action), None if replacement is None else str(replacement)


def _verbatims(connection: Connection, *, request: Request, everything: bool) -> Answer:
    parameters = Parameters(request.query_params, PARAMETERS)
    after = parameters.word("after")
    limit = parameters.integer("limit", low=1, high=MOST, default=USUAL_LIMIT)
    scope = read_scope(connection, parameters)
    parameters.check()
    life = feed.epoch(connection)
    wanted = Wanted(
        first=None if scope.first is None else scope.first.isoformat(),
        end=None if scope.end is None else scope.end.isoformat(),
        sites=scope.sites,
        touchpoints=scope.touchpoints,
        versions=scope.versions,
        questions=scope.questions,
    )
    place = None if after is None else read_numbers(after, life)
    page = words.read_page(connection, wanted, words.Part(after=place, limit=limit), everything=everything)
    period = words.period_of(wanted)
    rows = [verbatim_record(row, period, everything=everything) for row in page.rows]
    cursor = write_numbers(life, *(page.after or place or (1 << 62, 0)))
    return paged(request, Answer(name="verbatims", rows=rows, columns=FIELDS), after=cursor, more=page.more)


def verbatim_record(row: VerbatimSeen, period: str, *, everything: bool) -> Record:
    """An open text; what would tell who wrote it when is null for those who are not admins."""
    month = f"{row.month // 100}-{row.month % 100:02}"
    record: Record = {
        "verbatim": f"{row.mark:016x}",
        "site": str(row.site),
        "touchpoint": row.touchpoint,
        "survey": row.survey,
        "question": row.question,
        "period": row.day if period == "day" else month,
        "text": row.text,
        "state": STATES[row.state],
    }
    told: Record = {
        "version": row.version,
        "language": row.language,
        "kiosk": str(row.kiosk),
        "tapped_at": local_time(row.tapped_at, row.timezone),
        "flag": row.flag,
    }
    return {**record, **(told if everything else dict.fromkeys(told))}
