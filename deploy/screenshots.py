"""Makes the pictures of the docs: a chain's two weeks, a kiosk's real window, and head office in a browser.

`make screenshots` calls me (`--fleet DIR` takes a fleet that was simulated before). I start real processes,
write docs/screenshots, and end what I started.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright

from bench.office import served
from deploy import browser, shopper
from deploy.demo import first_line, run, started
from deploy.places import Places
from deploy.screen import Screen, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.office import Office

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "screenshots"
SITE, PERSON = "渋谷店", "owner@demo.example"
FLEET = (
    "--kiosks",
    "12",
    "--sites",
    "6",
    "--days",
    "14",
    "--visits",
    "30",
    "--faults",
    "0",
    "--processes",
    "1",
)
TRIES = 15  # visits until the question comes that only some are asked
LOOKS = {  # by language: name, path, width, height, scheme
    "ja-JP": (
        ("dashboard", "/", 1440, 1000, "light"),
        ("dashboard-dark", "/", 1440, 1000, "dark"),
        ("dashboard-phone", "/", 390, 844, "light"),
        ("office-sites", "/sites", 1440, 1000, "light"),
        ("office-reasons", "/reasons", 1440, 1000, "light"),
    ),
    "en-GB": (
        ("dashboard-en", "/", 1440, 1000, "light"),
        ("office-sites-en", "/sites", 1440, 1000, "light"),
        ("office-reasons-en", "/reasons", 1440, 1000, "light"),
    ),
}
CORNER = (60, 40)  # where staff hold the screen
PIN = "748291"  # of a kiosk that lives for this picture
SURVEYS = (640, 276)  # the second line of staff's menu


def simulated(folder: Path) -> None:
    """Let twelve kiosks of six shops live through two weeks, up to yesterday."""
    print("A chain of six shops lives through two weeks …", flush=True)
    command = [sys.executable, "-m", "bench.fleet", *FLEET, "--folder", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextmanager
def kiosk(folder: Path, changes: dict[str, str], office: Office | None = None) -> Iterator[Screen]:
    """Show a kiosk's window on a virtual screen, with lines of config.toml changed; enrol it if asked."""
    folder.mkdir()
    config = (ROOT / "config.toml").read_text("utf-8")
    for line, other in changes.items():
        config = config.replace(f"\n{line} ", f"\n{other} ")
    (folder / "config.toml").write_text(config, "utf-8")
    where = ["--data", str(folder / "data"), "--config", str(folder / "config.toml")]
    if office:
        data = ["--data", str(office.data)]
        code = run("headoffice", "enrol-code", SITE, "--touchpoint", "checkout", *data)
        run("kiosk", "enrol", office.address, code, *where)
    set_pin = [sys.executable, "-m", "kiosk", "set-pin", "--role", "technician", *where]
    subprocess.run(set_pin, cwd=ROOT, input=f"{PIN}\n", text=True, check=True, stderr=subprocess.DEVNULL)
    log = folder / "kiosk.log"
    with (
        Screen() as screen,
        started("kiosk", "run", *where, log=log, env={"DISPLAY": screen.name}) as process,
    ):
        first_line(process, log)
        yield screen


def shoppers(screen: Screen) -> dict[str, Image.Image]:
    """Make visits by touch until every kind of screen was seen; give a picture of each."""
    places = Places(screen.width, screen.height)
    start = screen.still()
    seen = {"kiosk-rating": start}
    for visit in range(TRIES):
        now = screen.turn(*places.face("sad" if visit % 4 == 1 else "happy"))
        if is_question(places, now):
            kind = "kiosk-reasons" if shopper.shows_cards(places, now) else "kiosk-recommend"
            seen.setdefault(kind, now)
            shopper.answer_follow_ups(screen, places, now, 0 if kind == "kiosk-reasons" else 9)
            now = screen.still()
        seen.setdefault("kiosk-thanks", now)
        screen.tap(*places.at(places.wide / 2, 190))
        screen.until_like(start)
        screen.still()
        if len(seen) == 4:  # noqa: PLR2004 # each kind that is drawn
            return seen
    raise SystemExit(f"screenshots: after {TRIES} visits only these were seen: {', '.join(seen)}")


