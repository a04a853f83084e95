"""The power goes at any moment: no acknowledged tap is lost, nothing is half done, the ledger opens."""

import signal

import pytest

from tests.torture.fate import Model
from tests.torture.proof import DATA, nothing_escaped, put_to_the_proof
from tests.torture.scale import CONTROL_CUTS, CUTS, SEEDS, TIMEOUT_S

pytestmark = pytest.mark.timeout(TIMEOUT_S)

SIMULATE = ("kiosk", "simulate", "--visits", 20, "--seed", "{seed}", "--data", "{data}")
SETTLING = ("tests.torture.drivers.settling", "{data}", "{seed}", 50)
WHOLE = ("tests.torture.drivers.whole", "{data}", "{seed}", 20)
CALLS = ("settle", "rewind", "withhold", "write_back", "upkeep")
# What a kiosk goes through, one process after the other on the same disk.
TRACES = {
    "simulated visits": [SIMULATE],
    "the app's kiosk and its agent": [WHOLE],
    "settling": [(*SETTLING, *CALLS)],
    "renumbering": [(*SETTLING, "settle", "fork", "write_back")],
    "purging": [(*SETTLING, "settle", "rewind", "season")],
    "a short log": [(*SETTLING, "settle", "short_log")],
    "killed": [(*SETTLING, "settle", "upkeep", "die"), (*SETTLING, "settle", "die"), SIMULATE],
}
CARELESS = "tests.torture.drivers.careless"
CONTROL_TRACES = 4  # at most, of each flaw
FLAWS = {
    "normal": (CARELESS, "normal", *SETTLING[1:], *CALLS),
    "off": (CARELESS, "off", *SETTLING[1:], *CALLS),
    "statement by statement": (CARELESS, "statement-by-statement", *SETTLING[1:], "settle", "fork"),
}


@pytest.fixture
def record(recorder, tmp_path, root):
    """Records runs of programs, one after the other; `{data}` and `{seed}` stand for themselves."""

    def recorded(runs, seed):
        for words in runs:
            filled = [str(word).format(data=root / DATA, seed=seed) for word in words]
            run = recorder.run("-m", *filled, root=root, trace=tmp_path / "trace")
            assert run.exit_code in {0, -signal.SIGKILL}, run.stderr
        assert nothing_escaped(run)
        return run

    return recorded


def note(count, figures):
    for name, number in figures.items():
        count(name, number)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", TRACES)
def test_a_power_cut_takes_nothing_that_was_acknowledged(record, workshop, count, kind, seed):
    """After every cut of every kind of trace, under either model, the judge finds nothing wrong."""
    run = record(TRACES[kind], seed)
    count("traces", 1)
    for model in Model:
        verdict = put_to_the_proof(
            run,
            workshop=workshop,
            model=model,
            count=CUTS,
            seed=seed,
            in_flight=len(TRACES[kind]),  # each process may have stored one tap more than it could say
        )
        note(count, verdict.figures())
        assert verdict.cuts == CUTS
        assert not verdict.wrong, str(verdict)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_power_cut_during_salvage_takes_nothing(record, workshop, count, seed):
    """A damaged ledger is set aside and salvaged; wherever the power goes meanwhile, every tap is there."""
    before = record([(*SETTLING, *CALLS), ("tests.torture.drivers.damage", "{data}")], seed)
    run = record([(*SETTLING, *CALLS)], f"{seed}/2")
    count("traces", 1)
    for model in Model:
        verdict = put_to_the_proof(
            run,
            workshop=workshop,
            model=model,
            count=CUTS,
            seed=seed,
            since=len(before.events),
            damaged=True,
        )
        note(count, verdict.figures())
        assert verdict.cuts == CUTS
        assert not verdict.wrong, str(verdict)


@pytest.mark.parametrize("flaw", FLAWS)
def test_the_proof_notices_what_is_left_out(record, workshop, count, flaw):
    """With a weaker setting or without transactions the same proof fails: it would notice a loss."""
    for seed in range(1, CONTROL_TRACES + 1):  # the threads of a trace may hardly have met
        run = record([FLAWS[flaw]], seed)
        verdict = put_to_the_proof(run, workshop=workshop, model=Model.ORDERED, count=CONTROL_CUTS, seed=seed)
        if verdict.wrong:
            break
    note(count, {f"control {flaw}: {name}": number for name, number in verdict.figures().items()})
    assert verdict.wrong, f"{flaw}: {verdict}"
