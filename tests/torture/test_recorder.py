"""The recorder sees everything, in order, and can make a disk fail."""

import errno
import textwrap
from itertools import pairwise

import pytest

from tests.torture.disk import Disk, read_folder, without_index
from tests.torture.fate import Model
from tests.torture.recorder import TO_THE_END, Fault
from tests.torture.trace import SYNCS, Kind, lines_said

EVERY_WAY = """
    import os, shutil, sys
    from pathlib import Path
    disk = Path(sys.argv[1])
    (disk / "a/b").mkdir(parents=True)
    (disk / "a/plain").write_bytes(b"x" * 5000)
    with (disk / "a/plain").open("ab") as file:
        file.write(b"appended")
    with (disk / "a/plain").open("r+b") as file:
        file.seek(700)
        file.write(b"in the middle")
        file.truncate(3000)
    descriptor = os.open(disk / "a/b/parts", os.O_CREAT | os.O_RDWR)
    os.writev(descriptor, [b"one", b"two"])
    os.pwrite(descriptor, b"far away", 2000)
    os.posix_fallocate(descriptor, 0, 9000)
    os.close(descriptor)
    shutil.copyfile(disk / "a/plain", disk / "a/copy")
    (disk / "a/plain").rename(disk / "a/b/moved")
    (disk / "a/gone").write_text("soon")
    (disk / "a/gone").unlink()
    os.chdir(disk / "a")
    Path("relative").write_text("here")
    folder = os.open("b", os.O_RDONLY)
    os.close(os.open("inside", os.O_CREAT | os.O_WRONLY, dir_fd=folder))
    os.unlink("parts", dir_fd=folder)
    os.mkdir("empty")
    os.rmdir("empty")
"""
DATABASE = """
    import sqlite3, sys
    db = sqlite3.connect(sys.argv[1] + "/db.sqlite3", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA wal_autocheckpoint = 8")
    db.execute("CREATE TABLE taps (n INTEGER PRIMARY KEY, text TEXT)")
    for n in range(30):
        try:
            db.execute("INSERT INTO taps VALUES (?, ?)", (n, "tap" * 100))
            print(n, flush=True)
        except sqlite3.OperationalError as error:
            print(error, file=sys.stderr)
"""


@pytest.fixture
def program(workshop):
    """Writes a program into a file, and gives the file."""

    def written(text):
        file = workshop / "program.py"
        file.write_text(textwrap.dedent(text), "utf-8")
        return file

    return written


@pytest.mark.parametrize("text", [EVERY_WAY, DATABASE], ids=["every way", "database"])
def test_nothing_escapes_the_recorder(recorder, program, workshop, root, text):
    """A disk rebuilt from the trace alone holds, byte for byte, what the program really left."""
    run = recorder.run(program(text), root, root=root, trace=workshop / "trace")
    disk = Disk(root, Model.STRICT)
    for event in run.events:
        disk.apply(event)
    assert run.exit_code == 0, run.stderr
    assert len(read_folder(root)) > 0
    assert without_index(disk.now()) == without_index(read_folder(root))


def test_a_tap_is_said_after_its_sync_and_before_the_next_write(recorder, program, workshop, root):
    """What was said on stdout stands in the trace at its place among the syncs and writes."""
    run = recorder.run(program(DATABASE), root, root=root, trace=workshop / "trace")
    said = lines_said(run.events)
    assert [line for _, line in said] == [str(n) for n in range(30)]
    for (first, _), (second, _) in pairwise(said):
        kinds = {event.kind for event in run.events[first:second]}
        assert Kind.WRITE in kinds
        assert kinds & SYNCS


def test_a_full_disk_takes_a_part_and_refuses_the_rest(recorder, program, workshop, root):
    """A write that is made to fail with ENOSPC leaves its first half, and the program hears of it."""
    fault = Fault("write", 20, 20, errno.ENOSPC)
    run = recorder.run(program(DATABASE), root, root=root, trace=workshop / "trace", fault=fault)
    refused = [event for event in run.events if event.error]
    assert [event.error for event in refused] == [errno.ENOSPC]
    assert [event for event in run.events if event.takes_space].index(refused[0]) == 20
    assert "full" in run.stderr
    assert len(lines_said(run.events)) == 29


def test_a_disk_can_fail_for_good(recorder, program, workshop, root):
    """With a fault that lasts, every sync from that one on fails, and nothing more is acknowledged."""
    fault = Fault("sync", 9, TO_THE_END, errno.EIO)
    run = recorder.run(program(DATABASE), root, root=root, trace=workshop / "trace", fault=fault)
    syncs = [event for event in run.events if event.kind in SYNCS]
    assert [event.error for event in syncs] == [0] * 9 + [errno.EIO] * (len(syncs) - 9)
    first_failure = run.events.index(syncs[9])
    assert all(position <= first_failure for position, _ in lines_said(run.events))
    assert "disk I/O error" in run.stderr


def test_one_trace_holds_several_runs(recorder, program, workshop, root):
    """A process that is started again on the same disk goes on in the same trace."""
    counting = program("""
        import sys
        with open(sys.argv[1] + "/log", "a") as file:
            file.write("run\\n")
        print("done", flush=True)
    """)
    for _ in range(2):
        run = recorder.run(counting, root, root=root, trace=workshop / "trace")
    disk = Disk(root, Model.STRICT)
    for event in run.events:
        disk.apply(event)
    assert [line for _, line in lines_said(run.events)] == ["done", "done"]
    assert without_index(disk.now()) == without_index(read_folder(root))
