"""Many power cuts of one trace, each with the disk it leaves.

Used by the proofs in this folder. A cut is known by its position in the trace and its seed.
Pure: touches nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tests.torture.disk import Disk, Image
from tests.torture.fate import Model
from tests.torture.recorder import Run
from tests.torture.trace import lines_said

SEEDS = 1 << 32


@dataclass(frozen=True)
class Cut:
    """The power went after `position` events; `said` are the lines that stood on stdout by then.

    Position, seed and model name it: replay.py wants them.
    """

    model: Model
    position: int
    seed: int
    said: tuple[str, ...]
    image: Image

    def __str__(self) -> str:
        return f"{self.position} {self.seed} {self.model}"


def cuts(run: Run, *, model: Model, count: int, seed: int, since: int = 0) -> Iterator[Cut]:
    """So many cuts in the order of the trace: half of them anywhere, half right after something was said.

    The first `since` events pass without a cut.
    """
    events = run.events
    chance = Random(seed)  # noqa: S311 - cuts can be repeated
    lines = lines_said(events)
    moments = [position for position, _ in lines if position > since] or [len(events)]
    wanted = sorted(
        chance.choice(moments) if number % 2 else chance.randint(since + 1, len(events))
        for number in range(count)
    )
    disk = Disk(run.root, model)
    reached = 0
    for position in wanted:
        for event in events[reached:position]:
            disk.apply(event)
        reached = max(reached, position)
        said = tuple(line for heard, line in lines if heard <= position)
        own_seed = chance.randrange(SEEDS)
        yield Cut(model, position, own_seed, said, disk.cut(own_seed))
