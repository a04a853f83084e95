"""The process that takes batches in: reads groups from its input, commits each, answers on its output.

Started by `writer`; ends when its input does, which is also when the server has gone.
May touch the database.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from headoffice.store.engine import reopen_database
from headoffice.work.group import Groups
from headoffice.work.ingest import Ingest
from headoffice.work.parcel import LENGTH, read_group, read_place, write_outcomes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

YOUNG = 50_000  # objects before the collector looks, as in `app`: a group makes as many, and none in a ring


def write(source: BinaryIO, sink: BinaryIO) -> None:
    """Take in what comes, to its end."""
    frames = _frames(source)
    place = next(frames, None)
    if place is None:
        return
    with closing(reopen_database(read_place(place))) as database:
        ingest = Ingest()
        groups = Groups(database, ingest)
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG, 20, 20)
        _answer(sink, b"")  # ready
        for group in frames:
            _answer(sink, write_outcomes(groups.commit(read_group(ingest, group))))


def _frames(source: BinaryIO) -> Iterator[bytes]:
    while len(length := source.read(LENGTH.size)) == LENGTH.size:
        size = LENGTH.unpack(length)[0]
        frame = source.read(size)
        if len(frame) < size:
            return
        yield frame


def _answer(sink: BinaryIO, content: bytes) -> None:
    sink.write(LENGTH.pack(len(content)) + content)
    sink.flush()


def main() -> None:
    """Run as a process. A stop is the server's to tell: it closes our input when the last group has come."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    sink = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever is printed must not look like an answer
    try:
        write(sys.stdin.buffer, sink)
    except BrokenPipeError:
        sys.exit(1)  # the server has gone: nobody hears what became of this group


if __name__ == "__main__":
    main()
