"""A shopper taps while the disk is full for a while, and again after it was cleared.

Run as `python -m tests.torture.drivers.full_disk DISK` on a small disk of its own, which I fill and clear.
Says every stored tap on stdout, then what the ledger holds; every refusal on stderr.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk.bootstrap import new_id
from kiosk.store.export import export
from kiosk.store.opened import Store
from kiosk.store.problems import NotStored
from kiosk.store.state import problems
from kiosk.store.tap import Answered
from tests.torture.drivers.kiosk import Clock, open_store, say, warn

PIECES = (1 << 20, 1 << 12, 1)
MANY = 30_000


def tap(store: Store) -> bool:
    """Store one tap and say so; False, with words, if it was refused."""
    answered = Answered(
        visit=new_id(), survey="3fa9c1d2e4b5", question="q", answer="x" * 190, language="ja", took_ms=900
    )
    try:
        say(kept=store.ledger.save(answered).line())
    except NotStored as problem:
        warn(problem)
        return False
    return True


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Fill the disk to its last byte, and clear it in the end."""
    filler = disk / f"somebody-else's-{new_id()}"
    try:
        with filler.open("wb", buffering=0) as file:
            for size in PIECES:
                try:
                    while True:
                        file.write(b"\0" * size)
                except OSError:
                    continue
        yield
    finally:
        filler.unlink()


def main(disk: Path) -> None:
    """Tap through it all."""
    store = open_store(disk / "data", Clock())
    store.upkeep.once()
    ballast = disk / "data" / "ballast"
    say(ballast=ballast.exists())
    tap(store)
    with full(disk):
        say(stored_on_a_full_disk=sum(tap(store) for _ in range(50)), ballast=ballast.exists())
        with full(disk):
            say(stored_until_refused=next(count for count in range(MANY) if not tap(store)))
            with store.database.read() as reader:
                say(problems=problems(reader, store.database.folder, now_ms=store.now().at))
    say(stored_after=sum(tap(store) for _ in range(5)))
    store.upkeep.once()
    say(ballast=ballast.exists())
    store.close()
    complaints: list[str] = []
    for found in export(disk / "data", complaints.append):
        say(held=found.line())
    say(complaints=complaints)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
