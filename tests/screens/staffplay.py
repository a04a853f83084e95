"""Staff at work on a real kiosk without a window to see: `python -m tests.screens.staffplay DATA`.

Walks through the first start, the pad, today's view and the settings with the true store, PINs and
config.toml, and writes a line of JSON after each. Run by tests/screens/test_staff.py as a process.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from kiosk import bootstrap
from kiosk.health import uptime_ms
from kiosk.in_force import InForce
from kiosk.settings.watch import Watch
from kiosk.simulate import Simulation
from kiosk.ui.draft import Draft
from survey.faults import Place
from survey.model import FACES
from survey.parse import parse_survey
from tests.kiosk.nmcli import stand_in
from tests.screens.speaking import open_app, resize
from tests.screens.stage import tell, walk

WRONG, RIGHT = "battery staple", "correct horse"
VISITS = 50
INCHES = 10.1  # as the shipped config.toml has it
WRITTEN = 10  # of the visits, which is more than the page has remarks
WORDS = parse_survey(
    {
        "id": "words",
        "kind": "in_the_moment",
        "title": {"en": "Words"},
        "question": [
            {"id": "rating", "type": "faces", "text": {"en": "How was it?"}},
            {"id": "remark", "type": "text", "text": {"en": "Tell us"}},
        ],
    }
)
SCREENS = ((800, 480, 7.0), (1280, 800, INCHES), (1080, 1920, 21.5))
STAFF, TECHNICIAN = "271828", "314159"


def main(data: str) -> int:
    """Play it all."""
    folder = Path(data)
    os.environ["SDL_VIDEODRIVER"] = "offscreen"
    path = bootstrap.make_config(folder)
    tell(is_new=bootstrap.is_new(folder))
    watch = Watch(path, folder)
    in_force = InForce(watch.config)
    kiosk = bootstrap.Kiosk(folder, watch.config, in_force, watch=watch)
    kiosk.open()
    try:
        backroom = bootstrap._backroom(kiosk, folder, path, began_ms=uptime_ms())
        app, _ = open_app(watch.config, staff=lambda: backroom)
        app._wiring = replace(app._wiring, settings_now=watch.settings_now)
        app._make_a_way_in()
        app.ready = True
        first_start(app)
        tell(is_new=bootstrap.is_new(folder), asks=in_force.survey_now().id, config=path.read_text("utf-8"))
        simulation = Simulation(in_force.survey_now(), "7", kiosk.save, bootstrap.new_id)
        for number in range(VISITS - WRITTEN):
            simulation.visit(number)
        write(kiosk)
        the_pad(app)
        the_day(app)
        the_editor(app)
        the_settings(app)
        the_wifi(app, folder)
        tell(left=leave(app), config=path.read_text("utf-8"))
        low(app)
        trial(app, in_force.survey_now(), kiosk)
        idle(app)
    finally:
        kiosk.close()
    return 0


def first_start(app) -> None:
    """As somebody who unpacked it: English, 10.3 inches, no head office, the survey on waiting, both PINs."""
    app._entrance.set_up("ja", 10.1)
    desk = app._entrance._desk
    desk.top._chosen("en")
    desk.top._stepper.turn(2)
    desk.top.act()
    for corner in list(desk.top._corners):
        corner.dispatch("on_tap")
    until(lambda: desk.top.list._rows)
    desk.top.act()
    until(lambda: desk.top._surveys)
    desk.top._chosen(next(each for each in desk.top._surveys if each.name == "waiting_time"))
    until(lambda: type(desk.top).__name__ == "NewPinPage")
    enter(desk.top, "123456")
    enter(desk.top, "123456")
    until(lambda: desk.top.message)
    tell(weak=desk.top.message)
    for pin in (TECHNICIAN, STAFF):
        enter(desk.top, pin)
        enter(desk.top, pin)
        until(lambda: type(desk.top).__name__ == "DonePage")
        if pin == TECHNICIAN:
            desk.top._staff_pin()
    finger = app.look.target
    desk.top.act()
    tell(staffed=app.staffed, inches=round(finger / app.look.target * INCHES, 3))


def write(kiosk) -> None:
    """Shoppers who leave a face, a few words and a number by which they could be found."""
    kiosk._store.shelve([WORDS.document()])
    for number in range(WRITTEN):
        began_ms = time.time_ns() // 1_000_000
        visit = kiosk.begin(WORDS, "en")
        visit.answer(FACES[number % 3])
        visit.answer(f"Remark {number}, call 090-1234-{5670 + number}")
        while time.time_ns() // 1_000_000 == began_ms:
            pass  # each remark has a moment of its own


def the_pad(app) -> None:
    """A wrong PIN costs a wait, the right one is taken after it."""
    app._entrance.come("en")
    pad = app._entrance._desk.top
    until(lambda: not pad.locked)
    enter(pad, "999999")
    until(lambda: pad.message)
    tell(wrong=pad.message, locked=pad.locked, inside=app._entrance.is_in)
    until(lambda: not pad.locked)
    enter(pad, STAFF)
    until(lambda: app._entrance.is_in)
    desk = app._entrance._desk
    tell(role=desk.role, menu=[row.title for row in desk.top.list._rows])


def the_day(app) -> None:
    """Today's view, with a prediction of its own."""
    from kiosk.ui.staff.today import TodayPage  # noqa: PLC0415 - Kivy reads what `prepare` sets when imported

    desk = app._entrance._desk
    page = TodayPage(desk)
    desk.open(page)
    until(lambda: page._today)
    page.act()
    desk.top._guesses[7].dispatch("on_tap")
    desk.top.act()
    until(lambda: page._today.predicted is not None)
    tell(texts=texts(app), sync=page.sync)
    page.turn("reasons")
    tell(reasons=[[bar.words, bar.count] for bar in page._list._rows if hasattr(bar, "count")])
    page.turn("remarks")
    tell(remarks=[[row.words, row.face] for row in page._list._rows if hasattr(row, "face")])
    desk.home()