def staff(screen: Screen) -> dict[str, Image.Image]:
    """Come in as a technician does, with a keypad for the PIN; give pictures of the menu and the surveys."""
    start, first = screen.still(), screen.print()
    screen.press(*CORNER)
    wait_for(lambda: screen.print() != first, "the sign that the corner may be let go")
    screen.lift()
    screen.until_unlike(start)
    seen = {"staff-pin": screen.still()}
    for digit in PIN:
        before = screen.print()
        screen.key(digit)
        wait_for(lambda before=before: screen.print() != before, "a digit")  # type: ignore[misc]
    screen.key("Return")
    screen.until_unlike(seen["staff-pin"])
    seen["staff-menu"] = screen.still()
    seen["staff-surveys"] = screen.turn(*SURVEYS)
    return seen


def is_question(places: Places, seen: Image.Image) -> bool:
    """Whether a question is asked: it has a button to go back, the thanks have none."""
    return seen.getpixel(shopper.beside_words(places.back)) == shopper.WHITE


def save(picture: Image.Image, name: str) -> None:
    """Keep a picture in 256 colours, which nobody tells from all of them, in a third of the bytes."""
    few = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    few.save(PICTURES / f"{name}.png", optimize=True)


def look(office: Office, new_code: Callable[[], str]) -> None:
    """Take pictures of head office in both languages: on a desk by day and by night, and on a phone."""
    with sync_playwright() as play, tempfile.TemporaryDirectory() as folder:
        chromium = play.chromium.launch(executable_path=browser.find_chromium(), args=browser.QUIET)
        for language, looks in LOOKS.items():
            page = chromium.new_page(locale=language)
            opening = browser.opening_page(office.address, new_code(), Path(folder) / "open.html")
            page.goto(opening.as_uri())
            page.wait_for_url(f"{office.address}/", timeout=browser.PATIENCE_MS)
            for name, path, width, height, scheme in looks:
                page.set_viewport_size({"width": width, "height": height})
                page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
                page.goto(f"{office.address}{path}", wait_until="load")
                save(Image.open(BytesIO(page.screenshot(full_page=True))), name)
        chromium.close()


def main() -> int:
    """Make every picture anew."""
    parser = argparse.ArgumentParser(prog="make screenshots", description="Make the pictures of the docs.")
    parser.add_argument("--fleet", type=Path, metavar="DIR", help="what bench.fleet --folder has kept")
    fleet: Path | None = parser.parse_args().fleet
    with tempfile.TemporaryDirectory(prefix="egao-screenshots-") as name:
        folder = Path(name)
        if fleet is None:
            fleet = folder / "fleet"
            simulated(fleet)
        where = ["--data", str(fleet / "headoffice")]
        site = run("headoffice", "add-site", SITE, "--timezone", "Asia/Tokyo", "--tag", "region=関東", *where)
        with served(folder, fleet / "headoffice", site=site) as office:
            with kiosk(folder / "light", {}, office) as screen:
                for picture, drawn in shoppers(screen).items():
                    save(drawn, picture)
            run("kiosk", "sync", "--once", "--data", str(folder / "light" / "data"))
            look(office, lambda: run("headoffice", "add-person", PERSON, "--role", "admin", *where))
        with kiosk(folder / "contrast", {'theme = "light"': 'theme = "contrast"'}) as screen:
            save(screen.still(), "kiosk-rating-contrast")
        for language in ("ja", "en"):
            changes = {"keypad = false": "keypad = true", 'language = "ja"': f'language = "{language}"'}
            with kiosk(folder / language, changes) as screen:
                save(screen.still(), "kiosk-rating" if language == "ja" else f"kiosk-rating-{language}")
                for picture, drawn in staff(screen).items():
                    save(drawn, f"{picture}-{language}")
    print(f"{PICTURES}: open each and look")
    return 0


if __name__ == "__main__":
    sys.exit(main())
