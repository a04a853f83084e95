"""The real app with a hand-made Wiring, for what no real kiosk can be made to do.

Run by the tests as a process: `python -m tests.screens.stage PLAY CONFIG`. PLAY is
    unsaved   every answer but the first question's fails to be stored; each touch is said
    broken    every answer but the first question's raises what nobody expects
    endings   shows the thanks in every language with the store's own, writes the same, and ends
    boxes     shows every question in every language, writes where each text and target stands, and ends
    resting   rests much sooner than a kiosk does, at the time in the file `clock`; writes answers to `saved`
    thread    has another thread ask for something while the app sleeps, and ends when it was done
    dresses   turns letters and colours 500 times, and tells how much memory is in use
    forgets   paints a corner alone while a red square in the middle comes up, which nobody told the painter
    scrolls   shows a list with a red row that is higher than itself, in patches too
    watched   always wants a picture of the resting screen; tells of each and of each look
    timers    sets timers while nobody touches anything, tells when they ring, and ends
"""

import ctypes
import gc
import json
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path

from kiosk.settings.file import load
from kiosk.ui.driver import Driver
from kiosk.ui.window import prepare
from kiosk.visit import Ask, NotSaved, Visit

ROOT = Path(__file__).parents[2]
FRAMES_AT_REST = 3
TURNS = 500
TICKS, SHORT_S, LONG_S = 10, 0.1, 1.5


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
    scenes = [
        Ask(question, None, position=place + 1, of=len(survey.questions), can_go_back=place > 0, language=tag)
        for tag in survey.languages
        for place, question in enumerate(survey.questions)
    ]

    def show(ask) -> None:
        app.language = ask.language
        app._question.show(ask, lambda key: app.say(ask.language, key))
        app._turn_to(app._question, None)

    measured(app, [(ask.question.id, ask.language, lambda ask=ask: show(ask)) for ask in scenes])


def endings(app, survey) -> None:
    """Show the thanks in each language, with the store's own words and notice where there are some."""

    def show(tag: str) -> None:
        app.language = tag
        app._thank(99)

    measured(
        app, [("thanks", tag, lambda tag=tag: show(tag)) for tag in app._wiring.settings.kiosk.languages]
    )


def measured(app, scenes: list) -> None:
    """Show each of (name, language, how to show it), write where things stand once they stand, and end."""
    from kivy.clock import Clock  # noqa: PLC0415 - Kivy reads what `prepare` sets when it is imported

    def show(at: int) -> None:
        if at == len(scenes):
            app.stop()
            return
        scenes[at][2]()
        Clock.schedule_once(lambda _: measure(at, [], 0), 0)

    def measure(at: int, before: list, times: int) -> None:
        now = list(walk(app.root))
        times = times + 1 if now == before else 0
        if times < FRAMES_AT_REST:
            Clock.schedule_once(lambda _: measure(at, now, times), 0)
            return
        tell(question=scenes[at][0], language=scenes[at][1], boxes=now)
        show(at + 1)

    show(0)


def dresses(app, survey) -> None:
    """Turn letters and colours over and over, and tell after each hundred how much memory is in use."""
    from kivy.clock import Clock  # noqa: PLC0415 - the same

    def turn(times: int) -> None:
        app.change_look()
        if times % 100 == 0:
            tell(turns=times, resident_kb=resident_kb())
        if times == TURNS:
            app.stop()
        else:
            Clock.schedule_once(lambda _: turn(times + 1), 0)

    turn(1)


