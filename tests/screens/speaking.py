"""Shows every screen in every language on a window nobody sees, and writes where each text and target stands.

Run by the tests as a process: `python -m tests.screens.speaking CONFIG WIDTHxHEIGHTxINCHES…` writes a line of
JSON for each screen. By hand, `--pictures FOLDER [--only LANGUAGE…]` also draws them.
"""

import argparse
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from kiosk.settings.file import load
from kiosk.ui.window import prepare
from kiosk.visit import Ask, Visit
from tests.screens.stage import ROOT, tell, walk

AT_REST = 3  # rounds without a change
MOST_ROUNDS = 60


def scenes(app, survey, language: str):
    """Put one screen after the other on, and give its name."""
    app.language = language
    for place, question in enumerate(survey.questions):
        given = {"choice": [question.options[0].id] if question.options else None, "scale": 8, "stars": 4}
        step = Ask(
            question,
            given.get(question.type),
            position=place + 1,
            of=len(survey.questions),
            can_go_back=place > 0,
            language=language,
        )
        app._question.show(step, lambda key: app.say(language, key))
        app._turn_to(app._question, None)
        yield question.id
    for key in ("thanks", "closed", "unsaved", "trouble"):
        app._say_message(key, None)
        yield key
    app.read_privacy()
    yield "privacy"
    app.choose_language()
    yield "languages"


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


def open_app(config):
    """The app with its window, not running."""
    prepare(config.settings.screen, windowed=False)
    from kivy.config import Config  # noqa: PLC0415 - the same

    Config.set("graphics", "maxfps", "0")
    from kivy.core.window import Window  # noqa: PLC0415 - the same

    from kiosk.ui.app import KioskApp  # noqa: PLC0415 - the same
    from kiosk.ui.wiring import Wiring  # noqa: PLC0415 - the same

    (survey,) = config.programme.surveys
    app = KioskApp(
        Wiring(
            settings=config.settings,
            assets=ROOT / "assets",
            kv=ROOT / "kiosk.kv",
            windowed=False,
            survey_now=lambda: survey,
            local_time=lambda: datetime.now(UTC),
            begin=lambda survey, language: Visit(
                survey,
                language=language,
                save=tell,
                monotonic_ms=lambda: round(time.monotonic() * 1000),
                new_id=lambda: "visit",
            ),
            after_first_frame=lambda: None,
            on_ready=lambda: None,
            on_stop=lambda: None,
        )
    )
    app.root = app.build()
    Window.add_widget(app.root)
    return app, survey


def picture(app, file: Path) -> None:
    """Draw what the window holds, and save it."""
    app.root.export_to_png(str(file))


def main() -> int:
    """Show all that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("size", nargs="+", metavar="WIDTHxHEIGHTxINCHES")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER")
    parser.add_argument("--only", nargs="+", metavar="LANGUAGE")
    asked = parser.parse_args()
    os.environ["SDL_VIDEODRIVER"] = "offscreen"
    app, survey = open_app(load(asked.config))
    from kivy.core.window import Window  # noqa: PLC0415 - the same

    for size in asked.size:
        width, height, inches = size.split("x")
        app.look._diagonal_inches = float(inches)
        Window.size = int(width), int(height)
        app.look.resize(*Window.size)
        for language in asked.only or survey.languages:
            for name in scenes(app, survey, language):
                tell(scene=name, language=language, size=[*Window.size], boxes=settle(app))
                if asked.pictures:
                    asked.pictures.mkdir(parents=True, exist_ok=True)
                    picture(app, asked.pictures / f"{width}x{height}-{language}-{name}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
