"""In which format an answer goes out, chosen by `?format=` or by `Accept`, packed as the other side takes it.

Called by the modules of the results API. Makes responses; touches nothing but sheets' temporary files.
"""

import hashlib
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from http import HTTPStatus
from importlib.util import find_spec
from types import MappingProxyType
from urllib.parse import urlencode

import msgspec
from anyio import CancelScope
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from headoffice.web.errors import HttpProblem, invalid
from headoffice.web.packing import chosen_packing, pack
from headoffice.web.strands import Stretch, csv_stretches, json_stretches, records
from headoffice.web.tabular import Record, csv_parts, flattened, names_of
from survey.problems import Fault, did_you_mean, shown


class Format(StrEnum):
    """The formats that are offered."""

    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


MEDIA_TYPES: Mapping[Format, str] = MappingProxyType(
    {
        Format.JSON: "application/json",
        Format.NDJSON: "application/x-ndjson",
        Format.CSV: "text/csv; charset=utf-8",
        Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Format.PARQUET: "application/vnd.apache.parquet",
    }
)
NOTHING_MORE: Mapping[str, bool] = MappingProxyType({})
_ACCEPTED: Mapping[str, Format] = MappingProxyType(
    {
        **{media_type.partition(";")[0]: each for each, media_type in MEDIA_TYPES.items()},
        "application/*": Format.JSON,
        "*/*": Format.JSON,
        "application/ndjson": Format.NDJSON,
        "application/jsonl": Format.NDJSON,
        "application/x-parquet": Format.PARQUET,
        "text/*": Format.CSV,
    }
)
_IN_ONE_FILE = frozenset({Format.XLSX, Format.PARQUET})
_NO_PARQUET = "Parquet needs pyarrow, which is not installed here: pip install 'egao[parquet]'"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Rows to send: `name` is their key in the JSON object, `envelope` what else stands in it.

    The other formats have one row a line and no envelope, so `beside` stands in every row there; `columns`
    are those tables have even without any row, first and in this order. `headers` go with every format.
    """

    name: str
    rows: Sequence[Record]
    columns: Sequence[str]
    envelope: Record = field(default_factory=dict)
    beside: Record = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Wanted:
    """The format that is asked for; `bom` puts the mark before CSV by which Excel knows UTF-8."""

    format: Format
    bom: bool = False


def chosen_format(request: Request) -> Wanted:
    """The format a request asks for; `?format=` outranks `Accept`.

    Raises HttpProblem: 400 for an unknown `format`, 406 for one that is not offered.
    """
    bom = request.query_params.get("bom", "false")
    if bom not in {"true", "false"}:
        raise invalid("a parameter has a fault", [Fault("bom", "write true or false")])
    wanted = request.query_params.get("format")
    if wanted is not None:
        return Wanted(_named(wanted), bom == "true")
    for media_type in _preferred(request.headers.get("accept", "*/*")):
        found = _ACCEPTED.get(media_type)
        if found is not None and found in offered():
            return Wanted(found, bom == "true")
    raise _not_offered("none of the types in Accept is offered")


def offered() -> list[Format]:
    """The formats that can be had here; Parquet wants the extra of its own."""
    return [each for each in Format if each is not Format.PARQUET or find_spec("pyarrow") is not None]


def respond(request: Request, answer: Answer, wanted: Wanted, *, tagged: bool = False) -> Response:
    """The answer in the wanted format; `tagged` ones have an ETag, and are 304 to who has them already."""
    body = _body(answer, wanted)
    headers = {**_headers(wanted), **_named_file(answer.name, wanted), **answer.headers}
    if tagged:
        headers |= {
            "ETag": f'W/"{hashlib.sha256(body).hexdigest()[:24]}"',
            "Cache-Control": "private, no-cache",
        }
        if headers["ETag"] in {each.strip() for each in request.headers.get("if-none-match", "").split(",")}:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    packing = chosen_packing(request) if len(body) and wanted.format not in _IN_ONE_FILE else None
    if packing is not None:
        headers["Content-Encoding"] = packing
        body = b"".join(pack([body], packing))
    return Response(body, media_type=MEDIA_TYPES[wanted.format], headers=headers)


def pour(request: Request, answer: Answer, stretches: Iterable[Stretch], wanted: Wanted) -> Response:
    """The same for rows that come in stretches, sent as they come; `answer.rows` are not looked at."""
    headers = {**_headers(wanted), **_named_file(answer.name, wanted), **answer.headers}
    parts = _poured(answer, stretches, wanted)
    packing = None if wanted.format in _IN_ONE_FILE else chosen_packing(request)
    if packing is not None:
        headers["Content-Encoding"] = packing
        parts = pack(parts, packing)
    return _Pouring(parts, media_type=MEDIA_TYPES[wanted.format], headers=headers)


class _Pouring(StreamingResponse):
    """Parts sent as they come. Who goes away half way ends what makes them: it has a thread of its own."""

    def __init__(self, parts: Generator[bytes], *, media_type: str, headers: Mapping[str, str]) -> None:
        super().__init__(parts, media_type=media_type, headers=headers)
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send them."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            # When its time to stop is over a server waits for no part being made: that ends with it.
            with CancelScope(shield=True), suppress(ValueError):
                await run_in_threadpool(self._parts.close)


def paged(
    request: Request, answer: Answer, *, after: str, more: bool, also: Mapping[str, bool] = NOTHING_MORE
) -> Answer:
    """The answer with where to go on: in the object, and in headers for the formats that have no object.

    What is to be told `also` stands beside it in both, as `let_go` and as Egao-Let-Go.
    """
    others = [(name, value) for name, value in request.query_params.multi_items() if name != "after"]
    link = f"{request.url.path}?{urlencode([*others, ('after', after)])}"
    headers = {"Egao-Next": after, "Egao-More": "true" if more else "false"}
    headers |= {f"Egao-{name.replace('_', '-').title()}": str(told).lower() for name, told in also.items()}
    if more:
        headers["Link"] = f'<{link}>; rel="next"'
    return replace(answer, envelope={"next": after, "more": more, **also}, headers=headers)


def _body(answer: Answer, wanted: Wanted) -> bytes:
    """The rows of an answer; a table has every column that turns up in them."""
    if wanted.format is Format.JSON:
        return msgspec.json.encode({**answer.envelope, answer.name: answer.rows})
    if wanted.format is Format.NDJSON:
        return b"".join(msgspec.json.encode({**answer.beside, **row}) + b"\n" for row in answer.rows)
    rows = [flattened({**answer.beside, **row}) for row in answer.rows]
    names = names_of(rows, answer.columns)
    if wanted.format is Format.CSV:
        return "".join(csv_parts([rows], names, bom=wanted.bom)).encode()
    if wanted.format is Format.XLSX:
        from headoffice.web.sheets import xlsx_parts  # noqa: PLC0415 - 20 MB and 0.2 s of the start

        return b"".join(xlsx_parts([rows], names, title=answer.name))
    from headoffice.web.parquet import parquet_parts  # noqa: PLC0415 - an extra, and 170 MB

    return b"".join(parquet_parts([rows], names))


def _poured(answer: Answer, stretches: Iterable[Stretch], wanted: Wanted) -> Generator[bytes]:
    if wanted.format is Format.JSON:
        return _json_parts(answer, stretches)
    if wanted.format is Format.NDJSON:
        return ("".join([f"{line}\n" for line in lines]).encode() for lines in json_stretches(stretches))
    if wanted.format is Format.CSV:
        return (part.encode() for part in csv_stretches(stretches, answer.columns, bom=wanted.bom))
    if wanted.format is Format.XLSX:
        from headoffice.web.sheets import xlsx_parts  # noqa: PLC0415 - 20 MB and 0.2 s of the start

        chunks = ([flattened(row) for row in records(stretch)] for stretch in stretches)
        return xlsx_parts(chunks, answer.columns, title=answer.name)
    from headoffice.web.parquet import parquet_stretches  # noqa: PLC0415 - an extra, and 170 MB

    return parquet_stretches(stretches, answer.columns)


def _json_parts(answer: Answer, stretches: Iterable[Stretch]) -> Generator[bytes]:
    # One object, as msgspec would write it, but with the rows as they come.
    before = msgspec.json.encode(answer.envelope)[:-1]
    yield before + (b"," if answer.envelope else b"") + msgspec.json.encode(answer.name) + b":["
    between = ""
    for lines in json_stretches(stretches):
        if lines:
            yield (between + ",".join(lines)).encode()
            between = ","
    yield b"]}"


def _headers(wanted: Wanted) -> dict[str, str]:
    return {
        "Vary": "Accept, Accept-Encoding, Authorization",
        "Cache-Control": "no-store",
        "Content-Type": MEDIA_TYPES[wanted.format],
    }


def _named_file(name: str, wanted: Wanted) -> dict[str, str]:
    if wanted.format not in _IN_ONE_FILE:
        return {}
    return {"Content-Disposition": f'attachment; filename="{name}.{wanted.format}"'}


def _named(wanted: str) -> Format:
    if wanted in offered():
        return Format(wanted)
    if wanted == Format.PARQUET:
        raise _not_offered(_NO_PARQUET)
    hint = did_you_mean(wanted, offered()) or f": write one of {_said()}"
    raise invalid("a parameter has a fault", [Fault("format", f"there is no format {shown(wanted)}{hint}")])


def _said() -> str:
    return ", ".join(offered())


def _not_offered(words: str) -> HttpProblem:
    return HttpProblem(
        HTTPStatus.NOT_ACCEPTABLE,
        "not_acceptable",
        f"{words}; ask for one of {_said()} with ?format= or Accept",
        extra={"formats": [each.value for each in offered()]},
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
