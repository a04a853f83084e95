"""The description of head office's HTTP interface, as OpenAPI 3.1.

Mounted by app.py; tests hold it against the routes and against real answers. May touch nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from headoffice.metrics import METRICS
from headoffice.significance import CORRECTIONS
from headoffice.web.context import Context
from headoffice.web.feed_api import ALL, LONGEST_WAIT_S, MOST_TAPS, MOST_VISITS, USUAL_LIMIT
from headoffice.web.negotiate import MEDIA_TYPES, Format
from headoffice.web.schemas import SCHEMAS, Schema, reference
from headoffice.work.batch import LANGUAGE
from headoffice.work.columns import COLUMNS
from headoffice.work.compare import WITH
from sync import contract

PATH = "/api/v1/openapi.json"
VERSION = "1.0.0"  # of the interface, not of the program

_TEXT: Schema = {"type": "string"}
_BYTES: Schema = {"type": "string", "format": "binary"}
_TAG_COLUMN: Schema = {"type": "string", "pattern": "^tag\\."}
_LIST: Schema = {"type": "array", "items": _TEXT}


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter in the query; lists are repeated or parted by commas."""

    name: str
    schema: Schema
    meaning: str
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A path of the results API: what it gives, by which schema, and what it takes."""

    path: str
    summary: str
    schema: str
    takes: Sequence[Parameter] = ()
    tagged: bool = False


def _limit(most: int, *, usual: int = USUAL_LIMIT, all_too: bool = False) -> Parameter:
    schema: Schema = {"type": "integer", "minimum": 1, "maximum": most, "default": usual}
    if all_too:
        everything: Schema = {"type": "string", "enum": [ALL]}
        words = "most rows of a page; all: every row from here on, sent as it is read, without a cursor"
        return Parameter(name="limit", schema={"anyOf": [schema, everything]}, meaning=words)
    return Parameter(name="limit", schema=schema, meaning="most rows of a page")


_AFTER = Parameter(
    name="after", schema=_TEXT, meaning="cursor: the `next` of the last page; none: the beginning"
)
_WAIT = Parameter(
    name="wait",
    schema={"type": "integer", "minimum": 0, "maximum": LONGEST_WAIT_S},
    meaning="with `after`: seconds to wait for the first new tap instead of answering with none",
)
_DATE: Schema = {"type": "string", "format": "date"}
_FROM = Parameter(name="from", schema=_DATE, meaning="first local date of the site, included")
_TO = Parameter(name="to", schema=_DATE, meaning="last local date of the site, not included")
_SITE = Parameter(name="site", schema=_LIST, meaning="sites by id or name")
_TOUCHPOINT = Parameter(name="touchpoint", schema=_LIST, meaning="touchpoints")
_SURVEY = Parameter(name="survey", schema=_LIST, meaning="surveys by id (all versions) or by version")
_QUESTION = Parameter(name="question", schema=_LIST, meaning="questions by id")
_LANGUAGE = Parameter(
    name="language",
    schema={"type": "array", "items": {"type": "string", "pattern": LANGUAGE.removesuffix(r"\Z") + "$"}},
    meaning="shoppers' languages by their tags; not where hours are asked for",
)
_PERIOD_AND_PLACE = (_FROM, _TO, _SITE, _TOUCHPOINT, _SURVEY)
_FORMAT = Parameter(
    name="format",
    schema={"type": "string", "enum": list(Format)},
    meaning="outranks Accept",
)

_BOM = Parameter(
    name="bom",
    schema={"type": "string", "enum": ["true", "false"]},
    meaning="with CSV: begin with the mark by which Excel knows UTF-8",
)

READINGS = (
    Reading(
        path="/api/v1/taps",
        summary="The feed: every tap once, in the order head office received them",
        schema="Taps",
        takes=(_AFTER, _limit(MOST_TAPS, all_too=True), _WAIT),
    ),
    Reading(
        path="/api/v1/visits",
        summary="One row a visit, its answers as columns",
        schema="Visits",
        takes=(_AFTER, _limit(MOST_VISITS, all_too=True), *_PERIOD_AND_PLACE),
    ),
    Reading(
        path="/api/v1/metrics",
        summary="A metric with n and its 95 % interval, by whatever is asked for",
        schema="Metrics",
        tagged=True,
        takes=(
            Parameter(
                name="metric",
                schema={"type": "string", "enum": list(METRICS)},
                meaning="which",
                required=True,
            ),
            Parameter(
                name="by",
                schema={
                    "type": "array",
                    "items": {"anyOf": [{"type": "string", "enum": list(COLUMNS)}, _TAG_COLUMN]},
                },
                meaning="columns of the answer, by commas; tag.NAME: a tag of the sites; none: one row",
            ),
            Parameter(
                name="compare",
                schema={"type": "string", "enum": list(WITH)},
                meaning="beside each row the period before, the same weeks a year before, or all other rows",
            ),
            Parameter(
                name="correction",
                schema={"type": "string", "enum": list(CORRECTIONS)},
                meaning="for many comparisons: Holm (default) or Benjamini-Hochberg",
            ),
            *_PERIOD_AND_PLACE,
            _QUESTION,
            _LANGUAGE,
        ),
    ),
    Reading(
        path="/api/v1/nps-plus",
        summary="NPS+: the score, each root cause's share among low scores, and the NPS if it were fixed",
        schema="NpsPlus",
        tagged=True,
        takes=(*_PERIOD_AND_PLACE, _QUESTION),
    ),
    Reading(
        path="/api/v1/funnel",
        summary="The response funnel: of the visits that reached a question, how many answered it",
        schema="Funnel",
        tagged=True,
        takes=(*_PERIOD_AND_PLACE, _QUESTION, _LANGUAGE),
    ),
    Reading(
        path="/api/v1/tallies",
        summary="The counts from which the metrics are made",
        schema="Tallies",
        tagged=True,
        takes=(
            Parameter(
                name="grain", schema={"type": "string", "enum": ["day", "hour"]}, meaning="day by default"
            ),
            *_PERIOD_AND_PLACE,
            _QUESTION,
            _LANGUAGE,
        ),
    ),
    Reading(
        path="/api/v1/verbatims",
        summary="Open text, newest first; of a site, touchpoint, survey, question and period with fewer than "
        "ten, only admins see any",
        schema="Verbatims",
        takes=(_AFTER, _limit(1000, usual=100), *_PERIOD_AND_PLACE, _QUESTION),
    ),
    Reading(
        path="/api/v1/alerts",
        summary="What somebody should see to: silent kiosks, sudden drops, forked or corrupt ledgers, "
        "rejected taps",
        schema="Alerts",
        takes=(
            _AFTER,
            _limit(1000, usual=100),
            Parameter(
                name="state",
                schema={"type": "string", "enum": ["open", "closed", "all"]},
                meaning="all by default",
            ),
            _SITE,
        ),
    ),
    Reading(path="/api/v1/sites", summary="The sites with their tags", schema="Sites"),
    Reading(path="/api/v1/kiosks", summary="The kiosks and what they said of themselves", schema="Kiosks"),
    Reading(path="/api/v1/surveys", summary="Every survey version with its document", schema="Surveys"),
    Reading(
        path="/api/v1/completeness",
        summary="Which taps of each kiosk are held, and which are missing",
        schema="Completeness",
        takes=(
            Parameter(
                name="recount",
                schema={"type": "string", "enum": ["true", "false"]},
                meaning="count the taps themselves and name the missing numbers",
            ),
        ),
    ),
)


def routes(_context: Context) -> list[Route]:
    """The path of the description; it is no secret, so it asks for no token."""
    written = description()

    async def show(_request: Request) -> Response:
        return JSONResponse(written, headers={"Cache-Control": "no-cache"})

    return [Route(PATH, show, methods=["GET"])]


def description() -> dict[str, object]:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Egao head office",
            "version": VERSION,
            "summary": "What kiosks send, and what head office makes of it",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"token": []}],
        "paths": {
            **{reading.path: {"get": _operation(reading)} for reading in READINGS},
            **_CHANGES,
            **_KIOSK_PATHS,
            PATH: {"get": _plain("This description", "The description", open_to_all=True)},
            "/readyz": {"get": _plain("Whether changes are taken now", "They are", open_to_all=True)},
            "/metrics": {"get": _PROMETHEUS},
            "/healthz": {"get": _plain("Whether head office is well", "It is", open_to_all=True)},
        },
        "components": {
            "schemas": dict(SCHEMAS),
            "responses": {
                "Problem": {
                    "description": "What is wrong, and how to mend it",
                    "content": {"application/problem+json": {"schema": reference("Problem")}},
                }
            },
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "headoffice token NAME"},
                "key": {"type": "http", "scheme": "bearer", "description": "the kiosk's key, from enrolment"},
            },
        },
    }


def _operation(reading: Reading) -> Schema:
    return {
        "summary": reading.summary,
        "operationId": reading.path.rsplit("/", 1)[-1],
        "tags": ["results"],
        "parameters": [_parameter(each) for each in (*reading.takes, _FORMAT, _BOM)],
        "responses": {
            "200": {
                "description": "The rows; NDJSON and CSV have one a line, and the feed's cursor in Egao-Next",
                "content": {
                    "application/json": {"schema": reference(reading.schema)},
                    "application/x-ndjson": {"schema": _TEXT},
                    "text/csv": {"schema": _TEXT},
                    MEDIA_TYPES[Format.XLSX]: {"schema": _BYTES},
                    MEDIA_TYPES[Format.PARQUET]: {"schema": _BYTES},
                },
            },
            **({"304": {"description": "it is what If-None-Match names"}} if reading.tagged else {}),
            **_problems("400", "401", "403", "406", "429", "503"),
        },
    }


def _parameter(parameter: Parameter) -> Schema:
    written: Schema = {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": parameter.meaning,
        "schema": parameter.schema,
    }
    if parameter.schema.get("type") == "array":
        written |= {"style": "form", "explode": False}
    return written


def _plain(summary: str, well: str, *, open_to_all: bool = False) -> Schema:
    operation: Schema = {
        "summary": summary,
        "responses": {
            "200": {"description": well, "content": {"application/json": {"schema": {"type": "object"}}}},
            **_problems("503"),
        },
    }
    return {**operation, "security": []} if open_to_all else operation


_PROMETHEUS: Schema = {
    "summary": "Counts for Prometheus: requests, groups, queue, taps, kiosks by state, open alerts",
    "responses": {"200": {"description": "The counts", "content": {"text/plain": {"schema": _TEXT}}}},
    "security": [],
}


def _problems(*statuses: str) -> dict[str, object]:
    return {status: {"$ref": "#/components/responses/Problem"} for status in statuses}


def _kiosk_call(summary: str, well: Mapping[str, Schema], *, sends: bool, statuses: Sequence[str]) -> Schema:
    """A call of the kiosks; their bodies are told in words in docs, and checked by sync.contract."""
    operation: Schema = {
        "summary": summary,
        "tags": ["kiosks"],
        "security": [{"key": []}],
        "responses": {**well, **_problems(*statuses)},
    }
    if sends:
        body: Schema = {"application/json": {"schema": {"type": "object"}}}
        operation["requestBody"] = {"required": True, "content": body}
    return operation


def _object(meaning: str) -> Schema:
    return {"description": meaning, "content": {"application/json": {"schema": {"type": "object"}}}}


def _change(summary: str, *, takes: str, gives: str) -> Schema:
    """A change that a program with a token of scope admin may make."""
    body: Schema = {"application/json": {"schema": reference(takes)}}
    given: Schema = {"application/json": {"schema": reference(gives)}}
    return {
        "summary": summary,
        "tags": ["administration"],
        "requestBody": {"required": True, "content": body},
        "responses": {
            "200": {"description": "it is done", "content": given},
            **_problems("400", "401", "403", "404", "408", "413", "415", "429", "503"),
        },
    }


_CHANGES: Mapping[str, Schema] = {
    "/api/v1/misuse": {
        "get": {
            "summary": "The misuse rules in force, and whether every tap is judged by them",
            "tags": ["results"],
            "responses": {
                "200": {
                    "description": "the rules",
                    "content": {"application/json": {"schema": reference("Misuse")}},
                },
                **_problems("401", "403", "429", "503"),
            },
        },
        "post": _change(
            "Change the misuse rules, or say what that would change; for tokens of scope admin",
            takes="MisuseChange",
            gives="MisuseEffect",
        ),
    },
    "/api/v1/verbatims/{verbatim}": {
        "parameters": [{"name": "verbatim", "in": "path", "required": True, "schema": _TEXT}],
        "post": _change(
            "Hide a text, show it again, redact it or erase it; for tokens of scope admin",
            takes="VerbatimChange",
            gives="VerbatimState",
        ),
    },
}

_KIOSK_PATHS: Mapping[str, Schema] = {
    contract.ENROL: {
        "post": {
            **_kiosk_call(
                "Trade a one-time code for the kiosk's key",
                {"200": _object("kiosk, key, site, touchpoint, timezone")},
                sends=True,
                statuses=("400", "401", "413", "415", "429", "503"),
            ),
            "security": [],
        }
    },
    contract.TAPS: {
        "post": _kiosk_call(
            "Send a batch of taps; an empty one is the heartbeat",
            {
                "200": _object(
                    "the ack: ledger, batch, through, rejected, programme, now; picture if one is asked for"
                )
            },
            sends=True,
            statuses=("400", "401", "403", "408", "409", "413", "415", "503"),
        )
    },
    contract.PROGRAMME: {
        "get": _kiosk_call(
            "The programme in force for this kiosk",
            {
                "200": _object("etag, surveys, and the terms of each"),
                "304": {"description": "it has not changed"},
            },
            sends=False,
            statuses=("401", "403", "503"),
        )
    },
    contract.SURVEYS + "/{version}": {
        "parameters": [
            {"name": "version", "in": "path", "required": True, "schema": _TEXT},
            *(
                {"name": name, "in": "query", "schema": _TEXT, "description": meaning}
                for name, meaning in (
                    ("author", "who made it there: staff, technician or hand"),
                    ("at", "when, in ms since 1970 UTC; with author"),
                    ("base", "from which version"),
                )
            ),
        ],
        "put": _kiosk_call(
            "Put a survey version that staff made on the kiosk",
            {"204": {"description": "it is kept"}},
            sends=True,
            statuses=("400", "401", "403", "408", "413", "415", "503"),
        ),
    },
    contract.PICTURE + "/{asked}": {
        "parameters": [
            {
                "name": "asked",
                "in": "path",
                "required": True,
                "schema": _TEXT,
                "description": "the name by which an ack asked for it: picture",
            }
        ],
        "put": {
            **_kiosk_call(
                "Put the picture of the kiosk's screen that an ack asked for",
                {"204": {"description": "it is kept for a day"}},
                sends=False,
                statuses=("400", "401", "403", "404", "408", "413", "415", "503"),
            ),
            "requestBody": {
                "required": True,
                "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
            },
        },
    },
}
