"""A batch on its way to the process that writes, and the word on it on its way back: MessagePack, read typed.

Made by `ingest.Taking` and `commit`; `writer` sends, `writing` answers. Both ends are the same version of one
program on one machine.
May touch nothing.
"""

from __future__ import annotations

import struct
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from headoffice.problems import (
    Busy,
    Forked,
    Gap,
    HeadOfficeError,
    KeyRevoked,
    KeyUnknown,
    StoreFailed,
    SurveyWanted,
)
from headoffice.store.postgres import Server
from headoffice.work.batch import Batch
from headoffice.work.group import Outcome
from headoffice.work.ingest import Decision, Ingest, Taking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headoffice.store.engine import Connection, Place

LENGTH = struct.Struct(">I")  # stands before each group and each answer


class WriterGone(Exception):  # noqa: N818 - named for what it says
    """The process that writes has ended, or never began; whether it wrote what it was given is not known."""


class WriterAtFault(Exception):  # noqa: N818 - named for what it says
    """An error of its own in the process that writes; the text is its traceback, for the log."""


@dataclass(slots=True)  # not frozen: made for every batch there is
class Parcel:
    """A batch to be taken in, as bytes: a change like `Taking`."""

    ingest: Ingest
    content: bytes

    def opened(self) -> Taking | Parcel:
        """Read it again; itself where it cannot be read: who takes it in meets that, and no other does."""
        try:
            return self._read()
        except (ValueError, RecursionError):
            return self

    def __call__(self, connection: Connection) -> Decision:
        """Take it in."""
        return self._read()(connection)

    def _read(self) -> Taking:
        key, received_at, batch = _read_taking(self.content)
        return Taking(self.ingest, batch, key, received_at)


def pack(taking: Taking) -> Parcel | None:
    """Make a parcel of a batch; None where it holds what cannot be one, such as a number of thirty digits."""
    try:
        return Parcel(taking.ingest, _encode((taking.key, taking.received_at, taking.batch)))
    except (OverflowError, ValueError, TypeError, RecursionError):
        return None


class _Refused(Struct, array_like=True):
    """An error: its name, its text, and what else it was made of."""

    name: str
    text: str
    number: int = 0
    names: tuple[str, ...] = ()


class _Word(Struct, array_like=True):
    """What became of a batch: one of the two."""

    decision: Decision | None
    refused: _Refused | None


_encode = msgspec.msgpack.Encoder().encode
_read_taking = msgspec.msgpack.Decoder(tuple[bytes, int, Batch]).decode
_read_group = msgspec.msgpack.Decoder(list[bytes]).decode
_read_words = msgspec.msgpack.Decoder(list[_Word]).decode


def write_group(parcels: Sequence[Parcel]) -> bytes:
    """Write a group of parcels."""
    return _encode([each.content for each in parcels])


def read_group(ingest: Ingest, written: bytes) -> list[Taking | Parcel]:
    """Read a group of parcels, and open them."""
    return [Parcel(ingest, content).opened() for content in _read_group(written)]


def write_place(place: Place) -> bytes:
    """Write which database it is."""
    return _encode(str(place) if isinstance(place, Path) else (place.conninfo, place.name))


def read_place(written: bytes) -> Place:
    """Read which database it is."""
    place = msgspec.msgpack.decode(written, type=str | tuple[str, str])
    return Path(place) if isinstance(place, str) else Server(*place)


def write_outcomes(outcomes: Sequence[Outcome]) -> bytes:
    """Write what became of a group."""
    return _encode(
        [_Word(each.value, None if each.error is None else _said(each.error)) for each in outcomes]
    )


def read_outcomes(written: bytes) -> list[Outcome]:
    """Read what became of a group."""
    return [
        Outcome(error=_meant(word.refused)) if word.refused is not None else Outcome(word.decision)
        for word in _read_words(written)
    ]


def _said(error: Exception) -> _Refused:
    match error:
        case Gap():
            return _Refused("Gap", "", error.through)
        case Forked():
            return _Refused("Forked", "", error.same)
        case SurveyWanted():
            return _Refused("SurveyWanted", "", 0, error.versions)
        case Busy():
            return _Refused("Busy", "", error.retry_after_s)
        case KeyUnknown() | KeyRevoked() | StoreFailed():
            return _Refused(type(error).__name__, str(error))
    return _Refused("", "".join(traceback.format_exception(error)))


def _meant(refused: _Refused) -> Exception:
    match refused.name:
        case "Gap":
            return Gap(refused.number)
        case "Forked":
            return Forked(refused.number)
        case "SurveyWanted":
            return SurveyWanted(refused.names)
        case "Busy":
            return Busy(refused.number)
        case "KeyUnknown" | "KeyRevoked" | "StoreFailed" as name:
            return PLAIN[name](refused.text)
    return WriterAtFault(refused.text)


PLAIN: dict[str, type[HeadOfficeError]] = {
    each.__name__: each for each in (KeyUnknown, KeyRevoked, StoreFailed)
}
