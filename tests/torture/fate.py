"""What a power cut does to everything that was not yet durable: all of it follows from a model and a seed.

Used by content.py and disk.py. The models are what is assumed about disk and file system;
docs/durability.md tells it to people.
Pure: touches nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from random import Random

SECTOR_BYTES = 512  # the unit that a disk writes whole or not at all


class Model(StrEnum):
    """What is assumed about the file system.

    ORDERED: like ext4 or XFS. Creations, renames, removals and lengths reach the disk in their order; a sync
    of a file brings its own and all earlier ones along. Lost sectors of a longer file read as zeros.

    STRICT: only what POSIX promises. A sync of a file brings its bytes, a sync of a folder its names, nothing
    else; names survive in any selection; lost sectors of a longer file show foreign or stale bytes.
    """

    ORDERED = "ordered"
    STRICT = "strict"


class _Manner(StrEnum):
    """How writes that were under way survive."""

    NONE = "none"
    ALL = "all"
    FIRST = "first"  # those before some moment, the one at that moment torn
    LAST = "last"  # the disk reordered: the earlier ones are missing
    SOME = "some"  # each on its own
    TORN = "torn"  # each sector on its own


class Fate:
    """The decisions of one cut. `owner` is the file a decision is about: files may fare differently."""

    def __init__(self, model: Model, seed: int, pending: Sequence[int]) -> None:
        """`pending` are the numbers of all undecided operations of the disk, ascending."""
        self._random = Random(seed)  # noqa: S311 - a cut can be repeated
        self._model = model
        self._pending = pending or (0,)
        self._together = self._random.random() < 0.5
        self._manners: dict[object, tuple[_Manner, int, float]] = {}
        self._lengths: dict[object, int] = {}
        self.survivors_in_order = self._moment() if self._random.random() < 0.7 else self._pending[-1] + 1
        self._name_share = self._random.choice((0.0, 0.5, 1.0))

    @property
    def frees_blocks(self) -> bool:
        return self._model is Model.ORDERED

    def keeps_name(self, number: int) -> bool:
        """Whether this creation, rename or removal survives."""
        if self._model is Model.ORDERED:
            return number < self.survivors_in_order
        return self._random.random() < self._name_share

    def keeps_resize(self, owner: object, number: int) -> bool:
        if self._model is Model.ORDERED:
            return number < self.survivors_in_order
        return number < self._lengths.setdefault(owner, self._moment())

    def surviving(
        self, owner: object, number: int, sectors: Mapping[int, bytes]
    ) -> Iterator[tuple[int, bytes]]:
        """Those sectors of a write that reached the disk."""
        manner, moment, share = self._manner(None if self._together else owner)
        if manner is _Manner.NONE:
            return
        whole = (
            manner is _Manner.ALL
            or (manner is _Manner.FIRST and number < moment)
            or (manner is _Manner.LAST and number > moment)
            or (manner is _Manner.SOME and self._random.random() < share)
        )
        torn = manner is _Manner.TORN or (manner is _Manner.FIRST and number == moment)
        for sector, data in sectors.items():
            if whole or (torn and self._random.random() < share):
                yield sector, data

    def length(self, reached: int, longest: int) -> int:
        """The file's length: sometimes the longer one arrived without the bytes."""
        return max(reached, longest) if self._random.random() < 0.2 else reached

    def filler(self, size: int, stale: bytes | bytearray) -> bytes:
        """What is read where the bytes of a file longer than `stale` are missing: other sectors, each whole.

        The sector in which the file ended was written with what it held, and zeros behind its end.
        """
        if size <= 0 or self._model is Model.ORDERED:
            return b""
        ended = bytes(-len(stale) % SECTOR_BYTES)
        if stale and self._random.random() < 0.5:
            start = self._random.randrange(len(stale)) // SECTOR_BYTES * SECTOR_BYTES
            return (ended + bytes(stale[start : start + size]))[:size]
        return (ended + self._random.randbytes(size))[:size]

    def index_file(self) -> bytes | None:
        """What is left of SQLite's shared index, which is never synced: it must not matter."""
        return self._random.choice((None, b"", self._random.randbytes(4096)))

    def _moment(self) -> int:
        return self._random.choice((*self._pending, self._pending[-1] + 1))

    def _manner(self, owner: object) -> tuple[_Manner, int, float]:
        if owner not in self._manners:
            chosen = self._random.choice(tuple(_Manner))
            self._manners[owner] = (chosen, self._moment(), self._random.random())
        return self._manners[owner]
