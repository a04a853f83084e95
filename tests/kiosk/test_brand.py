"""A store's own colour and logo: what is refused, with which figures, and what is offered instead."""

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from kiosk.settings.accent import accented, contrast, nearest, pairs
from kiosk.settings.file import load, parse
from kiosk.settings.palette import PALETTES
from kiosk.settings.picture import fault_of
from survey.problems import InvalidSurvey
from tests.kiosk.test_settings import SURVEY

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06X}")


def test_contrast_is_that_of_wcag():
    """Black on white is 21:1, a colour on itself 1:1, two greys stand either side of 4.5:1."""
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#0F6B63", "#0F6B63") == pytest.approx(1)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.005)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)


@given(COLOURS)
def test_every_colour_has_a_near_one_that_passes_in_both_themes(colour: str):
    """Whatever a store writes, what is drawn passes AA as text, under text, as an edge, on both papers."""
    for palette in PALETTES.values():
        drawn = accented(palette, colour)
        assert all(pair.is_seen for pair in pairs(drawn.accent, palette))
        assert contrast(drawn.accent, drawn.accent_ink) >= 4.5
        assert drawn.accent_ink in (palette.paper, palette.ink)
        assert nearest(drawn.accent, palette) == drawn.accent


def test_a_colour_that_passes_is_drawn_as_it_is_written():
    """The store's own theme shows the store's own colour, not one of ours."""
    assert accented(PALETTES["light"], "#8A1C4A").accent == "#8A1C4A"
    assert accented(PALETTES["contrast"], "#FFD400").accent == "#FFD400"
    assert accented(PALETTES["light"], "") == PALETTES["light"]


@pytest.mark.parametrize("theme", ["light", "contrast"])
def test_a_colour_below_aa_is_refused_with_its_ratio_and_one_that_passes(theme: str):
    """The fault names the measured contrast and what is needed; the colour that it offers is then taken."""
    refused = {"light": "#ffd400", "contrast": "#0F2B63"}[theme]
    screen = f"[screen]\ntheme = '{theme}'\naccent = '%s'\n{SURVEY}"
    with pytest.raises(InvalidSurvey) as caught:
        parse(screen % refused)
    (fault,) = map(str, caught.value.faults)
    assert fault.startswith(f"screen.accent: is {refused.upper()}: its contrast as text on #")
    assert ":1, and AA needs 4.5:1; #" in fault
    offered = fault.rpartition("; ")[2].removesuffix(" passes")
    assert parse(screen % offered).settings.screen.accent == offered


@pytest.mark.parametrize("written", ["red", "#FFF", "#12345G", "0F6B63", 7])
def test_what_is_no_colour_is_refused(written):
    """Only #RRGGBB is a colour here."""
    with pytest.raises(InvalidSurvey, match='it needs a colour such as "#0F6B63"'):
        parse(f"[screen]\naccent = {written!r}\n{SURVEY}")


def picture(size=(300, 80), kind="PNG") -> bytes:
    """A picture as a file holds it."""
    content = BytesIO()
    Image.new("RGB", size, "#8A1C4A").save(content, kind)
    return content.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))


WHOLE = picture()
BAD = {
    "missing.png": (None, "cannot be read: No such file or directory; put the picture beside config.toml"),
    "a.gif": (b"GIF89a" + bytes(99), "is neither PNG nor JPEG; save it as PNG"),
    "empty.png": (b"", "is neither PNG nor JPEG"),
    "cut.png": (WHOLE[:-20], "is damaged or not whole; copy it again"),
    "flip.png": (WHOLE[:60] + bytes([WHOLE[60] ^ 1]) + WHOLE[61:], "is damaged or not whole"),
    "cut.jpg": (picture(kind="JPEG")[:-90], "is damaged or not whole"),
    "heavy.png": (WHOLE + bytes(2 * 1024 * 1024), "has more than 2 MB; save it smaller"),
    "tiny.png": (picture((300, 8)), "has 300 × 8 pixels; it needs 16 or more each way"),
    "bomb.png": (
        WHOLE[:8] + chunk(b"IHDR", struct.pack(">LL5B", 50000, 50000, 8, 2, 0, 0, 0)) + chunk(b"IEND", b""),
        "has 50000 × 50000 pixels; 1200 pixels across are plenty",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_logo_that_cannot_be_shown_is_a_fault_with_its_mend(tmp_path, name: str):
    """Missing, of another kind, damaged or too large: each says so and what to do."""
    content, expected = BAD[name]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert (fault_of(tmp_path / name) or "").startswith(f'is "{name}", which {expected}')


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_whole_picture_is_taken(tmp_path, kind: str):
    """PNG and JPEG as a common program writes them."""
    (tmp_path / "logo").write_bytes(picture(kind=kind))
    assert fault_of(tmp_path / "logo") is None


def test_a_logo_stands_beside_its_config_wherever_the_kiosk_is_started(tmp_path):
    """A name alone is that of a file beside config.toml; a whole path stays."""
    for written, meant in (("logo.png", tmp_path / "logo.png"), ("/srv/logo.png", "/srv/logo.png")):
        (tmp_path / "config.toml").write_text(f"[screen]\nlogo = '{written}'\n{SURVEY}", "utf-8")
        assert load(tmp_path / "config.toml").settings.screen.logo == str(meant)
