"""The results API's response funnel: `/api/v1/funnel`.

Mounted by web/results_api.py. May read the store through the context; writes nothing.
"""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headoffice.store.engine import Connection
from headoffice.store.misuse import in_force
from headoffice.web.auth import require_token
from headoffice.web.context import Context
from headoffice.web.metrics_api import SCOPE_PARAMETERS, read_scope
from headoffice.web.negotiate import Answer, chosen_format, respond
from headoffice.web.parameters import Parameters
from headoffice.web.records import Record
from headoffice.work.funnel import DEFINITION, StageSeen, funnel

PATH = "/api/v1/funnel"
FIELDS = (
    "survey",
    "version",
    "question",
    "reached",
    "answered",
    "value",
    "low",
    "high",
    "took_s",
    "suppressed",
)


def routes(context: Context) -> list[Route]:
    """The one path."""
    return [Route(PATH, partial(show, context), methods=["GET"])]


async def show(context: Context, request: Request) -> Response:
    """How many of those who reached each question answered it."""
    token = await require_token(context, request)
    wanted = chosen_format(request)
    question = partial(_funnel, request=request, everything=token.is_admin)
    return respond(request, await context.read(question, sites=token.sites), wanted, tagged=True)


def _funnel(connection: Connection, *, request: Request, everything: bool) -> Answer:
    parameters = Parameters(request.query_params, (*SCOPE_PARAMETERS, "language"))
    scope = read_scope(connection, parameters)
    parameters.check()
    beside = {"metric": "funnel", "definition": DEFINITION, "filter": in_force(connection).name}
    period = {
        "from": None if scope.first is None else scope.first.isoformat(),
        "to": None if scope.end is None else scope.end.isoformat(),
    }
    rows = [stage_record(stage) for stage in funnel(connection, scope, everything=everything)]
    columns = (*beside, *FIELDS)
    return Answer(name="rows", rows=rows, columns=columns, envelope={**beside, **period}, beside=beside)


def stage_record(stage: StageSeen) -> Record:
    """A question of the funnel."""
    return {
        "survey": stage.survey,
        "version": stage.version,
        "question": stage.question,
        "reached": stage.reached,
        "answered": stage.answered,
        "value": stage.share.value,
        "low": stage.share.low,
        "high": stage.share.high,
        "took_s": stage.took_s,
        "suppressed": stage.suppressed,
    }
