"""Puts trace, disk and judge together: how many power cuts there were, and what each of them broke.

Used by the tests in this folder. Touches the workshop folder it is given.
"""

import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.torture.cuts import cuts
from tests.torture.disk import Disk, fingerprint, lay_out, read_folder, without_index
from tests.torture.fate import Model
from tests.torture.judge import faults
from tests.torture.recorder import Run

DATA = "data"  # the data directory, below the root of the recorded disk
TOLD_MOST = 12
# What a cut broke → how the judge begins to say so.
KINDS = {
    "… an acknowledged tap lost": ("lost:",),
    "… half a transaction": ("half a settlement", "rejected rows lost", "withheld, and forgotten"),
    "… a ledger that does not open": ("the ledger does not open",),
}
OTHERWISE = "… numbers, content or alarms wrong"


@dataclass
class Verdict:
    """What came of many cuts: `wrong` has the faults of each cut that broke a promise.

    `disks` tells apart the disks that were left: cuts at different moments may leave the same one.
    """

    run: Run
    cuts: int = 0
    disks: set[bytes] = field(default_factory=set)
    wrong: dict[str, list[str]] = field(default_factory=dict)

    def __str__(self) -> str:
        told = [f"{cut}: {'; '.join(found)[:600]}" for cut, found in list(self.wrong.items())[:TOLD_MOST]]
        look = f"python -m tests.torture.replay {self.run.trace} {self.run.root} CUT… FOLDER"
        return "\n".join([f"{len(self.wrong)} of {self.cuts} cuts broke a promise; see {look}", *told])

    def figures(self) -> dict[str, int]:
        """Count what came of it: cuts, disks, and what was broken, a cut once under each name."""
        kinds = Counter(name for found in self.wrong.values() for name in {_kind(fault) for fault in found})
        return {
            "power cuts": self.cuts,
            "disks that differ": len(self.disks),
            "cuts that broke a promise": len(self.wrong),
            **{name: kinds[name] for name in (*KINDS, OTHERWISE)},
        }


def _kind(fault: str) -> str:
    return next((name for name, beginning in KINDS.items() if fault.startswith(beginning)), OTHERWISE)


def put_to_the_proof(
    run: Run,
    *,
    workshop: Path,
    model: Model,
    count: int,
    seed: int,
    since: int = 0,
    in_flight: int = 1,
    damaged: bool = False,
) -> Verdict:
    """Cut the power so many times after `since` events; judge what the kiosk finds each time."""
    verdict = Verdict(run)
    place = workshop / "after-a-cut"
    for cut in cuts(run, model=model, count=count, seed=seed, since=since):
        place.mkdir()
        lay_out(cut.image, place)
        verdict.cuts += 1
        verdict.disks.add(fingerprint(cut.image))
        if found := faults(place / DATA, cut.said, in_flight=in_flight, damaged=damaged):
            verdict.wrong[str(cut)] = found
        shutil.rmtree(place)
    return verdict


def nothing_escaped(run: Run) -> bool:
    """Whether the trace alone explains every byte that is really there: otherwise it would prove nothing."""
    disk = Disk(run.root, Model.ORDERED)
    for event in run.events:
        disk.apply(event)
    return without_index(disk.now()) == without_index(read_folder(run.root))
