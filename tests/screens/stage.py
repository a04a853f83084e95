"""The real app with a hand-made Wiring, for what no real kiosk can be made to do.

Run by the tests as a process: `python -m tests.screens.stage PLAY CONFIG`. PLAY is
    unsaved   every answer but the first question's fails to be stored
    broken    every answer but the first question's raises what nobody expects
    boxes     shows every question in every language, writes where each text and target stands, and ends
"""

import json
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

from kiosk.settings.file import load
from kiosk.ui.window import prepare
from kiosk.visit import Ask, NotSaved, Visit

ROOT = Path(__file__).parents[2]
FRAMES_AT_REST = 3


def tell(**said: object) -> None:
    """One line for the test that watches."""
    sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def failing(problem: Callable[[], Exception]) -> Callable[[object], None]:
    """A ledger that fails in this way."""

    def save(answered) -> None:
        if answered.question != "rating":
            raise problem()

    return save


def boxes(app, survey) -> None:
    """Show every question, and write where things stand once they stand."""
    from kivy.clock import Clock  # noqa: PLC0415 - Kivy reads what `prepare` sets when it is imported

    scenes = [
        Ask(question, None, position=place + 1, of=len(survey.questions), can_go_back=place > 0, language=tag)
        for tag in survey.languages
        for place, question in enumerate(survey.questions)
    ]

    def show(at: int) -> None:
        if at == len(scenes):
            app.stop()
            return
        ask = scenes[at]
        app.language = ask.language
        app._question.show(ask, lambda key: app.say(ask.language, key))
        app._frame.turn_to(app._question)
        Clock.schedule_once(lambda _: measure(at, [], 0), 0)

    def measure(at: int, before: list, times: int) -> None:
        now = list(walk(app.root))
        times = times + 1 if now == before else 0
        if times < FRAMES_AT_REST:
            Clock.schedule_once(lambda _: measure(at, now, times), 0)
            return
        tell(question=scenes[at].question.id, language=scenes[at].language, boxes=now)
        show(at + 1)

    show(0)


def walk(widget, path: str = "", seen: float = 1.0):
    """Every visible text and target below a widget."""
    from kiosk.ui.labels import Fitted  # noqa: PLC0415 - the same
    from kiosk.ui.touch import Target  # noqa: PLC0415

    seen *= widget.opacity
    here = f"{path}/{type(widget).__name__}"
    if seen > 0 and isinstance(widget, Fitted) and widget.text:
        # The room below the baseline that a line keeps for g and y is not seen: it is left out.
        width, height = widget.texture_size
        box = [widget.x, widget.y, widget.x + width, widget.y + height]
        yield {
            "kind": "text",
            "in": path,
            "words": widget.words,
            "text": widget.text,
            "box": box,
            "px": widget.font_size,
        }
    if seen > 0 and isinstance(widget, Target) and widget.parent is not None:
        yield {
            "kind": "target",
            "in": path,
            "name": here,
            "box": [widget.x, widget.y, widget.right, widget.top],
        }
        path = f"{here}@{widget.x:.0f},{widget.y:.0f}"
    else:
        path = here
    for child in widget.children:
        yield from walk(child, path, seen)


def main(play: str, config_file: str) -> int:
    """Put the play on."""
    config = load(Path(config_file))
    (survey,) = config.programme.surveys
    prepare(config.settings.screen, windowed=False)
    from kiosk.ui.app import Wiring, run_app  # noqa: PLC0415 - the same

    saves = {
        "unsaved": failing(lambda: NotSaved("no room")),
        "broken": failing(lambda: RuntimeError("a slip")),
    }
    numbers = count()

    def begin(survey, language: str) -> Visit:
        return Visit(
            survey,
            language=language,
            save=saves.get(play, lambda _: None),
            monotonic_ms=lambda: round(time.monotonic() * 1000),
            new_id=lambda: str(next(numbers)),
        )

    def on_ready() -> None:
        from kivy.app import App  # noqa: PLC0415 - the same

        tell(ready=True)
        if play == "boxes":
            boxes(App.get_running_app(), survey)

    return run_app(
        Wiring(
            settings=config.settings,
            assets=ROOT / "assets",
            kv=ROOT / "kiosk.kv",
            windowed=False,
            survey_now=lambda: survey,
            begin=begin,
            after_first_frame=lambda: None,
            on_ready=on_ready,
            on_stop=lambda: None,
        )
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
