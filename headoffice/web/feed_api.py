"""The results API's rows: `/api/v1/taps`, the feed that misses nothing, and `/api/v1/visits`.

Mounted by web/results_api.py. May read the store through the context; writes nothing.
"""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headoffice.store import feed
from headoffice.store.engine import Connection, Database
from headoffice.store.results import questions
from headoffice.store.sight import sites_of
from headoffice.store.visits import Position, VisitSeen, visits
from headoffice.web.auth import require_token
from headoffice.web.context import Context
from headoffice.web.cursors import read_numbers, write_numbers
from headoffice.web.metrics_api import read_scope
from headoffice.web.negotiate import Answer, chosen_format, paged, pour, respond
from headoffice.web.parameters import Parameters
from headoffice.web.records import feed_record, visit_record
from headoffice.web.strands import Stretch
from headoffice.web.stretches import ANSWERS, TAP_FIELDS, VISIT_FIELDS, taps_after, visits_after
from headoffice.work.scope import Scope

TAPS_PATH = "/api/v1/taps"
VISITS_PATH = "/api/v1/visits"
TAPS_PARAMETERS = ("after", "limit", "wait", "format")
VISITS_PARAMETERS = ("after", "limit", "from", "to", "site", "touchpoint", "survey", "format")
ALL = "all"  # every row from here on
USUAL_LIMIT, MOST_TAPS, MOST_VISITS = 1000, 10_000, 5000
LONGEST_WAIT_S = 30
Stretches = Iterator[Stretch]
LOOK_AGAIN_S = 1.0  # what another process committed does not wake those who wait here


def routes(context: Context) -> list[Route]:
    """The two paths."""
    return [
        Route(TAPS_PATH, partial(taps, context), methods=["GET"]),
        Route(VISITS_PATH, partial(visits_page, context), methods=["GET"]),
    ]


async def taps(context: Context, request: Request) -> Response:
    """The next taps after a cursor, in the order head office received them."""
    token = await require_token(context, request, "results")
    wanted = chosen_format(request)
    if request.query_params.get("limit") == ALL:
        answer, stretches = await context.read(
            partial(_all_taps, database=context.database, request=request), sites=token.sites
        )
        return pour(request, answer, stretches, wanted)
    asked = partial(_taps, request=request)
    answer, wait_s = await context.read(asked, sites=token.sites)
    end = time.monotonic() + wait_s
    while not answer.rows and not context.stopping.is_set() and (left_s := end - time.monotonic()) > 0:
        await context.committer.next_commit(within_s=min(left_s, LOOK_AGAIN_S))
        answer, _ = await context.read(asked, sites=token.sites)
    return respond(request, answer, wanted)


async def visits_page(context: Context, request: Request) -> Response:
    """The next visits after a cursor, one row a visit, its answers as columns."""
    token = await require_token(context, request, "results")
    wanted = chosen_format(request)
    if request.query_params.get("limit") == ALL:
        answer, stretches = await context.read(
            partial(_all_visits, database=context.database, request=request), sites=token.sites
        )
        return pour(request, answer, stretches, wanted)
    return respond(request, await context.read(partial(_visits, request=request), sites=token.sites), wanted)


def _taps(connection: Connection, *, request: Request) -> tuple[Answer, int]:
    """The page, and how many seconds the reader would wait for its first row."""
    parameters = Parameters(request.query_params, TAPS_PARAMETERS)
    after = parameters.word("after") or ""
    limit = parameters.integer("limit", low=1, high=MOST_TAPS, default=USUAL_LIMIT)
    wait_s = parameters.integer("wait", low=0, high=LONGEST_WAIT_S, default=0)
    parameters.check()
    begin = feed.read_cursor(connection, after)
    rows, cursor, more = feed.page(connection, begin, limit)
    answer = paged(
        request,
        Answer(name="taps", rows=[feed_record(row) for row in rows], columns=TAP_FIELDS),
        after=feed.write_cursor(cursor),
        more=more,
        also={"let_go": feed.is_too_late(connection, begin)},
    )
    return answer, wait_s if after else 0


def _visits(connection: Connection, *, request: Request) -> Answer:
    parameters = Parameters(request.query_params, VISITS_PARAMETERS)
    after = parameters.word("after")
    limit = parameters.integer("limit", low=1, high=MOST_VISITS, default=USUAL_LIMIT)
    scope = read_scope(connection, parameters)
    parameters.check()
    life = feed.epoch(connection)
    place = Position() if after is None else Position(*read_numbers(after, life))
    found, position, more = visits(connection, place, limit=limit)
    rows = [visit_record(visit) for visit in found if _holds(scope, visit)]
    return paged(
        request,
        Answer(name="visits", rows=rows, columns=(*VISIT_FIELDS, *_answer_columns(connection, scope))),
        after=write_numbers(life, position.ledger, position.seq),
        more=more,
    )


def _all_taps(connection: Connection, *, database: Database, request: Request) -> tuple[Answer, Stretches]:
    parameters = Parameters(request.query_params, TAPS_PARAMETERS)
    after = parameters.word("after") or ""
    parameters.check()
    cursor = feed.read_cursor(connection, after)
    answer = Answer(name="taps", rows=(), columns=TAP_FIELDS)
    return answer, taps_after(database, cursor, sites_of(connection))


def _all_visits(connection: Connection, *, database: Database, request: Request) -> tuple[Answer, Stretches]:
    parameters = Parameters(request.query_params, VISITS_PARAMETERS)
    after = parameters.word("after")
    scope = read_scope(connection, parameters)
    parameters.check()
    place = Position() if after is None else Position(*read_numbers(after, feed.epoch(connection)))
    columns = (*VISIT_FIELDS, *_answer_columns(connection, scope))
    answer = Answer(name="visits", rows=(), columns=columns)
    return answer, visits_after(database, place, scope, sites_of(connection), columns)


def _holds(scope: Scope, visit: VisitSeen) -> bool:
    """Whether a visit is among those asked for; its day is the local one it began on."""
    day = datetime.fromtimestamp(visit.started_at / 1000, ZoneInfo(visit.timezone)).date()
    return (
        (scope.first is None or scope.first <= day)
        and (scope.end is None or day < scope.end)
        and (scope.sites is None or visit.site in scope.sites)
        and (scope.touchpoints is None or visit.touchpoint in scope.touchpoints)
        and (scope.versions is None or visit.version in scope.versions)
    )


def _answer_columns(connection: Connection, scope: Scope) -> Sequence[str]:
    asked = [
        each for each in questions(connection) if scope.versions is None or each.version in scope.versions
    ]
    return list(dict.fromkeys(f"{ANSWERS}{each.question}" for each in asked))
