"""Rows dug out of a ledger's file page by page, without SQLite, which refuses what it finds damaged.

Called by kiosk.store.salvage and kiosk.store.export, and by kiosk.store.database to judge a log.
Reads the file and its log. The format: "The SQLite Database File Format", sections 1.6 and 2.1.
"""

import mmap
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from kiosk.store.rows import COLUMNS, Row, is_whole
from kiosk.store.wal import PAGE_BYTES, Frame, frames, log_of

_LEAF, _INTERIOR = 0x0A, 0x02  # pages of a table WITHOUT ROWID; both kinds hold rows
_CELLS_AT = {_LEAF: 8, _INTERIOR: 12}  # where the pointers to the rows begin
_LOCAL_MOST = (PAGE_BYTES - 12) * 64 // 255 - 23  # bytes of a row that fit on its own page
_LOCAL_LEAST = (PAGE_BYTES - 12) * 32 // 255 - 23
_CHAINED = PAGE_BYTES - 4  # bytes of a row on each further page, after the number of the next
_ROW_BYTES_MOST = 16 << 20
_INTEGER_BYTES = (0, 1, 2, 3, 4, 6, 8)  # by serial type
_ZERO, _ONE, _SHORTEST_TEXT = 8, 9, 13  # further serial types
_VARINT_BYTES_MOST = 9
_HEADER_BYTES = range(3, 32)  # of our rows: a length, and one or two bytes for each column
_TAP_WIDTH = len(COLUMNS["taps"]) + 1
_TABLES_BY_WIDTH = {
    width: [table for table, columns in COLUMNS.items() if len(columns) + 1 == width]
    for width in {len(columns) + 1 for columns in COLUMNS.values()}
}

_UNREADABLE = (IndexError, ValueError, KeyError)  # what walking through damage ends in

PageAt = Callable[[int], bytes]


class Dug(NamedTuple):
    """A row that was found; one that is not `whole` still hints that such a tap was there."""

    table: str
    row: Row
    whole: bool


class Tail(NamedTuple):
    """The end of a log, behind its last good frame: `decayed` if a power cut cannot have left it so."""

    decayed: bool
    taps: tuple[Row, ...]  # whole, and only there


NO_TAIL = Tail(decayed=False, taps=())


def dig(file: Path) -> Iterator[Dug]:
    """Find every row in a ledger's file, then in its log, older images before newer ones.

    A row may come several times. Never raises for what the file holds.
    """
    return _dig(file, list(frames(log_of(file))))


def read_tail(file: Path) -> Tail:
    """Look at what SQLite, which stops at the first bad frame of a log, would silently drop.

    A power cut tears the last transaction only: the ones before were on the disk when it began.
    """
    log = list(frames(log_of(file)))
    valid = [frame for frame in log if frame.valid]
    if len(valid) == len(log):
        return NO_TAIL
    behind = {dug.row for dug in _dig(file, log) if dug.whole} - {dug.row for dug in _dig(file, valid)}
    taps = sorted(row for row in behind if len(row) == _TAP_WIDTH)
    return Tail(decayed=sum(frame.commits for frame in log if not frame.valid) > 1, taps=tuple(taps))


def _dig(file: Path, log: list[Frame]) -> Iterator[Dug]:
    latest = {frame.page_number: frame.page for frame in log}
    with _mapped(file) as main:
        count = len(main) // PAGE_BYTES

        def page_at(number: int) -> bytes:
            if number in latest:
                return latest[number]
            if not 1 <= number <= count:
                raise IndexError(number)
            return main[(number - 1) * PAGE_BYTES : number * PAGE_BYTES]

        parts = range(0, len(main), PAGE_BYTES)  # the last one may be cut short
        for page in chain((main[at : at + PAGE_BYTES] for at in parts), (frame.page for frame in log)):
            yield from _rows_of(page.ljust(PAGE_BYTES, b"\0"), page_at)


def _mapped(file: Path) -> mmap.mmap:
    try:
        with file.open("rb") as opened:
            return mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # gone, or empty
        return mmap.mmap(-1, PAGE_BYTES)