def resident_kb() -> int:
    """The memory of this process that is in use, without what only waits to be given back."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0])


def thread(app, survey) -> None:
    """Ask from another thread, once this one is asleep, and tell how long that took."""
    from kivy.clock import Clock  # noqa: PLC0415 - the same

    def ask() -> None:
        asked = time.monotonic()

        def done(_: float) -> None:
            tell(waited_s=time.monotonic() - asked)
            app.stop()

        Clock.schedule_once(done, 0)

    threading.Timer(1.0, ask).start()


def forgets(app, survey) -> None:
    """Change what the patch in hand leaves out, and tell how the painter made up for it."""
    from kivy.clock import Clock  # noqa: PLC0415 - the same
    from kivy.core.window import Window  # noqa: PLC0415
    from kivy.graphics import Color, Rectangle  # noqa: PLC0415

    paint, painted = app.painter._paint, []

    def noted(box) -> bool:
        painted.append(box)
        return paint(box)

    def change(_: float) -> None:
        with app._frame.canvas.after:
            Color(1, 0, 0)
            Rectangle(pos=(Window.width / 2, Window.height / 2), size=(40, 40))
        app.painter._paint = noted
        app.painter.patch((0, 0, 10, 10))
        Clock.schedule_once(lambda _: tell(heights=[box[3] - box[1] for box in painted]), 2.5)

    Clock.schedule_once(change, 1.5)  # after what the start leaves to be painted


def scrolls(app, survey) -> None:
    """Put a list on the screen with a red row higher than itself; paint it whole, then a patch of it."""
    from kivy.clock import Clock  # noqa: PLC0415 - the same
    from kivy.graphics import Color, Rectangle  # noqa: PLC0415
    from kivy.uix.widget import Widget  # noqa: PLC0415

    from kiosk.ui.staff.parts import Rows  # noqa: PLC0415

    def lay(_: float) -> None:
        app._rules.staff()
        row = Widget(height=600)
        with row.canvas:
            Color(1, 0, 0)
            box = Rectangle()
        row.bind(pos=lambda _, pos: setattr(box, "pos", pos), size=lambda _, size: setattr(box, "size", size))
        rows = Rows(pos=(400, 300), size=(200, 100))
        rows.show([row])
        app._frame.add_widget(rows)
        app.painter.whole()
        Clock.schedule_once(lambda _: app.painter.patch((300, 250, 450, 350)), 1)
        Clock.schedule_once(lambda _: tell(painted=True), 2)

    Clock.schedule_once(lay, 1.5)  # after what the start leaves to be painted


def timers(app, survey) -> None:
    """Tell how long short timers take, one after the other, and how often the app wakes for a long one."""
    from kivy.clock import Clock  # noqa: PLC0415 - the same

    begun, ticks = time.monotonic(), count(1)

    def tick(_: float) -> bool:
        if next(ticks) < TICKS:
            return True
        tell(ticks_s=time.monotonic() - begun)
        Clock.schedule_once(partial(rung, Clock.frames), LONG_S)
        return False

    def rung(frames: int, _: float) -> None:
        tell(frames=Clock.frames - frames)
        app.stop()

    Clock.schedule_interval(tick, SHORT_S)


class Watcher:
    """Wants a picture again and again, as no head office does."""

    ready = False

    @property
    def wanted(self) -> bool:
        """The app looks whether there is a wish."""
        if self.ready:
            tell(looked=True)
        return self.ready

    def snap(self, width: int, height: int, pixels: bytes) -> None:
        """One was taken."""
        tell(taken=[width, height, len(pixels)])


def resting(folder: Path) -> tuple[Callable[[object], None], Callable[[], datetime]]:
    """Rest soon; gives how to save, and how to tell the time."""
    from kiosk.ui import rest  # noqa: PLC0415 - the same

    rest.QUIET_S, rest.EVERY_S, rest.SHIFT_S = 2.0, 1.5, 0.0 if (folder / "shift").exists() else 999.0

    def save(answered) -> None:
        with (folder / "saved").open("a", encoding="utf-8") as file:
            file.write(answered.question + "\n")

    return save, lambda: datetime.fromisoformat((folder / "clock").read_text("utf-8"))


def walk(widget, path: str = "", seen: float = 1.0, within: dict | None = None):
    """Every visible text, target and row of dots below a widget; a text names the target it stands in."""
    from kiosk.ui.labels import Fitted  # noqa: PLC0415 - the same
    from kiosk.ui.screens import Dots  # noqa: PLC0415
    from kiosk.ui.touch import Target  # noqa: PLC0415

    seen *= widget.opacity
    here = f"{path}/{type(widget).__name__}"
    box = [widget.x, widget.y, widget.right, widget.top]
    if seen > 0 and isinstance(widget, Fitted) and widget.text:
        yield {
            "kind": "text",
            "in": path,
            "within": within,
            "words": widget.words,
            "text": widget.text,
            "box": box,
            "px": widget.font_size,
            "room": list(widget.room),
        }
    if seen > 0 and isinstance(widget, Dots):
        yield {"kind": "dots", "in": path, "box": dots_box(widget)}
    if seen > 0 and isinstance(widget, Target) and widget.parent is not None:
        within = {"kind": "target", "in": path, "name": here, "box": box, "hit": list(widget.hit)}
        yield within
        path = f"{here}@{widget.x:.0f},{widget.y:.0f}"
    else:
        path = here
    for child in widget.children:
        yield from walk(child, path, seen, within)


def dots_box(dots) -> list[float]:
    """What the dots take of the screen: they are drawn around the middle of a widget without a size."""
    from kiosk.ui.drawing import Plate  # noqa: PLC0415 - the same

    drawn = [each.box for each in dots.canvas.children if isinstance(each, Plate)]
    if not drawn:
        return [dots.center_x, dots.center_y] * 2
    right, top = max(x + wide for x, _, wide, _ in drawn), max(y + high for _, y, _, high in drawn)
    return [min(x for x, *_ in drawn), min(y for _, y, *_ in drawn), right, top]


def main(play: str, config_file: str) -> int:
    """Put the play on."""
    config = load(Path(config_file))
    (survey,) = config.programme.surveys
    prepare(config.settings.screen, windowed=False, visual=Driver().visual())
    from kiosk.ui.app import run_app  # noqa: PLC0415 - the same
    from kiosk.ui.wiring import Wiring  # noqa: PLC0415 - the same

    saves = {
        "unsaved": failing(lambda: NotSaved("no room")),
        "broken": failing(lambda: RuntimeError("a slip")),
    }
    local_time = lambda: datetime.now(UTC)  # noqa: E731 - one of two ways to tell the time
    if play == "resting":
        saves[play], local_time = resting(Path(config_file).parent)
    numbers = count()

    def begin(survey, language: str) -> Visit:
        return Visit(
            survey,
            language=language,
            save=saves.get(play, lambda _: None),
            monotonic_ms=lambda: round(time.monotonic() * 1000),
            new_id=lambda: str(next(numbers)),
        )

    watcher = Watcher()
    if play == "watched":
        from kiosk.ui import app  # noqa: PLC0415 - the same

        app.LOOK_AGAIN_S = 0.05

    def on_ready() -> None:
        from kivy.app import App  # noqa: PLC0415 - the same

        tell(ready=True)
        watcher.ready = True
        plays = {each.__name__: each for each in (boxes, dresses, endings, forgets, scrolls, thread, timers)}
        if play in plays:
            plays[play](App.get_running_app(), survey)

    return run_app(
        Wiring(
            settings=config.settings,
            assets=assets if (assets := Path(config_file).with_name("assets")).exists() else ROOT / "assets",
            kv=ROOT / "kiosk.kv",
            windowed=False,
            settings_now=lambda: config.settings,
            survey_now=lambda: survey,
            local_time=local_time,
            begin=begin,
            touched=lambda: play == "unsaved" and sys.stderr.write("touched\n"),
            after_first_frame=lambda: None,
            on_ready=on_ready,
            on_stop=lambda: None,
            camera=watcher if play == "watched" else None,  # type: ignore[arg-type] # as good as a Camera here
        )
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
