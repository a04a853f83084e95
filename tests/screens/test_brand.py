"""A store's own colour and logo on the real window."""

import subprocess
from pathlib import Path

import pytest
from PIL import Image

from deploy.screen import Screen
from tests.screens.conftest import SURVEY
from tests.screens.desk import Desk
from tests.screens.test_look import mask

PINK = (0xFF, 0x00, 0xCC)
WHITE = (0xFF, 0xFF, 0xFF)


@pytest.mark.parametrize("theme", ["light", "contrast"])
def test_the_logo_stands_in_the_names_place(tmp_path: Path, theme: str):
    """A wide logo is 400 by 48 units at the margin; on black paper it has a white plate."""
    config = SURVEY.replace('theme = "light"', f'theme = "{theme}"\nlogo = "logo.png"')
    with Screen(800, 480) as screen, Desk(screen, tmp_path, config) as desk:
        Image.new("RGB", (1000, 120), PINK).save(tmp_path / "logo.png")
        picture = desk.start().screen.still()
        assert desk.errors() == ""
    left, top, right, low = mask(picture, PINK).getbbox()
    unit = 480 / 800
    plate = 12 * unit if theme == "contrast" else 0
    assert abs(left - (48 * unit + plate)) <= 2
    assert abs((right - left) - (400 * unit - 2 * plate)) <= 2
    assert abs((right - left) / (low - top) - 1000 / 120) < 0.4
    assert abs((top + low) / 2 - 64 * unit) <= 2
    ground = picture.getpixel((round(left - 2), round((top + low) / 2)))
    assert ground == (WHITE if theme == "contrast" else picture.getpixel((2, 2)))


def test_a_kiosk_starts_without_a_logo_that_cannot_be_shown(screen: Screen, tmp_path: Path):
    """The name stands there as ever, the log says why, and `check` exits with 1 and the same words."""
    config = SURVEY.replace("[screen]", '[screen]\nlogo = "gone.png"')
    with Desk(screen, tmp_path / "plain", SURVEY) as desk:
        plain = desk.start().screen.still()
    with Desk(screen, tmp_path / "gone", config) as desk:
        assert desk.start().screen.still().tobytes() == plain.tobytes()
        assert 'screen.logo: is "gone.png", which cannot be read: No such file' in desk.errors()
        checked = subprocess.run(
            desk.command("check"), env=desk.environment(), capture_output=True, text=True, check=False
        )
    assert checked.returncode == 1
    assert checked.stderr.startswith('config.toml: screen.logo: is "gone.png", which cannot be read')


def test_the_stores_colour_is_on_its_buttons(screen: Screen, places, tmp_path: Path):
    """つぎへ is drawn in the colour that config.toml names, exactly."""
    config = SURVEY.replace("[screen]", '[screen]\naccent = "#8A1C4A"')
    with Desk(screen, tmp_path, config) as desk:
        desk.start().screen.still()
        screen.turn(*places.face("sad"))
        screen.choose(*places.card(0, 6))
        box = mask(screen.still(), (0x8A, 0x1C, 0x4A)).getbbox()
    x, y = places.onward
    assert box[2] >= x + 80
    assert box[3] >= y + 40
