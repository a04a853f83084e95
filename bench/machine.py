"""What kind of machine the figures are from: cores, memory, disk, and how fast the disk is sure of a write.

`__main__` puts my line above every table. I write a small file into the scratch folder.
"""

import os
import platform
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.figures import median

SCRATCH = Path(__file__).parent / ".scratch"  # not /tmp, which may be memory and sure of nothing
SYNCS = 50
PAGE = bytes(4096)


MEMORY = Path("/dev/shm")  # noqa: S108  # what another machine's disk would hold, where there is such a place


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a new folder on the disk this checkout is on; gone when the block ends."""
    SCRATCH.mkdir(exist_ok=True)
    with _folder(SCRATCH) as folder:
        yield folder


@contextmanager
def elsewhere() -> Iterator[Path]:
    """Give a new folder that keeps this machine's disk free, in memory; gone when the block ends."""
    with _folder(MEMORY) if os.access(MEMORY, os.W_OK) else scratch() as folder:
        yield folder


@contextmanager
def _folder(place: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="egao-bench-", dir=place))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def describe() -> str:
    """Give one line: processor, cores, memory, disk with the median of a 4 KiB write + fsync, programs."""
    cores = len(os.sched_getaffinity(0))
    with scratch() as folder:
        sync_ms = fsync_ms(folder)
        kind = _file_system(folder)
    return (
        f"{_processor()}, {cores} cores, {_memory_gb():.0f} GB, "
        f"{kind} (4 KiB write + fsync: median {sync_ms:.2f} ms), "
        f"{platform.system()} {platform.release().split('-')[0]}, "
        f"Python {platform.python_version()} ({_kept_by()}), "
        f"SQLite {sqlite3.sqlite_version}"
    )


def fsync_ms(folder: Path) -> float:
    """Median time of appending 4 KiB and waiting until the disk has it."""
    times = []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(SYNCS):
            start = time.perf_counter()
            file.write(PAGE)
            os.fsync(file.fileno())
            times.append((time.perf_counter() - start) * 1000)
    return median(times)


def _kept_by() -> str:
    """Whose Python it is: one that was built without the system's optimizations is slower."""
    return "the system's own" if sys.base_prefix == "/usr" else "not the system's own"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith(("model name", "Model")):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def _file_system(folder: Path) -> str:
    kinds = {}
    for line in Path("/proc/self/mounts").read_text("utf-8").splitlines():
        _, mounted, kind, *_ = line.split()
        kinds[mounted] = kind
    held = (kinds[str(place)] for place in folder.resolve().parents if str(place) in kinds)
    return next(held, "a file system of no known kind")  # in a chroot: its root is no mount
