"""No way out and no nonsense in the ledger, whatever is done to the kiosk: monkeys with a seed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from kiosk.settings.file import load
from kiosk.store.tap import Answered
from tests.screens.conftest import SURVEY
from tests.screens.desk import ROOT, Desk
from tests.screens.monkeys import HABITS, misfits

EVENTS = 200
GROWS_MB = 160
COLUMNS = ("visit", "survey", "question", "answer", "language", "took_ms")
LONG = bool(os.environ.get("EGAO_TORTURE"))
FLOCKS, FLOCK = (20, 50) if LONG else (1, 2 * len(HABITS))
WRITES = """
  [[survey.question]]
  id = "words"
  type = "text"
  text = { ja = "ご意見をお聞かせください", en = "Please tell us more" }
"""
WILD = (
    SURVEY.replace("[kiosk]", "[kiosk]\nkeypad = true")
    .replace("[screen]", "[screen]\nwidth = 640\nheight = 400")
    .replace(
        'text = { ja = "またお越しください", en = "Please come again" }\n  next = "end"',
        'text = { ja = "またお越しください", en = "Please come again" }\n' + WRITES,
    )
)


def grown_mb(monkeys: list[dict]) -> int:
    """What the process took on once each habit had been at it twice."""
    return monkeys[-1]["resident_mb"] - monkeys[2 * len(HABITS)]["resident_mb"]


@pytest.mark.parametrize("flock", range(FLOCKS))
@pytest.mark.timeout(1800)
def test_monkeys_find_no_way_out_and_leave_a_sensible_ledger(tmp_path: Path, flock: int):
    """Touches, arms, drags, keys, wishes to close: no failure, no other window, no visit that cannot be.

    Who holds the corner meets the pad, each of them, and gets no further; memory stays as it was.
    """
    config = tmp_path / "config.toml"
    config.write_text(WILD, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "tests.screens.monkeys", config, str(flock * FLOCK), str(FLOCK), str(EVENTS)],
        cwd=ROOT,
        env={**os.environ, "SDL_VIDEODRIVER": "offscreen", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=1700,
        check=False,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr[-3000:]
    *monkeys, end = lines
    assert end["errors"] == []
    assert end["misfits"] == []
    assert end["taps"] > FLOCK
    assert end["pads"] == 1  # they found the pad, and no PIN
    assert len(monkeys) == FLOCK
    lurkers = [monkey for monkey in monkeys if monkey["habit"] == "lurk"]
    assert len(lurkers) >= FLOCK // len(HABITS)
    assert [monkey for monkey in lurkers if not monkey["met"]] == []
    assert FLOCKS == 1 or grown_mb(monkeys) < GROWS_MB  # of few monkeys each may be the first somewhere
    for monkey in monkeys:
        expected = {"alone": True, "started": False, "first": True, "language": "ja", "staffed": False}
        expected["window"] = [640, 400]
        assert {key: monkey[key] for key in expected} == expected, monkey


@pytest.mark.parametrize("seed", range(20 if LONG else 1))
def test_monkeys_at_the_real_window_find_no_way_out(kiosk: Desk, seed: int):
    """Real clicks, drags, wheels and keys: the kiosk lives on without a word, its ledger makes sense."""
    random, screen = Random(seed), kiosk.screen  # noqa: S311 - it is to be the same again
    keys = (
        "Escape",
        "F1",
        "F4",
        "F11",
        "F12",
        "Tab",
        "Return",
        "space",
        "Alt_L",
        "Control_L",
        "Super_L",
        "q",
    )
    for _ in range(EVENTS if LONG else EVENTS // 2):
        spot = random.randrange(screen.width), random.randrange(screen.height)
        kind = random.random()
        if kind < 0.7:
            screen.tap(*spot, button=random.choice((1, 1, 1, 1, 2, 3, 4, 5)))
        elif kind < 0.85:
            screen.key(*random.sample(keys, random.choice((1, 2, 3))))
        elif kind < 0.98:
            screen.press(*spot)
            screen.move(random.randrange(screen.width), random.randrange(screen.height))
            screen.lift()
        else:
            screen.ask_to_close()
        if random.random() < 0.2:
            screen.still()
    screen.still()
    assert kiosk.running
    assert kiosk.errors() == ""
    (survey,) = load(kiosk.config).programme.surveys
    taps = [
        Answered(**dict(zip(COLUMNS, (*row[:3], json.loads(row[3]), *row[4:]), strict=True)))
        for row in kiosk.rows("visit, survey, question, answer, language, took")
    ]
    assert taps
    assert misfits(survey, taps) == []


def test_a_ledger_that_no_shopper_can_have_written_is_noticed(tmp_path: Path):
    """The monkeys' judge sees a question that was never asked."""
    config = tmp_path / "config.toml"
    config.write_text(SURVEY, encoding="utf-8")
    (survey,) = load(config).programme.surveys

    def tap(question: str, answer: object) -> Answered:
        return Answered(**dict(zip(COLUMNS, ("1", survey.version, question, answer, "ja", 1), strict=True)))

    assert misfits(survey, [tap("rating", "happy"), tap("recommend", 3), tap("rating", "sad")]) == []
    assert misfits(survey, [tap("rating", "happy"), tap("why", None)]) == ["visit 1: why was not asked"]
