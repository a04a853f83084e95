"""The results API's aggregates: `/api/v1/metrics` and the tallies behind it.

Mounted by web/results_api.py. May read the store through the context; writes nothing.
"""

from collections.abc import Mapping, Sequence
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headoffice.metrics import METRICS, Metric
from headoffice.significance import CORRECTIONS, WORTH
from headoffice.store.engine import Connection
from headoffice.store.lists import all_sites
from headoffice.store.misuse import in_force
from headoffice.store.results import questions, touchpoints
from headoffice.web.auth import require_token
from headoffice.web.context import Context
from headoffice.web.negotiate import Answer, chosen_format, respond
from headoffice.web.parameters import Parameters
from headoffice.web.records import compared_record, metric_record, tally_record
from headoffice.work.columns import COLUMNS, TAG
from headoffice.work.compare import OF_TIME, OTHERS, WITH, compare
from headoffice.work.report import UNPAIRED, MetricQuery, measure
from headoffice.work.scope import Scope
from headoffice.work.tally_rows import BY_DAY, BY_HOUR, tally_rows

METRICS_PATH = "/api/v1/metrics"
TALLIES_PATH = "/api/v1/tallies"
ALSO_CALLED = {"happy": "happy_index"}
_NO_LANGUAGE = "tallies by the hour hold no language"
SCOPE_PARAMETERS = ("from", "to", "site", "touchpoint", "survey", "question", "format")


def routes(context: Context) -> list[Route]:
    """The two paths."""
    return [
        Route(METRICS_PATH, partial(metrics, context), methods=["GET"]),
        Route(TALLIES_PATH, partial(tallies, context), methods=["GET"]),
    ]


async def metrics(context: Context, request: Request) -> Response:
    """A metric by whatever is asked for, each number with n and its interval."""
    token = await require_token(context, request)
    wanted = chosen_format(request)
    answer = await context.read(
        partial(_metrics, request=request, everything=token.is_admin), sites=token.sites
    )
    return respond(request, answer, wanted, tagged=True)


async def tallies(context: Context, request: Request) -> Response:
    """The counts from which every metric is made."""
    token = await require_token(context, request)
    wanted = chosen_format(request)
    answer = await context.read(
        partial(_tallies, request=request, everything=token.is_admin), sites=token.sites
    )
    return respond(request, answer, wanted, tagged=True)


def read_scope(connection: Connection, parameters: Parameters) -> Scope:
    """The filters of a question: a site by id or name, a survey by id or version."""
    sites = all_sites(connection)
    asked = questions(connection)
    first, end = parameters.period()
    versions = _versions({(each.survey, each.version) for each in asked})
    chosen = parameters.named("survey", versions)
    return Scope(
        first=first,
        end=end,
        sites=parameters.named(
            "site", {**{str(site.id): site.id for site in sites}, **{site.name: site.id for site in sites}}
        ),
        touchpoints=parameters.named("touchpoint", {name: name for name in touchpoints(connection)}),
        versions=None if chosen is None else tuple(dict.fromkeys(one for many in chosen for one in many)),
        questions=parameters.named("question", {each.question: each.question for each in asked}),
        languages=parameters.languages(),
    )


