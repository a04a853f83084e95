"""Shows every screen in every language on a window nobody sees, and writes where each text and target stands.

Run by the tests as a process: `python -m tests.screens.speaking CONFIG WIDTHxHEIGHTxINCHES…` writes a line of
JSON for each screen. What the screens are is told by tests.screens.gallery.
"""

import argparse
import math
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from kiosk.settings.file import load
from kiosk.ui.window import prepare
from kiosk.visit import Visit
from tests.screens.gallery import scenes
from tests.screens.stage import ROOT, tell, walk

AT_REST = 2  # rounds without a change
MOST_ROUNDS = 60


def settle(app) -> list:
    """Let the layout come to rest, without drawing; returns what stands where."""
    from kivy.clock import Clock  # noqa: PLC0415 - Kivy reads what `prepare` sets when it is imported
    from kivy.lang import Builder  # noqa: PLC0415 - the same

    before, times = None, 0
    for _ in range(MOST_ROUNDS):
        Clock.tick()
        Builder.sync()
        now = list(walk(app.root))
        times = times + 1 if now == before else 0
        if times == AT_REST:
            return now
        before = now
    raise AssertionError("the layout does not come to rest")


def open_app(config, staff=None):
    """The app with its window, not running."""
    prepare(config.settings.screen, windowed=False)
    from kivy.clock import Clock  # noqa: PLC0415 - the same

    Clock._max_fps = 0  # nobody looks: no frame waits for its time
    from kivy.core.window import Window  # noqa: PLC0415 - the same

    from kiosk.ui import rest  # noqa: PLC0415 - the same
    from kiosk.ui.app import KioskApp  # noqa: PLC0415 - the same
    from kiosk.ui.wiring import Wiring  # noqa: PLC0415 - the same

    rest.SHIFT_S = math.inf  # where things stand is to be measured
    (survey,) = config.programme.surveys
    app = KioskApp(
        Wiring(
            settings=config.settings,
            assets=ROOT / "assets",
            kv=ROOT / "kiosk.kv",
            windowed=False,
            settings_now=lambda: config.settings,
            survey_now=lambda: survey,
            local_time=lambda: datetime.now(UTC),
            begin=lambda survey, language: Visit(
                survey,
                language=language,
                save=tell,
                monotonic_ms=lambda: round(time.monotonic() * 1000),
                new_id=lambda: "visit",
            ),
            touched=lambda: None,
            after_first_frame=lambda: None,
            on_ready=lambda: None,
            on_stop=lambda: None,
            staff=staff,
        )
    )
    app.root = app.build()
    app._build_the_rest()  # as after the first frame
    app.aids.begin_to_speak(app.say)
    Window.add_widget(app.root)
    return app, survey


def resize(app, width: int, height: int, inches: float) -> None:
    """Have the app on a screen of another size."""
    from kivy.core.window import Window  # noqa: PLC0415 - the same

    app.look._diagonal_inches = inches
    Window.size = width, height
    app.look.resize(*Window.size)


def main() -> int:
    """Show all that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("size", nargs="+", metavar="WIDTHxHEIGHTxINCHES")
    parser.add_argument("--only", nargs="+", metavar="LANGUAGE")
    parser.add_argument(
        "--once", nargs="*", metavar="LANGUAGE", default=[], help="shown in the first size only"
    )
    asked = parser.parse_args()
    os.environ["SDL_VIDEODRIVER"] = "offscreen"
    app, survey = open_app(load(asked.config))
    for place, size in enumerate(asked.size):
        width, height, inches = size.split("x")
        resize(app, int(width), int(height), float(inches))
        for language in [*(asked.only or survey.languages), *(asked.once if place == 0 else ())]:
            for name in scenes(app, survey, language):
                boxes = settle(app)
                tell(scene=name, language=app.language, size=[int(width), int(height)], boxes=boxes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
