"""A kiosk's batch as head office reads it: at once when it is sound, fault by fault when it is not.

Called by `web.kiosk_api` with the decoded body; `work.ingest` takes the result.
May touch nothing.
"""

import re
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import count
from types import MappingProxyType
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from headoffice.problems import Invalid, TooLarge
from survey.problems import Fault
from sync.contract import MAX_INTEGER, MAX_TAPS

LATEST_MS = 253_402_300_799_999  # the end of the year 9999: no calendar goes further
MOST_LEDGERS = 10_000  # ids that are read once: a kiosk's batches all bear the same
MOST_FAULTS = 100  # told at once: beyond that nobody reads

HASH_BYTES = 8

Number = Annotated[int, Meta(ge=1, le=MAX_INTEGER)]
Milliseconds = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
Moment = Annotated[int, Meta(ge=0, le=LATEST_MS)]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
LEDGER = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z"
Written = Annotated[str, Meta(pattern=LEDGER)]
LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}\Z"
Language = Annotated[str, Meta(pattern=LANGUAGE)]
# A text that is judged once and remembered: no longer than any that is right, or it could fill the memory.
Short = Annotated[str, Meta(max_length=39)]
Reason = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,40}\Z")]
Count = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]


class SentTap(Struct, frozen=True, gc=False):
    """One answer as it is sent; fields and units as in sync.contract."""

    seq: Number
    visit: UUID
    survey: Name
    question: Name
    answer: Any
    language: Short  # a Language
    at: Moment
    uptime: Milliseconds
    boot: Name
    took: Milliseconds
    synced_clock: bool


class Tap(Struct, frozen=True, gc=False, array_like=True, tag=0):
    """The same as it is judged and stored: its visit's id as 16 bytes, and a hash of what was sent.

    Written as an array with a tag where it goes on to another process (`parcel`).
    """

    seq: int
    visit: bytes
    survey: str
    question: str
    answer: Any
    language: str
    at: int
    uptime: int
    boot: str
    took: int
    synced_clock: bool
    hash: int

    def as_sent(self) -> str:
        """Write it as JSON, always in the same words."""
        sent = SentTap(
            seq=self.seq,
            visit=UUID(bytes=self.visit),
            survey=self.survey,
            question=self.question,
            answer=self.answer,
            language=self.language,
            at=self.at,
            uptime=self.uptime,
            boot=self.boot,
            took=self.took,
            synced_clock=self.synced_clock,
        )
        return _encode(sent).decode()


class Withheld(Struct, frozen=True, gc=False, array_like=True, tag=1):
    """The place of a tap that cannot be sent."""

    seq: Number
    withheld: Reason


class Sent(Struct, frozen=True, gc=False):
    """The kiosk's clocks when it sent."""

    at: Moment
    uptime: Milliseconds
    boot: Name


class Health(Struct, frozen=True, gc=False):
    """How the kiosk says it is; what it leaves out is not known. Its words are cut to size later."""

    version: str | None = None
    pending: Count | None = None
    rejected: Count | None = None
    free_bytes: Count | None = None
    programme: str | None = None
    problems: list[str] = []


Item = Tap | Withheld
STRICTER: Mapping[str, Any] = MappingProxyType({"language": Language})


class Batch(Struct, frozen=True, gc=False, array_like=True):
    """Taps `first`, `first + 1`, … of a ledger; each is sound by itself."""

    ledger: str
    first: int
    sent: Sent
    items: list[Item]
    health: Health

    @property
    def uuid(self) -> bytes:
        """The ledger's id; `ledger` is how the kiosk wrote it, which the ack repeats."""
        return _uuid(self.ledger)

    @property
    def last(self) -> int:
        """Number of the last tap in it; `first - 1` when there is none."""
        return self.first + len(self.items) - 1


@lru_cache(maxsize=MOST_LEDGERS)
def _uuid(written: str) -> bytes:
    return UUID(written).bytes


class _Sound(Struct, gc=False):
    """A batch as most are: every field right, nothing withheld. One call of the decoder reads it."""

    ledger: Short  # a Written
    first: Number
    sent: Sent
    taps: list[SentTap]
    health: Health = Health()


_decode = msgspec.json.Decoder(_Sound).decode
_encode = msgspec.json.Encoder().encode
_number = struct.Struct(">q").unpack  # 64 bits with sign: what both databases can hold


def read_batch(body: bytes) -> Batch:
    """Read a batch. Raises Invalid with all its faults, TooLarge when it has more taps than a batch may."""
    try:
        sound = _decode(body)
    except (ValueError, RecursionError):  # msgspec's own errors are ValueErrors too
        return _read_slowly(read_object(body))
    taps, first = sound.taps, sound.first
    languages = {tap.language for tap in taps}
    if not (is_ledger(sound.ledger) and all(map(is_language, languages))):
        return _read_slowly(read_object(body))
    _check_size(taps)
    seqs = [tap.seq for tap in taps]
    if seqs != list(range(first, first + len(seqs))) or first + len(seqs) - 1 > MAX_INTEGER:
        raise Invalid(_out_of_order(first, seqs))
    return Batch(sound.ledger, first, sound.sent, read_taps(taps), sound.health)