def _rows_of(page: bytes, page_at: PageAt) -> Iterator[Dug]:
    used = 0
    for at in _cells(page):
        try:
            content, start, end = _payload(page, at, page_at)
            dug = _recognised(_record(content, start))
        except _UNREADABLE:
            continue
        used += (end - at) * dug.whole
        yield dug
    if used != _used(page):
        yield from _carved(page)


def _used(page: bytes) -> int:
    """Reckon from a page's header how many of its bytes are rows; -1 where that cannot be told."""
    if page[0] not in _CELLS_AT:
        return -1 if any(page) else 0
    number, used = int.from_bytes(page[1:3]), PAGE_BYTES - int.from_bytes(page[5:7]) - page[7]
    for _ in range(PAGE_BYTES // 4):  # the chain of free blocks
        if not number:
            break
        used -= int.from_bytes(page[number + 2 : number + 4])
        number = int.from_bytes(page[number : number + 2])
    return used


def _carved(page: bytes) -> Iterator[Dug]:
    """Try every byte of a page whose order is lost: a row describes itself, and its check tells."""
    for at in range(PAGE_BYTES):
        if page[at] in _HEADER_BYTES:
            try:
                dug = _recognised(_record(page, at))
            except _UNREADABLE:
                continue
            if dug.whole:
                yield dug


def _cells(page: bytes) -> Iterator[int]:
    first = _CELLS_AT.get(page[0])
    if first is None:
        return
    count = int.from_bytes(page[3:5])
    for at in range(first, min(first + 2 * count, PAGE_BYTES - 1), 2):
        yield int.from_bytes(page[at : at + 2])


def _payload(page: bytes, at: int, page_at: PageAt) -> tuple[bytes, int, int]:
    """Give bytes that hold the whole row, where in them it begins, and where on its page it ends."""
    length, at = _varint(page, at + (4 if page[0] == _INTERIOR else 0))  # behind the number of the page below
    if length <= _LOCAL_MOST:
        return page, at, at + length
    if length > _ROW_BYTES_MOST:
        raise ValueError(length)
    local = _LOCAL_LEAST + (length - _LOCAL_LEAST) % _CHAINED
    local = local if local <= _LOCAL_MOST else _LOCAL_LEAST
    parts, left = [page[at : at + local]], length - local
    end = at + local + 4
    number = int.from_bytes(page[end - 4 : end])
    while left > 0:
        further = page_at(number)
        parts.append(further[4 : 4 + left])
        left, number = left - _CHAINED, int.from_bytes(further[:4])
    return b"".join(parts), 0, end


def _record(content: bytes, start: int) -> Row:
    header_bytes, at = _varint(content, start)
    value_at, values = start + header_bytes, []
    while at < start + header_bytes:
        kind, at = _varint(content, at)
        value, value_at = _value(content, kind, value_at)
        values.append(value)
    return tuple(values)


def _value(content: bytes, kind: int, at: int) -> tuple[object, int]:
    if kind >= _SHORTEST_TEXT and kind % 2:
        end = at + (kind - _SHORTEST_TEXT) // 2
        if end > len(content):
            raise IndexError(end)
        return content[at:end].decode(), end
    if kind in (_ZERO, _ONE):
        return kind - _ZERO, at
    size = _INTEGER_BYTES[kind]
    return (int.from_bytes(content[at : at + size], signed=True) if kind else None), at + size


def _varint(content: bytes, at: int) -> tuple[int, int]:
    number = 0
    for count in range(1, _VARINT_BYTES_MOST):
        byte = content[at]
        at += 1
        number = number << 7 | byte & 0x7F
        if byte < 0x80:  # noqa: PLR2004 - the bit that says "more follows"
            return number, at
        if count == _VARINT_BYTES_MOST - 1:
            break
    raise ValueError(number)  # none of our lengths takes nine bytes


def _recognised(row: Row) -> Dug:
    for table in _TABLES_BY_WIDTH[len(row)]:
        if is_whole(table, row):
            return Dug(table, row, whole=True)
    if len(row) != _TAP_WIDTH:
        raise ValueError(len(row))
    return Dug("taps", row, whole=False)