def the_editor(app) -> None:
    """Staff schedule a survey, ask a share, give an option a picture, duplicate, delete and take it back."""
    from kiosk.ui.staff.editor import icons, question, survey, when  # noqa: PLC0415 - Kivy reads what `prepare` sets
    from kiosk.ui.staff.editor.surveys import SurveysPage  # noqa: PLC0415 - the same

    desk = app._entrance._desk
    desk.open(first := SurveysPage(desk))
    until(lambda: first._bench)
    bench = first._bench
    desk.open(page := when.WhenPage(desk, bench, 0))
    page.list._rows[0].segmented.choose(6)
    page.list._rows[0].segmented.choose(5)
    row(page, "At certain hours").on_tap()
    row(page, "From").turn(2)
    for digits in ("20260231", "20261201"):
        row(page, "First day").on_tap()
        desk.top.panel._show(Draft(digits))
        desk.top.act()
        tell(toasts=page._toast.words if page._toast else "")
    tell(when=bench.survey(0)["when"], note=page.note)
    desk.back()
    desk.open(page := question.AskedPage(desk, bench, Place(0, 1)))
    row(page, "How many are asked").turn(-1)
    tell(ask=bench.question(Place(0, 1))["ask"])
    desk.back()
    desk.open(page := question.OptionPage(desk, bench, Place(0, 0, 0)))
    row(page, "Icon").on_tap()
    cells = [each for each in walk_widgets(desk.top) if isinstance(each, icons.IconCell)]
    next(each for each in cells if each.sign == "heart").dispatch("on_tap")
    tell(icon=bench.question(Place(0, 0))["options"][0]["icon"])
    desk.back()
    desk.open(page := survey.SurveyPage(desk, bench, 0))
    counts = [len(bench.survey(0)["question"])]
    for done in ("Duplicate", "Delete"):
        page._options(1)
        row(desk.top, done).on_tap()
        counts.append(len(bench.survey(0)["question"]))
    page._toast.take_back()
    tell(counts=[*counts, len(bench.survey(0)["question"])])
    bench.go_home()
    first._discard()
    until(lambda: not first.busy)
    desk.home()


def row(page, title: str):
    """The row of a page that says this."""
    return next(each for each in page.list._rows if getattr(each, "title", "") == title)


def walk_widgets(widget) -> Iterator:
    """It and all in it."""
    yield widget
    for child in widget.children:
        yield from walk_widgets(child)


def the_settings(app) -> None:
    """A technician turns the sound on, and a value that cannot be is refused."""
    from kiosk.ui.staff.settings import SettingsPage  # noqa: PLC0415 - the same

    app.rest()
    app._entrance._let_in("technician")
    desk = app._entrance._desk
    desk.open(page := SettingsPage(desk))
    until(lambda: page._rows)
    page._put("screen.sound", value=True)
    page._put("kiosk.idle_s", 45)
    page.act()
    until(lambda: not page._changed)
    tell(toast=page._toast.words)


def the_wifi(app, folder: Path) -> None:
    """A technician chooses a network, mistypes its password, writes it again."""
    from kiosk.ui.staff.parts import Row  # noqa: PLC0415 - Kivy reads what `prepare` sets when imported
    from kiosk.ui.staff.wifi import WifiPage  # noqa: PLC0415 - the same

    stand_in(folder.parent / "nmcli")
    os.environ["PATH"] = f"{folder.parent / 'nmcli'}{os.pathsep}{os.environ['PATH']}"
    desk = app._entrance._desk
    desk.open(page := WifiPage(desk))
    for password in (WRONG, RIGHT):
        until(lambda: any(isinstance(row, Row) for row in page.list._rows) and not page.busy)
        tell(near=[(row.title, row.value) for row in page.list._rows if isinstance(row, Row)])
        next(row for row in page.list._rows if getattr(row, "title", "") == "みどり市場").on_tap()
        desk.top.panel._show(Draft(password))
        desk.top.act()
        until(lambda: not page.busy)
        tell(wifi=texts(app))
    tell(forgotten=desk.text_panel.words == "" and not desk.text_panel._drafts)


