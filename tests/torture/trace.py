"""What a recorded process did to its disk, and what it said meanwhile, as values in one order.

Read by disk.py and by the tests; recorder.c writes the same layout.
May touch nothing but the trace file it is given.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

RECORD = struct.Struct("<c3xiiiqII")


class Kind(StrEnum):
    OPEN = "O"
    CLOSE = "C"
    WRITE = "W"
    LENGTH = "T"
    SYNC = "F"
    SYNC_DATA = "D"
    RENAME = "R"
    UNLINK = "U"
    MAKE_FOLDER = "M"
    SAY = "A"


SYNCS = frozenset({Kind.SYNC, Kind.SYNC_DATA})
TAKES_SPACE = 1  # in the flags of a LENGTH: it was an allocation, which a full disk refuses


@dataclass(frozen=True, slots=True)
class Event:
    """One call; `at` is an offset or a length in bytes, `error` the errno it was made to fail with, or 0."""

    kind: Kind
    process: int
    fd: int
    error: int
    at: int
    flags: int
    data: bytes

    @property
    def path(self) -> str:
        return self.data.decode()

    @property
    def takes_space(self) -> bool:
        """Whether it is one of the calls that a fault of kind "write" counts."""
        return self.kind is Kind.WRITE or (self.kind is Kind.LENGTH and self.flags == TAKES_SPACE)


def read_trace(path: Path) -> list[Event]:
    """All events of the file, in the order of their effects."""
    return list(_events(path.read_bytes()))


def _events(raw: bytes) -> Iterator[Event]:
    at = 0
    while at < len(raw):
        kind, process, fd, error, offset, flags, size = RECORD.unpack_from(raw, at)
        at += RECORD.size
        yield Event(Kind(kind.decode()), process, fd, error, offset, flags, raw[at : at + size])
        at += size


def lines_said(events: Iterable[Event]) -> list[tuple[int, str]]:
    """Each whole line said on stdout, with the number of events at whose end it was said."""
    lines: list[tuple[int, str]] = []
    begun = b""
    for position, event in enumerate(events, start=1):
        if event.kind is Kind.SAY:
            *whole, begun = (begun + event.data).split(b"\n")
            lines.extend((position, line.decode()) for line in whole)
    return lines
