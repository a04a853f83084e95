"""Draws every page of staff, to be looked at: `python -m tests.screens.staffroom FOLDER [SIZE …] [LINE …]`.

Each in ja and en; a SIZE is such as 800x480x7, a LINE a setting of the screen, such as 'theme = "contrast"'.
Also gives the tests a Backroom that keeps everything in memory.
"""

import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from PIL.Image import Resampling

from kiosk.backroom import _ready_made
from kiosk.bootstrap import shipped
from kiosk.settings.change import values_of
from kiosk.settings.fields import SETTINGS
from kiosk.settings.file import load
from kiosk.settings.pin import Entered
from kiosk.store.today import Reason, Remark, Tally, Today
from kiosk.ui.draft import Draft
from kiosk.ui.staff.backroom import Joined, Network, PinState, ReadyMade, Standing, Wifi
from survey.model import Option
from survey.parse import loads_toml
from tests.screens import gallery
from tests.screens.pictures import Camera, sheet
from tests.screens.speaking import open_app, resize, settle

SIZES = ("800x480x7", "1280x800x10.1")
PER_SHEET = 16


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
        self.enrolled = True

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
            server="https://office.example" if self.enrolled else None,
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

    def try_office(self) -> Standing:
        return self.standing()

    def network(self) -> Network:
        return Network(managed=True, has_wifi=True, by="ethernet")

    def networks(self) -> tuple[Wifi, ...]:
        near = (("みどり市場", 91, True), ("Back room", 55, True), ("Guests", 20, False))
        return tuple(Wifi(name=name, percent=percent, locked=locked) for name, percent, locked in near)

    def join(self, name: str, password: str) -> Joined:
        return Joined.WRONG_PASSWORD if name and password else Joined.FAILED

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
    app.rest()
    backroom.pins = {"technician": "314159"}
    entrance.come(language)
    entrance._desk.top._turn("staff")
    yield "pad-staff-not-set"
    backroom.pins = {"staff": "271828"}
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
    yield from first_start(app, backroom, language)


def first_start(app, backroom: MadeUp, language: str) -> Iterator[str]:
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
    backroom.enrolled = False
    desk.top._onward()
    rest_of(app)
    yield "first-4-network"
    desk.top._enrol()
    yield "first-4-address"
    desk.top.panel._show(Draft("feedback.example.co.jp"))
    desk.top.act()
    rest_of(app)
    yield "first-4-code"
    desk.top.panel._show(Draft("WRONG"))
    desk.top.act()
    rest_of(app)
    yield "first-4-wrong"
    desk.top._code = "K7QF-2M9X"
    desk.top.act()
    backroom.enrolled = True
    rest_of(app)
    yield "first-5-survey"
    desk.top._chosen(desk.top._surveys[0])
    rest_of(app)
    yield "first-6-pin"
    desk.top._is_set()
    yield "first-7-done"
    desk.top._staff_pin()
    yield "first-7-staff-pin"
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
            yield from wifi(desk)
            desk.home()
            desk.open(pages[key](desk))
            desk.top.act()
            yield "enrol"
        elif key == "pins":
            desk.top._set("technician")
            yield "new-pin"
        desk.home()


def wifi(desk) -> Iterator[str]:
    """The networks that are near, and a password that was wrong."""
    from kiosk.ui.staff.wifi import WifiPage  # noqa: PLC0415 - Kivy reads what `prepare` sets when imported

    desk.open(page := WifiPage(desk))
    yield "wifi"
    page._choose(page._near[0])
    yield "wifi-password"
    desk.top.panel._show(Draft("battery staple"))
    desk.top.act()
    yield "wifi-wrong"


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

    desk = app._entrance._desk
    until = time.monotonic() + 0.15
    while time.monotonic() < until or (desk and desk.top and desk.top.busy):
        Clock.tick()
        time.sleep(0.005)
    settle(app)


def photograph(app, room: MadeUp, of, target: Path, sizes: tuple[str, ...]) -> None:
    """Save a picture of each scene in both languages and every size, and a sheet of them for each."""
    for size in sizes or SIZES:
        width, height, inches = size.split("x")
        resize(app, int(width), int(height), float(inches))
        camera = Camera(app)
        for language in ("ja", "en"):
            small = []
            for name in of(app, room, language):
                rest_of(app)
                picture = camera.still()
                picture.save(target / f"{name}-{language}-{width}.png", compress_level=1)
                small.append(
                    (name, picture.resize((480, 480 * int(height) // int(width)), Resampling.LANCZOS))
                )
            for at in range(0, len(small), PER_SHEET):
                name = f"sheet-{language}-{width}-{at // PER_SHEET}.png"
                sheet(small[at : at + PER_SHEET], 4).save(target / name)


def apart(words: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Lines about the screen, such as theme="contrast", and sizes."""
    sizes = tuple(word for word in words if word[0].isdigit())
    return "\n".join(word for word in words if word not in sizes), sizes


def main(folder: str, *words: str) -> int:
    """Draw them all."""
    target, (screen, sizes) = Path(folder), apart(words)
    target.mkdir(parents=True, exist_ok=True)
    (survey,) = loads_toml(gallery.survey_text()).surveys
    (target / "config.toml").write_text(gallery.config(screen, languages=survey.languages), encoding="utf-8")
    os.environ["SDL_VIDEODRIVER"] = "offscreen"
    backroom = MadeUp()
    app, _ = open_app(load(target / "config.toml"), staff=lambda: backroom)
    app._make_a_way_in()
    app.ready = True
    photograph(app, backroom, scenes, target, sizes)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