def _metrics(connection: Connection, *, request: Request, everything: bool) -> Answer:
    parameters = Parameters(
        request.query_params, ("metric", "by", "compare", "correction", "language", *SCOPE_PARAMETERS)
    )
    metric = _metric(parameters)
    by = parameters.choices("by", (*COLUMNS, *_tags(connection)))
    if {"hour", "language"} <= set(by):
        parameters.fault("by", f"hour and language cannot be combined: {_NO_LANGUAGE}")
    scope = read_scope(connection, parameters)
    if "hour" in by and scope.languages is not None:
        parameters.fault("language", _NO_LANGUAGE)
    if metric.other is not None:
        _check_gap(parameters, by, scope)
    against = _against(parameters, metric, by, scope)
    correction = parameters.choice("correction", CORRECTIONS, default=CORRECTIONS[0]) or ""
    parameters.check()
    query = MetricQuery(metric=metric, by=by, scope=scope, everything=everything)
    envelope = {
        "metric": metric.name,
        "definition": metric.definition,
        "filter": in_force(connection).name,
        "from": None if scope.first is None else scope.first.isoformat(),
        "to": None if scope.end is None else scope.end.isoformat(),
    }
    found = measure(connection, query)
    rows = [metric_record(row) for row in found]
    if against is not None:
        envelope |= {"compare": against, "correction": correction}
        beside = compare(connection, query, found, against=against, correction=correction)
        rows = [{**row, "compared": compared_record(each)} for row, each in zip(rows, beside, strict=True)]
    explained = {name: envelope[name] for name in ("metric", "definition", "filter")}
    also = [f"{name}.{part}" for name in metric.also for part in ("value", "low", "high")]
    return Answer(
        name="rows",
        envelope=envelope,
        rows=rows,
        columns=[*explained, *by, "n", "value", "low", "high", *also, "unfiltered.n", "unfiltered.value"],
        beside=explained,
    )


def _tags(connection: Connection) -> list[str]:
    return sorted({f"{TAG}{tag}" for site in all_sites(connection) for tag in site.tags})


def _against(parameters: Parameters, metric: Metric, by: Sequence[str], scope: Scope) -> str | None:
    """What each row is to be compared with, if anything."""
    if parameters.word("compare") is None:
        return None
    against = parameters.choice("compare", WITH, default=OTHERS)
    if metric.name not in WORTH:
        parameters.fault("compare", f"is not for {metric.name}; its interval says what it is worth")
    if against == OTHERS and not by:
        parameters.fault("compare", "others are there only where rows are asked for by something")
    if against != OTHERS and (scope.first is None or scope.end is None):
        parameters.fault("compare", f"{against} needs both `from` and `to`")
    if against != OTHERS and set(by) & set(OF_TIME):
        parameters.fault("by", f"cannot be {', '.join(OF_TIME)} where periods are compared")
    return against


def _check_gap(parameters: Parameters, by: Sequence[str], scope: Scope) -> None:
    """What staff predicted is of a whole day: it has no hour and no survey of the shoppers'."""
    told = "staff's prediction has none: it is of a whole day of a site"
    if apart := [name for name in by if name in UNPAIRED]:
        parameters.fault("by", f"cannot be {', '.join(apart)} here: {told}")
    chosen = (("survey", scope.versions), ("question", scope.questions), ("language", scope.languages))
    for name, filtered in chosen:
        if filtered is not None:
            parameters.fault(name, f"cannot be chosen here: {told}")


def _tallies(connection: Connection, *, request: Request, everything: bool) -> Answer:
    parameters = Parameters(request.query_params, ("grain", "language", *SCOPE_PARAMETERS))
    hourly = parameters.choice("grain", ("day", "hour"), default="day") == "hour"
    scope = read_scope(connection, parameters)
    if hourly and scope.languages is not None:
        parameters.fault("language", _NO_LANGUAGE)
    parameters.check()
    columns = BY_HOUR if hourly else BY_DAY
    rows = tally_rows(connection, scope, hourly=hourly, everything=everything)
    return Answer(name="tallies", rows=[tally_record(columns, row) for row in rows], columns=columns)


def _metric(parameters: Parameters) -> Metric:
    name = parameters.choice("metric", (*METRICS, *ALSO_CALLED), default=None) or "csat"
    return METRICS[ALSO_CALLED.get(name, name)]


def _versions(known: set[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    """Survey versions by what people may call them: a survey's id means all of its versions."""
    named: dict[str, tuple[str, ...]] = {version: (version,) for _, version in known}
    for survey, version in sorted(known):
        named[survey] = (*named.get(survey, ()), version)
    return named
