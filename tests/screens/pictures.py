"""Draws every screen in every language on screens of several sizes, to be looked at.

Run by hand: `python -m tests.screens.pictures FOLDER [--only 1280x800-light]`. Writes PNGs and contact sheets
into FOLDER, one sheet for each size and theme.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from deploy.screen import Screen
from tests.screens.desk import ROOT, Desk

SIZES = {
    "800x480": 7.0,
    "1280x800": 10.1,
    "1080x1920": 21.5,
    "1920x1080": 15.6,
    "3840x2160": 27.0,
}  # inches from corner to corner
THEMES = ("light", "contrast")
COLUMNS, GAP = 6, 12


def draw(size: str, theme: str, folder: Path) -> list[Path]:
    """Save a picture of every screen; returns the files."""
    width, height = map(int, size.split("x"))
    config = (ROOT / "config.toml").read_text(encoding="utf-8")
    config = config.replace('theme = "light"', f'theme = "{theme}"')
    config = config.replace("diagonal_inches = 10.1", f"diagonal_inches = {SIZES[size]}")
    files = []
    with (
        tempfile.TemporaryDirectory() as room,
        Screen(width, height) as screen,
        Desk(screen, Path(room), config) as desk,
    ):
        stage = subprocess.Popen(
            [sys.executable, "-m", "tests.screens.stage", "pictures", str(desk.config)],
            cwd=ROOT,
            env=desk.environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert stage.stdout is not None
        for line in stage.stdout:
            if name := json.loads(line).get("scene"):
                files.append(folder / f"{name}-{size}-{theme}.png")
                screen.still().save(files[-1], optimize=True)
                os.kill(stage.pid, signal.SIGUSR1)
        stage.wait()
    return files


def sheet(files: list[Path], target: Path) -> None:
    """Put the pictures side by side on one."""
    pictures = [Image.open(file) for file in files]
    width = 640 if pictures[0].width > pictures[0].height else 360
    height = round(pictures[0].height * width / pictures[0].width)
    rows = -(-len(pictures) // COLUMNS)
    whole = Image.new("RGB", (COLUMNS * (width + GAP), rows * (height + GAP)), "grey")
    for at, picture in enumerate(pictures):
        place = (at % COLUMNS) * (width + GAP), (at // COLUMNS) * (height + GAP)
        whole.paste(picture.resize((width, height), Image.Resampling.LANCZOS), place)
    whole.save(target, optimize=True)


def main() -> None:
    """Draw what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", help="one size and theme, such as 1280x800-light")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    for size in SIZES:
        for theme in THEMES:
            if asked.only in (None, f"{size}-{theme}"):
                sheet(draw(size, theme, asked.folder), asked.folder / f"sheet-{size}-{theme}.png")


if __name__ == "__main__":
    main()
