"""The power goes while staff publish, save, roll back or set a PIN: each file is the old or the new one."""

import json
import shutil
from pathlib import Path

import pytest

from kiosk.settings import lockout
from kiosk.settings.drafts import Drafts
from kiosk.settings.file import InvalidConfig, load
from kiosk.settings.watch import GOOD_FILE, Watch
from tests.torture.disk import Disk, fingerprint, lay_out
from tests.torture.drivers.publishing import CONFIG, Office, standing
from tests.torture.fate import Model
from tests.torture.proof import DATA, nothing_escaped
from tests.torture.scale import LONG, TIMEOUT_S
from tests.torture.trace import Kind, lines_said

pytestmark = pytest.mark.timeout(TIMEOUT_S)

PUBLISHES, SEEDS = (24, 60) if LONG else (2, 4)  # and so many cuts after each single call
CONTROL_SEEDS = 3
DRIVER = "tests.torture.drivers.publishing"


@pytest.fixture(scope="module")
def recorded(recorder, tmp_path_factory):
    """A day of staff's, recorded call by call."""
    tmp_path = tmp_path_factory.mktemp("staff")
    (root := tmp_path / "disk").mkdir()
    run = recorder.run("-m", DRIVER, root / DATA, PUBLISHES, root=root, trace=tmp_path / "trace")
    assert run.exit_code == 0, run.stderr
    assert nothing_escaped(run)
    return run


def disks(events, root, model, seeds):
    """After each call so many disks that a cut may leave, each once: lines said by then, its name, it."""
    disk, said, seen = Disk(root, model), dict.fromkeys(at for at, _ in lines_said(events)), set()
    lines = 0
    for position, event in enumerate(events, start=1):
        disk.apply(event)
        lines += position in said
        for seed in range(seeds if lines else 0):
            image = disk.cut(seed + seeds * position)
            if (known := (lines, fingerprint(image))) not in seen:
                seen.add(known)
                yield lines, f"{position} {seed + seeds * position} {model}", image


def wrong(data: Path, before: dict, after: dict) -> list[str]:
    """What is neither as it was said before, nor as it was said next."""
    try:
        found = standing(data)
        config = load(data / CONFIG)
        Watch(data / CONFIG, data)
        if (data / GOOD_FILE).exists():
            load(data / GOOD_FILE)
    except (OSError, lockout.PinsDamaged, InvalidConfig) as problem:
        return [f"cannot be read: {problem}"]
    faults = [name for name in ("config", "draft") if found[name] not in (before[name], after[name])]
    if found["draft"] and Drafts._read(_drafts(data)) is None:
        faults.append("the draft is damaged")
    if not config.programme.surveys:
        faults.append("nothing is asked")
    return [*faults, *_wrong_versions(data, found, before, after), *_wrong_pins(found, before, after)]


def _wrong_versions(data: Path, found: dict, before: dict, after: dict) -> list[str]:
    files = [path for path in (data / "versions").glob("*.json") if path.stem.isdecimal()]
    kept = found["versions"]
    faults = ["a version is damaged"] if len(files) != len(kept) else []
    wanted = {number: each for number, each in before["versions"].items() if number in after["versions"]}
    faults += [f"version {number} is lost" for number, each in wanted.items() if kept.get(number) != each]
    if found["config"] != before["config"] and found["config"] not in kept.values():
        faults.append("what is in force is no version")
    return faults


def _wrong_pins(found: dict, before: dict, after: dict) -> list[str]:
    faults = []
    for role in {*before["pins"], *after["pins"]}:
        old, new, now = (each["pins"].get(role) for each in (before, after, found))
        tried = old and new and now and now["hash"] == new["hash"] and now["wrong"] == old["wrong"] + 1
        if now not in (old, new) and not tried:  # a try counts as a wrong one before it is looked at
            faults.append(f"the PIN of {role}: {now}")
    return faults


def _drafts(data: Path) -> Drafts:
    return Office(data).drafts


def judged(run, workshop, model, seeds):
    """Lay out each disk, and tell what is wrong with it; on each tenth staff go on with their work."""
    lines = [json.loads(line) for _, line in lines_said(run.events)]
    place = workshop / "after"
    for count, (said, cut, image) in enumerate(disks(run.events, run.root, model, seeds)):
        place.mkdir()
        lay_out(image, place)
        faults = wrong(place / DATA, lines[said - 1], lines[min(said, len(lines) - 1)])
        if not faults and count % 10 == 0:
            Office(place / DATA).publish(count)
            Watch(place / DATA / CONFIG, place / DATA).keep()
        yield cut, faults
        shutil.rmtree(place)


@pytest.mark.parametrize("model", Model)
def test_a_cut_at_any_call_leaves_the_old_file_or_the_new_one(recorded, workshop, count, model):
    """config.toml, its versions, the draft and the PINs, after a cut at every single call to the disk."""
    found = list(judged(recorded, workshop, model, SEEDS))
    broken = [(cut, faults) for cut, faults in found if faults]

    count("publishing: disks that differ", len(found))
    count("publishing: disks with a broken file", len(broken))
    assert len(found) > 60
    assert not broken, broken[:5]


@pytest.mark.parametrize("left_out", [Kind.SYNC, Kind.RENAME])
def test_the_proof_notices_a_file_that_was_not_brought_to_the_disk(recorded, workshop, left_out):
    """The same trace as if files were never synced, or written where they stand: the same proof fails."""
    events = [event for event in recorded.events if event.kind is not left_out]
    if left_out is Kind.RENAME:  # the content goes where it stands, as a careless program does it
        events = [_in_place(event) for event in events]
    run = type(recorded)(**{**vars(recorded), "events": tuple(events)})

    assert any(faults for _, faults in judged(run, workshop, Model.STRICT, CONTROL_SEEDS))


def _in_place(event):
    name = event.data.decode(errors="replace")
    if event.kind is not Kind.OPEN or not name.endswith(".new"):
        return event
    folder, _, last = name.rpartition("/")
    values = {each: getattr(event, each) for each in ("kind", "process", "fd", "error", "at", "flags")}
    return type(event)(**values, data=f"{folder}/{last.removeprefix('.').removesuffix('.new')}".encode())
