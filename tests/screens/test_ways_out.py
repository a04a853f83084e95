"""No way out for a shopper, and a clean end for whoever runs the kiosk."""

import signal
import subprocess
import time

import pytest

from deploy.places import Places
from deploy.screen import PATIENCE_S
from tests.screens.desk import ROOT, Desk

KEYS = [
    ("Escape",),
    ("F1",),
    ("F11",),
    ("F12",),
    ("Alt_L", "F4"),
    ("Control_L", "q"),
    ("Control_L", "c"),
    ("Super_L",),
    ("Alt_L", "Tab"),
    ("Tab",),
    ("Return",),
    ("space",),
]


def test_no_key_button_or_wish_to_close_leaves_the_app(kiosk: Desk, places: Places):
    """Keys, a wish to close, other buttons and the wheel change nothing; the next tap counts."""
    screen = kiosk.screen
    before = screen.still()
    for keys in KEYS:
        screen.key(*keys)
    for button in (2, 3, 4, 5):
        screen.tap(*places.face("sad"), button=button)
    screen.ask_to_close()
    assert screen.still().tobytes() == before.tobytes()
    assert kiosk.running
    assert kiosk.taps() == []
    screen.turn(*places.face("happy"))
    assert kiosk.taps() == [("rating", "happy")]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_and_cleanly(kiosk: Desk, number: signal.Signals):
    """SIGTERM and Ctrl-C end the kiosk with exit code 0 and without a word, though closing is refused."""
    assert kiosk.stop(number) == 0
    assert kiosk.errors() == ""


def test_nobodys_home_is_touched(kiosk: Desk, places: Places):
    """Kivy's config, logs and icons, and Mesa's cache, stay out of the home directory."""
    kiosk.screen.turn(*places.face("happy"))
    assert kiosk.stop() == 0
    assert list(kiosk.home.iterdir()) == []


@pytest.mark.parametrize(
    ("display", "said"), [(None, "DISPLAY is not set"), (":987", "the screen :987 cannot be opened")]
)
def test_without_a_screen_it_refuses_and_says_what_to_do(desk: Desk, display: str | None, said: str):
    """Kivy would draw where nobody looks; the kiosk ends with exit code 1 and names the mend."""
    done = subprocess.run(
        desk.command("run"),
        cwd=ROOT,
        env=desk.environment({"DISPLAY": display}),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_it_sleeps_while_nobody_is_there(kiosk: Desk):
    """A kiosk that nobody touches takes no time of the processor to speak of: under 3 % of a core."""
    before_s = kiosk.processor_s()
    time.sleep(3)  # the promise is about time that passes
    assert kiosk.processor_s() - before_s < 0.09
