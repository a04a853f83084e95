"""What the disk does meanwhile: bare INSERTs from a process that has nothing to do with ours.

Made by bench.ledger; `python -m bench.beside FILE` is the process. I touch the folder I am given.
"""

import sys
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.bare import BareLedger
from bench.processes import running

EVERY_S = 0.01
ROW = ("x" * 36, 0, "x" * 36, "x" * 12, "rating", '"happy"', "ja", 1 << 40, 1 << 30, "x" * 36, 1234, 1)

Span = tuple[float, float]  # from … to, on the monotonic clock that all processes share


class Beside:
    """The times of the INSERTs of that process, as it wrote them down."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def following(self, moments_s: Sequence[float]) -> list[float]:
        """Give, for each moment, how long the INSERT took, in ms, that began next."""
        told = self._told()
        began_s = [at_s for at_s, _ in told]
        found = (bisect_left(began_s, moment_s) for moment_s in moments_s)
        return [told[min(at, len(told) - 1)][1] for at in found]

    def longest(self, spans: Sequence[Span]) -> float:
        """Give how long the longest took, in ms, that began in one of these spans."""
        return max(ms for at_s, ms in self._told() if any(begin <= at_s <= end for begin, end in spans))

    def _told(self) -> list[tuple[float, float]]:
        lines = self._log.read_text("utf-8").splitlines(keepends=True)
        said = [line.split() for line in lines if line.endswith("\n")]
        return [(float(at_s), float(ms)) for at_s, ms in said]


@contextmanager
def beside(folder: Path) -> Iterator[Beside]:
    """Have another process commit one row after the other in `folder` until the block ends."""
    log = folder / "beside.times"
    log.touch()
    with running([sys.executable, "-m", "bench.beside", str(folder / "beside")], log=log):
        yield Beside(log)


def main(file: str) -> None:
    """Commit, and say on stderr when that began and how long it took."""
    with BareLedger(Path(file)) as bare:
        number = 0
        while True:
            time.sleep(EVERY_S)
            number += 1
            begin = time.monotonic()
            bare.save((ROW[0], number, *ROW[2:]))
            print(f"{begin:.6f} {(time.monotonic() - begin) * 1000:.3f}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
