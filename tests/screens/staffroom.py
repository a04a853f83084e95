"""Draws every page of staff, to be looked at: `python -m tests.screens.staffroom FOLDER [800x480x7 …]`.

Each in ja and en. Also gives the tests a Backroom that keeps everything in memory.
"""

import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from kiosk.backroom import _ready_made
from kiosk.bootstrap import shipped
from kiosk.settings.change import values_of
from kiosk.settings.fields import SETTINGS
from kiosk.settings.file import load
from kiosk.settings.pin import Entered
from kiosk.store.today import Reason, Remark, Tally, Today
from kiosk.ui.draft import Draft
from kiosk.ui.staff.backroom import PinState, ReadyMade, Standing
from survey.model import Option
from survey.parse import loads_toml
from tests.screens import gallery
from tests.screens.pictures import Camera
from tests.screens.speaking import open_app, resize, settle

SIZES = ("800x480x7", "1280x800x10.1")


HOURS = (
    *((0, 1, 2, 0), (1, 2, 5, 1), (2, 3, 9, 0), (4, 2, 12, 2), (1, 4, 8, 0), (0, 2, 6, 1), (1, 1, 4, 0)),
    *((3, 2, 7, 0), (2, 0, 3, 0)),
)
REASONS = (
    ("clock", "レジの待ち時間", "Waiting time", 9),
    ("basket", "商品の品ぞろえ", "Product range", 6),
    ("person", "スタッフの応対", "Service", 3),
    ("yen", "値段", "Prices", 2),
    ("dots", "その他", "Something else", 1),
)
REMARKS = (
    ("夕方のレジがとても混んでいました。もう一台開けてほしいです。", "sad", "ja"),
    ("The staff at the fish counter are lovely, thank you for helping me find the rice.", "happy", "en"),
    ("お惣菜の種類が増えてうれしい。電話は●●●まで", "neutral", "ja"),
    ("พนักงานใจดีมาก", None, "th"),
    ("駐車場がせまい", "sad", "ja"),
)


class MadeUp:
    """A Backroom without anything behind it."""

    def __init__(self) -> None:
        self.pins = {"staff": "271828"}
        self.wait_ms = 0

    def pin(self, role: str) -> PinState:
        return PinState(is_set=role in self.pins, wait_ms=self.wait_ms)

    def enter(self, role: str, pin: str) -> Entered:
        is_right = self.pins.get(role) == pin
        return Entered(is_right=is_right, wait_ms=0 if is_right else 4000)

    def today(self) -> Today:
        hours = [Tally()] * 24
        for at, (sad, neutral, happy, bare) in enumerate(HOURS, start=9):
            hours[at] = Tally(visits=sad + neutral + happy + bare, sad=sad, neutral=neutral, happy=happy)
        day = Tally(
            visits=sum(each.visits for each in hours),
            sad=sum(each.sad for each in hours),
            neutral=sum(each.neutral for each in hours),
            happy=sum(each.happy for each in hours),
        )
        at = datetime(2026, 12, 1, 17, 5, tzinfo=UTC)
        return Today(
            at=at,
            day=day,
            week=Tally(visits=1204, sad=150, neutral=340, happy=700),
            hours=tuple(hours),
            reasons=tuple(
                Reason(option=Option(id=icon, text={"ja": ja, "en": en}, icon=icon), count=count)
                for icon, ja, en, count in REASONS
            ),
            remarks=tuple(
                Remark(at=at, text=text, face=face, language=language) for text, face, language in REMARKS
            ),
            predicted=7,
        )

    def predict(self, of_ten: int, language: str) -> None:
        self.predicted = of_ten, language

    def standing(self) -> Standing:
        return Standing(
            version="0.1",
            config="/etc/egao/config.toml",
            data="/var/lib/egao-kiosk",
            address="192.168.1.23",
            server="https://office.example",
            site="みどり市場",
            touchpoint="checkout",
            since_ms=1796115000000,
            next_try_s=40,
            code="unreachable",
            problem="no route",
            taps=8123,
            pending=1204,
            free_mib=5210,
        )

    def enrol(self, address: str, code: str) -> str:
        if code != "K7QF-2M9X":
            raise RuntimeError(f"{address} does not know this code")
        return "みどり市場"

    def settings(self) -> dict:
        return values_of(shipped("config.toml").read_text("utf-8"))

    def change(self, values, role: str) -> tuple[str, ...]:
        self.changed = dict(values), role
        return ()

    def ready_made(self) -> tuple[ReadyMade, ...]:
        return tuple(_ready_made(file) for file in sorted((shipped("assets") / "surveys").glob("*.toml")))

    def set_up(self, values, survey: str) -> None:
        self.changed = dict(values), survey

    def put_pin(self, role: str, pin: str) -> None:
        self.pins[role] = pin


