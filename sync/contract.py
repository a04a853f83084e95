"""I am the wire between kiosk and head office: paths, limits, names and shapes of what is said.

``client`` and ``push`` speak me on the kiosk, ``headoffice`` on the other side; the kiosk's store fills me.
I am pure standard library, do no I/O, and know nobody but the errors.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from sync.errors import NotAnAck

if TYPE_CHECKING:
    from collections.abc import Sequence

ENROL = "/kiosk/v1/enrol"
TAPS = "/kiosk/v1/taps"
PROGRAMME = "/kiosk/v1/programme"
SURVEYS = "/kiosk/v1/surveys"  # followed by /{version}
PICTURE = "/kiosk/v1/picture"  # followed by /{asked}, the name that an ack asked for it by

MAX_BODY_BYTES = 1 << 20  # a request's body, decoded
MAX_ANSWER_BYTES = 1 << 20  # an answer's body, as it comes and decoded
MAX_TAPS = 5000  # in one batch
MAX_PICTURE_BYTES = 200_000  # of a picture of the kiosk's screen, a PNG
MAX_PICTURE_PX = 4096  # each side of it
MAX_NAME_CHARS = 40
MAX_WITHHELD_CHARS = 40
MAX_INTEGER = (1 << 63) - 1  # what both databases can hold

UNREADABLE = "unreadable"  # why a tap is withheld: its row is damaged or purged,
TOO_LARGE = "too large"  # beyond MAX_BODY_BYTES by itself,
REFUSED = "refused"  # or refused by head office even when alone


class ProblemName(StrEnum):
    """The ``problem`` of an ``application/problem+json`` answer."""

    GAP = "gap"  # 409, with ``through``
    FORKED = "forked"  # 409, with ``same``
    SURVEY_WANTED = "survey_wanted"  # 409, with ``surveys``
    INVALID = "invalid"  # 400, with ``faults``
    UNAUTHORISED = "unauthorised"  # 401
    REVOKED = "revoked"  # 403
    NOT_FOUND = "not_found"  # 404
    TOO_LARGE = "too_large"  # 413
    UNSUPPORTED = "unsupported"  # 415
    BUSY = "busy"  # 429 and 503, with Retry-After


@dataclass(frozen=True)
class Tap:
    """One answer as it stands in the ledger; ``at`` is ms since 1970 UTC, ``uptime`` and ``took`` are ms.

    It is sent in this order, which packs best: what differs from tap to tap first, what stays the same last.
    """

    seq: int
    question: str
    answer: object  # any JSON value
    took: int
    uptime: int
    at: int
    boot: str
    synced_clock: bool
    survey: str
    language: str
    visit: str


@dataclass(frozen=True)
class Withheld:
    """Stands in a batch in the place of a tap that cannot be sent; ``withheld`` says why, ≤ 40 characters."""

    seq: int
    withheld: str


Item: TypeAlias = Tap | Withheld


@dataclass(frozen=True)
class Sent:
    """The kiosk's clocks when it sent: wall clock and uptime in ms, and the boot they belong to."""

    at: int
    uptime: int
    boot: str


@dataclass(frozen=True)
class Health:
    """How the kiosk is, told with every batch."""

    version: str
    pending: int
    rejected: int
    free_bytes: int
    programme: str | None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Batch:
    """Taps ``first``, ``first + 1``, … of a ledger; without taps it is the heartbeat."""

    ledger: str
    first: int
    sent: Sent
    taps: tuple[Item, ...]
    health: Health

    @property
    def last(self) -> int:
        """Number of the last tap in it; ``first - 1`` when there is none."""
        return self.first + len(self.taps) - 1


@dataclass(frozen=True)
class Head:
    """What the outbox would send next: taps ``first`` … ``last`` of a ledger; ``first - 1`` if none."""

    ledger: str
    first: int
    last: int


@dataclass(frozen=True)
class Rejected:
    """A tap that head office keeps but cannot count, and why."""

    seq: int
    problem: str


@dataclass(frozen=True)
class Ack:
    """Head office's word about a batch: every tap up to ``through`` is decided.

    ``picture`` is there only while somebody at head office waits for one of the kiosk's screen: its name.
    """

    ledger: str
    batch: str
    through: int
    rejected: tuple[Rejected, ...]
    programme: str | None
    now: int
    picture: str | None = None


@dataclass(frozen=True)
class Enrolled:
    """What a kiosk is given for its one-time code."""

    kiosk: str
    key: str
    site: str
    touchpoint: str
    timezone: str


@dataclass(frozen=True)
class Published:
    """The programme in force for a kiosk, as survey documents; none means the kiosk's own config.toml.

    ``terms`` has one object for each survey, in their order: who may change it. None where head office, an
    older one, says nothing about it.
    """

    etag: str
    surveys: tuple[dict[str, object], ...]
    terms: tuple[dict[str, object], ...] = ()


@dataclass(frozen=True)
class Made:
    """Who made a survey version on a kiosk, when (ms since 1970 UTC), and from which version."""

    author: str
    at: int
    base: str | None


@dataclass(frozen=True)
class Problem:
    """An error answer: its name, its words, and whichever of the numbers belongs to it."""

    problem: str
    detail: str
    through: int | None = None
    same: int | None = None
    surveys: tuple[str, ...] = ()


def encode_batch(batch: Batch, items: bytes | None = None) -> bytes:
    """Give the request body, before compression; ``items`` are its taps, where they are encoded already.

    An answer that is not valid Unicode or JSON goes up as it is: head office refuses it, and it is withheld
    by the same road as any other poison, rather than changed on the way.
    """
    if items is None:
        items = encode_items(batch.taps)
    head = _encode({"ledger": batch.ledger, "first": batch.first, "sent": vars(batch.sent)})
    return b'%b,"taps":[%b],"health":%b}' % (head[:-1], items, _encode(vars(batch.health)))


