"""The disk under the data directory: room, kind, speed, and whether it keeps what it says it has kept.

Called by the doctors of both ends. Writes one file into the data directory, and removes it.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from sync.finding import Finding, broken, fine, watch

MIB = 1 << 20
LEAST_BYTES, WANTED_BYTES = 64 * MIB, 512 * MIB
PROBE = "doctor-probe"
WRITES, PAGE = 25, os.urandom(4096)
SLOW_S, HOPELESS_S = 0.1, 0.5  # a shopper waits for one such write
TOO_FAST_S = 0.000_015  # no disk answers a flush sooner, not even one with a battery
FORGETFUL = {"tmpfs", "ramfs", "overlay", "aufs"}
REMOTE = {"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p"}
CARELESS = {"nobarrier", "barrier=0", "nobh", "async_commit"}


@dataclass(frozen=True)
class Mount:
    """What a folder lies on."""

    kind: str
    options: frozenset[str]


def room(free: int) -> Finding:
    """Whether answers find room."""
    words = f"{free // MIB:,} MiB free"
    mend = "make room on this disk; nothing in the data directory may be removed by hand"
    if free < LEAST_BYTES:
        return broken("room", words, mend)
    return fine("room", words) if free >= WANTED_BYTES else watch("room", words, mend)


def kind(mount: Mount) -> Finding:
    """Whether what is written stays, and where."""
    if mount.kind in FORGETFUL:
        return broken(
            "disk",
            f"the data directory lies on {mount.kind}: all answers are gone at the next start",
            "put it on a disk of its own: --data DIR, or mount one there",
        )
    if mount.kind in REMOTE:
        return broken(
            "disk",
            f"the data directory lies on {mount.kind}, another machine's disk",
            "use a disk of this device: answers must not wait for the network",
        )
    if careless := sorted(mount.options & CARELESS):
        return broken(
            "disk",
            f"it is mounted with {', '.join(careless)}: a power cut may take answers",
            "take that out of /etc/fstab and mount it again",
        )
    return fine("disk", mount.kind)


def mount_of(folder: Path, mounts: str) -> Mount:
    """Find what a folder lies on, in the text of /proc/self/mounts."""
    found, longest = Mount("unknown", frozenset()), -1
    for line in mounts.splitlines():
        _, place, kind, options, *_ = line.split(" ")
        at = Path(place.replace("\\040", " "))
        if folder.absolute().is_relative_to(at) and len(at.parts) >= longest:
            found, longest = Mount(kind, frozenset(options.split(","))), len(at.parts)
    return found


def speed(times_s: list[float], preload: str) -> Finding:
    """Whether a write is soon on the disk, and not sooner than can be true."""
    middle = median(times_s)
    words = f"a page is on the disk in {middle * 1000:.2f} ms, at worst in {max(times_s) * 1000:.0f} ms"
    if "eatmydata" in preload or middle < TOO_FAST_S:
        return broken(
            "writing",
            f"{words}: nothing waits for the disk, so a power cut takes answers",
            "start without LD_PRELOAD=libeatmydata; use a disk whose flush is real",
        )
    if middle > HOPELESS_S:
        return broken("writing", f"{words}: shoppers wait for it", "use another card; this one is worn out")
    if middle > SLOW_S:
        return watch("writing", f"{words}: slow", "use a card of class A1 or better, or a USB SSD")
    return fine("writing", words)


def times_to_write(folder: Path, now_s: Callable[[], float] = time.perf_counter) -> list[float]:
    """Write a page and flush it, several times. Raises OSError."""
    file, times = folder / PROBE, []
    descriptor = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    try:
        for at in range(WRITES):
            begun = now_s()
            os.pwrite(descriptor, PAGE, at * len(PAGE))
            os.fsync(descriptor)
            times.append(now_s() - begun)
    finally:
        os.close(descriptor)
        file.unlink()
    return times