def scenes(app, backroom: MadeUp, language: str) -> Iterator[str]:
    """Show one page after the other, and name each."""
    from kiosk.ui.staff.today import TodayPage  # noqa: PLC0415 - Kivy reads what `prepare` sets when imported

    entrance = app._entrance
    app.home = language
    entrance.come(language)
    yield "pad"
    pad = entrance._desk.top
    for _ in range(4):
        pad.strike(next(one for one in pad.children if getattr(one, "value", None) == 7))
    yield "pad-typed"
    pad._wait(42_000)
    yield "pad-waits"
    pad._turn("technician")
    yield "pad-not-set"
    entrance._let_in("staff")
    desk = entrance._desk
    today = TodayPage(desk)
    desk.open(today)
    yield "today"
    for view in ("reasons", "remarks"):
        today._tabs.choose(view)
        yield f"today-{view}"
    today.act()
    yield "predict"
    desk.top._guess(desk.top._guesses[7])
    yield "predict-7"
    desk.back()
    desk.toast(desk.say("predict.stored"), lambda: None)
    yield "toast"
    desk.home()
    yield "menu-staff"
    entrance._let_in("technician")
    yield "menu"
    yield from technician(entrance._desk)
    app.rest()
    yield from first_start(app, language)


def first_start(app, language: str) -> Iterator[str]:
    """All of its steps."""
    app._entrance.set_up(language, 10.1)
    desk = app._entrance._desk
    yield "first-1-language"
    desk.top._chosen(language)
    yield "first-2-size"
    desk.top.act()
    for corner in desk.top._corners[:2]:
        desk.top._touched(corner)
    yield "first-3-corners"
    desk.top._onward()
    yield "first-4-network"
    desk.top.act()
    yield "first-5-survey"
    desk.top._chosen(desk.top._surveys[0])
    yield "first-6-pin"
    desk.top._is_set()
    yield "first-6-staff-pin"
    desk.top.go_back()
    yield "first-7-done"
    app.rest()


def technician(desk) -> Iterator[str]:
    """The pages of settings, head office, PINs."""
    from kiosk.ui.staff.menu import ENTRIES  # noqa: PLC0415 - Kivy reads what `prepare` sets when imported

    pages = {entry.key: entry.page for entry in ENTRIES}
    for key in ("settings", "office", "pins", "about"):
        desk.open(pages[key](desk))
        yield key
        if key == "settings":
            yield from changing(desk)
        elif key == "office":
            desk.top.act()
            desk.top._server, desk.top._code = "https://office.example", "WRONG"
            desk.top.act()
            yield "enrol"
            desk.top._write_server()
            yield "enrol-write"
        elif key == "pins":
            desk.top._set("technician")
            yield "new-pin"
        desk.home()


def changing(desk) -> Iterator[str]:
    """What leads on from the settings."""
    page = desk.top
    page.list.offset = 1200
    yield "settings-below"
    page._put("screen.sound", True)
    page._pick_languages(["ja", "en"])
    yield "settings-languages"
    desk.back()
    page._write_texts(next(each for each in SETTINGS if each.path == "thanks.words"), {"ja": "またどうぞ"})
    yield "settings-texts"
    desk.top._write("ja")
    desk.top.panel._show(Draft("またのお越しを", "おまち"))
    yield "settings-write"
    desk.back()
    desk.back()
    page.go_back()
    yield "settings-discard"


def rest_of(app) -> None:
    """Let errands come back, and the layout settle."""
    from kivy.clock import Clock  # noqa: PLC0415 - Kivy reads what `prepare` sets when it is imported

    until = time.monotonic() + 0.15
    while time.monotonic() < until:
        Clock.tick()
        time.sleep(0.005)
    settle(app)


def main(folder: str, *sizes: str) -> int:
    """Draw them all."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    (survey,) = loads_toml(gallery.survey_text()).surveys
    (target / "config.toml").write_text(gallery.config("", languages=survey.languages), encoding="utf-8")
    os.environ["SDL_VIDEODRIVER"] = "offscreen"
    backroom = MadeUp()
    app, _ = open_app(load(target / "config.toml"), staff=lambda: backroom)
    app._make_a_way_in()
    app.ready = True
    for size in sizes or SIZES:
        width, height, inches = size.split("x")
        resize(app, int(width), int(height), float(inches))
        camera = Camera(app)
        for language in ("ja", "en"):
            for name in scenes(app, backroom, language):
                rest_of(app)
                camera.still().save(target / f"{name}-{language}-{width}.png", compress_level=1)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