def leave(app) -> bool:
    """Out again: nothing of staff's is left."""
    app.rest()
    return not app.staffed and not app._entrance.is_open and app.root.page is app._question


def trial(app, survey, kiosk) -> None:
    """A survey tried out stores nothing, and comes back to the desk."""
    before = kiosk.today().day.visits
    app._entrance._let_in("staff")
    desk = app._entrance._desk
    desk.try_out(survey, "en")
    first = app.root.page is app._question
    app.answer(survey.first.options[0].id)
    moved = app._visit.started
    app.rest()
    tell(shown=first, moved=moved, back=app.root.page is desk.top, stored=kiosk.today().day.visits - before)
    app.rest()


def low(app) -> None:
    """All that staff touch, where it is to stand low: what is too high, by page and screen."""
    app.look.low = True
    app._entrance._let_in("technician")
    desk = app._entrance._desk
    beyond = []
    for width, height, inches in SCREENS:
        resize(app, width, height, inches)
        for page in pages(desk):
            desk.open(page)
            until(partial(ticked, [0]))
            line = app.look.reach * app.look.unit + 1
            found = [
                each["name"] for each in walk(app.root) if each["kind"] == "target" and each["box"][3] > line
            ]
            beyond += [(type(page).__name__, height, name) for name in found if not name.endswith("/Clear")]
            desk.back()
    tell(beyond=beyond, looked_at=len(SCREENS))
    app.look.low = False
    resize(app, *SCREENS[1])
    app.rest()


def pages(desk) -> Iterator:
    """One of each kind that is laid out in its own way; nearly all others are rows, as the menu is."""
    from kiosk.ui.staff.editor.icons import IconPage  # noqa: PLC0415 - Kivy reads what `prepare` sets when imported
    from kiosk.ui.staff.editor.surveys import SurveysPage  # noqa: PLC0415 - the same
    from kiosk.ui.staff.lists import AskPage  # noqa: PLC0415 - the same
    from kiosk.ui.staff.measure import RulerPage  # noqa: PLC0415 - the same
    from kiosk.ui.staff.menu import MenuPage  # noqa: PLC0415 - the same
    from kiosk.ui.staff.office import ADDRESS  # noqa: PLC0415 - the same
    from kiosk.ui.staff.pad import EnterPage  # noqa: PLC0415 - the same
    from kiosk.ui.staff.settings import SettingsPage  # noqa: PLC0415 - the same
    from kiosk.ui.staff.today import PredictPage, TodayPage  # noqa: PLC0415 - the same
    from kiosk.ui.staff.writing import WritePage  # noqa: PLC0415 - the same

    yield EnterPage(desk, print)
    for kind in (MenuPage, TodayPage, PredictPage, SurveysPage, SettingsPage):
        yield kind(desk)
    yield AskPage(desk, print, question="?", body="")
    yield RulerPage(desk, INCHES, print)
    yield WritePage(desk, "", print, ADDRESS)
    yield IconPage(desk, "clock", print, title="")


def idle(app) -> None:
    """Whoever goes away is asked for, then sent away."""
    from kiosk.ui import app as app_module  # noqa: PLC0415 - the same

    app_module.STAFF_IDLE_S = 0.2
    settings = app._wiring.settings
    app._wiring = replace(app._wiring, settings=replace(settings, kiosk=replace(settings.kiosk, warn_s=1)))
    app._entrance._let_in("staff")
    until(lambda: app.root.page is app._pages.warning)
    app.go_on()
    back = app.root.page is app._entrance._desk.top
    until(lambda: not app.staffed)
    tell(asked=True, went_on=back, gone=not app._entrance.is_open)


def enter(pad, digits: str) -> None:
    """Strike the digits, then OK."""
    from kiosk.ui.staff.pad import PinKey  # noqa: PLC0415 - the same

    keys = {key.value: key for key in pad.children if isinstance(key, PinKey)}
    for digit in digits:
        pad.strike(keys[int(digit)])
    if pad.action_enabled:
        pad.act()


def until(seen: Callable[[], object]) -> None:
    """Let the clock run until it is so."""
    from kivy.clock import Clock  # noqa: PLC0415 - the same

    deadline = time.monotonic() + 20
    while not seen():
        assert time.monotonic() < deadline, "waited in vain"
        Clock.tick()
        time.sleep(0.002)


def texts(app) -> list[str]:
    """What stands on the screen, once it stands."""
    until(partial(ticked, [0]))
    return [each["text"] for each in walk(app.root) if each["kind"] == "text"]


def ticked(times: list[int]) -> bool:
    """Whether a few frames have passed."""
    times[0] += 1
    return times[0] > 5


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
