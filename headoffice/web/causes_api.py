"""The results API's NPS+: `/api/v1/nps-plus`, why low scores were given and what each cause costs.

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
from headoffice.work.causes import DEFINITION, Cause, nps_plus

PATH = "/api/v1/nps-plus"
FIELDS = ("question", "cause", "n", "value", "low", "high", "nps_if_fixed")


def routes(context: Context) -> list[Route]:
    """The one path."""
    return [Route(PATH, partial(show, context), methods=["GET"])]


async def show(context: Context, request: Request) -> Response:
    """The NPS with its causes."""
    token = await require_token(context, request)
    wanted = chosen_format(request)
    question = partial(_nps_plus, request=request, everything=token.is_admin)
    return respond(request, await context.read(question, sites=token.sites), wanted, tagged=True)


def _nps_plus(connection: Connection, *, request: Request, everything: bool) -> Answer:
    parameters = Parameters(request.query_params, SCOPE_PARAMETERS)
    scope = read_scope(connection, parameters)
    parameters.check()
    found = nps_plus(connection, scope, everything=everything)
    score = found.score
    envelope = {
        "metric": "nps_plus",
        "definition": DEFINITION,
        "filter": in_force(connection).name,
        "from": None if scope.first is None else scope.first.isoformat(),
        "to": None if scope.end is None else scope.end.isoformat(),
        "n": None if score.suppressed else score.estimate.n,
        "value": score.estimate.value,
        "low": score.estimate.low,
        "high": score.estimate.high,
        "detractors": found.detractors,
        "explained": found.explained,
        "suppressed": found.causes is None,
    }
    rows = [cause_record(cause) for cause in found.causes or ()]
    beside = {name: envelope[name] for name in ("metric", "definition", "filter")}
    return Answer(name="causes", rows=rows, columns=(*beside, *FIELDS), envelope=envelope, beside=beside)


def cause_record(cause: Cause) -> Record:
    """A cause."""
    return {
        "question": cause.question,
        "cause": cause.cause,
        "n": cause.n,
        "value": cause.share.value,
        "low": cause.share.low,
        "high": cause.share.high,
        "nps_if_fixed": cause.nps_if_fixed,
    }
