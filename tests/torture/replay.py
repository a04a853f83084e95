"""Lays out the disk of one cut, as it was named by a proof that failed.

Run as `python -m tests.torture.replay TRACE ROOT POSITION SEED MODEL FOLDER`; the first five stand in the
failure's message. Touches the folder, which must be empty.
"""

import sys
from pathlib import Path

from tests.torture.disk import Disk, lay_out
from tests.torture.fate import Model
from tests.torture.trace import read_trace


def main(arguments: list[str]) -> int:
    trace, root, position, seed, model, folder = arguments
    disk = Disk(Path(root), Model(model))
    for event in read_trace(Path(trace))[: int(position)]:
        disk.apply(event)
    Path(folder).mkdir(exist_ok=True)
    lay_out(disk.cut(int(seed)), Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
