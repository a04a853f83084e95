"""The modelled disk keeps what it promised, and breaks everything else that the model allows it to break."""

from os import O_CREAT, O_RDWR
from pathlib import Path, PurePosixPath

import pytest

from tests.torture.disk import Disk, without_index
from tests.torture.fate import SECTOR_BYTES, Model
from tests.torture.trace import Event, Kind

ROOT = Path("/disk")
SEEDS = range(400)
OLD, NEW = b"o" * 4 * SECTOR_BYTES, b"n" * 4 * SECTOR_BYTES


class Program:
    """Makes events as a recorded program would."""

    def __init__(self, model):
        self.disk = Disk(ROOT, model)

    def _event(self, kind, *, fd=-1, at=0, data=b"", error=0, flags=0):
        self.disk.apply(Event(kind, 1, fd, error, at, flags, data))

    def open(self, fd, name="", flags=O_CREAT | O_RDWR):
        self._event(Kind.OPEN, fd=fd, flags=flags, data=str(ROOT / name).encode())

    def write(self, fd, data, at=0):
        self._event(Kind.WRITE, fd=fd, at=at, data=data)

    def length(self, fd, size):
        self._event(Kind.LENGTH, fd=fd, at=size)

    def sync(self, fd, error=0):
        self._event(Kind.SYNC, fd=fd, error=error)

    def rename(self, old, new):
        self._event(Kind.RENAME, data=f"{ROOT / old}\0{ROOT / new}".encode())

    def unlink(self, name):
        self._event(Kind.UNLINK, data=str(ROOT / name).encode())

    def after_cuts(self, name="file"):
        """What the file holds after each of many cuts; None where it is missing."""
        return [without_index(self.disk.cut(seed)).get(PurePosixPath(name)) for seed in SEEDS]


@pytest.fixture(params=Model)
def program(request):
    return Program(request.param)


def durable_file(program, data=OLD):
    program.open(3, "file")
    program.write(3, data)
    program.sync(3)
    program.open(4)
    program.sync(4)


def test_synced_bytes_survive_every_cut(program):
    """What was synced, name and content, is there after every cut."""
    durable_file(program)
    assert set(program.after_cuts()) == {OLD}


def test_unsynced_bytes_are_kept_lost_and_torn(program):
    """An unsynced write is sometimes there, sometimes not, sometimes in part, and torn at sectors only."""
    durable_file(program)
    program.write(3, NEW)
    seen = set(program.after_cuts())
    assert {OLD, NEW} < seen
    for found in seen:
        sectors = [found[at : at + SECTOR_BYTES] for at in range(0, len(found), SECTOR_BYTES)]
        assert all(len(set(sector)) == 1 for sector in sectors)


def test_writes_are_reordered(program):
    """A later write may have reached the disk where an earlier one has not, in one file or in two."""
    durable_file(program)
    program.open(5, "other")
    program.sync(5)
    program.sync(4)
    program.write(3, b"1" * SECTOR_BYTES, 0)
    program.write(5, b"2" * SECTOR_BYTES, 0)
    program.write(3, b"3" * SECTOR_BYTES, SECTOR_BYTES)
    images = [without_index(program.disk.cut(seed)) for seed in SEEDS]
    file, other = PurePosixPath("file"), PurePosixPath("other")
    assert any(b"1" not in image[file] and b"3" in image[file] for image in images)
    assert any(b"1" not in image[file] and b"2" in image[other] for image in images)


def test_a_sector_is_one_of_its_versions(program):
    """Two writes into one sector never survive as a mixture that no program has ever seen."""
    durable_file(program, b"....")
    program.write(3, b"a", 0)
    program.write(3, b"b", 3)
    assert set(program.after_cuts()) == {b"....", b"a...", b"a..b"}


def test_a_file_whose_folder_was_not_synced(program):
    """A sync of a new file brings its name along only where the file system is assumed to do so."""
    program.open(3, "file")
    program.write(3, OLD)
    program.sync(3)
    kept = {Model.ORDERED: {OLD}, Model.STRICT: {OLD, None}}
    assert set(program.after_cuts()) == kept[program.disk.model]


def test_a_rename_is_whole_or_not_at_all(program):
    """A rename over a file leaves the old or the new content under the name, never none."""
    durable_file(program)
    program.open(5, "fresh")
    program.write(5, NEW)
    program.sync(5)
    program.rename("fresh", "file")
    assert set(program.after_cuts()) == {OLD, NEW}
    program.sync(4)
    assert set(program.after_cuts()) == {NEW}


def test_a_removal_may_come_undone_until_the_folder_is_synced(program):
    """A removed file may be back, with its old content."""
    durable_file(program)
    program.unlink("file")
    assert set(program.after_cuts()) == {OLD, None}
    program.sync(4)
    assert set(program.after_cuts()) == {None}


def test_a_failed_sync_is_not_mended_by_the_next_one(program):
    """Bytes whose sync failed may be lost, whatever is synced later, until they are written again."""
    durable_file(program)
    program.write(3, NEW)
    program.sync(3, error=5)
    program.sync(3)
    assert {OLD, NEW} <= set(program.after_cuts())
    program.write(3, NEW)
    program.sync(3)
    assert set(program.after_cuts()) == {NEW}


def test_truncation_and_growth(program):
    """A cut leaves the length before or after a truncation, and no bytes behind it; a sync settles it."""
    durable_file(program)
    program.length(3, SECTOR_BYTES)
    assert {len(found) for found in program.after_cuts()} == {SECTOR_BYTES, len(OLD)}
    program.sync(3)
    assert set(program.after_cuts()) == {OLD[:SECTOR_BYTES]}
    program.length(3, 3 * SECTOR_BYTES)
    program.sync(3)
    assert set(program.after_cuts()) == {OLD[:SECTOR_BYTES] + bytes(2 * SECTOR_BYTES)}


def test_a_longer_file_may_show_what_nobody_wrote():
    """The lost sectors of a longer file are zeros under the ordered model, foreign bytes under the strict."""
    strange = {}
    for model in Model:
        program = Program(model)
        durable_file(program)
        program.write(3, NEW, len(OLD))
        strange[model] = set(b"".join(program.after_cuts())) - set(b"on")
    assert strange[Model.ORDERED] == {0}
    assert len(strange[Model.STRICT]) > 200


def test_names_survive_in_their_order_or_in_any():
    """Under the ordered model a later name never survives an earlier one; under the strict model it may."""
    inverted = {}
    for model in Model:
        program = Program(model)
        program.open(3, "first")
        program.open(4, "second")
        images = [program.disk.cut(seed) for seed in SEEDS]
        first, second = PurePosixPath("first"), PurePosixPath("second")
        inverted[model] = any(second in image and first not in image for image in images)
    assert inverted == {Model.ORDERED: False, Model.STRICT: True}


def test_the_same_seed_cuts_the_same_way(program):
    """A cut is known by position and seed: a failure can be looked at again."""
    durable_file(program)
    program.write(3, NEW)
    assert program.after_cuts() == program.after_cuts()