def encode_items(items: Sequence[Item]) -> bytes:
    """Give the inside of a batch's list of taps; pieces of it are put together by commas."""
    return _encode([vars(item) for item in items])[1:-1]


def size_bytes(item: Item) -> int:
    """Give what one tap takes in an encoded batch, without its comma."""
    return len(_encode(vars(item)))


def encode_ack(ack: Ack) -> bytes:
    """Give the answer body."""
    said = {**vars(ack), "rejected": [vars(rejected) for rejected in ack.rejected]}
    if ack.picture is None:
        del said["picture"]
    return _encode(said)


def encode_enrolled(enrolled: Enrolled) -> bytes:
    """Give the answer body."""
    return _encode(vars(enrolled))


def digest(body: bytes) -> str:
    """SHA-256 of a decoded request body, as hex: how an ack names the batch it is about."""
    return hashlib.sha256(body).hexdigest()


def read_ack(body: bytes, *, ledger: str, batch: str, first: int, last: int) -> Ack:
    """Read an answer body as the ack of the batch ``first`` … ``last`` with digest ``batch``.

    Raises NotAnAck unless it echoes ledger and batch and decides only what was sent.
    """
    document = _decode_object(body)
    if document.get("ledger") != ledger:
        raise NotAnAck("the answer is about another ledger")
    if document.get("batch") != batch:
        raise NotAnAck("the answer is about another batch")
    through = _integer(document, "through", low=first - 1, high=last)
    return Ack(
        ledger=ledger,
        batch=batch,
        through=through,
        rejected=_rejected(document.get("rejected", []), first=first, through=through),
        programme=_etag(document.get("programme")),
        now=_integer(document, "now", low=0, high=MAX_INTEGER),
        picture=_name(document.get("picture")),
    )


def read_enrolled(body: bytes) -> Enrolled:
    """Read an answer body; raises NotAnAck unless every part is a non-empty string."""
    document = _decode_object(body)
    return Enrolled(
        kiosk=_text(document, "kiosk"),
        key=_text(document, "key"),
        site=_text(document, "site"),
        touchpoint=_text(document, "touchpoint"),
        timezone=_text(document, "timezone"),
    )


def read_published(body: bytes) -> Published:
    """Read an answer body; raises NotAnAck unless it has an etag and a list of objects."""
    document = _decode_object(body)
    etag = _etag(document.get("etag"))
    surveys = document.get("surveys")
    if etag is None or not isinstance(surveys, list):
        raise NotAnAck("the answer is not a programme")
    documents = tuple(survey for survey in surveys if isinstance(survey, dict))
    if len(documents) != len(surveys):
        raise NotAnAck("the answer is not a programme: a survey in it is not an object")
    terms = document.get("terms")
    said = tuple(each if isinstance(each, dict) else {} for each in terms) if isinstance(terms, list) else ()
    return Published(etag=etag, surveys=documents, terms=said)


def read_problem(body: bytes) -> Problem | None:
    """Read an error answer's body; None when it is not problem+json (a proxy's page, say)."""
    try:
        document = _decode_object(body)
    except NotAnAck:
        return None
    name, detail, surveys = document.get("problem"), document.get("detail"), document.get("surveys")
    if not isinstance(name, str):
        return None
    return Problem(
        problem=name,
        detail=detail if isinstance(detail, str) else "",
        through=_number(document.get("through")),
        same=_number(document.get("same")),
        surveys=tuple(str(survey) for survey in surveys) if isinstance(surveys, list) else (),
    )


def _encode(document: object) -> bytes:
    return _json(document).encode("utf-8", "surrogatepass")


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # json.dumps makes one a call


def _decode_object(body: bytes) -> dict[str, object]:
    try:
        document = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise NotAnAck("the answer is not JSON") from error
    if not isinstance(document, dict):
        raise NotAnAck("the answer is not a JSON object")
    return document


def _number(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value


def _integer(document: dict[str, object], key: str, *, low: int, high: int) -> int:
    number = _number(document.get(key))
    if number is None or not low <= number <= high:
        raise NotAnAck(f'the answer\'s "{key}" is not a number from {low} to {high}')
    return number


def _text(document: dict[str, object], key: str) -> str:
    value = document.get(key)
    if not isinstance(value, str) or not value:
        raise NotAnAck(f'the answer\'s "{key}" is not a text')
    return value


def _name(value: object) -> str | None:
    """Read a name that goes into a path later; what is none is as if nothing had been asked for."""
    fits = isinstance(value, str) and 0 < len(value) <= MAX_NAME_CHARS and value.isascii() and value.isalnum()
    return str(value) if fits else None


def _etag(value: object) -> str | None:
    """Read an etag without its quotes; it goes into a header later, so it is plain ASCII."""
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= 200 or not value.isascii():  # noqa: PLR2004 - far beyond any digest
        raise NotAnAck("the answer's programme is not an etag")
    if not value.isprintable() or '"' in value or " " in value:
        raise NotAnAck("the answer's programme is not an etag")
    return value


def _rejected(value: object, *, first: int, through: int) -> tuple[Rejected, ...]:
    if not isinstance(value, list):
        raise NotAnAck('the answer\'s "rejected" is not a list')
    rejected = []
    for entry in value:
        if not isinstance(entry, dict):
            raise NotAnAck('the answer\'s "rejected" holds something else than objects')
        seq = _integer(entry, "seq", low=first, high=through)
        rejected.append(Rejected(seq=seq, problem=_text(entry, "problem")))
    return tuple(rejected)