def read_taps(sent: Iterable[SentTap]) -> list[Item]:
    """Make taps that were sent ready to be judged and stored."""
    return [
        Tap(
            tap.seq,
            tap.visit.int.to_bytes(16),
            tap.survey,
            tap.question,
            tap.answer,
            tap.language,
            tap.at,
            tap.uptime,
            tap.boot,
            tap.took,
            tap.synced_clock,
            _number(blake2b(_encode(tap), digest_size=HASH_BYTES).digest())[0],
        )
        for tap in sent
    ]


@lru_cache(maxsize=MOST_LEDGERS)
def is_ledger(written: str) -> bool:
    """Whether it is a Written: a kiosk's batches all bear the same."""
    return re.match(LEDGER, written) is not None


@lru_cache(maxsize=1000)
def is_language(written: str) -> bool:
    """Whether it is a Language: asked once for a batch's few rather than for each tap."""
    return re.match(LANGUAGE, written) is not None


def _read_slowly(document: dict[str, Any]) -> Batch:
    read = _Reading([])
    ledger = read.field(document, "ledger", Written)
    first = read.field(document, "first", Number)
    sent = read.struct(document.get("sent"), Sent, "sent")
    health = read.struct(document.get("health", {}), Health, "health")
    taps = read.field(document, "taps", list[Any]) or []
    _check_size(taps)
    items = [read.item(tap, f"taps[{index}]") for index, tap in enumerate(taps)]
    seqs = [tap.get("seq") if isinstance(tap, dict) else None for tap in taps]
    faults = [*read.faults, *(_out_of_order(first, seqs) if first else ())]
    if faults:
        raise Invalid(faults[:MOST_FAULTS])
    return Batch(ledger=ledger, first=first, sent=sent, items=items, health=health)


def _check_size(taps: Sequence[object]) -> None:
    if len(taps) > MAX_TAPS:
        raise TooLarge(f"the batch has {len(taps)} taps; at most {MAX_TAPS} may come at once")


def _out_of_order(first: int, seqs: Sequence[object]) -> list[Fault]:
    """Find the first number that is not the one to stand there: what follows it is only shifted."""
    if first + len(seqs) - 1 > MAX_INTEGER:
        return [Fault("first", f"leads beyond {MAX_INTEGER}")]
    for index, (expected, seq) in enumerate(zip(count(first), seqs, strict=False)):
        if seq != expected and type(seq) is int:
            return [Fault(f"taps[{index}].seq", f"is {seq}; {expected} must stand here")]
    return []


def read_object(body: bytes) -> dict[str, Any]:
    """Read a JSON object of whatever content. Raises Invalid when it is none."""
    try:
        document = msgspec.json.decode(body)
    except RecursionError:
        raise Invalid([Fault("body", "is nested too deep")]) from None
    except ValueError as error:  # msgspec's own errors, and bytes that are not UTF-8
        raise Invalid([Fault("body", f"is not JSON: {error}")]) from None
    if not isinstance(document, dict):
        raise Invalid([Fault("body", "must be a JSON object")])
    return document


@dataclass(frozen=True)
class _Reading:
    """Reads field by field against the same types as the quick way, and notes each that does not fit."""

    faults: list[Fault]

    def item(self, value: object, place: str) -> Any:
        if isinstance(value, dict) and "withheld" in value:
            return self.struct(value, Withheld, place)
        sent = self.struct(value, SentTap, place)
        return None if sent is None else read_taps([sent])[0]

    def struct(self, value: object, kind: type[Struct], place: str) -> Any:
        if not isinstance(value, dict):
            self.faults.append(Fault(place, "is missing" if value is None else "must be an object"))
            return None
        before = len(self.faults)
        fields = msgspec.structs.fields(kind)
        read = {
            field.encode_name: self.field(
                value, field.encode_name, STRICTER.get(field.encode_name, field.type), f"{place}."
            )
            for field in fields
            if field.required or field.encode_name in value
        }
        return kind(**read) if len(self.faults) == before else None

    def field(self, holder: dict[str, Any], name: str, kind: Any, place: str = "") -> Any:
        if name not in holder:
            self.faults.append(Fault(f"{place}{name}", "is missing"))
            return None
        try:
            return msgspec.convert(holder[name], kind)
        except (msgspec.ValidationError, RecursionError) as error:
            self.faults.append(Fault(f"{place}{name}", _words(error)))
            return None


def _words(error: Exception) -> str:
    words = str(error).split(" - at `$")[0]
    return words[0].lower() + words[1:]
