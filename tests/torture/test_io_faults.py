"""The disk fails under the kiosk: it goes on or ends in words, and keeps whatever it has acknowledged."""

import errno
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.torture.fate import Model
from tests.torture.judge import faults
from tests.torture.proof import DATA, put_to_the_proof
from tests.torture.recorder import TO_THE_END, Fault, Recorder, Run
from tests.torture.scale import CUTS_AFTER_FAULT, FAULTED_CALLS, TIMEOUT_S
from tests.torture.trace import SYNCS, lines_said

pytestmark = pytest.mark.timeout(TIMEOUT_S)

PROGRAMS = {
    "settling": (
        *("tests.torture.drivers.settling", "{data}", "{seed}", 16),
        *("settle", "rewind", "withhold", "write_back"),
    ),
    "simulate": ("kiosk", "simulate", "--visits", 5, "--seed", "{seed}", "--data", "{data}"),
}
KINDS = {"a full disk": ("write", errno.ENOSPC), "a failing disk": ("sync", errno.EIO)}
REFUSED = "could not be stored"  # what is said of a tap


@dataclass
class Device:
    """A kiosk on a disk that may fail, started again and again on the same files."""

    recorder: Recorder
    root: Path
    workshop: Path
    trace: Path

    def run(self, program: str, seed: str, fault: Fault | None = None) -> Run:
        words = [str(word).format(data=self.root / DATA, seed=seed) for word in PROGRAMS[program]]
        return self.recorder.run("-m", *words, root=self.root, trace=self.trace, fault=fault)

    def start_afresh(self) -> None:
        shutil.rmtree(self.root)
        self.root.mkdir()
        self.trace.unlink(missing_ok=True)


@pytest.fixture
def device(recorder, root, workshop, tmp_path):
    return Device(recorder, root, workshop, tmp_path / "trace")


def taps_heard(run):
    return sum('"visit"' in line for _, line in lines_said(run.events))


def sampled(count):
    """All calls in the long run; otherwise some, spread over the whole run."""
    chosen = min(count, FAULTED_CALLS or count)
    return [number * count // chosen for number in range(chosen)]


def in_words(run, expected):
    """What is wrong with how a run under a fault ended: only words are allowed."""
    if "Traceback" in run.stderr or run.exit_code not in {0, 1}:
        return [f"exit {run.exit_code}: {run.stderr[-600:]}"]
    if taps_heard(run) < expected and not run.stderr.strip():
        return [f"only {taps_heard(run)} of {expected} taps, and no word why"]
    return []


def broken_by(device, program, fault, expected, count):
    """Everything that a fault broke: while it lasts, after a restart, and when the power goes after that."""
    device.start_afresh()
    failing = device.run(program, "first", fault)
    after = device.run(program, "second")
    wrong = in_words(failing, expected)
    if after.exit_code != 0:
        wrong.append(f"started again: exit {after.exit_code}: {after.stderr[-600:]}")
    # A tap that was refused may be there all the same, and one more that a process had no time to tell of.
    unheard = failing.stderr.count(REFUSED) + after.stderr.count(REFUSED) + 1
    alarmed = fault.kind == "sync"  # a disk that failed may alarm staff: what it forgot cannot be known
    for model in Model:
        verdict = put_to_the_proof(
            after,
            workshop=device.workshop,
            model=model,
            count=CUTS_AFTER_FAULT,
            seed=1,
            since=len(failing.events),
            in_flight=unheard,
            damaged=alarmed,
        )
        count("… power cuts after them", verdict.cuts)
        wrong += [str(verdict)] if verdict.wrong else []
    said = [line for _, line in lines_said(after.events)]
    return wrong + faults(device.root / DATA, said, in_flight=unheard, damaged=alarmed)


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_disk_that_fails(device, count, program, kind, lasting):
    """Whichever write or sync fails, once or for good: nothing acknowledged is lost, and words say why."""
    call, error = KINDS[kind]
    healthy = device.run(program, "first")
    calls = sum(event.takes_space if call == "write" else event.kind in SYNCS for event in healthy.events)
    wrong = {}
    for index in sampled(calls):
        fault = Fault(call, index, TO_THE_END if lasting else index, error)
        if found := broken_by(device, program, fault, taps_heard(healthy), count):
            wrong[str(fault)] = found
    count("calls made to fail", len(sampled(calls)))
    count("… that broke a promise", len(wrong))
    assert calls > 20
    assert not wrong, "\n".join(f"{fault}: {found}" for fault, found in wrong.items())
