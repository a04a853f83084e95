"""Draws every screen in every language on screens of several sizes, to be looked at: `make screens`.

Run by hand: `python -m tests.screens.pictures [FOLDER] [--only 1280x800-light …]`. Writes into FOLDER, for
each size and theme, a PNG of each screen, sheets on which one screen stands in all languages, an index.html.
With `-large` after the theme letters are as large as they get.
"""

import argparse
import os
import subprocess
import sys
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from html import escape
from pathlib import Path

from PIL import Image, ImageDraw

from kiosk.settings.file import load
from survey.parse import loads_toml
from tests.screens import gallery
from tests.screens.speaking import ROOT, open_app, resize, settle

INCHES = {  # from corner to corner
    "800x480": 7.0,
    "1280x800": 10.1,
    "1080x1920": 21.5,
    "1920x1080": 15.6,
    "3840x2160": 27.0,
}
EVERYDAY = ("800x480", "1280x800", "1080x1920")  # what is drawn unless another size is asked for
THEMES = ("light", "contrast")
REDUCED = {"800x480": 400, "1080x1920": 270}  # widths on a sheet; 400 for all others
COLUMNS = {"1080x1920": 8}  # 4 for all others
GAP, CAPTION = 8, 14


def draw(size: str, theme: str, text_size: str, folder: Path) -> None:
    """Save a picture of every screen in every language, and the sheets."""
    (survey,) = loads_toml(gallery.survey_text()).surveys
    folder.mkdir(parents=True, exist_ok=True)
    width, height = map(int, size.split("x"))
    written = gallery.config(f'theme = "{theme}"\ntext_size = "{text_size}"', languages=survey.languages)
    (folder / "config.toml").write_text(written, encoding="utf-8")
    os.environ["SDL_VIDEODRIVER"] = "offscreen"
    app, survey = open_app(load(folder / "config.toml"))
    resize(app, width, height, INCHES[size])
    camera = Camera(app)
    reduced = REDUCED.get(size, 400)
    sheets: dict[str, list[tuple[str, Image.Image]]] = defaultdict(list)
    for language in survey.languages:
        for name in gallery.scenes(app, survey, language):
            settle(app)
            picture = camera.still()
            picture.save(folder / f"{name}-{language}.png", compress_level=1)
            small = picture.resize((reduced, height * reduced // width), Image.Resampling.BILINEAR)
            sheets[name].append((language, small))
    for name, pictures in sheets.items():
        sheet(pictures, COLUMNS.get(size, 4)).save(folder / f"sheet-{name}.png", compress_level=3)


class Camera:
    """Draws what the window holds, however small the window that nobody sees may be."""

    def __init__(self, app) -> None:
        from kivy.core.window import Window  # noqa: PLC0415 - Kivy reads what `prepare` sets when it is imported
        from kivy.graphics import ClearBuffers, ClearColor, Fbo  # noqa: PLC0415 - the same

        self._size = tuple(map(int, app.root.size))
        self._film = Fbo(size=self._size)
        with self._film:
            ClearColor(*Window.clearcolor)
            ClearBuffers()
        self._film.add(app.root.canvas)

    def still(self) -> Image.Image:
        """A picture of it as it is now."""
        self._film.ask_update()
        self._film.draw()
        upside_down = Image.frombytes("RGBA", self._size, self._film.pixels)
        return upside_down.transpose(Image.Transpose.FLIP_TOP_BOTTOM).convert("RGB")


def sheet(pictures: list[tuple[str, Image.Image]], columns: int) -> Image.Image:
    """Put pictures with their captions side by side."""
    width, height = pictures[0][1].size
    rows = -(-len(pictures) // columns)
    whole = Image.new("RGB", (columns * (width + GAP), rows * (height + GAP + CAPTION)), "grey")
    pen = ImageDraw.Draw(whole)
    for at, (caption, picture) in enumerate(pictures):
        x, y = (at % columns) * (width + GAP), (at // columns) * (height + GAP + CAPTION)
        pen.text((x + 2, y + 1), caption, fill="white")
        whole.paste(picture, (x, y + CAPTION))
    return whole


def index(folder: Path) -> None:
    """Write a page with every sheet."""
    lines = ['<!doctype html><meta charset="utf-8"><title>Egao: every screen</title>']
    for part in sorted(each for each in folder.iterdir() if each.is_dir()):
        lines.append(f"<h1>{escape(part.name)}</h1>")
        for file in sorted(part.glob("sheet-*.png")):
            name = file.stem.removeprefix("sheet-")
            place = f"{part.name}/{file.name}"
            lines.append(f'<h2>{escape(name)}</h2><img loading="lazy" src="{place}" alt="{escape(name)}">')
    (folder / "index.html").write_text("\n".join(lines), encoding="utf-8")


def main() -> int:
    """Draw what was asked for: a process for each size and theme, as many as there are processors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "build" / "screens")
    parser.add_argument(
        "--only", nargs="+", help="sizes and themes, such as 1280x800-light or 800x480-light-large"
    )
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)  # in this process
    asked = parser.parse_args()
    wanted = asked.only or [f"{size}-{theme}" for size in EVERYDAY for theme in THEMES]
    if asked.here:
        for each in wanted:
            size, theme, *more = each.split("-")
            draw(size, theme, more[0] if more else "normal", asked.folder / each)
        return 0
    begun = time.monotonic()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        failed = sum(pool.map(lambda each: _in_a_process(asked.folder, each), wanted))
    index(asked.folder)
    count = sum(1 for _ in asked.folder.glob("*/*.png"))
    sys.stdout.write(f"{count} pictures in {time.monotonic() - begun:.0f} s: {asked.folder / 'index.html'}\n")
    return failed


def _in_a_process(folder: Path, wanted: str) -> int:
    command = [sys.executable, "-m", "tests.screens.pictures", str(folder), "--here", "--only", wanted]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    sys.stderr.write(done.stderr if done.returncode else "")
    return int(done.returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
