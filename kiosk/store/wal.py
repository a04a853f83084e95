"""SQLite's write-ahead log, read frame by frame without SQLite.

Called by kiosk.store.pages and kiosk.store.database.
Reads one file. The format is SQLite's own: "The SQLite Database File Format", section 4.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PAGE_BYTES = 4096  # every ledger is made with it
_HEADER = struct.Struct(">8I")
_FRAME_HEADER = struct.Struct(">6I")
_MAGIC = 0x377F0682  # with the lowest bit set, checksums are big-endian


class Frame(NamedTuple):
    """One page image; `valid` as long as SQLite itself would read on, `commits` if it ends a transaction."""

    page_number: int
    page: bytes
    commits: bool
    valid: bool


def log_of(file: Path) -> Path:
    """Name the log that belongs to a ledger's file."""
    return file.with_name(f"{file.name}-wal")


def size_bytes(file: Path) -> int:
    """Tell how far the log of a ledger's file has grown; 0 where there is none."""
    try:
        return log_of(file).stat().st_size
    except OSError:
        return 0


def frames(log: Path) -> Iterator[Frame]:
    """Read the frames of the log's present generation, those behind a damaged one too."""
    try:
        content = log.read_bytes()
    except OSError:
        return
    if len(content) < _HEADER.size + _FRAME_HEADER.size:
        return
    magic, _version, _page_size, _checkpoint, *salts, sum_1, sum_2 = _HEADER.unpack_from(content)
    order = ">" if magic & 1 else "<"
    sums = _checksum(content[:24], (0, 0), order)
    valid = sums == (sum_1, sum_2) and magic | 1 == _MAGIC | 1
    generations = [tuple(salts)]
    if not valid:  # a bit flipped in the header's salts, perhaps: then the first frame has the right ones
        # Behind a whole header others are old: where a log begins anew, what it held is in the file.
        generations.append(_FRAME_HEADER.unpack_from(content, _HEADER.size)[2:4])
    frame_bytes = _FRAME_HEADER.size + PAGE_BYTES
    for start in range(_HEADER.size, len(content) - frame_bytes + 1, frame_bytes):
        number, size_after, salt_1, salt_2, sum_1, sum_2 = _FRAME_HEADER.unpack_from(content, start)
        page = content[start + _FRAME_HEADER.size : start + frame_bytes]
        if valid:
            sums = _checksum(page, _checksum(content[start : start + 8], sums, order), order)
            valid = sums == (sum_1, sum_2) and (salt_1, salt_2) == generations[0]
        if (salt_1, salt_2) in generations:
            yield Frame(number, page, commits=size_after > 0, valid=valid)


def _checksum(content: bytes, sums: tuple[int, int], order: str) -> tuple[int, int]:
    sum_1, sum_2 = sums
    for word_1, word_2 in struct.iter_unpack(f"{order}2I", content):
        sum_1 = (sum_1 + word_1 + sum_2) & 0xFFFFFFFF
        sum_2 = (sum_2 + word_2 + sum_1) & 0xFFFFFFFF
    return sum_1, sum_2
