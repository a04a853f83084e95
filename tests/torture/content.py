"""One file on the modelled disk: what is durable, what only the page cache knows, what a power cut leaves.

Used by disk.py; how much of the undecided survives is asked of a Fate (fate.py).
Pure values: touches no disk.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.torture.fate import SECTOR_BYTES, Fate


class Body:
    """Bytes of a file; those between the end of `data` and `size` are zeros that nobody wrote."""

    def __init__(self, data: bytes = b"") -> None:
        self.data = bytearray(data)
        self.size = len(data)

    def copy(self) -> "Body":
        twin = Body()
        twin.data, twin.size = self.data[:], self.size
        return twin

    def put(self, at: int, data: bytes, filler: bytes = b"") -> None:
        """Write; a hole between the old end and `at` shows `filler`, which may be stale or foreign bytes."""
        if at > len(self.data):
            self.data.extend(filler[: at - len(self.data)].ljust(at - len(self.data), b"\0"))
        self.data[at : at + len(data)] = data
        self.size = max(self.size, len(self.data))

    def resize(self, size: int) -> None:
        del self.data[size:]
        self.size = size

    def sector(self, number: int) -> bytes:
        start = number * SECTOR_BYTES
        end = min(start + SECTOR_BYTES, self.size)
        return bytes(self.data[start:end]).ljust(end - start, b"\0")


@dataclass(slots=True)
class Write:
    """The page cache's sectors after a write: on the disk a sector is one of its versions, never a mixture.

    `doubtful` once a sync failed: the kernel has forgotten that these pages have to be written.
    """

    number: int
    sectors: dict[int, bytes]
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Resize:
    """A new length: metadata, ordered with creations and renames where the model says so."""

    number: int
    size: int


class Content:
    """A file's content through writes, syncs and a cut; `number` is an operation's place in the trace."""

    def __init__(self, data: bytes = b"") -> None:
        self.durable = Body(data)
        self.cached = Body(data)
        self.pending: list[Write | Resize] = []

    def write(self, number: int, at: int, data: bytes) -> None:
        self.cached.put(at, data)
        touched = range(at // SECTOR_BYTES, (at + len(data) - 1) // SECTOR_BYTES + 1)
        self.pending.append(Write(number, {sector: self.cached.sector(sector) for sector in touched}))

    def resize(self, number: int, size: int) -> Resize:
        self.cached.resize(size)
        resize = Resize(number, size)
        self.pending.append(resize)
        return resize

    def sync(self) -> None:
        """All is durable now, except what an earlier failed sync made the kernel forget."""
        forgotten: list[Write] = []
        for change in self.pending:
            if isinstance(change, Resize):
                self.durable.resize(change.size)
                forgotten = _cut_off(forgotten, change.size)
            elif change.doubtful:
                forgotten.append(change)
            else:
                for sector, data in change.sectors.items():
                    self.durable.put(sector * SECTOR_BYTES, data)
                    for older in forgotten:
                        older.sectors.pop(sector, None)
        self.durable.size = self.cached.size
        self.pending = [write for write in forgotten if write.sectors]

    def fail_to_sync(self) -> None:
        """What was to be written may never be, even if a later sync succeeds."""
        for change in self.pending:
            if isinstance(change, Write):
                change.doubtful = True

    def settle(self, resize: Resize) -> None:
        """A new length reached the disk with the file system's journal, the bytes before it perhaps not."""
        place = self.pending.index(resize)
        before = [change for change in self.pending[:place] if isinstance(change, Write)]
        self.durable.resize(resize.size)
        self.pending[: place + 1] = _cut_off(before, resize.size)

    def after_cut(self, fate: Fate) -> Body:
        """What the disk holds when the power returns."""
        left = self.durable.copy()
        freed_from: int | None = None
        for change in self.pending:
            if isinstance(change, Resize):
                if fate.keeps_resize(self, change.number):
                    left.resize(change.size)
                elif fate.frees_blocks:  # what was written past a lost truncation went to other blocks
                    freed_from = min(change.size, left.size, *([] if freed_from is None else [freed_from]))
                continue
            for sector, data in fate.surviving(self, change.number, change.sectors):
                start = sector * SECTOR_BYTES
                if freed_from is None or start < freed_from:
                    left.put(start, data, fate.filler(start - len(left.data), left.data))
        if (length := fate.length(left.size, max(self._ends(), default=0))) > left.size:
            left.put(length, b"", fate.filler(length - len(left.data), left.data))
        return left

    def _ends(self) -> Iterator[int]:
        for change in self.pending:
            if isinstance(change, Write):
                last = max(change.sectors)
                yield last * SECTOR_BYTES + len(change.sectors[last])


def _cut_off(writes: list[Write], size: int) -> list[Write]:
    for write in writes:
        kept = {sector: data[: size - sector * SECTOR_BYTES] for sector, data in write.sectors.items()}
        write.sectors = {
            sector: data for sector, data in kept.items() if data and sector * SECTOR_BYTES < size
        }
    return [write for write in writes if write.sectors]
