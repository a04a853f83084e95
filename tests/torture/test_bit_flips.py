"""One bit of a real ledger's files flips, anywhere: the kiosk goes on, and no tap is missing in silence."""

import random
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.store.export import export
from kiosk.store.wal import PAGE_BYTES
from sync.contract import Withheld
from tests.kiosk.conftest import FakeClocks, Till
from tests.kiosk.test_damage import drained, flip, told
from tests.torture.scale import FLIPS, TIMEOUT_S

pytestmark = pytest.mark.timeout(TIMEOUT_S)

FRAME_BYTES = PAGE_BYTES + 24
TAPS, SETTLED = 60, 20


@dataclass(frozen=True)
class Prepared:
    """A data directory as it lies there, the taps that were thanked for, and where the last commit begins."""

    folder: Path
    taps: frozenset
    last_commit: int  # in the log; behind it, a flip looks like the power cut that tore it


def prepare(folder, *, clean):
    till = Till(folder, FakeClocks())
    store = till.open()
    store.shelve([{"id": "long", "title": {"ja": "あ" * 3000}}])
    taps = till.tap(store, TAPS)
    store.outbox.settle(store.ledger.id, SETTLED, [])
    store.upkeep.once()
    taps += till.tap(store, TAPS)
    last_commit = till.log.stat().st_size
    taps += till.tap(store, 1)
    (folder / "ballast").unlink(missing_ok=True)
    if clean:
        store.close()
    else:
        till.die(store)
    return Prepared(folder, frozenset(taps), last_commit)


@pytest.fixture(params=["stopped in order", "killed"])
def prepared(request, workshop):
    return prepare(workshop / "prepared", clean=request.param == "stopped in order")


def opened_after(till):
    """All that a kiosk does with what it finds: open, take taps, keep house, send, and end."""
    store = till.open()
    new = till.tap(store, 2)
    store.upkeep.once()
    sent = drained(store)
    new += till.tap(store, 1)
    incidents = told(store)
    store.close()
    return new, sent, incidents


def what_went_wrong(till, prepared, *, looks_torn):
    """Everything that one flip broke of what is promised."""
    new, sent, incidents = opened_after(till)
    complaints = []
    found = list(export(till.folder, complaints.append))
    lost = (prepared.taps | set(new)) - set(found)
    silent = [tap for tap in lost if not isinstance(sent.get((tap.ledger, tap.seq)), Withheld)]
    wrong = []
    if len(found) != len(set(found)) or set(found) - prepared.taps - set(new):
        wrong.append("taps that nobody gave, or twice")
    if len(lost) > 1 or lost & set(new):
        wrong.append(f"{len(lost)} taps lost")
    for tap in silent:  # of a tap that head office holds it is enough that damage is told
        is_told = any(incident.lost != 0 or tap.seq <= SETTLED for incident in incidents)
        if not is_told and not looks_torn:
            wrong.append(f"tap {tap.seq} lost in silence")
    if any(incident.lost and not lost for incident in incidents):
        wrong.append("a loss that was none")
    if complaints:
        wrong.append(f"export: {complaints}")
    numbers = [(tap.ledger, tap.seq) for tap in (*prepared.taps, *new)]
    if len(numbers) != len(set(numbers)) and not looks_torn:
        wrong.append("a number was given twice")
    return wrong


def test_a_flipped_bit_costs_one_row_at_most_and_never_in_silence(prepared, workshop, count):
    """P1, P4: the kiosk opens, stores and sends; what the bit destroyed is counted, withheld and told."""
    dice = random.Random(4)  # noqa: S311 - any place will do
    files = [file for file in sorted(prepared.folder.iterdir()) if file.name.startswith("ledger.sqlite3")]
    files = [file for file in files if file.stat().st_size and not file.name.endswith("-shm")]
    place = workshop / "flipped"
    wrong = {}
    for _ in range(FLIPS):
        file = dice.choices(files, [each.stat().st_size for each in files])[0]
        at, bit = dice.randrange(file.stat().st_size), dice.randrange(8)
        shutil.copytree(prepared.folder, place)
        flip(place / file.name, at, bit=bit)
        till = Till(place, FakeClocks())
        try:
            found = what_went_wrong(
                till, prepared, looks_torn=file.name.endswith("-wal") and at >= prepared.last_commit
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, it is named with the bit that did it
            found = [repr(error)]
        till.close()
        shutil.rmtree(place)
        if found:
            wrong[f"{file.name} byte {at} bit {bit}"] = found
    count("bits flipped", FLIPS)
    count("… that broke a promise", len(wrong))
    assert not wrong, "\n".join(f"{where}: {found}" for where, found in wrong.items())
