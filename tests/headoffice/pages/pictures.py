"""Draws every page of head office on phone, tablet and desk, in both lights and languages, to be looked at.

Run by hand: `python -m tests.headoffice.pages.pictures [FOLDER] [--data DIR] [--only 390-dark-en …]`. Makes a
year of a chain (bench.year) where no head office is named; in FOLDER a PNG of each page and sheets of them.
"""

import argparse
import sys
import time
import tomllib
from contextlib import ExitStack, closing
from functools import partial
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import sync_playwright

from bench.office import served
from bench.year.__main__ import Wanted, fill
from bench.year.opened import SURVEYS
from deploy import browser
from headoffice.app import make_app, make_context
from headoffice.settings import resolve
from headoffice.store import drafts, schema
from headoffice.store.audit import By
from headoffice.store.engine import driver, open_database, place_of
from headoffice.store.lists import counts
from headoffice.work import access
from tests.headoffice.pages.every import addresses
from tests.screens.speaking import ROOT

WIDTHS = {390: 0.9, 820: 0.62, 1440: 0.55}  # of a window, and how a picture is reduced on a sheet
WHOLE = tuple(
    f"{width}-{scheme}-{language}"
    for width in WIDTHS
    for scheme in ("light", "dark")
    for language in ("ja", "en")
)
SHEET, GAP, CAPTION = (1640, 1560), 8, 14
DOOR = "/sign-in"
YEAR = Wanted(sites=22, kiosks=30, days=365, visits=9, taps=True)  # a shop of another zone among them
LONG = (
    "東京ミッドタウン日比谷アネックス地下一階食品売場サービスカウンター前特設店 (Tokyo Midtown Hibiya Annex)"
)


def main() -> int:
    """Draw what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "build" / "pages")
    parser.add_argument("--data", type=Path, help="a head office that is filled; it gets people and a draft")
    parser.add_argument("--only", nargs="+", default=WHOLE, help="such as 390-dark-en")
    parser.add_argument("--pages", nargs="+", help="addresses, instead of every page")
    parser.add_argument("--role", default="admin")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    data = asked.data or asked.folder / "chain"
    codes, pages = prepared(data, asked.only, asked.role)
    begun, count = time.monotonic(), 0
    with ExitStack() as stack:
        office = stack.enter_context(served(asked.folder, data, site="1"))
        play = stack.enter_context(sync_playwright())
        chromium = play.chromium.launch(executable_path=browser.find_chromium(), args=browser.QUIET)
        stack.callback(chromium.close)
        for which, code in codes.items():
            width, scheme, language = which.split("-")
            context = chromium.new_context(
                viewport={"width": int(width), "height": 900}, color_scheme=scheme, locale=language
            )
            shot = partial(photographed, context, office.address)
            found = [(f"{which} {DOOR}", shot(DOOR))] if not asked.pages else []
            context.request.post(f"{office.address}/sign-in/code", form={"code": code}, max_redirects=0)
            found += [(f"{which} {page}", shot(page)) for page in asked.pages or pages if page != DOOR]
            for caption, picture in found:
                name = caption.translate(str.maketrans("/?&= ", "_____"))
                picture.save(asked.folder / f"{name}.png", compress_level=1)
            for number, sheet in enumerate(sheets(found, WIDTHS[int(width)])):
                sheet.save(asked.folder / f"sheet-{which}-{number:02}.png", compress_level=3)
            count += len(found)
            context.close()
    sys.stdout.write(f"{count} pictures in {time.monotonic() - begun:.0f} s: {asked.folder}/sheet-*.png\n")
    return 0


def prepared(data: Path, wanted: list[str], role: str) -> tuple[dict[str, str], list[str]]:
    """Fill a head office where that was not done; a code to sign in for each look, and all addresses."""
    by = By("pictures", time.time_ns() // 1_000_000)
    place = place_of(data, None)
    with closing(open_database(place)) as database:
        if not schema.is_current(database):
            schema.migrate(database)
        with database.read() as connection:
            is_new = not counts(connection)[0]
        if is_new:
            fill(database, YEAR, told=sys.stderr.write)
        routes = make_app(make_context(resolve({"data": str(data)}, {}), database)).routes
        document = tomllib.loads((SURVEYS / "checkout.toml").read_text("utf-8"))["survey"][0]
        with database.write() as connection:
            ask = driver(connection).execute
            ask("UPDATE sites SET name = ? WHERE id = 2", (LONG,))
            ((version,),) = ask("SELECT version FROM surveys WHERE survey = 'checkout' LIMIT 1").fetchall()
            draft = drafts.create(connection, document, base=version, by=by)
            bounds = access.Bounds(sites=(1, 2)) if role.endswith("manager") else access.EVERYWHERE
            codes = {
                each: access.add_person(
                    connection, email=f"{role}-{each}-{by.at}@example.com", role=role, by=by, bounds=bounds
                )
                for each in wanted
            }
    known = {
        "site": 1,
        "kiosk": 1,
        "touchpoint": "レジ",
        "survey": "checkout",
        "version": version,
        "draft": draft.id,
    }
    return codes, addresses(routes, **known)


def photographed(context, address: str, page: str) -> Image.Image:
    """A page from its top to its foot."""
    tab = context.new_page()
    answer = tab.goto(address + page, wait_until="load")
    if answer is None or not answer.ok:
        sys.stderr.write(f"{page}: {answer and answer.status}\n")
    wide = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        sys.stderr.write(f"{page}: {wide} px wider than the window\n")
    picture = Image.open(BytesIO(tab.screenshot(full_page=True))).convert("RGB")
    tab.close()
    return picture


def sheets(pictures: list[tuple[str, Image.Image]], scale: float) -> list[Image.Image]:
    """Put reduced pictures side by side, those that are too long in several pieces."""
    found, x = [], SHEET[0]
    for caption, picture in pictures:
        small = picture.resize(
            (int(picture.width * scale), int(picture.height * scale)), Image.Resampling.LANCZOS
        )
        most = SHEET[1] - CAPTION
        for top in range(0, small.height, most):
            if x + small.width > SHEET[0]:
                found.append(Image.new("RGB", SHEET, "#7a7f87"))
                x = 0
            ImageDraw.Draw(found[-1]).text((x + 2, 1), f"{caption} {top or ''}", fill="white")
            found[-1].paste(small.crop((0, top, small.width, min(top + most, small.height))), (x, CAPTION))
            x += small.width + GAP
    return found


if __name__ == "__main__":
    sys.exit(main())
