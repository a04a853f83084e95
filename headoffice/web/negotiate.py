"""In which format an answer goes out: JSON, NDJSON or CSV, chosen by `?format=` or by `Accept`.

Called by web/results_api.py. Pure: reads a request, makes a response, touches nothing.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from http import HTTPStatus
from types import MappingProxyType
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from headoffice.web.errors import HttpProblem, invalid
from survey.problems import Fault, did_you_mean, shown

Record = Mapping[str, object]


class Format(StrEnum):
    """The formats that are offered."""

    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"


MEDIA_TYPES: Mapping[Format, str] = MappingProxyType(
    {
        Format.JSON: "application/json",
        Format.NDJSON: "application/x-ndjson",
        Format.CSV: "text/csv; charset=utf-8",
    }
)
_ACCEPTED: Mapping[str, Format] = MappingProxyType(
    {
        "application/json": Format.JSON,
        "application/*": Format.JSON,
        "*/*": Format.JSON,
        "application/x-ndjson": Format.NDJSON,
        "application/ndjson": Format.NDJSON,
        "application/jsonl": Format.NDJSON,
        "text/csv": Format.CSV,
        "text/*": Format.CSV,
    }
)
_OFFERED = "json, ndjson and csv"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Rows to send: `name` is their key in the JSON object, `envelope` what else stands in it.

    NDJSON and CSV have one row a line and no envelope, so `beside` stands in every row there; `columns` are
    those CSV has even without any row, first and in this order. `headers` go with every format.
    """

    name: str
    rows: Sequence[Record]
    columns: Sequence[str]
    envelope: Record = field(default_factory=dict)
    beside: Record = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def chosen_format(request: Request) -> Format:
    """The format a request asks for; `?format=` outranks `Accept`.

    Raises HttpProblem: 400 for an unknown `format`, 406 for one that is not offered.
    """
    wanted = request.query_params.get("format")
    if wanted is not None:
        return _named(wanted)
    for media_type in _preferred(request.headers.get("accept", "*/*")):
        if media_type in _ACCEPTED:
            return _ACCEPTED[media_type]
    raise _not_offered("none of the types in Accept is offered")


def respond(answer: Answer, wanted: Format) -> Response:
    """The answer in the wanted format."""
    if wanted is Format.JSON:
        body = msgspec.json.encode({**answer.envelope, answer.name: answer.rows})
    elif wanted is Format.NDJSON:
        body = b"".join(msgspec.json.encode({**answer.beside, **row}) + b"\n" for row in answer.rows)
    else:
        body = as_csv([flattened({**answer.beside, **row}) for row in answer.rows], answer.columns).encode()
    headers = {"Vary": "Accept, Authorization", "Cache-Control": "no-store", **answer.headers}
    return Response(body, media_type=MEDIA_TYPES[wanted], headers=headers)


def paged(request: Request, answer: Answer, *, after: str, more: bool) -> Answer:
    """The answer with where to go on: in the object, and in headers for the formats that have no object."""
    others = [(name, value) for name, value in request.query_params.multi_items() if name != "after"]
    link = f"{request.url.path}?{urlencode([*others, ('after', after)])}"
    headers = {"Egao-Next": after, "Egao-More": "true" if more else "false"}
    if more:
        headers["Link"] = f'<{link}>; rel="next"'
    return replace(answer, envelope={"next": after, "more": more}, headers=headers)


def as_csv(rows: Sequence[Record], columns: Sequence[str]) -> str:
    """Rows as RFC 4180 has them: the columns named first, then any other in the order they turn up."""
    names = list(dict.fromkeys([*columns, *(name for row in rows for name in row)]))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([defused(name) for name in names])
    writer.writerows([[cell(row.get(name)) for name in names] for row in rows])
    return out.getvalue()


def cell(value: object) -> object:
    """A value as CSV has it: numbers stay numbers, nothing is empty, lists are JSON, text is defused."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    return defused(value if isinstance(value, str) else msgspec.json.encode(value).decode())


def defused(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe stands before what begins like one."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _named(wanted: str) -> Format:
    if wanted in list(Format):
        return Format(wanted)
    if wanted == "parquet":
        raise _not_offered("Parquet is not offered yet")
    hint = did_you_mean(wanted, Format) or f": write one of {_OFFERED}"
    raise invalid("a parameter has a fault", [Fault("format", f"there is no format {shown(wanted)}{hint}")])


def _not_offered(words: str) -> HttpProblem:
    detail = f"{words}; ask for {_OFFERED} with ?format= or Accept"
    return HttpProblem(
        HTTPStatus.NOT_ACCEPTABLE,
        "not_acceptable",
        detail,
        extra={"formats": [each.value for each in Format]},
    )


def _preferred(accept: str) -> Iterable[str]:
    """The media types of an Accept header, the most wanted first; those with q=0 are left out."""
    ranked = []
    for place, part in enumerate(accept.split(",")):
        media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = next((_weight(each[2:]) for each in parameters if each.startswith("q=")), 1.0)
        if weight > 0:
            ranked.append((-weight, place, media_type))
    return [media_type for _, _, media_type in sorted(ranked)]


def _weight(written: str) -> float:
    try:
        return float(written)
    except ValueError:
        return 1.0


def flattened(row: Record) -> Record:
    """A row whose plain tables have become columns like `tags.region`; what is under `by` keeps its name.

    A table that holds others, such as a survey's document, stays one cell.
    """
    flat: dict[str, object] = {}
    for name, value in row.items():
        if isinstance(value, Mapping) and not any(isinstance(each, Mapping) for each in value.values()):
            prefix = "" if name == "by" else f"{name}."
            flat.update({f"{prefix}{inner}": each for inner, each in value.items()})
        else:
            flat[name] = value
    return flat
